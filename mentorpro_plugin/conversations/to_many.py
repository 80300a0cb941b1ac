"""Writing the same to many people: by e-mail through the outbox, or as a message to each.

Whoever sends the same page again, sends nothing twice: history keeps under which batch each person was written to.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from ..activity.history import entry
from ..activity.models import HistoryEntry
from ..outbox.many import Addressed, queue_emails
from ..outbox.models import OutboxMessage
from ..people.models import Person, PersonQuerySet
from .actions import write_message

#: Stands in a text for the first name of whoever gets it.
PLACEHOLDER = "{first_name}"
#: Messages at once: each is written like any other, while the page waits. E-mails wait in the outbox instead.
MOST_MESSAGES = 200
_BATCH = 500
# A name with braces must not pass for a placeholder of the outbox.
_WITHOUT_BRACES = str.maketrans("{}", "()")


def filled(text: str, person: Person) -> str:
    """Return `text` as `person` gets it."""
    return text.replace(PLACEHOLDER, person.first_name.translate(_WITHOUT_BRACES))


def may_email(user: Any, person: Person) -> bool:
    """Whether `user` may write an e-mail to `person` through the outbox: those who may change them may."""
    return user.has_perm(person.permission("change"), person)


@transaction.atomic
def email_many(people: Iterable[int], *, subject: str, text: str, batch: UUID, by: Any) -> int:
    """Queue an e-mail to each person with one of these primary keys; return to how many.

    Whoever is deactivated, has no address, may not be written to by `by` or got the same of the same `batch` is left
    out. A handful of queries for each 500.
    """
    own = _own_batch(batch, by, "email", subject, text)
    ordered = sorted(people)
    return sum(
        _email_batch(ordered[start : start + _BATCH], subject, text, own, by)
        for start in range(0, len(ordered), _BATCH)
    )


def _email_batch(keys: list[int], subject: str, text: str, batch: UUID, by: Any) -> int:
    # Locked, so that nobody is deactivated in between, and two who send the same page wait in line.
    locked = PersonQuerySet(Person).filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    people = list(locked.with_open_assignments())
    written = _written_to(keys, batch)
    people = [
        person
        for person in people
        if person.pk not in written and person.email and not person.is_deactivated and may_email(by, person)
    ]
    queue_emails(
        (
            Addressed(person, f"written:{batch}:{person.pk}", filled(subject, person), filled(text, person))
            for person in people
        ),
        kind=OutboxMessage.Kind.FROM_STAFF,
    )
    HistoryEntry._base_manager.bulk_create(_entry(person, batch, by) for person in people)
    return len(people)


def message_many(people: Iterable[int], *, author: Person, text: str, batch: UUID, by: Any) -> int:
    """Write a message to each person with one of these primary keys; return to how many.

    Each is a message like any other, in a transaction of its own; those who may not be written to are left out.
    Raises ValidationError for more than `MOST_MESSAGES`.
    """
    ordered = sorted(people)
    if len(ordered) > MOST_MESSAGES:
        raise ValidationError(f"At most {MOST_MESSAGES} messages at once.")
    own = _own_batch(batch, by, "message", text)
    return sum(_message_one(key, author, text, own, by) for key in ordered)


def _message_one(key: int, author: Person, text: str, batch: UUID, by: Any) -> bool:
    try:
        with transaction.atomic():
            # Both, in the order in which `write_message` locks them anyhow.
            locked = Person._base_manager.select_for_update(no_key=True).filter(pk__in=(key, author.pk))
            found = {person.pk: person for person in locked.order_by("pk")}
            if key not in found or _written_to([key], batch):
                return False
            person = found[key]
            write_message(author=author, to=person, text=filled(text, person), key=batch, by=by)
            _entry(person, batch, by).save(force_insert=True)
            return True
    except (PermissionDenied, ValidationError):
        return False


def _own_batch(batch: UUID, by: Any, *parts: str) -> UUID:
    """Return the batch under which history keeps this: another's page, or another text, is another batch."""
    return uuid5(batch, "\x00".join([str(by.pk), *parts]))


def _written_to(keys: list[int], batch: UUID) -> set[int]:
    written = HistoryEntry._base_manager.filter(
        person__in=keys, action=HistoryEntry.Action.WRITTEN_TO, batch=batch
    )
    return set(written.values_list("person", flat=True))


def _entry(person: Person, batch: UUID, by: Any) -> HistoryEntry:
    """That the person was written to; not what."""
    made = entry(
        person,
        HistoryEntry.Action.WRITTEN_TO,
        by=by,
        organization=person.organization_id,
        person=person.pk,
    )
    made.batch = batch
    return made
