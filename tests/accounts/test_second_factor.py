"""The second factor: set up, asked for, demanded, taken away."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from mentorpro_plugin.accounts.actions import choose_password
from mentorpro_plugin.accounts.checks import check_staff_log_in
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.outbox.models import OutboxMessage
from mentorpro_plugin.people.lifecycle import deactivate, reactivate

from .conftest import StaffBrowser, code_of

PM = "first_year_pm@example.org"
SECOND_STEP = "/accounts/second-factor/"


def notices(person):
    rows = OutboxMessage._base_manager.filter(person=person, kind=OutboxMessage.Kind.SECURITY)
    return [row.body.splitlines()[0] for row in rows.order_by("pk")]


def actions_of(person):
    rows = HistoryEntry._base_manager.filter(person=person.pk).order_by("pk")
    return [row.action for row in rows]


@pytest.fixture
def required(settings):
    settings.MENTORPRO = {**settings.MENTORPRO, "REQUIRE_SECOND_FACTOR": ["parent", "super_admin"]}


def test_app_is_set_up_told_recorded_and_kept_encrypted(world, browser_of):
    browser, person = browser_of("first_year_pm"), world.people["first_year_pm"]

    asked = browser.get("/accounts/app/")
    secret = browser.set_up_app()
    codes = browser.get("/accounts/recovery-codes/")
    again = browser.get("/accounts/recovery-codes/")

    assert asked["Location"].startswith("/accounts/reauthenticate/")
    shown = codes.context["unused_codes"]
    assert len(shown) == 10
    assert all(code in codes.content.decode() for code in shown)
    assert not any(code in again.content.decode() for code in shown)
    assert secret not in str(list(Authenticator.objects.values()))
    assert notices(person) == ["An authenticator app was set up for your account."]
    assert actions_of(person).count(HistoryEntry.Action.FACTOR_ADDED) == 2


def test_log_in_asks_for_the_code_and_takes_each_once(world, browser_of):
    secret = browser_of("first_year_pm").set_up_app()
    first, second = StaffBrowser(), StaffBrowser()

    asked = first.log_in(PM, next="/admin/mentees/")
    was_in = first.is_in
    # The one that set up the app is used: take the next, which the other clock would show by now.
    cache.clear()
    code = code_of(secret)
    done = first.post(SECOND_STEP, {"code": code})
    second.log_in(PM)
    replayed = second.post(SECOND_STEP, {"code": code})

    assert (asked["Location"], was_in) == (SECOND_STEP, False)
    assert done["Location"] == "/admin/mentees/"
    assert first.is_in
    assert "That isn&#x27;t right." in replayed.content.decode()
    assert not second.is_in


def test_nothing_is_open_between_password_and_code(world, browser_of):
    browser_of("first_year_pm").set_up_app()
    browser = StaffBrowser()
    browser.log_in(PM)

    for path in ("/admin/", "/accounts/security/", "/accounts/app/", "/accounts/recovery-codes/"):
        assert browser.get(path)["Location"].startswith("/accounts/login/"), path
    # Back at the log-in, one is led to the step that is open, and may begin again.
    assert browser.get("/accounts/login/")["Location"] == SECOND_STEP
    browser.post("/accounts/logout/")
    assert browser.get("/accounts/login/").status_code == 200


@pytest.mark.parametrize("meanwhile", ["a new password", "deactivated", "deactivated and back"])
def test_log_in_that_waits_for_its_code_dies_with_what_it_began_with(world, browser_of, meanwhile):
    person, by = world.people["first_year_pm"], world.user("engineering_child")
    secret = browser_of("first_year_pm").set_up_app()
    browser = StaffBrowser()
    browser.log_in(PM)

    if meanwhile == "a new password":
        choose_password(person, "seven-quiet-otters")
    else:
        deactivate(person, by=by)
        if meanwhile.endswith("back"):
            reactivate(person, by=by)
    cache.clear()
    response = browser.post(SECOND_STEP, {"code": code_of(secret)})

    assert response["Location"] == "/accounts/login/"
    assert not browser.is_in


def test_ten_wrong_codes_lock_the_right_one(world, browser_of):
    secret = browser_of("first_year_pm").set_up_app()
    browser = StaffBrowser()
    browser.log_in(PM)
    wrong = "000000" if code_of(secret) != "000000" else "111111"
    answers = [browser.post(SECOND_STEP, {"code": wrong}).content.decode() for _time in range(10)]

    response = browser.post(SECOND_STEP, {"code": code_of(secret)})

    assert not any("Too many wrong codes" in answer for answer in answers)
    assert "Too many wrong codes. Wait for 30 minutes" in response.content.decode()
    assert not browser.is_in


def test_recovery_code_lets_in_once(world, browser_of):
    inside = browser_of("first_year_pm")
    inside.set_up_app()
    code = inside.get("/accounts/recovery-codes/").context["unused_codes"][0]

    for expected in (True, False):
        browser = StaffBrowser()
        browser.log_in(PM)
        browser.post(SECOND_STEP, {"code": code})
        assert browser.is_in is expected


def test_removing_the_app_removes_the_codes_and_is_told(world, browser_of):
    browser, person = browser_of("first_year_pm"), world.people["first_year_pm"]
    browser.set_up_app()

    browser.post("/accounts/app/remove/")

    assert not Authenticator.objects.exists()
    assert notices(person)[-1] == "The authenticator app was removed from your account."
    assert HistoryEntry.Action.FACTOR_REMOVED in actions_of(person)
    assert StaffBrowser().log_in(PM)["Location"] == "/admin/"


def test_whoever_must_is_led_to_setting_one_up_before_anything_else(world, browser_of, required):
    browser = browser_of("riverside_parent")

    for path in ("/admin/", "/admin/mentees/", "/admin/account/", "/admin/dismissibles/", "/admin/pages/"):
        assert browser.get(path)["Location"] == reverse("mfa_index"), path
        assert browser.post(path)["Location"] == reverse("mfa_index"), path
        script = browser.get(path, headers={"x-requested-with": "XMLHttpRequest"})
        assert script.status_code == 403, path
    assert browser.get("/admin/mentees/", headers={"accept": "application/json"}).status_code == 403
    assert "Your role needs a second factor." in browser.get("/accounts/security/").content.decode()
    browser.set_up_app()

    assert browser.get("/admin/mentees/").status_code == 200


def test_roles_that_are_not_named_go_on_as_before(world, browser_of, required):
    assert browser_of("first_year_pm").get("/admin/mentees/").status_code == 200


def test_whoever_must_keeps_the_last_factor(world, browser_of, required):
    browser = browser_of("riverside_parent")
    browser.set_up_app()

    answers = [browser.get("/accounts/app/remove/"), browser.post("/accounts/app/remove/")]

    assert all("this is your only one" in answer.content.decode() for answer in answers)
    assert Authenticator.objects.filter(type="totp").exists()


def test_last_passkey_is_kept_too(world, browser_of, required):
    browser = browser_of("riverside_parent")
    browser.prove()
    passkey = Authenticator.objects.create(
        user=world.people["riverside_parent"].user, type="webauthn", data={"name": "Mine", "credential": {}}
    )

    refused = browser.post(f"/accounts/passkeys/{passkey.pk}/remove/", follow=True)
    browser.set_up_app()
    removed = browser.post(f"/accounts/passkeys/{passkey.pk}/remove/")

    assert "this is your only one" in str(next(iter(refused.context["messages"])))
    assert removed.status_code == 302
    assert [row.type for row in Authenticator.objects.exclude(type="recovery_codes")] == ["totp"]


def test_passkeys_of_others_are_not_there(world, browser_of):
    theirs = Authenticator.objects.create(
        user=world.people["transfer_pm"].user, type="webauthn", data={"name": "Theirs", "credential": {}}
    )
    browser = browser_of("first_year_pm")
    browser.prove()

    assert browser.get(f"/accounts/passkeys/{theirs.pk}/").status_code == 404
    assert browser.post(f"/accounts/passkeys/{theirs.pk}/", {"name": "Mine"}).status_code == 404
    assert browser.post(f"/accounts/passkeys/{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.get().data["name"] == "Theirs"


def test_command_takes_the_factor_away_and_ends_the_sessions(world, browser_of, capsys):
    browser, person = browser_of("first_year_pm"), world.people["first_year_pm"]
    browser.set_up_app()

    call_command("reset_second_factor", PM.upper())

    assert not Authenticator.objects.exists()
    assert browser.get("/admin/")["Location"].startswith("/accounts/login/")
    assert notices(person)[-1].startswith("Whoever runs this site has removed")
    entry = HistoryEntry._base_manager.filter(
        person=person, action=HistoryEntry.Action.FACTOR_REMOVED
    ).first()
    assert (entry.via, entry.actor_id) == (HistoryEntry.Via.COMMAND, None)
    for address, status in ((PM, 1), ("nobody@example.org", 2), ("first_year_mentee@example.org", 2)):
        with pytest.raises(CommandError) as refusal:
            call_command("reset_second_factor", address)
        assert refusal.value.returncode == status


def test_home_recommends_a_second_factor_until_there_is_one_or_the_notice_is_closed(world, browser_of):
    notice = "Protect the people in your care"
    browser, other = browser_of("first_year_pm"), browser_of("transfer_pm")
    assert notice in browser.get("/admin/").content.decode()

    browser.set_up_app()
    other.patch("/admin/dismissibles/", {"mentorpro_second_factor": True}, content_type="application/json")

    assert notice not in browser.get("/admin/").content.decode()
    assert notice not in other.get("/admin/").content.decode()


def test_account_page_says_how_the_log_in_stands(world, browser_of):
    browser = browser_of("first_year_pm")
    before = browser.get("/admin/account/").content.decode()
    browser.set_up_app()
    after = browser.get("/admin/account/").content.decode()

    assert "Not set up." in before
    assert "10 are left" in after
    assert "old_password" not in before
    assert browser.post("/admin/account/", {"locale-preferred_language": "en"}).status_code in (200, 302)


def test_check_names_roles_that_do_not_exist(settings):
    settings.MENTORPRO = {**settings.MENTORPRO, "REQUIRE_SECOND_FACTOR": ["parent", "mentee"]}

    assert [found.id for found in check_staff_log_in(None)] == ["mentorpro_plugin.E001"]


OWN_PAGES = [
    "/accounts/security/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/passkeys/",
    "/accounts/recovery-codes/",
    "/accounts/reauthenticate/",
]


@pytest.mark.parametrize("name", ["first_year_mentee", "first_year_mentor", None])
def test_own_account_is_for_whoever_works_in_the_admin(world, client_of, name):
    client = client_of(name)

    for path in OWN_PAGES:
        for method in (client.get, client.post):
            assert method(path)["Location"].startswith("/accounts/login/"), path
    assert client.get(OWN_PAGES[0], headers={"x-requested-with": "XMLHttpRequest"}).status_code == 403


@pytest.mark.parametrize(
    "sent", ['{"id": "\\ud800"}', "[" * 9_000, "[" * 100_000, '{"clientDataJSON": "a"}', "null", "1", "{"]
)
def test_passkey_that_is_none_is_refused_with_a_sentence(world, sent):
    inside = StaffBrowser()
    inside.log_in("first_year_pm@example.org")

    answers = [
        StaffBrowser().post("/accounts/passkeys/login/", {"credential": sent}),
        inside.post("/accounts/passkeys/add/", {"credential": sent, "name": "Mine"}),
    ]

    assert max(answer.status_code for answer in answers) < 500
