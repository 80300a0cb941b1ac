"""Getting in by phone and code, step by step."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.models import HistoryEntry, LoginCode, OutboxMessage, Person
from mentorpro_plugin.people.lifecycle import deactivate, reactivate
from mentorpro_plugin.portal.codes import LIFE, issue_code
from tests.world import add

from .knocking import Visitor, code_of, errors_of, messages, newest_code, other_than


@pytest.fixture
def mentee(world):
    return world.people["first_year_mentee"]


@pytest.fixture
def mentor(world):
    return world.people["first_year_mentor"]


def let_pass(**delta):
    """Let time pass for all codes."""
    for row in LoginCode._base_manager.all():
        row.created_at -= timedelta(**delta)
        row.expires_at -= timedelta(**delta)
        row.save()


def test_number_then_code_then_in(visitor, mentee):
    asked = visitor.ask(mentee.phone.as_e164)
    given = visitor.give(newest_code())

    assert (asked.status_code, asked["Location"]) == (302, "/mentee/log-in/code/")
    assert (given.status_code, given["Location"]) == (302, "/mentee/")
    assert visitor.client.session["_auth_user_id"] == str(mentee.user_id)


def test_mentor_gets_in_at_the_mentors_door(world, mentor):
    visitor = Visitor("mentor")

    assert visitor.log_in(mentor)["Location"] == "/mentor/"
    assert visitor.is_in


def test_each_door_shows_the_way_to_the_other(world, client, settings):
    at_mentees, at_mentors = (
        client.get(f"/{door}/log-in/").content.decode() for door in ("mentee", "mentor")
    )
    assert '<a href="/mentor/">MentorPRO for mentors</a>' in at_mentees
    assert '<a href="/mentee/">MentorPRO for mentees</a>' in at_mentors

    settings.MENTORPRO = {**settings.MENTORPRO, "DOOR_URLS": {"mentor": "https://mentors.example.org"}}
    at_mentees = client.get("/mentee/log-in/").content.decode()
    assert '<a href="https://mentors.example.org/mentor/">MentorPRO for mentors</a>' in at_mentees


@pytest.mark.parametrize(
    "written", ["+1{}", "1 {}", "({0[0]}) {0[1]}-{0[2]}", "{0[0]}.{0[1]}.{0[2]}", " 001{} "]
)
def test_number_is_read_in_any_usual_notation(world, visitor, mentee, written):
    digits = mentee.phone.as_e164[2:]
    parts = (digits[:3], digits[3:6], digits[6:])
    region = "GB" if written.strip().startswith("00") else "US"
    # From abroad, Americans are dialled with the exit code of the country one is in.
    written = written.format(parts if "0[" in written else digits).replace("001", "001")

    visitor.ask(written, region=region)

    assert [message.recipient for message in messages()] == [mentee.phone.as_e164]


def test_national_number_is_read_in_the_country_that_was_chosen(world, visitor):
    add(world, "abroad", Role.MENTEE, "engineering", phone="+61491570156")

    visitor.ask("0491 570 156", region="AU")

    assert [message.recipient for message in messages()] == ["+61491570156"]


def test_country_is_the_sites_own_until_another_is_chosen(visitor, settings):
    settings.MENTORPRO = {**settings.MENTORPRO, "DEFAULT_REGION": "GB"}
    form = visitor.client.get("/mentee/log-in/").context["form"]
    assert form["region"].value() == "GB"

    visitor.ask("030 123456", region="DE")
    form = visitor.client.get("/mentee/log-in/").context["form"]

    assert form["region"].value() == "DE"


def test_countries_are_named_in_the_readers_language_with_their_codes(visitor):
    html = visitor.client.get("/mentee/log-in/").content.decode()

    assert html.count("<option ") == 245
    assert '<option value="DE">Germany (+49)</option>' in html
    assert html.index("Åland") < html.index("Albania") < html.index("Zimbabwe")


@pytest.mark.parametrize(
    "text", ["", "hello", "12", "+", "911", "+1 212 555 01", "<script>", "1" * 40, "\u202e12"]
)
def test_garbage_is_refused_with_a_sentence(visitor, text):
    response = visitor.ask(text)

    assert response.status_code == 200
    assert len(errors_of(response, "number")) == 1
    assert errors_of(response, "number")[0].endswith(".")
    assert LoginCode._base_manager.count() == 0


def test_text_message_has_the_code_first_names_the_site_and_offers_it_to_browsers(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)

    (message,) = messages()
    assert message.channel == "text"
    assert message.body == (
        "{secret} is your code for MentorPRO. It works for 10 minutes.\n\n@testserver #{secret}"
    )
    assert code_of(message).isdecimal()
    assert len(message.body) < 140
    assert message.expires_at - timezone.now() <= LIFE
    assert (message.person_id, message.organization_id) == (mentee.pk, mentee.organization_id)


def test_code_goes_by_email_where_the_text_does_not_arrive(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)
    let_pass(minutes=1)

    answer = visitor.ask_again("email")
    message = messages()[-1]

    assert answer["Location"] == "/mentee/log-in/code/"
    assert (message.channel, message.recipient) == ("email", mentee.email)
    assert visitor.give(code_of(message))["Location"] == "/mentee/"


def test_another_code_has_to_wait_a_minute(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)
    visitor.ask_again()
    visitor.ask_again("email")
    visitor.ask(mentee.phone.as_e164)
    assert len(messages()) == 1

    page = visitor.client.get("/mentee/log-in/code/")
    assert 55 <= page.context["wait"] <= 60

    let_pass(minutes=1)
    assert visitor.client.get("/mentee/log-in/code/").context["wait"] == 0
    visitor.ask_again()
    assert len(messages()) == 2


def test_ten_codes_a_day_for_a_number(world, mentee):
    for position in range(14):
        visitor = Visitor()
        visitor.ask(mentee.phone.as_e164)
        let_pass(minutes=1)
        if position % 2:
            visitor.ask_again("email")

    assert LoginCode._base_manager.count() == 10


@pytest.mark.parametrize(
    "written",
    ["{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}", "{}", " {}\t", "{0[0]}-{0[1]}-{0[2]}-{0[3]}-{0[4]}-{0[5]}"],
)
def test_code_may_be_pasted_with_spaces_and_dashes(visitor, mentee, written):
    visitor.ask(mentee.phone.as_e164)
    code = newest_code()

    visitor.give(written.format(list(code)) if "[" in written else written.format(code))

    assert visitor.is_in


def test_code_may_be_typed_in_the_digits_of_another_script(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)

    visitor.give(newest_code().translate({ord(str(digit)): 0x660 + digit for digit in range(10)}))

    assert visitor.is_in


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "12345a", "①②③④⑤⑥", "½"])
def test_what_is_no_code_uses_up_no_try(visitor, mentee, text):
    visitor.ask(mentee.phone.as_e164)

    response = visitor.give(text)

    assert len(errors_of(response)) == 1
    assert LoginCode._base_manager.get().tries == 0


def test_wrong_codes_are_told_apart_from_spent_ones(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)
    code = newest_code()

    answers = [errors_of(visitor.give(other_than(code))) for _ in range(3)]

    wrong = ["This is not the code that we sent. Look at the message again."]
    spent = ["This code no longer works. Ask for a new one below."]
    assert answers == [wrong, wrong, spent]
    assert errors_of(visitor.give(code)) == spent
    assert not visitor.is_in


def test_too_many_tries_say_when_to_try_again(visitor, mentee):
    code = None
    for _ in range(4):
        visitor.ask(mentee.phone.as_e164)
        code = newest_code()
        for _ in range(3):
            answer = visitor.give(other_than(code))
        let_pass(minutes=1)

    (sentence,) = errors_of(answer)
    assert sentence.replace("\xa0", " ").startswith(
        "Too many tries for this number. You can try again in 1 day"
    )
    assert errors_of(visitor.ask(mentee.phone.as_e164), "number") == [sentence]
    assert errors_of(visitor.give(code)) == [sentence]


def test_without_a_number_there_is_no_page_for_a_code(visitor):
    for answer in (
        visitor.client.get("/mentee/log-in/code/"),
        visitor.give("123456"),
        visitor.ask_again(),
    ):
        assert (answer.status_code, answer["Location"]) == (302, "/mentee/log-in/")


@pytest.mark.parametrize("door", ["mentor", "mentee"])
def test_forged_cookies_count_as_none(world, mentee, door):
    visitor = Visitor(door)
    visitor.ask(mentee.phone.as_e164)
    visitor.client.cookies["mentorpro_login"] = visitor.client.cookies["mentorpro_login"].value[:-2] + "AA"

    assert visitor.client.get(f"/{door}/log-in/code/")["Location"] == f"/{door}/log-in/"


def test_session_ends_with_the_browser(visitor, mentee):
    visitor.log_in(mentee)

    assert visitor.client.session.get_expire_at_browser_close()
    assert visitor.client.cookies["sessionid"]["max-age"] == ""


def test_session_lasts_thirty_days_for_those_who_stay(visitor, mentee):
    visitor.log_in(mentee, stay=True)

    assert not visitor.client.session.get_expire_at_browser_close()
    month = 30 * 24 * 60 * 60
    assert month - 5 <= visitor.client.cookies["sessionid"]["max-age"] <= month


def test_session_gets_a_new_key(visitor, mentee):
    session = visitor.client.session
    session["kept"] = "by the site"
    session.save()
    before = session.session_key

    visitor.log_in(mentee)

    assert visitor.client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_log_in_passes_through_allauth(visitor, mentee):
    visitor.log_in(mentee)

    (record,) = visitor.client.session["account_authentication_methods"]
    assert set(record) == {"method", "at"}
    assert record["method"] == "code"
    (session,) = mentee.user.usersession_set.all()
    assert session.session_key == visitor.client.session.session_key


def test_log_in_is_noted(visitor, mentee):
    visitor.log_in(mentee)

    mentee.refresh_from_db()
    assert mentee.first_login_at is not None
    assert mentee.first_login_at <= mentee.last_activity_at
    assert mentee.last_activity_kind == Person.Activity.LOGIN
    actions = HistoryEntry._base_manager.filter(person=mentee).values_list("action", flat=True)
    assert list(actions) == [HistoryEntry.Action.LOGGED_IN]


def test_no_message_greets_people_with_the_name_of_their_user(visitor, mentee):
    visitor.log_in(mentee)

    assert mentee.user.get_username() not in visitor.client.get("/mentee/").content.decode()


@pytest.mark.parametrize("path", ["/mentee/", "/mentee/?tab=2"])
def test_next_is_honoured_behind_the_same_door(visitor, mentee, path):
    assert visitor.log_in(mentee, wanted=path)["Location"] == path


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example.org/mentee/",
        "//elsewhere.example.org/mentee/",
        "/\\elsewhere.example.org",
        "/mentee/../admin/",
        "/mentee//elsewhere.example.org",
        "/mentor/",
        "/admin/",
        "/",
        "javascript:alert(1)",
        "mentee/",
        "/mentee/\r\nSet-Cookie: a=b",
        "/mentee/?\x00",
        "/mentee/?" + 500 * "x",
    ],
)
def test_next_to_anywhere_else_leads_home(visitor, mentee, path):
    answer = visitor.log_in(mentee, wanted=path)

    assert answer["Location"] == "/mentee/" if answer.status_code == 302 else not visitor.is_in


def test_page_that_was_wanted_is_shown_after_the_log_in(visitor, mentee):
    wanted = reverse("mentee:home")
    turned_away = visitor.client.get(wanted)
    form = visitor.client.get(turned_away["Location"]).context["form"]

    assert visitor.log_in(mentee, wanted=form["next"].value())["Location"] == wanted


def test_wrong_door_tells_after_the_right_code_and_lets_nobody_in(world, mentor):
    visitor = Visitor("mentee")
    visitor.ask(mentor.phone.as_e164)
    code = newest_code()
    wrong = visitor.give(other_than(code)).content.decode()

    answer = visitor.give(code)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "you are a mentor" in html
    assert 'href="/mentor/"' in html
    assert "you are a mentor" not in wrong
    assert not visitor.is_in
    assert visitor.client.get("/mentee/log-in/code/").status_code == 302


def test_right_door_sends_a_fresh_code_at_once(world, mentor):
    visitor = Visitor("mentee")
    visitor.log_in(mentor)

    assert Visitor("mentor", visitor.client).log_in(mentor)["Location"] == "/mentor/"


def test_wrong_door_leads_to_the_right_doors_own_host(world, mentor, settings):
    settings.MENTORPRO = {**settings.MENTORPRO, "DOOR_URLS": {"mentor": "https://mentors.example.org"}}

    html = Visitor("mentee").log_in(mentor).content.decode()

    assert 'href="https://mentors.example.org/mentor/"' in html


def test_deactivated_person_learns_it_after_the_right_code(world, visitor, mentee):
    deactivate(mentee, by=world.user("first_year_pm"))
    visitor.ask(mentee.phone.as_e164)
    code = newest_code()
    wrong = visitor.give(other_than(code)).content.decode()

    html = visitor.give(code).content.decode()

    sentence = "Your account is deactivated, so you can&#x27;t log in."
    assert sentence in html or "Your account is deactivated, so you can't log in." in html
    assert "deactivated" not in wrong
    assert not visitor.is_in


def test_code_in_flight_dies_with_a_deactivation_and_is_not_revived(world, visitor, mentee):
    visitor.ask(mentee.phone.as_e164)
    code = newest_code()
    deactivate(mentee, by=world.user("first_year_pm"))
    reactivate(mentee, by=world.user("first_year_pm"))

    visitor.give(code)

    assert not visitor.is_in


def test_code_in_flight_dies_with_a_change_of_number(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)
    code = newest_code()
    Person._base_manager.filter(pk=mentee.pk).update(phone="+12125550199")

    visitor.give(code)

    assert not visitor.is_in


def test_code_that_staff_issued_lets_in(world, visitor, mentee):
    visitor.ask(mentee.phone.as_e164)
    code = issue_code(
        contact=mentee.phone.as_e164,
        person=mentee,
        purpose=LoginCode.Purpose.STAFF_ISSUED,
        issued_by=world.user("first_year_pm"),
    )

    visitor.give(code)

    assert visitor.is_in


def test_code_for_a_change_of_number_lets_nobody_in(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)
    code = issue_code(
        contact=mentee.phone.as_e164, person=mentee, purpose=LoginCode.Purpose.NEW_NUMBER, browser="x"
    )

    visitor.give(code)

    assert not visitor.is_in


def test_staff_do_not_log_in_by_phone(world, visitor):
    manager = world.people["first_year_pm"]

    answer = visitor.ask(manager.phone.as_e164)

    assert answer["Location"] == "/mentee/log-in/code/"
    assert messages() == []
    assert LoginCode._base_manager.get().person is None


@pytest.mark.parametrize("path", ["/mentee/log-in/", "/mentee/log-in/code/", "/mentee/wrong-door/"])
def test_whoever_is_in_goes_home(visitor, mentee, path):
    visitor.log_in(mentee)

    answer = visitor.client.get(path)

    assert (answer.status_code, answer["Location"]) == (302, "/mentee/")


def test_mentor_who_is_in_learns_at_the_other_door_which_is_theirs(world, mentor):
    visitor = Visitor("mentor")
    visitor.log_in(mentor)

    answer = visitor.client.get("/mentee/log-in/", follow=True)

    assert answer.redirect_chain == [("/mentee/wrong-door/", 302)]
    assert 'href="/mentor/"' in answer.content.decode()


@pytest.mark.parametrize("name", ["first_year_pm", "super_admin"])
@pytest.mark.parametrize("path", ["/mentee/", "/mentee/log-in/"])
def test_staff_are_shown_the_way_to_the_admin(client_of, name, path):
    answer = client_of(name).get(path, follow=True)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "You are logged in as staff." in html
    assert 'href="/admin/"' in html


def test_log_out_ends_the_session(visitor, mentee):
    visitor.log_in(mentee)
    key = visitor.client.session.session_key

    answer = visitor.client.post("/mentee/log-out/")

    assert answer["Location"] == "/mentee/log-in/"
    assert not Session.objects.filter(session_key=key).exists()
    assert visitor.client.get("/mentee/").status_code == 302


def test_log_out_takes_a_post(visitor, mentee):
    visitor.log_in(mentee)

    assert visitor.client.get("/mentee/log-out/").status_code == 405
    assert visitor.is_in


@pytest.mark.parametrize("path", ["log-in/", "log-in/code/", "log-in/code/again/", "log-out/"])
def test_posts_need_the_token_of_the_form(world, path):
    client = Client(enforce_csrf_checks=True)

    assert client.post(f"/mentee/{path}", {"number": "+12125550142", "region": "US"}).status_code == 403


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(visitor, mentee, settings):
    settings.SESSION_COOKIE_SECURE = True

    answer = visitor.ask(mentee.phone.as_e164)

    assert set(answer.cookies) == {"__Host-mentorpro_browser", "__Host-mentorpro_login"}
    for cookie in answer.cookies.values():
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 3600)


def test_pages_are_kept_by_nobody(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)

    for path in ("/mentee/log-in/", "/mentee/log-in/code/"):
        assert "no-store" in visitor.client.get(path)["Cache-Control"]


def test_nobody_signs_up_or_proves_an_address_or_gets_a_code_by_allauths_own_pages():
    from django.urls import NoReverseMatch

    for name in (
        "account_signup",
        "account_email",
        "account_request_login_code",
        "account_reset_password_from_key",
        "account_set_password",
        "mfa_signup_webauthn",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_client_address_is_believed_of_no_header_by_default():
    assert django_settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0


def test_message_is_dropped_with_its_code(visitor, mentee):
    visitor.ask(mentee.phone.as_e164)

    message = OutboxMessage._base_manager.get()
    assert message.expires_at - LoginCode._base_manager.get().expires_at < timedelta(seconds=1)
