"""Changing many people at once: what changing one does to each, in as many queries for many as for few."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.models import HistoryEntry, OutboxMessage, Person
from mentorpro_plugin.people.actions import change_people, change_person
from tests.factories import PersonFactory


@pytest.fixture
def by(world):
    """The Parent account of Riverside, within its scope."""
    user = world.user("riverside_parent")
    with scope_of(reach_of(user)):
        yield user


def mentees(world, count):
    return PersonFactory.create_batch(
        count, role=Role.MENTEE, organization=world.organizations["engineering"], id_number=""
    )


def found(people):
    """The people as the database has them."""
    rows = Person._base_manager.select_related("organization", "user")
    return list(rows.filter(pk__in=[person.pk for person in people]).order_by("pk"))


def entries():
    return [
        (entry.person_id, entry.action, entry.changes)
        for entry in HistoryEntry._base_manager.order_by("person_id")
    ]


def waiting_for(person):
    return OutboxMessage(
        kind=OutboxMessage.Kind.WELCOME,
        channel=OutboxMessage.Channel.EMAIL,
        person=person,
        organization=person.organization,
        recipient="linh@example.net",
    )


@pytest.mark.parametrize("together", [True, False])
def test_many_are_changed_as_one_is(world, by, together):
    people = found(mentees(world, 3))
    named, moved, same = people
    OutboxMessage._base_manager.bulk_create(waiting_for(person) for person in people)
    named.first_name, named.language = "Linh", "es"
    moved.phone = "+19075550142"

    if together:
        change_people(people, by=by)
    else:
        for person in people:
            change_person(person, by=by)

    assert entries() == [
        (named.pk, "changed", {"first_name": None, "language": ["", "es"]}),
        (moved.pk, "changed", {"phone": None, "id_number": None}),
    ]
    after = found(people)
    assert [person.session_epoch for person in after] == [0, 1, 0]
    assert after[0].search_text.startswith(" linh")
    assert (after[1].id_number, after[1].phone.as_e164) == ("+19075550142", "+19075550142")
    waiting = OutboxMessage._base_manager.filter(person__in=people, expires_at=None)
    assert set(waiting.values_list("person", flat=True)) == {named.pk, same.pk}


def test_staff_log_in_by_the_address_that_they_get(world, by):
    people = found([world.people["first_year_pm"], world.people["transfer_pm"]])
    for number, person in enumerate(people):
        person.email = f"New{number}@example.org"

    change_people(people, by=by)

    assert [person.user.email for person in found(people)] == ["new0@example.org", "new1@example.org"]


def test_queries_for_many_are_those_for_few(world, by):
    def queries(count):
        people = found(mentees(world, count))
        for person in people:
            person.first_name, person.phone = "Linh", f"+1907555{person.pk % 10_000:04}"
        with CaptureQueriesContext(connection) as captured:
            change_people(people, by=by)
        return len(captured)

    few = queries(20)
    assert queries(60) == few


def test_nobody_is_changed_if_one_number_is_taken(world, by):
    people = found(mentees(world, 2))
    people[0].first_name = "Linh"
    people[1].phone = world.people["moot_mentee"].phone

    with pytest.raises(ValidationError, match="belongs to another person"):
        change_people(people, by=by)

    assert "Linh" not in [person.first_name for person in found(people)]
    assert entries() == []


@pytest.mark.parametrize(
    ("field", "value"), [("first_name", ""), ("first_name", "x" * 101), ("phone", "12"), ("email", "nobody")]
)
def test_value_that_does_not_fit_is_refused(world, by, field, value):
    people = found(mentees(world, 2))
    setattr(people[0], field, value)

    with pytest.raises(ValidationError) as refusal:
        change_people(people, by=by)

    assert list(refusal.value.message_dict) == [field]


def test_person_out_of_reach_is_not_changed(world, by):
    people = found([world.people["first_year_mentee"], world.people["moot_mentee"]])
    for person in people:
        person.first_name = "Linh"

    with pytest.raises(PermissionDenied):
        change_people(people, by=by)

    assert "Linh" not in [person.first_name for person in found(people)]
