"""Asking for somebody to be deleted, and fetching the export."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..access.extents import holds
from ..access.roles import Role
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..assignments.models import Assignment
from ..holdings import holdings
from ..people.lifecycle import shut_out
from ..people.models import Person
from .models import Deletion
from .working import begin


def may_delete(user: Any, person: Person) -> bool:
    """Whether `user` may delete `person` for good. Nobody may delete themselves."""
    return person.user_id != user.pk and holds(user, person.permission("delete").split(".")[1], person)


@transaction.atomic
def request_deletion(person: Person, *, wants_export: bool, by: Any) -> Deletion:
    """Shut `person` out at once, and have them deleted, once an export is stored if it is wished for.

    Raises PermissionDenied if `by` may not do so; ValidationError for the lead of open assignments, the last Parent
    account, and who is being deleted already.
    """
    if person.role == Role.PARENT:
        # All of them locked, in one order: so that two deletions at once neither wait for each other, nor each take
        # the other's for the last.
        list(_parent_accounts(person).select_for_update().order_by("pk"))
    current = Person._base_manager.select_for_update().filter(pk=person.pk).first()
    if current is None:
        # A worker was faster than whoever waited for the row.
        raise ValidationError(_being_deleted_already(person))
    if not may_delete(by, current):
        raise PermissionDenied
    refuse_while_leading(current)
    _refuse_last_parent(current)
    deletion = Deletion(
        person_pk=current.pk,
        role=current.role,
        organization_id=current.organization_id,
        requested_by_id=by.pk,
        wants_export=wants_export,
        was_enabled=not current.is_deactivated,
        counts=held_on(current),
    )
    try:
        with transaction.atomic():
            deletion.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(_being_deleted_already(current)) from error
    shut_out(current, by=by)
    record(
        current,
        HistoryEntry.Action.DELETION_STARTED,
        by=by,
        organization=current.organization_id,
        person=current.pk,
        changes={"wants_export": [None, wants_export]},
    )
    begin(deletion)
    return deletion


def held_on(person: Person) -> dict[str, int]:
    """Return how many rows of each kind are held on `person`, kinds without any left out. One query a kind."""
    counts = {holding.name: holding.rows(person).order_by().count() for holding in holdings()}
    return {name: count for name, count in counts.items() if count}


def refuse_while_leading(person: Person) -> None:
    """Raise ValidationError while others have `person` as their lead."""
    led = Assignment._base_manager.filter(lead=person.pk, ended_at=None).count()
    if led:
        raise ValidationError(
            ngettext(
                "%(name)s still leads %(count)d person. Assign that person to somebody else first.",
                "%(name)s still leads %(count)d people. Assign them to somebody else first.",
                led,
            )
            % {"name": person, "count": led}
        )


def note_download(deletion: Deletion, *, by: Any) -> None:
    """Write down that `by` fetched the export. Raises PermissionDenied if they may not."""
    if not Deletion.objects.visible_to(by).filter(pk=deletion.pk).exists():
        raise PermissionDenied
    record(
        deletion,
        HistoryEntry.Action.DOWNLOADED,
        by=by,
        organization=deletion.organization_id,
        person=deletion.person_pk,
    )


def _being_deleted_already(person: Person) -> str:
    return _("%(name)s is being deleted already.") % {"name": person}


def _refuse_last_parent(person: Person) -> None:
    """A tree without a Parent account would have nobody but Super Admins to answer for it."""
    if person.role != Role.PARENT:
        return
    others = _parent_accounts(person).exclude(pk=person.pk)
    if not others.exclude(status=Person.Status.DEACTIVATED).exists():
        raise ValidationError(
            _("%(name)s is the last account of this parent organization. Add another one first.")
            % {"name": person}
        )


def _parent_accounts(person: Person) -> Any:
    return Person._base_manager.filter(role=Role.PARENT, organization=person.organization_id)
