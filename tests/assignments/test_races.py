"""Two at once: locks and constraints in the database decide, and no row is there twice, or led by nobody."""

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign, reopen, unassign
from mentorpro_plugin.models import Assignment, HistoryEntry, Person
from mentorpro_plugin.people.actions import add_person, change_person
from tests.racing import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

ROUNDS = 5


@pytest.fixture
def world(transactional_db):
    from tests.world import make_world

    return make_world()


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def history_of(person):
    return list(
        HistoryEntry._base_manager.filter(person=person).order_by("pk").values_list("action", flat=True)
    )


def test_one_mentee_given_to_the_same_mentor_by_many_is_given_once(world):
    mentee, program = world.people["engineering_free_mentee"], world.programs["first_year"]
    mentor, by = world.people["first_year_mentor"], world.user("first_year_pm")

    outcomes = at_once(*[lambda: assign(person=mentee, program=program, lead=mentor, by=by)] * 4)

    assert kinds(outcomes) == ["Assignment", "ValidationError", "ValidationError", "ValidationError"]
    assert Assignment._base_manager.filter(person=mentee).count() == 1
    assert history_of(mentee) == ["assigned"]
    assert Person._base_manager.get(pk=mentee.pk).is_assigned


def test_coordinator_given_to_a_program_by_many_is_given_once(world):
    person, program = world.people["engineering_free_pm"], world.programs["first_year"]
    by = world.user("engineering_child")

    outcomes = at_once(*[lambda: assign(person=person, program=program, by=by)] * 4)

    assert kinds(outcomes) == ["Assignment", "ValidationError", "ValidationError", "ValidationError"]
    assert Assignment._base_manager.filter(person=person).count() == 1


def test_assignment_is_ended_once(world):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    by = world.user("first_year_pm")

    outcomes = at_once(*[lambda: unassign(assignment, by=by)] * 4)

    assert kinds(outcomes) == ["Assignment"] * 4
    assert history_of(assignment.person) == ["unassigned"]


def test_ending_and_reopening_at_once_leaves_flag_and_rows_in_step(world):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    by = world.user("first_year_pm")

    for _ in range(ROUNDS):
        at_once(lambda: unassign(assignment, by=by), lambda: reopen(assignment, by=by))

        kept = Assignment._base_manager.get(pk=assignment.pk)
        assert Person._base_manager.get(pk=assignment.person_id).is_assigned == kept.is_open


def test_mentor_who_leaves_while_given_a_mentee_leaves_nobody_alone(world):
    program, by = world.programs["first_year"], world.user("engineering_child")
    mentee, mentor = world.people["engineering_free_mentee"], world.people["engineering_free_mentor"]

    for _ in range(ROUNDS):
        with scope_of(EVERYTHING):
            place = assign(person=mentor, program=program, lead=world.people["first_year_pm"], by=by)

        outcomes = at_once(
            lambda: assign(person=mentee, program=program, lead=mentor, by=by),
            lambda place=place: unassign(place, by=by),
        )

        assert kinds(outcomes) == ["Assignment", "ValidationError"]
        led = Assignment._base_manager.filter(person=mentee, ended_at=None)
        is_there = Assignment._base_manager.get(pk=place.pk).is_open
        assert led.exists() == is_there
        with scope_of(EVERYTHING):
            for row in led:
                unassign(row, by=by)
            unassign(place, by=by)


def test_assigning_two_people_crosswise_blocks_nobody(world):
    by = world.user("engineering_child")
    people = [world.people["engineering_free_pm"], world.people["first_year_sc"]]
    programs = [world.programs["first_year"], world.programs["transfer"]]

    outcomes = at_once(
        *(
            lambda person=person, program=program: assign(person=person, program=program, by=by)
            for person in people
            for program in programs
        )
    )

    assert kinds(outcomes) == ["Assignment", "Assignment", "Assignment", "ValidationError"]


def test_one_phone_number_is_given_to_one_person(world):
    by, organization = world.user("engineering_child"), world.organizations["engineering"]

    def add():
        return add_person(
            Person(role=Role.MENTEE, organization=organization, first_name="New", phone="+19075550170"), by=by
        )

    outcomes = at_once(*[add] * 4)

    assert kinds(outcomes) == ["Person", "ValidationError", "ValidationError", "ValidationError"]
    people = Person._base_manager.filter(phone="+19075550170")
    assert [person.user.mentorpro_person for person in people] == list(people)


def test_change_made_twice_at_once_is_recorded_once(world):
    by, mentee = world.user("engineering_child"), world.people["first_year_mentee"]

    def change():
        person = Person._base_manager.get(pk=mentee.pk)
        person.phone = "+19075550171"
        return change_person(person, by=by)

    outcomes = at_once(*[change] * 3)

    assert sorted(outcomes) == [False, False, True]
    assert history_of(mentee) == ["changed"]


def test_refused_sentences_are_the_constraints_own(world):
    mentee, program = world.people["engineering_free_mentee"], world.programs["first_year"]
    mentor, by = world.people["first_year_mentor"], world.user("first_year_pm")

    outcomes = at_once(*[lambda: assign(person=mentee, program=program, lead=mentor, by=by)] * 2)

    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    assert refusal.messages == ["This person is already assigned so."]
