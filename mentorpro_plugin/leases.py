"""Work that outlives its workers: rows that a worker takes for a while, so that another goes on when it is killed."""

import logging
import time
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

logger = logging.getLogger(__name__)

#: How long nobody else takes up a row after its worker was last heard of.
LEASE = timedelta(seconds=60)
#: How long an enqueued task may wait for a worker before it is enqueued again.
WAIT = timedelta(minutes=10)


class LeaseLost(Exception):
    """Another worker has taken the row up, or there is nothing left to do."""


class Leased(models.Model):
    """A row of work. Subclasses have a field `state`, and say in `OPEN` in which states something is to be done."""

    OPEN: ClassVar[tuple[str, ...]] = ()

    # Whoever works on it holds the lease until `due_at`; afterwards somebody else may take it. None: nothing is to come.
    lease = models.UUIDField(null=True)
    due_at = models.DateTimeField(default=timezone.now, null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Job:
    """One worker's hold on a row."""

    model: ClassVar[type[Leased]]

    def __init__(self, row: Any) -> None:
        self.row = row
        self._heard_of = time.monotonic()

    @classmethod
    def claim(cls, pk: int) -> Self | None:
        """Take the row, if there is something to do and nobody at it."""
        now = timezone.now()
        rows = cls.model._base_manager
        free = rows.filter(Q(lease=None) | Q(due_at__lte=now), pk=pk, state__in=cls.model.OPEN)
        taken = free.update(lease=uuid4(), due_at=now + LEASE, attempts=F("attempts") + 1)
        return cls(rows.get(pk=pk)) if taken else None

    @classmethod
    def work_on(cls, pk: int) -> None:
        """Do what is left of the row, unless somebody else is at it; put it off if that goes wrong."""
        job = cls.claim(pk)
        if job is None:
            return
        try:
            job.run()
        except LeaseLost:
            logger.warning("%s %s was taken up by another worker.", cls.model.__name__, pk)
        except Exception as error:  # noqa: BLE001 - whatever it is, the work has to go on later
            # Its class only: what it says may quote people.
            logger.error(
                "%s %s was interrupted (%s), and will go on.", cls.model.__name__, pk, type(error).__name__
            )
            job.put_off()

    def run(self) -> None:
        """Do all that is left."""
        raise NotImplementedError

    def beat(self) -> None:
        """Say that the work goes on. Cheap enough to be called for every row of a table. Raises LeaseLost."""
        if time.monotonic() - self._heard_of > LEASE.total_seconds() / 6:
            self.keep()

    def keep(self, *, lease_for: timedelta = LEASE, **values: Any) -> None:
        """Renew the lease, and write `values` down with it. Raises LeaseLost."""
        values = {"due_at": timezone.now() + lease_for, **values}
        if not self._mine().update(**values):
            raise LeaseLost
        self._heard_of = time.monotonic()
        for name, value in values.items():
            setattr(self.row, name, value)

    def put_off(self, pause: timedelta | None = None) -> None:
        """Let somebody else go on, after `pause`; without one, after a pause that grows with the attempts."""
        pause = pause or min(timedelta(seconds=5 * 2 ** min(self.row.attempts, 10)), timedelta(hours=1))
        try:
            self._mine().update(lease=None, due_at=timezone.now() + pause)
        except DatabaseError:
            # The lease runs out by itself.
            connection.close()

    def _mine(self) -> Any:
        return self.model._base_manager.filter(pk=self.row.pk, lease=self.row.lease)


def take_up_left(model: type[Leased], task: Any) -> int:
    """Enqueue `task` with the key of every row that nobody works on any more; return how many."""
    now = timezone.now()
    left = model._base_manager.filter(state__in=model.OPEN, due_at__lte=now)
    count = 0
    for pk in left.values_list("pk", flat=True):
        with transaction.atomic():
            # Of several processes, one enqueues it.
            if left.filter(pk=pk).update(lease=None, due_at=now + WAIT):
                task.enqueue(pk)
                count += 1
    return count
