"""Adding and changing organizations."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from .archiving import refuse_archived
from .models import Organization

_PLAIN = ("parent_id", "region")
_NAMED = ("name", "contact_email", "contact_phone", "contact_note")


@transaction.atomic
def save_organization(organization: Organization, *, by: Any) -> Organization:
    """Add `organization`, or save its changes.

    Raises PermissionDenied if `by` may not, ValidationError for what doesn't fit (a third level, a name taken).
    """
    before = Organization._base_manager.get(pk=organization.pk) if organization.pk else None
    _check(organization, before, by)
    organization.full_clean()
    with refusals_as_sentences(Organization):
        organization.save()
    if before is None:
        refuse_archived(organization.parent_id)
    record(
        organization,
        HistoryEntry.Action.CHANGED if before else HistoryEntry.Action.ADDED,
        by=by,
        organization=organization.pk,
        changes=changes_between(before, organization, plain=_PLAIN, personal=_NAMED),
    )
    return organization


def _check(organization: Organization, before: Organization | None, by: Any) -> None:
    if before is not None:
        if not by.has_perm("mentorpro_plugin.change_organization", before):
            raise PermissionDenied
        if organization.parent_id != before.parent_id:
            # Moving an organization would carry its people into another tree.
            raise PermissionDenied
    elif organization.parent_id is None:
        if not by.has_perm("mentorpro_plugin.add_parent_organization"):
            raise PermissionDenied
    elif not by.has_perm("mentorpro_plugin.add_organization", organization.parent):
        raise PermissionDenied
