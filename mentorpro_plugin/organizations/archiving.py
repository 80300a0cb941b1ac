"""Putting organizations away, and taking them out again. Nothing of them is lost; nobody new comes in."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scopes_disabled

from ..access.reach import reach_of
from ..activity.history import record
from ..activity.models import HistoryEntry
from .models import Organization


def may_archive(user: Any, organization: Organization) -> bool:
    """Whether `user` may archive `organization` and take it out again: not one's own, in which one acts."""
    return organization.pk != reach_of(user).organization and user.has_perm(
        "mentorpro_plugin.change_organization", organization
    )


def refuse_archived(organization_pk: int | None) -> None:
    """Raise ValidationError if the organization is archived by now.

    Called after a row was added to it: the row holds the organization's, so archiving waits until it can be counted.
    """
    if connection.vendor == "postgresql":
        # Foreign keys are checked at the commit, unless asked for; and by being checked, they hold.
        connection.check_constraints()
    archived = Organization._base_manager.filter(pk=organization_pk, archived_at__isnull=False).first()
    if archived:
        raise ValidationError(
            _("“%(organization)s” is archived, and takes nobody and nothing new.")
            % {"organization": archived}
        )


def archived_among(organizations: Iterable[int | None]) -> dict[int, Organization]:
    """Return which of the organizations with these primary keys are archived, by key.

    None of them is archived or taken out until the transaction ends. Called before other rows are locked, since
    imports lock an organization before its people.
    """
    rows = Organization._base_manager.filter(pk__in={pk for pk in organizations if pk}).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=True) if row.is_archived}


def still_archived(organization: Organization) -> str:
    return _("“%(organization)s” is archived. Take it out of the archive first.") % {
        "organization": organization
    }


@transaction.atomic
def archive_organization(organization: Organization, *, by: Any) -> bool:
    """Archive `organization`. Returns whether anything changed.

    Raises PermissionDenied if `by` may not, ValidationError while anybody or anything in it is in use.
    """
    # Held first, as imports into the tree hold it: what they bring is counted.
    archived_among([organization.parent_id])
    current = _locked(organization, by)
    if current.is_archived:
        return False
    _refuse_while_in_use(current)
    _save(current, timezone.now(), HistoryEntry.Action.ARCHIVED, by)
    return True


@transaction.atomic
def unarchive_organization(organization: Organization, *, by: Any) -> bool:
    """Take `organization` out of the archive; its programs stay there. Returns whether anything changed.

    Raises PermissionDenied if `by` may not, ValidationError while its parent organization is archived.
    """
    archived = archived_among([organization.parent_id])
    current = _locked(organization, by)
    if not current.is_archived:
        return False
    if current.parent_id in archived:
        raise ValidationError(still_archived(archived[current.parent_id]))
    _save(current, None, HistoryEntry.Action.UNARCHIVED, by)
    return True


def _refuse_while_in_use(organization: Organization) -> None:
    # All that is in it counts, whoever may see it.
    with scopes_disabled():
        people = organization.people.exclude(status="deactivated").count()
        programs = organization.programs.filter(archived_at=None).count()
        children = organization.children.filter(archived_at=None).count()
    reasons = []
    if people:
        reasons.append(
            ngettext("%(count)d person isn't deactivated.", "%(count)d people aren't deactivated.", people)
            % {"count": people}
        )
    if programs:
        reasons.append(
            ngettext("%(count)d program isn't archived.", "%(count)d programs aren't archived.", programs)
            % {"count": programs}
        )
    if children:
        reasons.append(
            ngettext(
                "%(count)d child organization isn't archived.",
                "%(count)d child organizations aren't archived.",
                children,
            )
            % {"count": children}
        )
    if reasons:
        refusal = _("“%(organization)s” can't be archived yet.") % {"organization": organization}
        raise ValidationError([refusal, *reasons])


def _locked(organization: Organization, by: Any) -> Organization:
    current = Organization._base_manager.select_for_update().get(pk=organization.pk)
    if not may_archive(by, current):
        raise PermissionDenied
    return current


def _save(organization: Organization, archived_at: Any, action: HistoryEntry.Action, by: Any) -> None:
    organization.archived_at = archived_at
    organization.save(update_fields=["archived_at"])
    record(organization, action, by=by, organization=organization.pk)
