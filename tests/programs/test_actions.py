"""Adding and changing programs."""

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.assignments.actions import assign, unassign
from mentorpro_plugin.models import HistoryEntry, Program
from mentorpro_plugin.programs.actions import save_program


@pytest.fixture
def by(world):
    """The Parent account of Riverside, within its scope."""
    user = world.user("riverside_parent")
    with scope_of(reach_of(user)):
        yield user


def fresh(world, key):
    return Program._base_manager.get(pk=world.programs[key].pk)


def refusal_of(program, by):
    rows, entries = list(Program._base_manager.values()), HistoryEntry._base_manager.count()
    with pytest.raises(ValidationError) as refusal:
        save_program(program, by=by)
    assert list(Program._base_manager.values()) == rows
    assert HistoryEntry._base_manager.count() == entries
    return refusal.value.messages


def test_added_program_is_in_the_history(world, by):
    added = save_program(
        Program(name="Summer", organization=world.organizations["nursing"], flash_mentoring=True), by=by
    )

    [entry] = HistoryEntry._base_manager.all()
    assert (entry.action, entry.program, entry.organization, entry.actor) == (
        "added",
        added,
        world.organizations["nursing"],
        by,
    )
    assert entry.changes == {
        "organization_id": [None, world.organizations["nursing"].pk],
        "flash_mentoring": [None, True],
    }


def test_change_is_recorded_without_the_name(world, by):
    program = fresh(world, "first_year")
    program.name, program.flash_mentoring = "Second Year", True

    save_program(program, by=by)

    [entry] = HistoryEntry._base_manager.all()
    assert (entry.action, entry.changes) == ("changed", {"name": None, "flash_mentoring": [False, True]})


@pytest.mark.parametrize("taken", ["Transfer Enginmark", "transfer ENGINMARK"])
def test_name_taken_in_the_organization_is_refused_whatever_its_case(world, by, taken):
    program = Program(name=taken, organization=world.organizations["engineering"])

    assert refusal_of(program, by) == ["This organization already has a program with this name."]


def test_name_taken_in_another_organization_is_free(world, by):
    assert save_program(
        Program(name="Transfer Enginmark", organization=world.organizations["nursing"]), by=by
    ).pk


def test_program_with_assignments_stays_in_its_organization(world, by):
    program = fresh(world, "first_year")
    program.organization = world.organizations["nursing"]

    assert refusal_of(program, by) == [
        "People are or were assigned to this program, so it can't change its organization."
    ]


def test_flash_mentoring_ends_once_every_mentee_has_a_mentor(world, by):
    program = fresh(world, "drop_in")
    alone = assign(person=world.people["nursing_free_mentee"], program=program, by=by)
    program.flash_mentoring = False

    refused = refusal_of(program, by)
    unassign(alone, by=by)
    saved = save_program(program, by=by)

    assert refused == ["1 mentee has no mentor in this program. Assign a mentor first."]
    assert saved.flash_mentoring is False


def test_coordinators_without_a_lead_do_not_hold_flash_mentoring_open(world, by):
    program = fresh(world, "drop_in")
    program.flash_mentoring = False

    assert save_program(program, by=by).flash_mentoring is False
