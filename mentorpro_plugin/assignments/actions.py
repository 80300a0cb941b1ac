"""Assigning people to programs, ending that, and taking it back. The only place that writes assignments."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..people.models import Person
from ..programs.models import Program
from .fitting import check_fit, check_primary, check_reach, check_visible, fresh_lead
from .many import close_many, locked, open_many, refresh_is_assigned
from .models import Assignment
from .signals import assignments_opened


@transaction.atomic
def assign(
    *, person: Person, program: Program, lead: Person | None = None, is_primary: bool = False, by: Any
) -> Assignment:
    """Open an assignment of `person` to `program`, led by `lead`.

    Raises PermissionDenied if `by` may not assign this person or use this program, ValidationError for what doesn't
    fit: somebody deactivated, a program of another organization, a lead missing, not in the program or of another
    role, an assignment that is open already.
    """
    assignment = Assignment(
        person=person, program=program, lead=lead, is_primary=is_primary, started_by_id=by.pk
    )
    open_many([assignment], by=by, checks=Assignment.full_clean)
    return assignment


@transaction.atomic
def unassign(assignment: Assignment, *, by: Any) -> Assignment:
    """Close `assignment`; it stays readable, and can be reopened. Closing a closed one changes nothing.

    Raises PermissionDenied if `by` may not, ValidationError while others are led by this person in the program.
    """
    closed = close_many([assignment.pk], by=by)
    return closed[0] if closed else Assignment._base_manager.get(pk=assignment.pk)


@transaction.atomic
def reopen(assignment: Assignment, *, by: Any) -> Assignment:
    """Open a closed `assignment` again; that it was closed, and by whom, stays in the history.

    Raises PermissionDenied and ValidationError as `assign` does.
    """
    person, program = _locked_of(assignment)
    check_reach(person, program, by)
    assignment = Assignment._base_manager.select_for_update().get(pk=assignment.pk)
    if assignment.is_open:
        return assignment
    check_fit(person, program, fresh_lead(assignment.lead_id))
    assignment.ended_at = None
    assignment.ended_by = None
    # Whoever started it may have no account any more, or never had one.
    assignment.full_clean(exclude=["started_by"])
    with refusals_as_sentences(Assignment):
        assignment.save(update_fields=["ended_at", "ended_by"])
    refresh_is_assigned(person.pk)
    _record(assignment, HistoryEntry.Action.REOPENED, by, lead_id=[None, assignment.lead_id])
    assignments_opened.send(Assignment, assignments=[assignment], by=by)
    return assignment


@transaction.atomic
def set_primary(assignment: Assignment, *, is_primary: bool, by: Any) -> Assignment:
    """Make the mentor of an open `assignment` primary, or no longer so. More than one may be.

    Raises PermissionDenied if `by` may not, ValidationError for an assignment that is closed or has no mentor.
    """
    person, program = _locked_of(assignment)
    check_visible(person, by)
    if not by.has_perm("mentorpro_plugin.set_primary_mentor", program):
        raise PermissionDenied
    assignment = Assignment._base_manager.select_for_update().get(pk=assignment.pk)
    check_primary(person, assignment.lead_id if assignment.is_open else None)
    if assignment.is_primary == is_primary:
        return assignment
    assignment.is_primary = is_primary
    assignment.save(update_fields=["is_primary"])
    action = HistoryEntry.Action.PRIMARY_SET if is_primary else HistoryEntry.Action.PRIMARY_CLEARED
    _record(assignment, action, by)
    return assignment


def _locked_of(assignment: Assignment) -> tuple[Person, Program]:
    """The person and program that the database has for `assignment`, whatever the caller holds, both locked."""
    kept = Assignment._base_manager.get(pk=assignment.pk)
    programs, people = locked([kept.program_id], [kept.person_id])
    return people[kept.person_id], programs[kept.program_id]


def _record(assignment: Assignment, action: HistoryEntry.Action, by: Any, **changes: Any) -> None:
    record(
        assignment,
        action,
        by=by,
        organization=assignment.program.organization_id,
        person=assignment.person_id,
        program=assignment.program_id,
        changes={"lead_id": [assignment.lead_id, assignment.lead_id], **changes},
    )
