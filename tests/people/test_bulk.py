"""Doing something to many people of a roster: who is selected, who is left out, and what it costs."""

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.outbox.actions import queue_email
from mentorpro_plugin.outbox.models import OutboxMessage
from mentorpro_plugin.people.lifecycle import deactivate
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.signals import person_deactivated
from mentorpro_plugin.people.switching import deactivate_many, reactivate_many
from tests.access.snapshots import changed, snapshot
from tests.factories import AssignmentFactory, PersonFactory


def keys(world, *names):
    return [world.people[name].pk for name in names]


def address(action, *ids, roster="mentees", **query):
    return f"/admin/{roster}/bulk/{action}/?{urlencode([*query.items(), *(('id', pk) for pk in ids)])}"


def mark_of(response):
    return re.search(r'name="mark" value="(\w+)"', response.content.decode())[1]


def confirm(client, path):
    """Open the page that asks, and say yes; return what comes then."""
    return client.post(path, {"mark": mark_of(client.get(path))}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def deactivated():
    people = Person._base_manager.filter(status=Person.Status.DEACTIVATED)
    return {person.first_name for person in people}


MENTEES = ("first_year_mentee", "transfer_mentee", "engineering_free_mentee", "engineering_left_mentee")


def test_selected_people_are_deactivated_after_a_question(world, client_of):
    client = client_of("engineering_child")
    path = address("deactivate", *keys(world, *MENTEES), q="", ordering="first_name")

    asked = client.get(path)
    html = asked.content.decode()
    answer = confirm(client, path)

    assert "Deactivate 3 people?" in html
    assert "1 person is left out: deactivated already" in html
    assert [str(person) for person in asked.context["sorting"].chosen] == [
        "Engineering Free Mentee Enginmark",
        "First Year Mentee Enginmark",
        "Transfer Mentee Enginmark",
    ]
    assert answer.redirect_chain == [("/admin/mentees/?q=&ordering=first_name", 302)]
    assert said(answer) == [
        "3 people were deactivated: logged out everywhere, and shut out until reactivated."
    ]
    assert {"First Year Mentee", "Transfer Mentee", "Engineering Free Mentee"} <= deactivated()


def test_all_that_match_are_meant_by_search_and_filters(world, client_of):
    client = client_of("riverside_parent")
    before = deactivated()

    confirm(client, address("deactivate", matching="all", status="never", q="enginmark"))
    off = deactivated() - before
    confirm(client, address("reactivate", matching="all", status="deactivated", q="enginmark"))

    assert off == {"First Year Mentee", "Transfer Mentee", "Engineering Free Mentee"}
    # Also the one who was deactivated before: the list that was confirmed had them.
    assert deactivated() == before - {"Engineering Left Mentee"}


def test_all_that_match_of_the_unassigned_are_unassigned(world, client_of):
    asked = client_of("engineering_child").get(address("deactivate", matching="all", list="unassigned"))

    assert [person.first_name for person in asked.context["sorting"].chosen] == ["Engineering Free Mentee"]
    assert asked.context["selection"].roster_url == "/admin/mentees/unassigned/"


def test_senseless_filter_selects_nobody(world, client_of):
    # The list itself shows everybody then.
    answer = client_of("riverside_parent").get(
        address("deactivate", matching="all", status="no"), follow=True
    )

    assert said(answer) == ["Nobody is selected. Tick people in the list, then say what to do."]


@pytest.mark.parametrize(
    "query",
    [
        {"ids": ("moot_mentee", "cohort_mentee")},
        {"matching": "all", "q": "Lawmark"},
        {"matching": "all", "q": "Nursmark"},
    ],
)
def test_strangers_can_not_be_selected_and_nothing_tells_of_them(world, client_of, query):
    client = client_of("first_year_pm")
    ids = keys(world, *query.pop("ids", ()))
    before = snapshot()
    path = address("deactivate", *ids, **query)

    asked, done = client.get(path, follow=True), client.post(path, {"mark": "0" * 32}, follow=True)

    for answer in (asked, done):
        assert said(answer) == ["Nobody is selected. Tick people in the list, then say what to do."]
        assert not re.search("moot_mentee@|cohort_mentee@|Cohort Mentee|Moot Mentee", answer.content.decode())
    assert changed(before, snapshot()) == {}


def test_strangers_among_the_own_are_passed_over_in_silence(world, client_of):
    client = client_of("first_year_pm")
    path = address("deactivate", *keys(world, "first_year_mentee", "moot_mentee", "transfer_mentee"))
    before = deactivated()

    asked = client.get(path)
    confirm(client, path)

    assert len(asked.context["selection"].people) == 1
    assert asked.context["sorting"].skipped == []
    assert deactivated() - before == {"First Year Mentee"}


def test_whoever_may_see_but_not_deactivate_is_not_offered_it(world, client_of):
    client = client_of("first_year_sc")
    path = address("deactivate", *keys(world, "first_year_mentee"))
    before = snapshot()

    answers = [client.get(path), client.post(path, {"mark": "0" * 32})]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/admin/")] * 2
    assert changed(before, snapshot()) == {}
    assert "bulk/deactivate" not in client.get("/admin/mentees/").content.decode()


def test_other_people_than_were_confirmed_are_asked_about_again(world, client_of):
    client = client_of("engineering_child")
    path = address("deactivate", matching="all", status="never")
    mark = mark_of(client.get(path))
    PersonFactory(organization=world.organizations["engineering"], first_name="Late")
    before = snapshot()

    answer = client.post(path, {"mark": mark})

    assert said(answer) == ["Other people than before are selected now. Look at them, and confirm once more."]
    assert "Late" in answer.content.decode()
    assert changed(before, snapshot()) == {}


def test_confirming_twice_changes_nothing_more(world, client_of):
    client = client_of("engineering_child")
    path = address("deactivate", *keys(world, "first_year_mentee"))
    mark = mark_of(client.get(path))
    client.post(path, {"mark": mark})
    before = snapshot()

    client.post(path, {"mark": mark})

    assert changed(before, snapshot()) == {}


def test_more_than_a_list_counts_are_not_selected(world, client_of, monkeypatch):
    monkeypatch.setattr("mentorpro_plugin.people.selection.MOST", 2)
    monkeypatch.setattr("mentorpro_plugin.people.bulk.MOST", 2)

    answer = client_of("engineering_child").get(address("deactivate", matching="all"), follow=True)

    assert said(answer) == ["These are more than 2 people. Filter the list to fewer, and select them."]


def test_many_are_switched_as_one_is(world):
    child = world.user("engineering_child")
    one, other = world.people["first_year_mentee"], world.people["transfer_mentee"]
    for person in (one, other):
        queue_email(
            kind=OutboxMessage.Kind.UNREAD_NOTICE, recipient=person.email, subject="", body="", person=person
        )
    told = []

    def note(sender, person, **kwargs):
        told.append(person.pk)

    person_deactivated.connect(note)

    with scope_of(reach_of(child)):
        deactivate(one, by=child)
        count = deactivate_many([other.pk], by=child)

    assert count == 1
    assert told == [one.pk, other.pk]
    for person in (one, other):
        person.refresh_from_db()
        assert (
            person.status,
            person.session_epoch,
            person.user.__class__._base_manager.get(pk=person.user_id).is_active,
        ) == (
            "deactivated",
            1,
            False,
        )
    first, second = HistoryEntry._base_manager.filter(action="deactivated").order_by("pk")
    assert (first.changes, first.actor, first.organization) == (
        second.changes,
        second.actor,
        second.organization,
    )
    assert [message.expires_at is not None for message in OutboxMessage._base_manager.order_by("pk")] == [
        True
    ] * 2


def test_many_reactivated_keep_their_old_sessions_dead(world):
    child, person = world.user("engineering_child"), world.people["engineering_left_mentee"]

    assert reactivate_many([person.pk, world.people["first_year_mentee"].pk], by=child) == 1

    person.refresh_from_db()
    assert (person.status, person.session_epoch) == ("enabled", 0)
    assert type(person.user)._base_manager.get(pk=person.user_id).is_active


@pytest.mark.parametrize("who", ["first_year_sc", "first_year_pm", "law_child"])
def test_nobody_beyond_the_permission_is_switched_whatever_keys_are_given(world, who):
    user = world.user(who)
    before = snapshot()

    assert deactivate_many(keys(world, "transfer_mentee", "cohort_mentee", "transfer_pm"), by=user) == 0

    assert changed(before, snapshot()) == {}


def test_switching_costs_by_the_batch_and_not_by_the_person(world):
    child = world.user("engineering_child")
    people = [
        AssignmentFactory(
            person=PersonFactory(organization=world.organizations["engineering"]),
            program=world.programs["first_year"],
            lead=world.people["first_year_mentor"],
        ).person_id
        for _number in range(12)
    ]
    reach_of(child)
    costs = []

    for some in (people[:2], people[2:]):
        with CaptureQueriesContext(connection) as queries:
            deactivate_many(some, by=child)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 9


def test_page_that_asks_costs_the_same_for_two_as_for_thirty(world, client_of, django_assert_num_queries):
    people = PersonFactory.create_batch(30, organization=world.organizations["engineering"])
    client = client_of("first_year_pm")
    client.get(address("deactivate", people[0].pk))
    costs = []

    for some in (people[:2], people):
        with CaptureQueriesContext(connection) as queries:
            client.get(address("deactivate", *(person.pk for person in some)))
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 15


def test_row_boxes_and_buttons_are_there_for_those_who_may_do_something(world, client_of):
    html = client_of("engineering_child").get("/admin/mentees/?q=mentee&status=never").content.decode()

    assert html.count('name="id"') == 3
    assert 'aria-label="Select First Year Mentee Enginmark"' in html
    assert 'formaction="/admin/mentees/bulk/deactivate/"' in html
    assert '<input type="hidden" name="status" value="never">' in html


@pytest.mark.parametrize("query", ["nonsense=1", "identifier_99999=1", "q=%00", "organization=99999"])
def test_filter_that_is_not_there_selects_nobody(world, client_of, query):
    page = client_of("first_year_pm").get(f"/admin/mentees/bulk/deactivate/?matching=all&{query}")

    for person in Person._base_manager.filter(role=Role.MENTEE):
        assert person.full_name not in page.content.decode()
