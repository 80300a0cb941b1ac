"""Putting messages into the outbox: in the transaction of what causes them, so that both happen or neither."""

import re
import unicodedata
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import EmailValidator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from ..access.reach import reach_of
from ..activity.history import record
from ..activity.models import HistoryEntry
from .models import OutboxMessage
from .secret import encrypt

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_check_email = EmailValidator(gettext_lazy("This isn't an e-mail address."))


@sensitive_variables("secret", "recipient")
def queue_email(
    *,
    kind: OutboxMessage.Kind,
    recipient: str,
    subject: str,
    body: str,
    html: str = "",
    person: Any = None,
    key: str | None = None,
    secret: str = "",
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> OutboxMessage | None:
    """Queue an e-mail to `recipient`; `person` is the Person it goes to, whose organization the row belongs to.

    `secret` stands in `subject`, `body` and `html` as "{secret}", is kept encrypted and put in while sending. Without
    a `body`, it is written while sending: see `writers.py`.
    Returns None, and queues nothing, where a message with this `key` exists. It isn't sent before `due_at`, and
    dropped after `expires_at`. Raises ValidationError for what is no address. Line breaks in the subject become spaces.
    """
    _check_email(recipient)
    return _queue(
        OutboxMessage.Channel.EMAIL,
        kind=kind,
        recipient=recipient,
        subject=one_line(subject)[:255],
        body=body,
        html=html,
        person=person,
        key=key,
        secret=secret,
        due_at=due_at or timezone.now(),
        expires_at=expires_at,
    )


@sensitive_variables("secret", "recipient")
def queue_text(
    *,
    kind: OutboxMessage.Kind,
    recipient: str,
    body: str,
    person: Any = None,
    key: str | None = None,
    secret: str = "",
    expires_at: datetime | None = None,
) -> OutboxMessage | None:
    """Queue a text message to `recipient` (E.164); arguments and errors as for `queue_email`.

    Takes nothing from the budgets: see `budgets.take_text`.
    """
    if not _E164.fullmatch(recipient):
        raise ValidationError(_("This isn't a telephone number with its country code."))
    return _queue(
        OutboxMessage.Channel.TEXT,
        kind=kind,
        recipient=recipient,
        body=body,
        person=person,
        key=key,
        secret=secret,
        expires_at=expires_at,
    )


def one_line(text: str) -> str:
    """Return `text` without what could end a header and begin another: line breaks and control characters."""
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """Return `text` without control characters, but for line breaks and tabs, and without halves of characters."""
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
    )


@sensitive_variables("secret", "fields")
def _queue(
    channel: OutboxMessage.Channel, *, person: Any, secret: str, body: str, html: str = "", **fields: Any
) -> OutboxMessage | None:
    message = OutboxMessage(
        channel=channel,
        person=person,
        organization_id=person.organization_id if person else None,
        secret=encrypt(secret) if secret else None,
        body=printable(body),
        html=printable(html),
        **fields,
    )
    try:
        # The constraint decides between two at once; the savepoint keeps the caller's transaction usable.
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        if message.key and OutboxMessage._base_manager.filter(key=message.key).exists():
            return None
        raise
    return message


def withdraw(*people: int) -> None:
    """Let everything expire that waits to be sent to people with these primary keys: they were shut out."""
    OutboxMessage._base_manager.filter(
        person__in=people, state__in=(OutboxMessage.State.WAITING, OutboxMessage.State.SENDING)
    ).update(expires_at=timezone.now())


def may_send_again(message: OutboxMessage, user: Any) -> bool:
    """Whether `user` may have this message sent again: whoever may change the person it goes to."""
    if message.person is None:
        return reach_of(user).everything
    return user.has_perm(message.person.permission("change"), message.person)


def is_offered_again(message: OutboxMessage, user: Any) -> bool:
    """Whether a screen offers `user` to have this message sent again: it has failed, and could still be of use."""
    return (
        message.state == OutboxMessage.State.FAILED
        and not message.has_lost_its_secret
        and may_send_again(message, user)
    )


@transaction.atomic
def send_again(message: OutboxMessage, *, by: Any) -> None:
    """Have a failed message sent again, with all its attempts before it; who did so stands in the history.

    Raises PermissionDenied, or ValidationError if it hasn't failed, or if nobody could use it any more.
    """
    if not may_send_again(message, by):
        raise PermissionDenied
    if message.has_lost_its_secret or (message.expires_at and message.expires_at <= timezone.now()):
        raise ValidationError(_("The code in this message is gone. The person can ask for a new one."))
    failed = OutboxMessage._base_manager.filter(pk=message.pk, state=OutboxMessage.State.FAILED)
    if not failed.update(state=OutboxMessage.State.WAITING, attempts=0, error="", due_at=timezone.now()):
        raise ValidationError(_("Only a message that has failed can be sent again."))
    record(
        message,
        HistoryEntry.Action.SENT_AGAIN,
        by=by,
        organization=message.organization_id,
        person=message.person_id,
        changes={"kind": [None, message.kind]},
    )
