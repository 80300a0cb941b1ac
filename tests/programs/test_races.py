"""Archiving against coming in, at once: nobody and nothing in use is left inside what is archived."""

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign, reopen, unassign
from mentorpro_plugin.organizations.archiving import archive_organization, unarchive_organization
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.actions import add_person
from mentorpro_plugin.people.lifecycle import reactivate
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.switching import reactivate_many
from mentorpro_plugin.programs.actions import save_program
from mentorpro_plugin.programs.archiving import archive_program, unarchive_program
from mentorpro_plugin.programs.models import Program
from tests.factories import OrganizationFactory, ProgramFactory, fictional_phone
from tests.racing import at_once
from tests.world import add, make_world

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

ROUNDS = 3


@pytest.fixture
def world(transactional_db):
    world = make_world()
    world.organizations["annex"] = OrganizationFactory(name="Annex", parent=world.organizations["riverside"])
    world.programs["annex"] = ProgramFactory(name="Annex One", organization=world.organizations["annex"])
    add(world, "annex_left", Role.MENTEE, "annex", status=Person.Status.DEACTIVATED)
    return world


@pytest.fixture
def by(world):
    return world.user("riverside_parent")


def one_was_refused(outcomes):
    """Whether one of two won, and the other was told why not."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    others = [outcome for outcome in outcomes if isinstance(outcome, Exception) and outcome not in refused]
    assert others == []
    return len(refused) == 1


def test_program_is_archived_or_somebody_assigned_to_it(world, by):
    program = ProgramFactory(organization=world.organizations["engineering"])
    person = world.people["engineering_free_pm"]

    for _ in range(ROUNDS):
        outcomes = at_once(
            lambda: archive_program(program, by=by), lambda: assign(person=person, program=program, by=by)
        )

        assert one_was_refused(outcomes)
        assert Program._base_manager.get(pk=program.pk).is_archived != is_in(person, program)
        with scope_of(EVERYTHING):
            unarchive_program(program, by=by)
            for row in program.assignments.filter(ended_at=None):
                unassign(row, by=by)


def is_in(person, program):
    with scope_of(EVERYTHING):
        return program.assignments.filter(person=person, ended_at=None).exists()


def test_program_is_archived_or_somebody_let_into_it_again(world, by):
    program = ProgramFactory(organization=world.organizations["engineering"])
    person = world.people["engineering_free_pm"]
    with scope_of(EVERYTHING):
        row = assign(person=person, program=program, by=by)

    for _ in range(ROUNDS):
        with scope_of(EVERYTHING):
            unarchive_program(program, by=by)
            unassign(row, by=by)

        outcomes = at_once(lambda: archive_program(program, by=by), lambda: reopen(row, by=by))

        assert one_was_refused(outcomes)
        assert Program._base_manager.get(pk=program.pk).is_archived != is_in(person, program)


def comers(world, by):
    """What may come into the organization, each as a call."""
    organization, left = world.organizations["annex"], world.people["annex_left"]

    def add_somebody():
        phone = fictional_phone()
        return add_person(
            Person(role=Role.MENTOR, organization=organization, first_name="New", phone=phone), by=by
        )

    def move_program():
        program = ProgramFactory(name=fictional_phone(), organization=world.organizations["nursing"])
        program.organization = organization
        return save_program(program, by=by)

    def reactivate_several():
        if not reactivate_many([left.pk], by=by):
            raise ValidationError("Left out.")

    return {
        "somebody added": add_somebody,
        "somebody reactivated": lambda: reactivate(left, by=by),
        "several reactivated": reactivate_several,
        "program added": lambda: save_program(
            Program(name=fictional_phone(), organization=organization), by=by
        ),
        "program moved": move_program,
        "program taken out": lambda: unarchive_program(world.programs["annex"], by=by),
    }


@pytest.mark.parametrize(
    "what",
    [
        "somebody added",
        "somebody reactivated",
        "several reactivated",
        "program added",
        "program moved",
        "program taken out",
    ],
)
def test_organization_is_archived_or_something_comes_into_it(world, by, what):
    organization = world.organizations["annex"]

    for _ in range(ROUNDS):
        _empty(organization, by)

        outcomes = at_once(lambda: archive_organization(organization, by=by), comers(world, by)[what])

        assert one_was_refused(outcomes), outcomes
        assert Organization._base_manager.get(pk=organization.pk).is_archived != _is_in_use(organization)


def test_parent_organization_is_archived_or_a_child_taken_out(world):
    by, parent = world.user("super_admin"), OrganizationFactory(name="Parent")
    child = OrganizationFactory(name="Child", parent=parent)

    for _ in range(ROUNDS):
        with scope_of(EVERYTHING):
            unarchive_organization(parent, by=by)
            archive_organization(child, by=by)

        outcomes = at_once(
            lambda: archive_organization(parent, by=by), lambda: unarchive_organization(child, by=by)
        )

        assert one_was_refused(outcomes)
        archived = [Organization._base_manager.get(pk=row.pk).is_archived for row in (parent, child)]
        assert archived in ([True, True], [False, False])


def _empty(organization, by):
    """Take the organization out of the archive, with nothing in use in it."""
    with scope_of(EVERYTHING):
        unarchive_organization(organization, by=by)
    Person._base_manager.filter(organization=organization).update(status=Person.Status.DEACTIVATED)
    for program in Program._base_manager.filter(organization=organization, archived_at=None):
        with scope_of(EVERYTHING):
            archive_program(program, by=by)


def _is_in_use(organization):
    people = Person._base_manager.filter(organization=organization).exclude(status=Person.Status.DEACTIVATED)
    programs = Program._base_manager.filter(organization=organization, archived_at=None)
    return people.exists() or programs.exists()
