"""Actions ask for themselves: called directly, past every screen and scope, they refuse what the table refuses."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import COORDINATORS, PARTICIPANTS, Role
from mentorpro_plugin.assignments.actions import assign, reopen, set_primary, unassign
from mentorpro_plugin.assignments.fitting import LEAD_ROLE
from mentorpro_plugin.identifiers.actions import give_identifiers, save_identifier
from mentorpro_plugin.models import Identifier, IdentifierValue, Organization, Person, Program
from mentorpro_plugin.organizations.actions import save_organization
from mentorpro_plugin.people.actions import add_person, change_person
from mentorpro_plugin.programs.actions import save_program
from tests.factories import AssignmentFactory, fictional_phone

from .expectations import NOUN_OF, Facts
from .snapshots import changed, snapshot

EVERYBODY = [
    "super_admin",
    "riverside_parent",
    "engineering_child",
    "first_year_pm",
    "first_year_sc",
    "first_year_mentor",
    "first_year_mentee",
    "engineering_left_pm",
    None,
]


@dataclass
class Call:
    """One call of an action, and whether the specification lets `by` make it."""

    what: str
    is_allowed: bool
    make: Callable[..., Any]


def fresh(row):
    """The row as a caller would load it."""
    return type(row)._base_manager.get(pk=row.pk)


def organization_calls(facts, by) -> Iterator[Call]:
    def rename(organization):
        organization.name = "Renamed"
        return lambda by: save_organization(organization, by=by)

    for organization in facts.organizations:
        may_change = facts.may(by, "change_organization", organization)
        yield Call(f"change {organization}", may_change, rename(fresh(organization)))
        child = Organization(name="Annex", parent=organization)
        may_add = facts.may(by, "add_organization", organization)
        yield Call(
            f"add below {organization}", may_add, lambda by, child=child: save_organization(child, by=by)
        )
    may_add_on_top = facts.me(by) == "super admin"
    top = Organization(name="Annex")
    yield Call("add on top", may_add_on_top, lambda by: save_organization(top, by=by))


def program_calls(facts, by) -> Iterator[Call]:
    def rename(program):
        program.name = "Renamed"
        return lambda by: save_program(program, by=by)

    for program in facts.programs:
        yield Call(f"change {program}", facts.may(by, "change_program", program), rename(fresh(program)))
    for organization in facts.organizations:
        may_add = facts.may(by, "add_program", organization)
        program = Program(name="Annex", organization=organization)
        yield Call(
            f"add to {organization}", may_add, lambda by, program=program: save_program(program, by=by)
        )


def people_calls(facts, by) -> Iterator[Call]:
    def rename(person):
        person.first_name = "Renamed"
        return lambda by: change_person(person, by=by)

    for person in facts.people:
        codename = f"change_{NOUN_OF[person.role]}"
        may_change = facts.me(by) == "super admin" or (
            person.role != Role.SUPER_ADMIN and facts.may(by, codename, person)
        )
        yield Call(f"change {person}", may_change, rename(fresh(person)))
    for organization in facts.organizations:
        for role in Role:
            if role == Role.SUPER_ADMIN:
                may_add = facts.me(by) == "super admin"
            else:
                may_add = facts.may(by, f"add_{NOUN_OF[role]}", organization)
            person = Person(
                role=role,
                organization=organization,
                first_name="New",
                phone=fictional_phone(),
                email="new@example.net",
            )
            yield Call(
                f"add {role} to {organization}", may_add, lambda by, person=person: add_person(person, by=by)
            )


def identifier_calls(facts, by) -> Iterator[Call]:
    def rename(identifier):
        identifier.name = "Renamed"
        return lambda by: save_identifier(identifier, by=by)

    trees = {row.pk: row.parent_id or row.pk for row in facts.organizations}
    by_tree = {row.organization_id: row for row in facts.identifiers}
    for identifier in facts.identifiers:
        may_change = facts.may(by, "change_identifier", identifier)
        yield Call(f"change {identifier}", may_change, rename(fresh(identifier)))
        new = Identifier(name="Annex", organization_id=identifier.organization_id)
        yield Call(f"add beside {identifier}", may_change, lambda by, new=new: save_identifier(new, by=by))
    for person in facts.people:
        if person.role == Role.SUPER_ADMIN:
            continue
        identifier = by_tree[trees[person.organization_id]]
        value = IdentifierValue._base_manager.filter(identifier=identifier).last()
        yield Call(
            f"give {value} to {person}",
            facts.may(by, "give_identifiers", person),
            lambda by, person=person, identifier=identifier, value=value: give_identifiers(
                fresh(person), {identifier: value}, by=by
            ),
        )


def assignment_calls(facts, by) -> Iterator[Call]:
    people = {person.pk: person for person in facts.people}
    programs = {program.pk: program for program in facts.programs}
    for row in facts.assignments:
        person, program = people[row.person_id], programs[row.program_id]
        sees = facts.sees(by, person)
        may_assign = sees and facts.may(by, f"assign_{NOUN_OF[person.role]}", program)
        action = unassign if row.ended_at is None else reopen
        yield Call(
            f"{action.__name__} {row.pk}", may_assign, lambda by, row=row, act=action: act(fresh(row), by=by)
        )
        yield Call(
            f"set primary {row.pk}",
            sees and facts.may(by, "set_primary_mentor", program),
            lambda by, row=row: set_primary(fresh(row), is_primary=True, by=by),
        )
    for person in facts.people:
        if person.role not in (*PARTICIPANTS, *COORDINATORS):
            continue
        for program in facts.programs:
            may_assign = facts.sees(by, person) and facts.may(by, f"assign_{NOUN_OF[person.role]}", program)
            lead = _any_lead(facts, person, program)
            yield Call(
                f"assign {person} to {program}",
                may_assign,
                lambda by, person=person, program=program, lead=lead: assign(
                    person=person, program=program, lead=lead, by=by
                ),
            )


def _any_lead(facts, person, program):
    wanted = LEAD_ROLE.get(Role(person.role))
    return next(
        (lead for lead in facts.people if lead.role == wanted and program.pk in facts.programs_of(lead)), None
    )


def outcome_of(call, by):
    """How the action answered: "done", "refused" or "invalid". What an allowed one changes is taken back."""
    with transaction.atomic() if call.is_allowed else nullcontext():
        try:
            call.make(by)
            outcome = "done"
        except PermissionDenied:
            outcome = "refused"
        except ValidationError:
            outcome = "invalid"
        if call.is_allowed:
            transaction.set_rollback(True)
    return outcome


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize(
    "calls", [organization_calls, program_calls, people_calls, identifier_calls, assignment_calls]
)
def test_action_does_what_the_table_lets_its_caller_do_and_refuses_the_rest(world, name, calls):
    AssignmentFactory(
        person=world.people["engineering_free_mentee"],
        program=world.programs["first_year"],
        lead=world.people["first_year_mentor"],
        started_at="2024-01-01T00:00Z",
        ended_at="2024-02-01T00:00Z",
    )
    by = world.user(name) if name else AnonymousUser()
    before = snapshot()

    with scope_of(EVERYTHING):
        outcomes = {call.what: (call.is_allowed, outcome_of(call, by)) for call in calls(Facts(), by)}

    assert {
        what: outcome
        for what, (is_allowed, outcome) in outcomes.items()
        if not is_allowed and outcome != "refused"
    } == {}
    assert {
        what: outcome
        for what, (is_allowed, outcome) in outcomes.items()
        if is_allowed and outcome == "refused"
    } == {}
    assert changed(before, snapshot()) == {}
    if name in ("super_admin", "riverside_parent"):
        assert "done" in {outcome for _is_allowed, outcome in outcomes.values()}


@pytest.mark.parametrize("name", ["riverside_parent", "engineering_child"])
def test_program_is_moved_to_no_organization_out_of_reach(world, name):
    program = Program(name="Empty", organization=world.organizations["engineering"])
    program.save()
    program.organization = world.organizations["law"]
    before = snapshot()

    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        save_program(program, by=world.user(name))

    assert changed(before, snapshot()) == {}


def test_empty_program_moves_within_the_own_tree(world):
    program = Program(name="Empty", organization=world.organizations["engineering"])
    program.save()
    program.organization = world.organizations["nursing"]

    with scope_of(EVERYTHING):
        save_program(program, by=world.user("riverside_parent"))

    program.refresh_from_db()
    assert program.organization == world.organizations["nursing"]


@pytest.mark.parametrize("name", ["super_admin", "riverside_parent", "engineering_child"])
@pytest.mark.parametrize("parent", [None, "nursing", "hillside"])
def test_organization_is_moved_by_nobody(world, name, parent):
    organization = fresh(world.organizations["engineering"])
    organization.parent = world.organizations.get(parent)
    before = snapshot()

    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        save_organization(organization, by=world.user(name))

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize("name", ["super_admin", "riverside_parent"])
def test_identifier_is_moved_to_no_tree_out_of_reach(world, name):
    identifier = fresh(world.identifiers["riverside"])
    identifier.organization = world.organizations["hillside"]
    before = snapshot()

    with scope_of(EVERYTHING), pytest.raises((PermissionDenied, ValidationError)):
        save_identifier(identifier, by=world.user(name))

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize("name", ["super_admin", "riverside_parent", "engineering_child", "first_year_pm"])
@pytest.mark.parametrize(
    ("field", "value"), [("role", Role.PARENT), ("organization", "law"), ("organization", "nursing")]
)
def test_role_and_organization_of_a_person_are_changed_by_nobody(world, name, field, value):
    person = fresh(world.people["first_year_mentee"])
    setattr(person, field, world.organizations.get(value, value))
    before = snapshot()

    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        change_person(person, by=world.user(name))

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
@pytest.mark.parametrize(("field", "value"), [("phone", "+19075550123"), ("id_number", "TAKEN")])
def test_participant_changes_neither_phone_nor_id_of_their_own(world, name, field, value):
    person = fresh(world.people[name])
    setattr(person, field, value)
    before = snapshot()

    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        change_person(person, by=world.user(name))

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
def test_participant_changes_name_and_email_of_their_own(world, name):
    person = fresh(world.people[name])
    person.first_name, person.email = "Renamed", "renamed@example.net"

    with scope_of(EVERYTHING):
        change_person(person, by=world.user(name))

    person.refresh_from_db()
    assert (person.first_name, person.email) == ("Renamed", "renamed@example.net")


@pytest.mark.parametrize("field", ["status", "is_assigned", "user_id", "tree_id", "first_login_at"])
def test_change_of_a_person_saves_nothing_but_their_details(world, field):
    person = fresh(world.people["first_year_mentee"])
    other = {
        "status": "deactivated",
        "is_assigned": False,
        "user_id": world.people["moot_mentee"].user_id,
        "tree_id": world.organizations["hillside"].pk,
        "first_login_at": "2024-01-01T00:00Z",
    }
    before = snapshot()
    setattr(person, field, other[field])

    with scope_of(EVERYTHING):
        change_person(person, by=world.user("riverside_parent"))

    assert changed(before, snapshot()) == {}


def test_person_who_is_there_already_is_not_added_over(world):
    stranger = world.people["moot_mentee"]
    smuggled = Person(
        pk=stranger.pk,
        role=Role.MENTEE,
        organization=world.organizations["engineering"],
        first_name="Taken",
        phone="+19075550124",
    )
    before = snapshot()

    with scope_of(EVERYTHING), pytest.raises(Exception):  # noqa: B017, PT011 - whatever refuses it, nothing is written
        add_person(smuggled, by=world.user("riverside_parent"))

    assert changed(before, snapshot()) == {}


def test_value_of_another_identifier_is_not_saved_with_ones_own(world):
    identifier = fresh(world.identifiers["riverside"])
    stranger = world.value("Hillyear")
    with scope_of(EVERYTHING):
        identifier.values.add(IdentifierValue(pk=stranger.pk, identifier=identifier, name="Taken"))
    before = snapshot()

    with scope_of(EVERYTHING), pytest.raises((PermissionDenied, ValidationError)):
        save_identifier(identifier, by=world.user("riverside_parent"))

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize("action", [unassign, reopen, set_primary])
def test_assignment_is_what_the_database_says_not_what_the_caller_holds(world, action):
    theirs = fresh(world.assignments["moot_mentee@moot/moot_mentor"])
    theirs.person, theirs.program = world.people["first_year_mentee"], world.programs["first_year"]
    before = snapshot()
    more = {"is_primary": True} if action is set_primary else {}

    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        action(theirs, by=world.user("first_year_pm"), **more)

    assert changed(before, snapshot()) == {}
