"""The form of a person in two browsers: whoever saves last doesn't undo what the other one changed."""

import html

import pytest

from mentorpro_plugin.models import GivenIdentifier, HistoryEntry, Person
from tests.racing import at_once
from tests.world import make_world

NAME = "first_year_mentee"


def url_of(world, name=NAME):
    return f"/admin/mentees/edit/{world.people[name].pk}/"


def opened(client, url):
    """What a browser that opens the form would send back."""
    response = client.get(url)
    assert 'name="as_opened"' in response.content.decode()
    return fields_of(response)


def fields_of(response):
    return {
        field.html_name: "" if field.value() is None else field.value() for field in response.context["form"]
    }


def row(world):
    return Person._base_manager.get(pk=world.people[NAME].pk)


@pytest.fixture
def two(world, client_of):
    """The same form in two browsers, each with what it sends."""
    clients = client_of("first_year_pm"), client_of("engineering_child")
    return [(client, opened(client, url_of(world))) for client in clients]


def test_second_to_save_is_refused_and_shown_what_changed(world, two):
    (first, given), (second, stale) = two
    first.post(url_of(world), given | {"email": "first@example.org"})

    refused = second.post(url_of(world), stale | {"first_name": "Second"})

    assert refused.status_code == 200
    page = html.unescape(refused.content.decode())
    assert "“E-mail” was changed while you had this form open, so nothing was saved." in page
    assert "This was changed meanwhile to “first@example.org”." in page
    assert (row(world).first_name, row(world).email) == ("First Year Mentee", "first@example.org")
    # What was left as it was follows; what was typed stays.
    shown = fields_of(refused)
    assert (shown["first_name"], shown["email"]) == ("Second", "first@example.org")

    assert second.post(url_of(world), shown).status_code == 302
    assert (row(world).first_name, row(world).email) == ("Second", "first@example.org")


def test_who_insists_has_the_last_word(world, two):
    (first, given), (second, stale) = two
    first.post(url_of(world), given | {"phone": "+1 907 555 0150"})

    refused = second.post(url_of(world), stale | {"phone": "+1 907 555 0151"})
    assert row(world).phone.as_e164 == "+19075550150"
    shown = fields_of(refused)

    assert shown["phone"] == "+1 907 555 0151"
    assert second.post(url_of(world), shown).status_code == 302
    assert row(world).phone.as_e164 == "+19075550151"


def test_identifiers_are_compared_and_named_as_the_form_names_them(world, two):
    (first, given), (second, stale) = two
    field = f"identifier_{world.identifiers['riverside'].pk}"
    first.post(url_of(world), given | {field: world.value("Seniormark").pk})

    page = html.unescape(second.post(url_of(world), stale | {"last_name": "Second"}).content.decode())

    assert "This was changed meanwhile to “Seniormark”." in page
    assert GivenIdentifier._base_manager.get(person=world.people[NAME]).value == world.value("Seniormark")


def test_form_that_is_sent_twice_is_saved_once_and_not_refused(world, two):
    (client, given), _other = two
    sent = given | {"last_name": "Twice"}

    answers = [client.post(url_of(world), sent).status_code for _time in range(2)]

    assert answers == [302, 302]
    assert HistoryEntry._base_manager.filter(person=world.people[NAME], action="changed").count() == 1


@pytest.mark.parametrize("nonsense", ["", "{", "[]", "7", "[" * 100_000, '{"email": [1]}', "\x00"])
def test_nonsense_is_no_error(world, two, nonsense):
    (client, given), _other = two

    response = client.post(url_of(world), given | {"last_name": "Other", "as_opened": nonsense})

    assert response.status_code == 302


def test_form_for_somebody_new_compares_nothing(client_of):
    assert "as_opened" not in client_of("first_year_pm").get("/admin/mentees/add/").context["form"].fields


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_save_at_once_one_is_refused(transactional_db):
    from django.test import Client

    world = make_world()
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(world.user("first_year_pm"))
    sent = [opened(client, url_of(world)) for client in clients]

    outcomes = at_once(
        lambda: clients[0].post(url_of(world), sent[0] | {"first_name": "One"}).status_code,
        lambda: clients[1].post(url_of(world), sent[1] | {"email": "two@example.org"}).status_code,
    )

    assert sorted(outcomes) == [200, 302]
