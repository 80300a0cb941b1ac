"""Carrying out a plan when the roster has changed since it was made: what the actions refuse is refused by row."""

import pytest

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.planfile import PlanFile
from mentorpro_plugin.exchange.reading import SourceRow, Table
from mentorpro_plugin.exchange.rosters import plan_roster, store_roster
from mentorpro_plugin.exchange.staleness import Stale
from mentorpro_plugin.people.actions import change_person
from mentorpro_plugin.people.models import Person

from ..factories import PersonFactory
from .helpers import HEADINGS, changed_tables, checksums, mentee

pytestmark = pytest.mark.django_db

MENTOR = mentee(
    **{"Role": "Mentor", "ID": "M1", "Phone Number": "907 555 0150", "E-mail": "m1@example.org"},
    Program="First Year Enginmark",
    Program_Manager="FIRST_YEAR_PM-ENGINMARK",
)
ROWS = (
    mentee(ID="N9", Phone_Number="907 555 0199"),
    MENTOR,
    mentee(Program="First Year Enginmark", Mentor="M1"),
)


@pytest.fixture
def user(world):
    return world.user("riverside_parent")


def planned(user, *rows):
    sources = [
        SourceRow(line, tuple(row.get(heading, "") for heading in HEADINGS))
        for line, row in enumerate(rows, 2)
    ]
    return PlanFile(plan_roster(Table(HEADINGS, sources), by=user).file)


@pytest.fixture
def plan(user):
    """The plan for two mentees and the mentor of the second, who stands between them."""
    plan = planned(user, *ROWS)
    assert plan.count(Kind.NEW) == 3
    return plan


@pytest.fixture
def taken(world):
    """Meanwhile somebody got the mentor's number."""
    PersonFactory(phone="+19075550150", organization=world.organizations["engineering"])


def carry_out(plan, user, *, only_valid):
    stored = store_roster(plan, by=user, only_valid=only_valid)
    assert stored.is_stored is only_valid
    return {row.line: [tuple(remark) for remark in row.refusals] for row in stored.refused}


REFUSED = {
    3: [("Phone Number", "This phone number belongs to another person.")],
    4: [("", "The lead on line 3 could not be stored.")],
}


def test_what_was_taken_meanwhile_is_refused_with_all_that_stands_on_it(plan, user, taken):
    assert carry_out(plan, user, only_valid=True) == REFUSED
    stored = Person._base_manager.filter(id_number__in=("N1", "N9", "M1"))
    assert list(stored.values_list("id_number", flat=True)) == ["N9"]
    assert HistoryEntry._base_manager.get(action="imported").changes == {
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "refused": 2,
    }


def test_all_or_nothing_holds_for_it_too(plan, user, taken):
    before = checksums()

    assert carry_out(plan, user, only_valid=False) == REFUSED
    assert changed_tables(before) == set()


@pytest.mark.parametrize("only_valid", [True, False])
@pytest.mark.parametrize("number", [0, 20, 39])
def test_number_that_was_taken_meanwhile_refuses_one_of_many_changes(world, user, number, only_valid):
    engineering = world.organizations["engineering"]
    people = PersonFactory.create_batch(40, organization=engineering, first_name="Old")
    rows = [
        mentee(ID=person.id_number, First_Name="New", Phone_Number=f"907 555 01{place:02}")
        for place, person in enumerate(people)
    ]
    plan = planned(user, *rows)
    assert plan.count(Kind.CHANGED) == 40
    PersonFactory(phone=f"+190755501{number:02}", organization=engineering)
    before = checksums()

    assert carry_out(plan, user, only_valid=only_valid) == {
        number + 2: [("Phone Number", "This phone number belongs to another person.")]
    }

    if only_valid:
        left = Person._base_manager.filter(pk__in=[person.pk for person in people], first_name="Old")
        assert list(left) == [people[number]]
        assert left.get().phone == people[number].phone
        assert HistoryEntry._base_manager.filter(action="changed").count() == 39
    else:
        assert changed_tables(before) == set()


def change(person, user, **values):
    """Change somebody on the screens."""
    changed = Person._base_manager.get(pk=person.pk)
    for name, value in values.items():
        setattr(changed, name, value)
    with scope_of(reach_of(user)):
        change_person(changed, by=user)


def test_a_roster_that_was_changed_meanwhile_is_not_written_over(world, user):
    person = world.people["first_year_mentee"]
    plan = planned(user, mentee(ID=person.id_number, First_Name="New", Last_Name="", Phone_Number=""))
    assert store_roster(plan, by=user).is_stored

    plan = planned(user, mentee(ID=person.id_number, First_Name="Newer", Last_Name="", Phone_Number=""))
    change(person, user, last_name="Meanwhile")

    with pytest.raises(Stale):
        store_roster(plan, by=user)


def test_only_what_the_row_changes_is_written(world, user):
    person = world.people["first_year_mentee"]
    plan = planned(user, mentee(ID=person.id_number, First_Name="New", Last_Name="", Phone_Number=""))
    # Past the actions, so that no history tells of it.
    Person._base_manager.filter(pk=person.pk).update(last_name="Meanwhile")

    store_roster(plan, by=user)

    person.refresh_from_db()
    assert (person.first_name, person.last_name) == ("New", "Meanwhile")
