"""Adding and changing programs."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..access.roles import Role
from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..organizations.archiving import refuse_archived
from .models import Program


@transaction.atomic
def save_program(program: Program, *, by: Any) -> Program:
    """Add `program`, or save its changes.

    Raises PermissionDenied if `by` may not use the organization, ValidationError for a name taken, or for a program
    with assignments that would change its organization or stop being Flash Mentoring while mentees need it.
    """
    # Locked, as assigning locks it: nobody is assigned without a mentor while Flash Mentoring is switched off.
    before = Program._base_manager.select_for_update().get(pk=program.pk) if program.pk else None
    is_moved = before is not None and program.organization_id != before.organization_id
    if before is None:
        if not by.has_perm("mentorpro_plugin.add_program", program.organization):
            raise PermissionDenied
    else:
        if not by.has_perm("mentorpro_plugin.change_program", before):
            raise PermissionDenied
        if is_moved and not by.has_perm("mentorpro_plugin.add_program", program.organization):
            raise PermissionDenied
        _refuse_what_assignments_forbid(program, before)
    program.full_clean()
    with refusals_as_sentences(Program):
        program.save()
    if before is None or is_moved:
        refuse_archived(program.organization_id)
    record(
        program,
        HistoryEntry.Action.CHANGED if before else HistoryEntry.Action.ADDED,
        by=by,
        organization=program.organization_id,
        program=program.pk,
        changes=changes_between(
            before, program, plain=("organization_id", "flash_mentoring"), personal=("name",)
        ),
    )
    return program


def _refuse_what_assignments_forbid(program: Program, before: Program) -> None:
    if program.organization_id != before.organization_id and before.assignments.exists():
        raise ValidationError(
            {
                "organization": _(
                    "People are or were assigned to this program, so it can't change its organization."
                )
            }
        )
    if before.flash_mentoring and not program.flash_mentoring:
        without_mentor = before.assignments.filter(ended_at=None, lead=None, person__role=Role.MENTEE).count()
        if without_mentor:
            raise ValidationError(
                {
                    "flash_mentoring": ngettext(
                        "%(count)d mentee has no mentor in this program. Assign a mentor first.",
                        "%(count)d mentees have no mentor in this program. Assign mentors first.",
                        without_mentor,
                    )
                    % {"count": without_mentor}
                }
            )
