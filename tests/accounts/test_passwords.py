"""Choosing a new password, by a link and while logged in; and one's own sessions."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from wagtail.users.models import UserProfile

from mentorpro_plugin.accounts.models import PasswordTries
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.letters.actions import change_letter
from mentorpro_plugin.letters.kinds import KINDS
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.outbox.models import OutboxMessage
from mentorpro_plugin.people.lifecycle import deactivate, reactivate
from mentorpro_plugin.people.models import Person
from tests.factories import PASSWORD

from .conftest import StaffBrowser

PM = "first_year_pm@example.org"
NEW = "seven-quiet-otters"


def ask(address=PM):
    return Client().post("/accounts/password/reset/", {"email": address})


def link():
    """The path of the link in the newest e-mail."""
    deliver_due()
    return urlsplit(re.search(r"https?://\S+", mail.outbox[-1].body).group()).path


def choose(path, password=NEW):
    client = Client()
    form = client.get(path, follow=True)
    if not form.context["validlink"]:
        return None
    return client.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def test_link_sets_the_password_once_and_ends_every_session(world, browser_of):
    inside = browser_of("first_year_pm")
    for _time in range(10):
        StaffBrowser().log_in(PM, "wrong")
    ask()
    path = link()

    response = choose(path)

    assert response["Location"] == "/accounts/login/"
    assert choose(path) is None
    assert inside.get("/admin/")["Location"].startswith("/accounts/login/")
    assert not PasswordTries.objects.exists()
    assert StaffBrowser().log_in(PM).status_code == 200
    assert StaffBrowser().log_in(PM, NEW)["Location"] == "/admin/"
    deliver_due()
    assert "A new password was chosen" in mail.outbox[-1].body
    actions = HistoryEntry._base_manager.filter(person=world.people["first_year_pm"].pk)
    assert actions.filter(action=HistoryEntry.Action.PASSWORD_CHANGED).count() == 1


def test_of_two_links_using_one_voids_the_other(world):
    ask(), ask()
    deliver_due()
    paths = [urlsplit(re.search(r"https?://\S+", sent.body).group()).path for sent in mail.outbox]

    assert choose(paths[0]) is not None
    assert choose(paths[1]) is None


def test_deactivation_kills_the_link_for_good(world):
    person, by = world.people["first_year_pm"], world.user("engineering_child")
    ask()
    path = link()
    deactivate(person, by=by)
    assert choose(path) is None
    reactivate(Person._base_manager.get(pk=person.pk), by=by)

    assert choose(path) is None


def test_link_runs_out_after_three_days(world, settings):
    assert settings.PASSWORD_RESET_TIMEOUT == 3 * 24 * 3600
    ask()
    path = link()
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert choose(path) is None


def test_weak_password_is_refused_with_a_sentence(world):
    ask()

    response = choose(link(), "password")

    assert response.status_code == 200
    assert "too short" in response.content.decode()


def test_outbox_does_not_show_the_link(world):
    ask()

    message = OutboxMessage._base_manager.get()
    assert (message.body, message.html, message.secret) == ("", "", None)


def test_link_comes_in_the_words_of_a_super_admin_and_the_language_chosen_in_the_admin(world):
    user = world.user("first_year_pm")
    UserProfile.objects.create(user=user, preferred_language="es")
    kind, text = KINDS["password_reset"], {"subject": "Aquí", "body": "Por aquí:\n\n{link}"}
    change_letter(kind, "es", **text, by=world.user("super_admin"))
    ask()

    path = link()

    sent = mail.outbox[-1]
    assert (sent.subject, sent.body.startswith("Por aquí:")) == ("Aquí", True)
    assert path in sent.alternatives[0].content
    assert choose(path) is not None


STRANGERS = [
    "nobody_at_all@example.org",
    "first_year_mentee@example.org",
    "engineering_left_pm@example.org",
]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_nobody_learns_who_has_an_account(world, stranger, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked(address):
        with CaptureQueriesContext(connection) as captured:
            answer = ask(address)
        inserts = [query for query in captured.captured_queries if query["sql"].startswith("INSERT")]
        return answer.status_code, answer["Location"], len(answer.content), len(inserts)

    known = asked(PM)
    count = OutboxMessage._base_manager.count()

    assert asked(stranger) == known
    assert OutboxMessage._base_manager.count() == count == 1


def test_nobody_is_flooded_with_links(world):
    answers = {ask().status_code for _time in range(9)}

    assert answers == {302}
    assert OutboxMessage._base_manager.count() == 5


@pytest.mark.parametrize("name", ["first_year_mentee", "engineering_left_pm"])
def test_link_is_for_staff_who_may_log_in(world, name):
    from mentorpro_plugin.people.tokens import password_url

    assert choose(urlsplit(password_url(world.people[name].user)).path) is None


def test_malformed_links_are_no_longer_good(client, world):
    for path in (
        "/accounts/set-password/MQ/x-y/",
        "/accounts/set-password/%F0/x/",
        "/accounts/set-password/AA/set-password/",
    ):
        response = client.get(path)
        assert (response.status_code, response.context["validlink"]) == (200, False)


def test_change_of_password_keeps_this_session_and_ends_the_others(world, browser_of):
    here, there = browser_of("first_year_pm"), browser_of("first_year_pm")

    response = here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )

    assert response.status_code == 302
    assert here.get("/admin/").status_code == 200
    assert there.get("/admin/").status_code == 302
    assert len(here.get("/accounts/sessions/").context["devices"]) == 1
    deliver_due()
    assert "Your password was changed." in mail.outbox[-1].body
    assert StaffBrowser().log_in(PM, NEW)["Location"] == "/admin/"


def test_one_session_is_ended_and_then_all_others(world, browser_of, settings):
    here, there, elsewhere, stranger = (
        browser_of(name) for name in ["first_year_pm", "first_year_pm", "first_year_pm", "transfer_pm"]
    )
    page = here.get("/accounts/sessions/")
    devices = page.context["devices"]
    assert [device.is_this for device in devices] == [True, False, False]
    assert "Firefox on Linux" in page.content.decode()

    foreign = stranger.get("/accounts/sessions/").context["devices"][0]
    assert here.post("/accounts/sessions/", {"session": foreign.pk}).status_code == 404
    # Its own key is no way to log out.
    assert here.post("/accounts/sessions/", {"session": devices[0].pk}).status_code == 404
    here.post("/accounts/sessions/", {"session": devices[1].pk})
    ended = [browser.get("/admin/").status_code for browser in (here, there, elsewhere)]
    assert sorted(ended) == [200, 200, 302]
    here.post("/accounts/sessions/", {"others": "1"})

    assert [b.get("/admin/").status_code for b in (here, there, elsewhere, stranger)] == [200, 302, 302, 200]
    entries = HistoryEntry._base_manager.filter(action=HistoryEntry.Action.SESSION_ENDED)
    assert entries.count() == 2


def test_ended_session_is_dead_where_a_cache_keeps_them_too(world, browser_of, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    here, there = browser_of("first_year_pm"), browser_of("first_year_pm")
    other = here.get("/accounts/sessions/").context["devices"][1]

    here.post("/accounts/sessions/", {"session": other.pk})

    assert there.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_no_step_of_the_log_in_leads_elsewhere(world, browser_of, elsewhere):
    inside = browser_of("first_year_pm")
    secret_steps = [
        inside.get(f"/accounts/login/?next={elsewhere}"),
        inside.post(f"/accounts/reauthenticate/?next={elsewhere}", {"password": PASSWORD, "next": elsewhere}),
        inside.post(
            f"/accounts/password/change/?next={elsewhere}",
            {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW, "next": elsewhere},
        ),
        inside.post(f"/accounts/logout/?next={elsewhere}", {"next": elsewhere}),
        StaffBrowser().post(
            f"/accounts/passkeys/login/?next={elsewhere}", {"credential": "{}", "next": elsewhere}
        ),
    ]

    assert all(re.fullmatch(r"/(admin|accounts)/[\w/-]*", step["Location"]) for step in secret_steps)
