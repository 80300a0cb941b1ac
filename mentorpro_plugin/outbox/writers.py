"""Messages whose text is written while they are sent: from how things are by then, and with secrets that no table holds.

Such a message is queued without a text. What a kind says is registered by the domain that knows.
"""

import logging
from collections.abc import Callable
from typing import NamedTuple

from django.db import DatabaseError
from django.utils.translation import gettext_noop as _
from django.views.decorators.debug import sensitive_variables

from .models import OutboxMessage
from .refusals import NotSent, Unwritten

logger = logging.getLogger(__name__)


class Written(NamedTuple):
    """A message as it is sent."""

    recipient: str
    subject: str
    body: str
    html: str


_writers: dict[str, Callable[[OutboxMessage], Written]] = {}


def register_writer(kind: str, write: Callable[[OutboxMessage], Written]) -> None:
    """Have `write(message)` write messages of this kind that were queued without a text.

    It is called outside any scope and transaction, and again at each attempt. Raises Unwanted where there is nothing
    to say any more.
    """
    _writers[kind] = write


def is_written_late(message: OutboxMessage) -> bool:
    """Whether the text of `message` is written while it is sent."""
    return not message.body and message.kind in _writers


@sensitive_variables()
def write_late(message: OutboxMessage) -> None:
    """Put the text into `message`, but not into its row. Raises a NotSent."""
    try:
        written = _writers[message.kind](message)
    except (NotSent, DatabaseError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one message must not end the others
        # Its class only: what it says may quote people.
        logger.error("Message %s can't be written (%s).", message.pk, type(error).__name__)
        failure = type(error).__name__
    else:
        message.recipient, message.subject, message.body, message.html = written
        return
    raise Unwritten(_("The e-mail couldn't be written (%(error)s)."), error=failure)
