"""The same e-mail, or nearly, to many people: queued in a query or two each batch."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from ..inserting import FEWEST, insert_values
from .actions import one_line, printable
from .models import OutboxMessage

_BATCH = 500


class Addressed(NamedTuple):
    """An e-mail to one person, at the address that they have. `key` as for `queue_email`."""

    person: Any
    key: str
    subject: str
    body: str


def queue_emails(emails: Iterable[Addressed], *, kind: OutboxMessage.Kind) -> None:
    """Queue each of `emails`, as `queue_email` does with one; those whose key is there already are left out.

    Whether their people have addresses is the caller's to know.
    """
    OutboxMessage._base_manager.bulk_create(
        (
            OutboxMessage(
                kind=kind,
                channel=OutboxMessage.Channel.EMAIL,
                person=email.person,
                organization_id=email.person.organization_id,
                recipient=email.person.email,
                subject=one_line(email.subject)[:255],
                body=printable(email.body),
                key=email.key,
            )
            for email in emails
        ),
        batch_size=_BATCH,
        ignore_conflicts=True,
    )


def queue_letters(
    people: Sequence[Any],
    *,
    kind: OutboxMessage.Kind,
    keys: Sequence[str],
    due_at: datetime | None = None,
) -> None:
    """Queue an e-mail that is written while it is sent to each of `people`, as `queue_email` does with one.

    Of few people, those whose key is there already are left out. Of many, none may be there: if somebody else queues one
    at the same moment, that raises IntegrityError.
    """
    values = {
        "kind": kind,
        "channel": OutboxMessage.Channel.EMAIL,
        "person_id": [person.pk for person in people],
        "organization_id": [person.organization_id for person in people],
        "recipient": [person.email for person in people],
        "key": list(keys),
        "due_at": due_at or timezone.now(),
    }
    if len(people) >= FEWEST:
        insert_values(OutboxMessage, len(people), **values)
        return
    columns = {
        name: value if isinstance(value, list) else [value] * len(people) for name, value in values.items()
    }
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    OutboxMessage._base_manager.bulk_create([OutboxMessage(**row) for row in rows], ignore_conflicts=True)
