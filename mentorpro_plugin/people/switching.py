"""Switching many accounts off and on again: the same as one by one (`lifecycle.py`), in a few queries each batch."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from ..activity.history import entry
from ..activity.models import HistoryEntry
from ..organizations.archiving import archived_among
from ..outbox.actions import withdraw
from .leaving import leaving
from .lifecycle import may_deactivate
from .models import Person, PersonQuerySet
from .signals import person_deactivated
from .users import set_active_many

#: People of a batch: each is locked until the end, and named in a query or two.
_BATCH = 500


@transaction.atomic
def deactivate_many(people: Iterable[int], *, by: Any) -> int:
    """Shut out the people with these primary keys, as `deactivate` does with one. Returns how many it concerned.

    Those who are deactivated already, or whom `by` may not deactivate, are left as they are.
    """
    return _switch_many(people, Person.Status.DEACTIVATED, by)


@transaction.atomic
def reactivate_many(people: Iterable[int], *, by: Any) -> int:
    """Let the people with these primary keys log in again, as `reactivate` does with one; otherwise as above.

    Those who are being deleted are left out too, and those whose organization is archived.
    """
    return _switch_many(people, Person.Status.ENABLED, by)


def _switch_many(people: Iterable[int], status: Person.Status, by: Any) -> int:
    # In the order of their keys, as everybody locks several: two who do so at once wait in line.
    ordered = sorted(people)
    archived = _archived_of(ordered) if status == Person.Status.ENABLED else frozenset()
    batches = [ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH)]
    return sum(_switch_batch(batch, status, archived, by) for batch in batches)


def _archived_of(people: list[int]) -> frozenset[int]:
    """Primary keys of the archived organizations among those of `people`; none changes until the transaction ends."""
    organizations: set[int | None] = set()
    for start in range(0, len(people), _BATCH):
        batch = Person._base_manager.filter(pk__in=people[start : start + _BATCH])
        organizations.update(batch.order_by().values_list("organization", flat=True).distinct())
    return frozenset(archived_among(organizations))


def _switch_batch(keys: list[int], status: Person.Status, archived: frozenset[int], by: Any) -> int:
    locked = PersonQuerySet(Person).filter(pk__in=keys).order_by("pk").select_for_update()
    people = [
        person
        for person in locked.with_open_assignments()
        if person.status != status and person.organization_id not in archived and may_deactivate(by, person)
    ]
    is_off = status == Person.Status.DEACTIVATED
    if not is_off:
        # Who is being deleted stays shut out.
        going = leaving(person.pk for person in people)
        people = [person for person in people if person.pk not in going]
    stored = Person._base_manager.filter(pk__in=[person.pk for person in people])
    stored.update(status=status, session_epoch=F("session_epoch") + int(is_off))
    set_active_many([person.user_id for person in people], not is_off)
    action = HistoryEntry.Action.DEACTIVATED if is_off else HistoryEntry.Action.REACTIVATED
    HistoryEntry._base_manager.bulk_create(
        entry(
            person,
            action,
            by=by,
            organization=person.organization_id,
            person=person.pk,
            changes={"status": [person.status, status.value]},
        )
        for person in people
    )
    if is_off:
        withdraw(*(person.pk for person in people))
        for person in people:
            person.status = status.value
            person_deactivated.send(Person, person=person)
    return len(people)
