"""Switching accounts off and on again. Nothing is deleted: what somebody did and wrote stays."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from ..access.extents import holds
from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..organizations.archiving import archived_among, still_archived
from ..outbox.actions import withdraw
from .leaving import refuse_if_leaving
from .models import Person
from .signals import person_deactivated
from .users import set_active


def may_deactivate(user: Any, person: Person) -> bool:
    """Whether `user` may deactivate and reactivate `person`. Nobody may for accounts above the programs."""
    # Not `has_perm`: Django grants a superuser whatever is asked, and the table has no such row for those accounts.
    return holds(user, person.permission("deactivate").split(".")[1], person)


@transaction.atomic
def deactivate(person: Person, *, by: Any) -> bool:
    """Shut `person` out at once: every session of theirs is dead, for good, and so is every code on its way.

    Returns whether anything changed. Raises PermissionDenied if `by` may not do so.
    """
    current = _locked(person, by)
    if current.is_deactivated:
        return False
    shut_out(current, by=by)
    return True


def shut_out(person: Person, *, by: Any) -> None:
    """End every session of `person`, whose row is locked, and deactivate them; for those who were asked whether they may."""
    person.session_epoch += 1
    if person.is_deactivated:
        person.save(update_fields=["session_epoch"])
    else:
        _switch(person, Person.Status.DEACTIVATED, HistoryEntry.Action.DEACTIVATED, by)
    withdraw(person.pk)
    person_deactivated.send(Person, person=person)


def let_in_again(pk: int, *, by: Any) -> None:
    """Undo `shut_out` for the person with this primary key; sessions from before stay dead."""
    current = Person._base_manager.select_for_update().get(pk=pk)
    if current.is_deactivated:
        _switch(current, Person.Status.ENABLED, HistoryEntry.Action.REACTIVATED, by)


@transaction.atomic
def reactivate(person: Person, *, by: Any) -> bool:
    """Let `person` log in again. Sessions from before stay dead. Returns and raises as `deactivate`.

    Raises ValidationError for somebody who is being deleted, or whose organization is archived.
    """
    archived = archived_among([person.organization_id])
    current = _locked(person, by)
    if not current.is_deactivated:
        return False
    refuse_if_leaving(current)
    if current.organization_id in archived:
        raise ValidationError(still_archived(archived[current.organization_id]))
    _switch(current, Person.Status.ENABLED, HistoryEntry.Action.REACTIVATED, by)
    return True


def _locked(person: Person, by: Any) -> Person:
    """Return the row as it is now, kept from changing until the transaction ends."""
    # Without its user, who is read afterwards: joined, PostgreSQL would give them as they were before the wait.
    current = Person._base_manager.select_for_update().get(pk=person.pk)
    if not may_deactivate(by, current):
        raise PermissionDenied
    return current


def _switch(person: Person, status: Person.Status, action: HistoryEntry.Action, by: Any) -> None:
    before = Person(status=person.status)
    person.status = status
    person.save(update_fields=["status", "session_epoch"])
    set_active(person.user, not person.is_deactivated)
    record(
        person,
        action,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes=changes_between(before, person, plain=("status",)),
    )
