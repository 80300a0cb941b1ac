"""What becomes of open sessions when an account is switched off: none is answered, and its holder is told why."""

import re

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from mentorpro_plugin.models import Person
from mentorpro_plugin.people.lifecycle import deactivate, reactivate
from mentorpro_plugin.portal.entering import BACKEND
from tests.portal.knocking import Visitor, newest_code
from tests.racing import at_once

DEACTIVATED = "Your account is deactivated, so you were logged out."
ENDED = "You were logged out on this device."

#: By person: who switches them off, a page of theirs, and where they log in.
PLACES = {
    "first_year_mentee": ("first_year_pm", "/mentee/messages/", "/mentee/log-in/"),
    "first_year_mentor": ("first_year_pm", "/mentor/people/", "/mentor/log-in/"),
    "first_year_pm": ("engineering_child", "/admin/mentees/", "/accounts/login/"),
    "first_year_sc": ("riverside_parent", "/admin/mentors/", "/accounts/login/"),
}

each_kind = pytest.mark.parametrize("name", PLACES)


@pytest.fixture
def browser_of(world):
    """Return a browser in which somebody is logged in, by the way in that is theirs."""

    def browser_of(name):
        person = world.people[name]
        client = Client()
        if person.role in ("mentor", "mentee"):
            client.force_login(world.user(name), backend=BACKEND)
            type(person)._base_manager.filter(pk=person.pk).update(welcomed_at=person.added_at)
        else:
            client.force_login(world.user(name))
        return client

    return browser_of


def same_browser_at_another_node(client):
    """The cookie, brought to a process that has seen nothing of it."""
    other = Client()
    other.cookies["sessionid"] = client.cookies["sessionid"].value
    return other


def log_in_page(client, url, response):
    """The page to which an answer leads, if that is the log-in."""
    assert response.status_code == 302, response.status_code
    assert response["Location"].partition("?")[0].startswith(url), response["Location"]
    return client.get(response["Location"], follow=True).content.decode()


def said(page):
    """What the page says of sessions, as text."""
    text = re.sub(r"\s+", " ", page)
    return [sentence for sentence in (DEACTIVATED, ENDED) if sentence in text.replace("&#x27;", "'")]


@each_kind
def test_no_request_of_any_open_session_is_answered_after_the_deactivation(world, browser_of, name):
    by, page, log_in = PLACES[name]
    browsers = [browser_of(name) for _number in range(3)]
    browsers += [same_browser_at_another_node(browser) for browser in browsers]
    assert {browser.get(page).status_code for browser in browsers} == {200}

    deactivate(world.people[name], by=world.user(by))
    # Twice: the first question ends the session, the second one must not find it again.
    asked = [browser.get(page) for browser in browsers * 2]
    reactivate(world.people[name], by=world.user(by))
    asked += [browser.get(page) for browser in browsers]

    answered = [response for response in asked if response.status_code != 302]
    assert (len(asked), len(answered)) == (18, 0)
    assert {response["Location"].partition("?")[0] for response in asked} == {log_in}
    assert browser_of(name).get(page).status_code == 200


@each_kind
def test_holder_of_the_dead_session_is_told_once_at_the_log_in(world, browser_of, name):
    by, page, log_in = PLACES[name]
    browser = browser_of(name)
    deactivate(world.people[name], by=world.user(by))

    first = log_in_page(browser, log_in, browser.get(page))
    again = log_in_page(browser, log_in, browser.get(page))

    assert (said(first), said(again)) == ([DEACTIVATED], [])


@each_kind
def test_browser_that_slept_through_it_is_told_that_the_session_ended(world, browser_of, name):
    by, page, log_in = PLACES[name]
    browser = browser_of(name)
    deactivate(world.people[name], by=world.user(by))
    reactivate(world.people[name], by=world.user(by))

    told = log_in_page(browser, log_in, browser.get(page))

    assert said(told) == [ENDED]


@each_kind
def test_strangers_are_told_nothing(world, browser_of, name):
    by, page, log_in = PLACES[name]
    stranger = Client()
    deactivate(world.people[name], by=world.user(by))

    assert said(log_in_page(stranger, log_in, stranger.get(page))) == []


def test_part_of_a_page_leads_the_page_to_the_log_in_that_says_why(world, browser_of):
    browser = browser_of("first_year_mentee")
    deactivate(world.people["first_year_mentee"], by=world.user("first_year_pm"))

    answer = browser.get("/mentee/messages/news/", headers={"HX-Request": "true"})

    assert answer["HX-Redirect"].startswith("/mentee/log-in/")
    assert said(browser.get(answer["HX-Redirect"]).content.decode()) == [DEACTIVATED]


def test_sentence_waits_while_what_is_asked_for_is_refused_before(world, browser_of):
    """A form of the old session has a token that counts no longer; that page has no place for the sentence."""
    browser = browser_of("first_year_pm")
    browser.handler.enforce_csrf_checks = True
    deactivate(world.people["first_year_pm"], by=world.user("engineering_child"))

    refused = browser.post("/admin/mentees/add/")

    assert refused.status_code == 403
    assert said(log_in_page(browser, "/accounts/login/", browser.get("/admin/mentees/"))) == [DEACTIVATED]


def test_nothing_of_the_dead_session_is_left(world, browser_of):
    browser = browser_of("first_year_mentee")
    key = browser.cookies["sessionid"].value
    deactivate(world.people["first_year_mentee"], by=world.user("first_year_pm"))

    browser.get("/mentee/")

    assert not SessionStore().exists(key)
    assert browser.cookies["sessionid"].value == ""


def test_person_who_changed_their_number_is_told_that_the_session_ended(world, browser_of):
    browser = browser_of("first_year_mentee")
    person = world.people["first_year_mentee"]
    type(person)._base_manager.filter(pk=person.pk).update(session_epoch=person.session_epoch + 1)

    told = log_in_page(browser, "/mentee/log-in/", browser.get("/mentee/"))

    assert said(told) == [ENDED]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("name", ["first_year_mentee", "transfer_mentee"])
def test_right_code_at_the_moment_of_the_deactivation_opens_nothing(world, name):
    person, by = world.people[name], world.user("engineering_child")
    visitor = Visitor()
    visitor.ask(person.phone.as_e164)
    code = newest_code()

    answer, changed = at_once(lambda: visitor.give(code), lambda: deactivate(person, by=by))

    assert changed is True
    assert answer.status_code in (200, 302)
    # Whichever came first: logged in and shut out again, or not let in.
    assert visitor.client.get("/mentee/")["Location"].startswith("/mentee/log-in/")
    assert Person._base_manager.get(pk=person.pk).is_deactivated
