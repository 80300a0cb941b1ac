"""Writing history. Every action of every domain ends here, in the transaction of the change itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import models

from ..inserting import insert_values
from .models import HistoryEntry


@contextmanager
def history_through(via: HistoryEntry.Via, batch: UUID | None = None) -> Iterator[UUID]:
    """Mark what is written inside as caused by an import or a command; yields the batch they share, `batch` if given."""
    batch = batch or uuid4()
    token = _origin.set((via, batch))
    try:
        yield batch
    finally:
        _origin.reset(token)


_origin: ContextVar[tuple[str, UUID | None]] = ContextVar("origin", default=(HistoryEntry.Via.SCREEN, None))


def entry(
    subject: models.Model,
    action: HistoryEntry.Action,
    *,
    by: Any,
    organization: int | None,
    person: int | None = None,
    program: int | None = None,
    changes: dict[str, Any] | None = None,
) -> HistoryEntry:
    """Return an unsaved entry, for bulk writes. `subject` needs a primary key; the rest are primary keys too."""
    via, batch = _origin.get()
    return HistoryEntry(
        actor_id=by.pk if by is not None else None,
        action=action,
        via=via,
        organization_id=organization,
        person_id=person,
        program_id=program,
        subject_type=_type_of(subject),
        subject_id=subject.pk,
        changes=changes or {},
        batch=batch,
    )


class Fact(NamedTuple):
    """What an entry of many says of its own: primary keys, and what changed."""

    subject: int
    organization: int | None
    person: int | None = None
    program: int | None = None
    changes: dict[str, Any] = {}


def record_many(
    model: type[models.Model], action: HistoryEntry.Action, facts: Sequence[Fact], *, by: Any
) -> None:
    """Write an entry on each of many subjects, rows of `model`, now; otherwise as `entry`."""
    via, batch = _origin.get()
    insert_values(
        HistoryEntry,
        len(facts),
        actor_id=by.pk if by is not None else None,
        action=action,
        via=via,
        organization_id=[fact.organization for fact in facts],
        person_id=[fact.person for fact in facts],
        program_id=[fact.program for fact in facts],
        subject_type=_type_of(model),
        subject_id=[fact.subject for fact in facts],
        changes=[fact.changes for fact in facts],
        batch=batch,
    )


def _type_of(subject: models.Model | type[models.Model]) -> str:
    # Not by its class, which may be that of a proxy for the user of a request.
    options = subject._meta
    return str(options.concrete_model._meta.model_name if options.concrete_model else options.model_name)


def record(subject: models.Model, action: HistoryEntry.Action, **facts: Any) -> HistoryEntry:
    """Write one entry now; arguments as for `entry`."""
    written = entry(subject, action, **facts)
    written.save(force_insert=True)
    return written
