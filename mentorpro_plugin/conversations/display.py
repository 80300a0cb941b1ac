"""Messages as pages show them: by day, with what has been read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from ..people.models import Person
from .models import Message


@dataclass(frozen=True)
class Shown:
    """A message on a page. `day` is set on the first message of each day, `is_read_mark` on the last one read."""

    message: Message
    is_own: bool
    day: date | None
    is_read_mark: bool


def shown(messages: Iterable[Message], reader: Person, *, read_up_to: int) -> Iterator[Shown]:
    """Yield `messages`, oldest first, for `reader`; the other one has read up to the primary key `read_up_to`.

    Days are those of the time zone in force.
    """
    messages = list(messages)
    read = [message.pk for message in messages if message.author_id == reader.pk and message.pk <= read_up_to]
    last_read = read[-1] if read else None
    before = None
    for message in messages:
        day = timezone.localtime(message.sent_at).date()
        yield Shown(
            message,
            is_own=message.author_id == reader.pk,
            day=day if day != before else None,
            is_read_mark=message.pk == last_read,
        )
        before = day
