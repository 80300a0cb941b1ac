"""Takes due messages out of the outbox, sends them, and writes down what became of them.

A message is claimed before it is sent: it gets a lease, and with it the moment from which anybody may claim it again.
Everything afterwards is written only where the lease is still the same. No transaction is open while a message is
sent. So a message that was queued is sent once, with one exception: a process that ends between the provider's yes and
the row's SENT leaves a message that is sent again when its lease has run out. That is one message for each thread.
"""

import logging
import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from ..conf import setting
from .emails import EmailSender
from .models import OutboxMessage
from .refusals import NotSent, Postponed, Refused, Unreachable, Unwanted, Unwritten, kept
from .secret import Unreadable, decrypt
from .texting import TextSender
from .writers import is_written_late, write_late

logger = logging.getLogger(__name__)

Channel = OutboxMessage.Channel
Kind = OutboxMessage.Kind
State = OutboxMessage.State

SENDERS: dict[Channel, Callable[[], Any]] = {Channel.EMAIL: EmailSender, Channel.TEXT: TextSender}

#: Somebody stands before a closed door, so these go first.
URGENT = [Kind.LOGIN_CODE]
#: Who is deactivated is told so after the right code, and not before. So a code is sent to them as to anybody.
SENT_TO_DEACTIVATED = [Kind.LOGIN_CODE]

#: Messages that one thread claims at once, and sends over one connection.
BATCH = 10
#: Failures in a row, of whatever messages, after which the fault is taken to be the channel's.
FAILURES_OF_A_CHANNEL = 5
#: Seconds after which a send that hasn't come back is taken to be dead, and its lease is no longer renewed.
LONGEST_SEND = 120


@dataclass
class Batch:
    """Messages claimed together, under one lease."""

    channel: Channel
    lease: uuid.UUID
    waiting: list[int]
    #: When the one in hand was begun, by the monotonic clock.
    began: float = field(default_factory=time.monotonic)
    in_hand: int | None = None

    @property
    def held(self) -> list[int]:
        return [*([self.in_hand] if self.in_hand else []), *self.waiting]


class Health:
    """Whether a channel gets anything through, as this process has seen it; shared by its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._resumes_at = 0.0

    @property
    def is_paused(self) -> bool:
        return time.monotonic() < self._resumes_at

    def note_success(self) -> None:
        with self._lock:
            self._failures, self._resumes_at = 0, 0.0

    def note_failure(self, failure: Postponed) -> None:
        with self._lock:
            self._failures += 1
            if isinstance(failure, Unreachable) or self._failures >= FAILURES_OF_A_CHANNEL:
                self._resumes_at = time.monotonic() + pause_after(self._failures)


def pause_after(failures: int) -> float:
    """Return the seconds to wait after so many failures: twice as long each time, up to the longest, never in step."""
    pause = setting("OUTBOX_FIRST_PAUSE") * 2 ** min(failures - 1, 30)
    return min(pause, setting("OUTBOX_LONGEST_PAUSE")) * random.uniform(0.75, 1)  # noqa: S311


def is_anything_due(channel: Channel) -> bool:
    return _due(channel).exists()


def claim(channel: Channel, most: int = BATCH) -> Batch | None:
    """Claim up to `most` due messages, codes first; None if there are none, or somebody else was first."""
    if not is_anything_due(channel):
        # Asked before, so that SQLite's one writer isn't disturbed twice a second.
        return None
    now, lease = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        due = _due(channel)
        chosen = _locked(due.filter(kind__in=URGENT), most)
        if len(chosen) < most:
            chosen += _locked(due.exclude(kind__in=URGENT), most - len(chosen))
        # The conditions stand here again, for databases that know no locks on rows.
        due.filter(pk__in=chosen).update(
            state=State.SENDING,
            lease=lease,
            due_at=now + timedelta(seconds=setting("OUTBOX_LEASE")),
            attempts=F("attempts") + 1,
        )
    order = {pk: position for position, pk in enumerate(chosen)}
    rows = OutboxMessage._base_manager.filter(pk__in=chosen, lease=lease).values_list("pk", flat=True)
    taken = sorted(rows, key=order.__getitem__)
    return Batch(channel, lease, taken) if taken else None


def renew(batches: Sequence[Batch]) -> None:
    """Prolong the leases of what is still being sent: slow is not dead."""
    due_at = timezone.now() + timedelta(seconds=setting("OUTBOX_LEASE"))
    for batch in batches:
        if time.monotonic() - batch.began < LONGEST_SEND:
            _held(batch, batch.held).update(due_at=due_at)


def send_batch(batch: Batch, health: Health, *, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Send the messages of a batch and return how many were sent. What can't be tried now is given back."""
    sent = 0
    try:
        with SENDERS[batch.channel]() as sender:
            while batch.waiting and not should_stop() and not health.is_paused:
                batch.in_hand, batch.began = batch.waiting.pop(0), time.monotonic()
                sent += _send_one(batch, sender, health)
                batch.in_hand = None
    finally:
        _give_back(batch)
    return sent


def deliver_due() -> int:
    """Send everything that is due, in this thread, and return how many were sent: for `--once`, and for tests."""
    sent = 0
    for channel in Channel:
        health = Health()
        while not health.is_paused and (batch := claim(channel)):
            sent += send_batch(batch, health)
    return sent


def _due(channel: Channel) -> Any:
    return OutboxMessage._base_manager.filter(channel=channel, due_at__lte=timezone.now())


def _locked(messages: Any, most: int) -> list[int]:
    """Return the keys of the first messages, locked; without those that somebody else is about to claim."""
    skips = connection.features.has_select_for_update_skip_locked
    messages = messages.select_for_update(skip_locked=skips, of=("self",) if skips else ())
    return list(messages.order_by("due_at").values_list("pk", flat=True)[:most])


def _held(batch: Batch, keys: list[int]) -> Any:
    """The messages among `keys` that nobody else has claimed since."""
    return OutboxMessage._base_manager.filter(pk__in=keys, lease=batch.lease)


def _send_one(batch: Batch, sender: Any, health: Health) -> bool:
    message = _held(batch, batch.held[:1]).select_related("person").first()
    if message is None:  # deleted with its person; or claimed by somebody else, since we took too long
        return False
    if reason := _unwanted(message):
        _write(batch, message, state=State.DROPPED, error=reason)
        return False
    try:
        reference = _send(message, sender)
    except Unwanted as refusal:
        _write(batch, message, state=State.DROPPED, error=refusal.reason)
        return False
    except Postponed as refusal:
        if not isinstance(refusal, Unwritten):
            health.note_failure(refusal)
        if message.attempts < setting("OUTBOX_ATTEMPTS"):
            pause = timedelta(seconds=pause_after(message.attempts))
            _write(batch, message, state=State.WAITING, error=refusal.reason, due_at=timezone.now() + pause)
        else:
            _give_up(batch, message, refusal)
        return False
    except Refused as refusal:
        _write(batch, message, state=State.FAILED, error=refusal.reason)
        return False
    health.note_success()
    _write(
        batch,
        message,
        state=State.SENT,
        error="",
        sent_at=timezone.now(),
        provider_reference=reference,
        recipient=message.recipient,
    )
    return True


def _send(message: OutboxMessage, sender: Any) -> str:
    if message.attempts > setting("OUTBOX_ATTEMPTS"):
        # Claimed and never heard of again, time after time: it ends whoever tries to send it.
        raise Refused(_("Each attempt ended without a result, so it was given up."))
    try:
        secret = decrypt(message.secret) if message.secret else ""
    except Unreadable:
        raise Refused(
            _("Its secret part can't be read any more, since the site's SECRET_KEY was changed.")
        ) from None
    if is_written_late(message):
        write_late(message)
    return sender.send(message, secret)


def _unwanted(message: OutboxMessage) -> str:
    """Return why the message should no longer be sent, or ""."""
    if message.expires_at and message.expires_at <= timezone.now():
        return _("It had run out before it could be sent.")
    person = message.person
    if person and person.is_deactivated and message.kind not in SENT_TO_DEACTIVATED:
        return _("The person has been deactivated.")
    return ""


def _give_up(batch: Batch, message: OutboxMessage, refusal: NotSent) -> None:
    given_up = kept(_("Given up after %(count)s attempts."), count=message.attempts)
    _write(batch, message, state=State.FAILED, error=f"{refusal.reason}\n{given_up}")


def _write(batch: Batch, message: OutboxMessage, **fields: Any) -> None:
    """Write down what became of the message. A database that is away is waited for, as long as the lease lasts."""
    if fields["state"] != State.WAITING:
        fields = {"due_at": None, "secret": None, **fields}
    for pause in (0.2, 0.5, 1, 2, 4, 8, None):
        try:
            if not _held(batch, [message.pk]).update(lease=None, **fields):
                logger.warning("Message %s: somebody else has claimed it meanwhile.", message.pk)
        except DatabaseError:
            if pause is None or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
        else:
            return


def _give_back(batch: Batch) -> None:
    """Put back what wasn't tried, as if it had never been claimed."""
    if batch.waiting:
        _held(batch, batch.waiting).update(
            state=State.WAITING, lease=None, due_at=timezone.now(), attempts=F("attempts") - 1
        )
        batch.waiting = []
