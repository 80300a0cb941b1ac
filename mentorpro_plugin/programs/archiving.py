"""Putting programs away, and taking them out again. Nothing of them is lost; nobody new comes in."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext
from django_scopes import scopes_disabled

from ..activity.history import record
from ..activity.models import HistoryEntry
from ..organizations.archiving import archived_among, still_archived
from .models import Program


def may_archive(user: Any, program: Program) -> bool:
    """Whether `user` may archive `program` and take it out again: whoever may change it."""
    return user.has_perm("mentorpro_plugin.change_program", program)


@transaction.atomic
def archive_program(program: Program, *, by: Any) -> bool:
    """Archive `program`. Returns whether anything changed.

    Raises PermissionDenied if `by` may not, ValidationError while anybody has an open assignment in it.
    """
    # Locked, as assigning locks it: nobody comes in between.
    current = _locked(program, by)
    if current.is_archived:
        return False
    # All who are in it count, whoever may see them.
    with scopes_disabled():
        people = current.assignments.filter(ended_at=None).values("person").distinct().count()
    if people:
        raise ValidationError(
            ngettext(
                "“%(program)s” can't be archived while %(count)d person is assigned to it. End that assignment first.",
                "“%(program)s” can't be archived while %(count)d people are assigned to it. End their assignments first.",
                people,
            )
            % {"program": current, "count": people}
        )
    _save(current, timezone.now(), HistoryEntry.Action.ARCHIVED, by)
    return True


@transaction.atomic
def unarchive_program(program: Program, *, by: Any) -> bool:
    """Take `program` out of the archive. Returns whether anything changed.

    Raises PermissionDenied if `by` may not, ValidationError while its organization is archived.
    """
    archived = archived_among(
        Program._base_manager.filter(pk=program.pk).values_list("organization", flat=True)
    )
    current = _locked(program, by)
    if not current.is_archived:
        return False
    if current.organization_id in archived:
        raise ValidationError(still_archived(archived[current.organization_id]))
    _save(current, None, HistoryEntry.Action.UNARCHIVED, by)
    return True


def _locked(program: Program, by: Any) -> Program:
    current = Program._base_manager.select_for_update().get(pk=program.pk)
    if not may_archive(by, current):
        raise PermissionDenied
    return current


def _save(program: Program, archived_at: Any, action: HistoryEntry.Action, by: Any) -> None:
    program.archived_at = archived_at
    program.save(update_fields=["archived_at"])
    record(program, action, by=by, organization=program.organization_id, program=program.pk)
