"""Keeping the lease of a worker whose transaction goes on for long, and saying how far it is."""

import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection
from django.utils import timezone

from ..leases import LEASE, Job, LeaseLost

#: Seconds between two beats.
EVERY = 1.0
#: Rows that even a slow machine stores in a second.
_SLOWEST = 100


def lease_for(rows: int) -> timedelta:
    """How long to take the lease before a transaction that stores `rows` rows.

    While it goes on, nobody hears of the worker on SQLite, where it holds the one lock for writing: so the lease is
    taken for as long as it could take. Elsewhere a Pulse renews it, and the first one may be short.
    """
    return LEASE + timedelta(seconds=rows / _SLOWEST) if connection.vendor == "sqlite" else LEASE


class Pulse:
    """While it is entered, renews the lease of `job` on a connection of its own, past the transaction of the worker.

    `beat` is what the transaction calls with the number of rows done: it raises LeaseLost once somebody else has taken
    the row up, or cancelled it. On SQLite, and inside of a transaction that was there before, it only counts.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._done = 0
        self._is_lost = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if connection.vendor != "sqlite" and not connection.in_atomic_block:
            self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def beat(self, done: int) -> None:
        """Say how many rows are done. Cheap. Raises LeaseLost."""
        self._done = done
        if self._is_lost:
            raise LeaseLost

    def end(self) -> None:
        """Leave the row to the worker's own connection, which is about to write it."""
        self._ended.set()
        if self._thread and self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        rows = self._job.model._base_manager.filter(pk=self._job.row.pk, lease=self._job.row.lease)
        try:
            while not self._ended.wait(EVERY):
                try:
                    if not rows.update(due_at=timezone.now() + LEASE, rows_done=self._done):
                        self._is_lost = True
                        return
                except DatabaseError:
                    # The lease lasts for some more beats.
                    connection.close()
        finally:
            connection.close()
