"""Writes the demo in batches.

The only place that writes people and assignments past the actions: the actions ask who may, tell people, and work row
by row, which a demo of a million can't wait for. What they keep true is kept true here: `Person.complete`, the user's
row, `is_assigned`, and history where the demo is small enough for anybody to read it.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, reset_queries

from ..activity.history import entry
from ..activity.models import HistoryEntry
from ..assignments.models import Assignment
from ..identifiers.models import GivenIdentifier
from ..people.models import Person
from .households import Household

#: People written at once.
BATCH_SIZE = 2000


class Writer:
    """Collects households and writes them in batches. Call `flush` at the end."""

    def __init__(self, *, with_history: bool, written: Callable[[int], None]) -> None:
        self._with_history = with_history
        self._tell = written
        self._waiting = Household()
        #: People written so far.
        self.count = 0

    def add(self, household: Household) -> None:
        self._waiting.people += household.people
        self._waiting.assignments += household.assignments
        self._waiting.given += household.given
        if len(self._waiting.people) >= BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, Household()
        for person in waiting.people:
            person.complete()
        insert(get_user_model(), [person.user for person in waiting.people])
        insert(Person, waiting.people)
        insert(Assignment, waiting.assignments)
        insert(GivenIdentifier, waiting.given)
        if self._with_history:
            insert(HistoryEntry, sorted(_history(waiting), key=lambda entry: entry.at))
        for person in waiting.people:
            # Person and user know each other; apart, they are freed at once, without the garbage collector.
            person.user._state.fields_cache.clear()
        # With DEBUG on, Django keeps the text of the latest 9,000 statements.
        reset_queries()
        self.count += len(waiting.people)
        self._tell(self.count)


@contextmanager
def without_garbage_collector() -> Iterator[None]:
    """Spare the collector looking through a million rows for cycles that `Writer` leaves none of: a quarter faster."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert unsaved `rows` and set their primary keys. No signals, no scope."""
    model._base_manager.bulk_create(rows)


def _history(household: Household) -> Iterator[HistoryEntry]:
    """What the actions would have recorded, dated when it would have happened."""
    action = HistoryEntry.Action
    started_by = {row.person.pk: row.started_by for row in household.assignments}
    for person in household.people:
        added = entry(
            person,
            action.ADDED,
            by=started_by.get(person.pk),
            organization=person.organization_id,
            person=person.pk,
            changes={"role": [None, person.role], "organization_id": [None, person.organization_id]},
        )
        added.at = person.added_at
        yield added
    for row in household.assignments:
        lead = row.lead_id
        yield _assignment_entry(row, action.ASSIGNED, row.started_at, row.started_by, [None, lead])
        if row.is_primary:
            yield _assignment_entry(row, action.PRIMARY_SET, row.started_at, row.started_by, [lead, lead])
        if row.ended_at:
            yield _assignment_entry(row, action.UNASSIGNED, row.ended_at, row.ended_by, [lead, None])


def _assignment_entry(
    row: Assignment, action: HistoryEntry.Action, at: datetime, by: Any, lead: list[int | None]
) -> HistoryEntry:
    written = entry(
        row,
        action,
        by=by,
        organization=row.program.organization_id,
        person=row.person_id,
        program=row.program_id,
        changes={"lead_id": lead},
    )
    written.at = at
    return written
