"""Writing history. Every action of every domain ends here, in the transaction of the change itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID, uuid4

from django.db import models

from .models import HistoryEntry


@contextmanager
def history_through(via: HistoryEntry.Via) -> Iterator[UUID]:
    """Mark what is written inside as caused by an import or a command; yields the batch they share."""
    batch = uuid4()
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
        subject_type=(subject._meta.concrete_model or type(subject))._meta.model_name,
        subject_id=subject.pk,
        changes=changes or {},
        batch=batch,
    )


def record(subject: models.Model, action: HistoryEntry.Action, **facts: Any) -> HistoryEntry:
    """Write one entry now; arguments as for `entry`."""
    written = entry(subject, action, **facts)
    written.save(force_insert=True)
    return written
