"""Assigning people to programs, ending that, and taking it back. The only place that writes assignments."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..people.models import Person
from ..programs.models import Program
from .models import Assignment

#: Whose role the lead of a role has. Roles missing here have no lead.
LEAD_ROLE = {Role.MENTEE: Role.MENTOR, Role.MENTOR: Role.PROGRAM_MANAGER}


@transaction.atomic
def assign(
    *, person: Person, program: Program, lead: Person | None = None, is_primary: bool = False, by: Any
) -> Assignment:
    """Open an assignment of `person` to `program`, led by `lead`.

    Raises PermissionDenied if `by` may not assign this person or use this program, ValidationError for what doesn't
    fit: somebody deactivated, a program of another organization, a lead missing, not in the program or of another
    role, an assignment that is open already.
    """
    person, program = _locked(person.pk, program.pk)
    _check_reach(person, program, by)
    _check_fit(person, program, lead)
    if is_primary:
        _check_primary(person, lead)
    assignment = Assignment(person=person, program=program, lead=lead, is_primary=is_primary, started_by=by)
    assignment.full_clean()
    with refusals_as_sentences(Assignment):
        assignment.save()
    refresh_is_assigned(person.pk)
    _record(assignment, HistoryEntry.Action.ASSIGNED, by, lead_id=[None, assignment.lead_id])
    if is_primary:
        _record(assignment, HistoryEntry.Action.PRIMARY_SET, by)
    return assignment


@transaction.atomic
def unassign(assignment: Assignment, *, by: Any) -> Assignment:
    """Close `assignment`; it stays readable, and can be reopened. Closing a closed one changes nothing.

    Raises PermissionDenied if `by` may not, ValidationError while others are led by this person in the program.
    """
    person, program = _locked_of(assignment)
    _check_reach(person, program, by)
    assignment = Assignment._base_manager.select_for_update().get(pk=assignment.pk)
    if not assignment.is_open:
        return assignment
    _refuse_while_leading(assignment, person, program)
    assignment.ended_at = max(timezone.now(), assignment.started_at)
    assignment.ended_by = by
    assignment.save(update_fields=["ended_at", "ended_by"])
    refresh_is_assigned(person.pk)
    _record(assignment, HistoryEntry.Action.UNASSIGNED, by, lead_id=[assignment.lead_id, None])
    return assignment


@transaction.atomic
def reopen(assignment: Assignment, *, by: Any) -> Assignment:
    """Open a closed `assignment` again; that it was closed, and by whom, stays in the history.

    Raises PermissionDenied and ValidationError as `assign` does.
    """
    person, program = _locked_of(assignment)
    _check_reach(person, program, by)
    assignment = Assignment._base_manager.select_for_update().get(pk=assignment.pk)
    if assignment.is_open:
        return assignment
    _check_fit(person, program, assignment.lead)
    assignment.ended_at = None
    assignment.ended_by = None
    # Whoever started it may have no account any more, or never had one.
    assignment.full_clean(exclude=["started_by"])
    with refusals_as_sentences(Assignment):
        assignment.save(update_fields=["ended_at", "ended_by"])
    refresh_is_assigned(person.pk)
    _record(assignment, HistoryEntry.Action.REOPENED, by, lead_id=[None, assignment.lead_id])
    return assignment


@transaction.atomic
def set_primary(assignment: Assignment, *, is_primary: bool, by: Any) -> Assignment:
    """Make the mentor of an open `assignment` primary, or no longer so. More than one may be.

    Raises PermissionDenied if `by` may not, ValidationError for an assignment that is closed or has no mentor.
    """
    person, program = _locked_of(assignment)
    _check_visible(person, by)
    if not by.has_perm("mentorpro_plugin.set_primary_mentor", program):
        raise PermissionDenied
    assignment = Assignment._base_manager.select_for_update().get(pk=assignment.pk)
    _check_primary(person, assignment.lead_id if assignment.is_open else None)
    if assignment.is_primary == is_primary:
        return assignment
    assignment.is_primary = is_primary
    assignment.save(update_fields=["is_primary"])
    action = HistoryEntry.Action.PRIMARY_SET if is_primary else HistoryEntry.Action.PRIMARY_CLEARED
    _record(assignment, action, by)
    return assignment


def refresh_is_assigned(*people: int) -> None:
    """Set `is_assigned` of the people with these primary keys to whether they have an open assignment.

    Within the transaction that locked their rows, or nobody else may be writing their assignments.
    """
    is_open = Assignment._base_manager.filter(person=OuterRef("pk"), ended_at=None)
    Person._base_manager.filter(pk__in=people).update(is_assigned=Exists(is_open))


def _locked(person_pk: int, program_pk: int) -> tuple[Person, Program]:
    """Both rows as they are now, locked: program first, everywhere, so that two writers can't wait for each other."""
    program = Program._base_manager.select_for_update().get(pk=program_pk)
    person = Person._base_manager.select_for_update().get(pk=person_pk)
    return person, program


def _locked_of(assignment: Assignment) -> tuple[Person, Program]:
    """Likewise, for the person and program that the database has for `assignment`, whatever the caller holds."""
    kept = Assignment._base_manager.get(pk=assignment.pk)
    return _locked(kept.person_id, kept.program_id)


def _check_visible(person: Person, by: Any) -> None:
    if not by.has_perm(person.permission("view"), person):
        raise PermissionDenied


def _check_reach(person: Person, program: Program, by: Any) -> None:
    _check_visible(person, by)
    if not by.has_perm(person.permission("assign"), program):
        raise PermissionDenied


def _check_fit(person: Person, program: Program, lead: Person | None) -> None:
    if person.is_deactivated:
        raise ValidationError(
            _("%(name)s is deactivated, and can't be assigned until reactivated.") % {"name": person}
        )
    if person.role not in (*COORDINATORS, *PARTICIPANTS):
        raise ValidationError(
            _("%(name)s is a %(role)s, and takes part in no program.")
            % {"name": person, "role": person.get_role_display()}
        )
    if program.organization_id != person.organization_id:
        raise ValidationError({"program": _("This program belongs to another organization.")})
    lead_role = LEAD_ROLE.get(Role(person.role))
    if lead_role is None:
        if lead is not None:
            raise ValidationError(
                {"lead": _("A %(role)s has no lead.") % {"role": person.get_role_display()}}
            )
        return
    if lead is None:
        if person.role == Role.MENTEE and program.flash_mentoring:
            return
        raise ValidationError(
            {
                "lead": _("“%(program)s” needs a %(role)s here.")
                % {"program": program, "role": lead_role.label}
            }
        )
    _check_lead(lead, lead_role, program)


def _check_primary(person: Person, lead: Person | int | None) -> None:
    if lead is None or person.role != Role.MENTEE:
        raise ValidationError(_("Only the mentor of an open assignment can be primary."))


def _check_lead(lead: Person, lead_role: Role, program: Program) -> None:
    lead = Person._base_manager.get(pk=lead.pk)
    if lead.role != lead_role:
        raise ValidationError(
            {"lead": _("%(name)s is not a %(role)s.") % {"name": lead, "role": lead_role.label}}
        )
    if lead.is_deactivated:
        raise ValidationError({"lead": _("%(name)s is deactivated, and can't be chosen.") % {"name": lead}})
    if program.pk not in lead.open_program_ids:
        raise ValidationError(
            {"lead": _("%(name)s isn't assigned to “%(program)s”.") % {"name": lead, "program": program}}
        )


def _refuse_while_leading(assignment: Assignment, person: Person, program: Program) -> None:
    # Another open assignment to the same program keeps the person there, whoever leads them in it.
    still_there = Assignment._base_manager.filter(person=person, program=program, ended_at=None)
    if still_there.exclude(pk=assignment.pk).exists():
        return
    led = Assignment._base_manager.filter(lead=person, program=program, ended_at=None).count()
    if led:
        raise ValidationError(
            ngettext(
                "%(name)s still leads %(count)d person in “%(program)s”. Assign that person to somebody else first.",
                "%(name)s still leads %(count)d people in “%(program)s”. Assign them to somebody else first.",
                led,
            )
            % {"name": person, "count": led, "program": program}
        )


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
