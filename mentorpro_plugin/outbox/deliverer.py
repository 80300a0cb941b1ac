"""The process that empties the outbox: looks twice a second for what is due, and hands it to a few threads."""

import logging
import queue
import threading
import time
from collections.abc import Iterable

from django.db import DatabaseError, connections

from ..conf import setting
from .delivery import Batch, Channel, Health, claim, renew, send_batch
from .rounds import due_rounds, run_round

logger = logging.getLogger(__name__)

#: Seconds between two looks, so that a log-in code is on its way at once.
LOOK_EVERY = 0.5
LOOK_FOR_ROUNDS_EVERY = 1
#: Seconds between two looks while the database doesn't answer.
DATABASE_PAUSE = 2
#: Seconds that messages on their way get when the process is asked to stop. Slower ones are sent again later.
PATIENCE = 25


class Crew:
    """The threads that send the messages of one channel. They are its own, so no channel waits for another's provider."""

    def __init__(self, channel: Channel, size: int) -> None:
        self.channel, self.size = channel, size
        self.health = Health()
        self.is_stopping = False
        self.batches: list[Batch] = []
        self.wake = threading.Event()
        self._queue: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        # Daemons: a provider that never comes back can't keep the process from ending.
        self.threads = [
            threading.Thread(target=self._work, name=f"{channel} {number}", daemon=True)
            for number in range(size)
        ]
        for thread in self.threads:
            thread.start()

    def take_up(self) -> bool:
        """Claim what is due for the threads that have nothing to do; say whether there was anything."""
        taken = False
        while len(self.batches) < self.size and not self.health.is_paused and (batch := claim(self.channel)):
            self.batches.append(batch)
            self._queue.put(batch)
            taken = True
        return taken

    def stop(self) -> None:
        """Let the threads finish the message they have in hand, and give back the others."""
        self.is_stopping = True
        for _thread in self.threads:
            self._queue.put(None)

    def join(self, deadline: float) -> bool:
        """Wait for the threads until `deadline`, by the monotonic clock; say whether all have ended."""
        for thread in self.threads:
            thread.join(max(0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self.threads)

    def _work(self) -> None:
        try:
            while batch := self._queue.get():
                try:
                    send_batch(batch, self.health, should_stop=lambda: self.is_stopping)
                except Exception as error:  # noqa: BLE001 - the thread has to live on; the lease brings the message back
                    logger.error("A batch of %s messages was left (%s).", self.channel, type(error).__name__)
                    connections.close_all()
                finally:
                    self.batches.remove(batch)
                    _close_old_connections()
                    self.wake.set()
        finally:
            connections.close_all()


class Deliverer:
    """Runs until `stop`: delivers, renews leases, and makes the rounds that others have registered."""

    def __init__(self) -> None:
        self.is_stopping = False
        self._wake = threading.Event()
        self._rounds = threading.Thread(target=self._make_rounds, name="rounds", daemon=True)

    def stop(self) -> None:
        """Ask for an end. May be called from a signal handler, so it takes no lock."""
        self.is_stopping = True

    def run(self) -> bool:
        """Return when asked to stop; False if something on its way had to be left."""
        crews = [Crew(channel, setting("OUTBOX_SENDERS")[channel]) for channel in Channel]
        for crew in crews:
            crew.wake = self._wake
        self._rounds.start()
        renewed = time.monotonic()
        while not self.is_stopping:
            self._wake.clear()
            pause: float = LOOK_EVERY
            try:
                if time.monotonic() - renewed > setting("OUTBOX_LEASE") / 3:
                    renewed = time.monotonic()
                    _renew(crews)
                for crew in crews:
                    crew.take_up()
            except DatabaseError as error:
                logger.error("The outbox can't be read (%s).", type(error).__name__)
                connections.close_all()
                pause = DATABASE_PAUSE
            else:
                _close_old_connections()
            self._wake.wait(pause)
        return self._end(crews)

    def _end(self, crews: list[Crew]) -> bool:
        deadline = time.monotonic() + PATIENCE
        for crew in crews:
            crew.stop()
        ended = [crew.join(deadline) for crew in crews]
        self._rounds.join(max(0, deadline - time.monotonic()))
        connections.close_all()
        return all(ended) and not self._rounds.is_alive()

    def _make_rounds(self) -> None:
        try:
            while not self.is_stopping:
                try:
                    for name in due_rounds():
                        if not self.is_stopping:
                            run_round(name)
                except DatabaseError as error:
                    logger.error("The rounds can't be made (%s).", type(error).__name__)
                    connections.close_all()
                _close_old_connections()
                time.sleep(LOOK_FOR_ROUNDS_EVERY)
        finally:
            connections.close_all()


def _renew(crews: Iterable[Crew]) -> None:
    renew([batch for crew in crews for batch in list(crew.batches)])


def _close_old_connections() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
