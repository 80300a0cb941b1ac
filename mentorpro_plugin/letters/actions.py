"""Queueing the e-mails that the site writes by itself, and rewriting their texts.

A row of the outbox says only what to write to whom: the text is written while sending (see `writing.py`).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..access.reach import reach_of
from ..access.roles import Role
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..assignments.models import Assignment
from ..conf import setting
from ..outbox.actions import one_line, queue_email
from ..outbox.many import queue_letters
from ..outbox.models import OutboxMessage
from ..people.models import Person
from .filling import unknown_in
from .kinds import LetterKind
from .models import Letter
from .writing import built_in_text, window_key

#: How long after one welcome the next may be asked for.
APART = timedelta(minutes=1)
#: After the end of a window, so that whoever began an assignment in it has ended by then.
_GRACE = timedelta(seconds=20)

State = OutboxMessage.State


def queue_welcomes(people: Sequence[Person]) -> None:
    """Queue the welcome to people who were just added: once ever. Without an e-mail address there is none."""
    reached = [person for person in people if person.email]
    keys = [f"welcome:{person.pk}" for person in reached]
    queue_letters(reached, kind=OutboxMessage.Kind.WELCOME, keys=keys)


def queue_letter(
    kind: OutboxMessage.Kind, person: Person, *, key: str | None = None, **fields: Any
) -> OutboxMessage | None:
    """Queue an e-mail to `person` that is written while it is sent: a WELCOME, an ASSIGNMENT or a PASSWORD.

    Returns and raises as `queue_email`. A link in it is made while sending as well, so no table ever holds it.
    """
    return queue_email(
        kind=kind, recipient=person.email, subject="", body="", person=person, key=key, **fields
    )


def queue_notices(assignments: Sequence[Assignment], *, by: Any) -> None:
    """Tell those whom `assignments` concern that they were opened: at most one e-mail each in ten minutes.

    Nothing goes to whoever did it, and nothing to somebody whose welcome still waits: that one tells it, too.
    """
    if not setting("ASSIGNMENT_NOTICES"):
        return
    now = timezone.now()
    people = {
        person.pk: person
        for assignment in assignments
        for person in _concerned(assignment)
        if person.email and not person.is_deactivated and not (by is not None and person.user_id == by.pk)
    }
    for pk in _welcomed_later(people):
        del people[pk]
    keys = {window_key(pk, now)[0]: person for pk, person in people.items()}
    there = OutboxMessage._base_manager.filter(key__in=keys).values_list("key", flat=True)
    for key in list(there) if keys else ():
        keys.pop(str(key))
    _key, end = window_key(0, now)
    queue_letters(
        list(keys.values()), kind=OutboxMessage.Kind.ASSIGNMENT, keys=list(keys), due_at=end + _GRACE
    )


def _concerned(assignment: Assignment) -> Iterator[Person]:
    yield assignment.person
    if assignment.lead is not None and assignment.person.role == Role.MENTEE:
        yield assignment.lead


def _welcomed_later(people: Collection[int]) -> list[int]:
    """Return to whom a welcome waits that will be written after this transaction: whoever sends it skips a row locked here."""
    if not people:
        return []
    skips = connection.features.has_select_for_update_skip_locked
    waiting = OutboxMessage._base_manager.filter(
        person__in=people, kind=OutboxMessage.Kind.WELCOME, state=State.WAITING
    )
    locked = waiting.select_for_update(skip_locked=skips, of=("self",) if skips else ())
    return list(dict.fromkeys(locked.order_by().values_list("person", flat=True)))


@transaction.atomic
def send_welcome_again(person: Person, *, by: Any) -> None:
    """Queue another welcome to `person`; the first, to somebody who had no e-mail address when they were added.

    Raises PermissionDenied if `by` may not change the person; ValidationError for somebody deactivated or without an
    address, and while another one waits or is less than a minute old.
    """
    current = Person._base_manager.select_for_update().get(pk=person.pk)
    if not by.has_perm(current.permission("change"), current):
        raise PermissionDenied
    if current.is_deactivated:
        raise ValidationError(_("%(name)s is deactivated. Reactivate them first.") % {"name": current})
    if not current.email:
        raise ValidationError(
            _("%(name)s has no e-mail address. Add one under Edit, then send the welcome.")
            % {"name": current}
        )
    welcomes = OutboxMessage._base_manager.filter(person=current, kind=OutboxMessage.Kind.WELCOME)
    if welcomes.filter(state__in=(State.WAITING, State.SENDING)).exists():
        raise ValidationError(_("A welcome is waiting to be sent already."))
    if welcomes.filter(created_at__gt=timezone.now() - APART).exists():
        raise ValidationError(_("A welcome was sent just now. Wait a minute before you send another."))
    count = welcomes.count()
    key = f"welcome:{current.pk}:{count + 1}" if count else f"welcome:{current.pk}"
    message = queue_letter(OutboxMessage.Kind.WELCOME, current, key=key)
    record(
        message or current,
        HistoryEntry.Action.SENT_AGAIN,
        by=by,
        organization=current.organization_id,
        person=current.pk,
        changes={"kind": [None, OutboxMessage.Kind.WELCOME]},
    )


def may_change_letters(user: Any) -> bool:
    """Whether `user` may rewrite the texts of e-mails: a Super Admin."""
    return reach_of(user).everything


def check_text(kind: LetterKind, *, subject: str, body: str) -> None:
    """Raise ValidationError for a text that couldn't be sent as it is meant."""
    errors: dict[str, list[str]] = {}
    for field, text in (("subject", subject), ("body", body)):
        if unknown := unknown_in(text, kind.placeholders):
            names = ", ".join(f"{{{name}}}" for name in unknown)
            errors.setdefault(field, []).append(
                _(
                    "This e-mail knows no %(names)s. Use the placeholders of the list, exactly as they stand there."
                )
                % {"names": names}
            )
    if "{link}" in subject:
        errors.setdefault("subject", []).append(
            _("The link belongs into the text: a subject is read by others.")
        )
    if f"{{{kind.needed}}}" not in body:
        errors.setdefault("body", []).append(
            _("Put %(name)s somewhere into the text: without it, the e-mail leads nowhere.")
            % {"name": f"{{{kind.needed}}}"}
        )
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def change_letter(kind: LetterKind, language: str, *, subject: str, body: str, by: Any) -> None:
    """Have `kind` say this in `language` from now on. A text like the built-in one is the built-in one.

    Raises PermissionDenied unless `may_change_letters`, ValidationError as `check_text` and for what is too long.
    """
    if not may_change_letters(by):
        raise PermissionDenied
    subject, body = one_line(subject), body.replace("\r\n", "\n").strip()
    check_text(kind, subject=subject, body=body)
    built_in = built_in_text(kind, language)
    if (subject, body) == (built_in.subject, built_in.body):
        restore_letter(kind, language, by=by)
        return
    letter = Letter.objects.filter(kind=kind.name, language=language).first()
    letter = letter or Letter(kind=kind.name, language=language)
    letter.subject, letter.body, letter.changed_at = subject, body, timezone.now()
    letter.full_clean(validate_unique=False, validate_constraints=False)
    if letter.pk:
        letter.save()
    else:
        # The constraint decides between two at once; the later text is the one that stays.
        letter, _is_new = Letter.objects.update_or_create(
            kind=kind.name,
            language=language,
            defaults={"subject": subject, "body": body, "changed_at": letter.changed_at},
        )
    _record(letter, by)


@transaction.atomic
def restore_letter(kind: LetterKind, language: str, *, by: Any) -> bool:
    """Let `kind` say in `language` what comes with the plugin; return whether that changed anything.

    Raises PermissionDenied unless `may_change_letters`.
    """
    if not may_change_letters(by):
        raise PermissionDenied
    letter = Letter.objects.select_for_update().filter(kind=kind.name, language=language).first()
    if letter is None:
        return False
    _record(letter, by)
    letter.delete()
    return True


def _record(letter: Letter, by: Any) -> None:
    changes = {"letter": [None, f"{letter.kind} {letter.language}"]}
    record(letter, HistoryEntry.Action.LETTER_CHANGED, by=by, organization=None, changes=changes)
