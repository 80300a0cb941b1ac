"""Writes an e-mail at the moment of sending, from the text in force and from how things are by then."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables

from ..access.roles import STAFF, Role
from ..activity.models import HistoryEntry
from ..assignments.models import Assignment
from ..outbox.models import OutboxMessage
from ..outbox.refusals import Unwanted
from ..outbox.writers import Written
from ..people.languages import language_of
from ..people.models import Person
from ..shell.doors import DOOR_OF_ROLE, door_url
from .filling import Value, fill_html, fill_line, fill_text
from .frame import framed
from .kinds import LetterKind, kind_for
from .models import Letter
from .values import values_for

#: Several assignments within one such stretch of time make one notice.
WINDOW = timedelta(minutes=10)
#: How long it may take from the beginning of an assignment until its notice is queued: by then, the next window may have
#: begun.
_DELAY = timedelta(minutes=1)


class Text(NamedTuple):
    """Subject and body with placeholders; and whether they come with the plugin."""

    subject: str
    body: str
    is_built_in: bool


def text_of(kind: LetterKind, language: str) -> Text:
    """Return the text of `kind` in `language` as a Super Admin rewrote it, else as it comes with the plugin."""
    letter = Letter.objects.filter(kind=kind.name, language=language).first()
    return Text(letter.subject, letter.body, False) if letter else built_in_text(kind, language)


def built_in_text(kind: LetterKind, language: str) -> Text:
    with translation.override(language):
        return Text(str(kind.subject), str(kind.body), True)


@sensitive_variables()
def write_letter(message: OutboxMessage) -> Written:
    """Return what `message` says, as of now. Raises Unwanted if there is nothing to say any more."""
    person = message.person
    kind = kind_for(message.kind, person.role) if person else None
    if person is None or kind is None:
        raise Unwanted(gettext_noop("There is no text for such a message."))
    if not person.email:
        raise Unwanted(gettext_noop("The person has no e-mail address any more."))
    assignments = _assignments_told(message, person)
    # Mentors and mentees have no settings in the admin to look for.
    language = language_of(person.user if person.role in STAFF else None, person)
    with translation.override(language):
        values = values_for(kind, person, assignments)
        subject, body, html = rendered(
            kind, text_of(kind, language), values, organization=person.organization
        )
    return Written(recipient=person.email, subject=subject, body=body, html=html)


@sensitive_variables()
def rendered(
    kind: LetterKind, text: Text, values: dict[str, Value], *, organization: object, code_url: str = ""
) -> tuple[str, str, str]:
    """Return subject, plain text and HTML, in the active language. `code_url` is another address of the QR code."""
    subject = fill_line(text.subject, values)
    content = fill_html(text.body, values, button=str(kind.button))
    door_address = ""
    if kind.has_code:
        door_address = str(values["door_address"])
        code_url = code_url or door_url(DOOR_OF_ROLE[kind.role], "qr_code")
    html = framed(
        content,
        subject=subject,
        organization=organization,
        code_url=code_url if kind.has_code else "",
        door_address=door_address,
    )
    return subject, fill_text(text.body, values), html


def _assignments_told(message: OutboxMessage, person: Person) -> list[Assignment]:
    """The assignments to speak of: in a welcome all that are open, in a notice those opened in its window."""
    if message.kind == OutboxMessage.Kind.PASSWORD:
        return []
    rows = open_assignments_of(person)
    if message.kind == OutboxMessage.Kind.ASSIGNMENT and not (rows := _opened_in(window_of(message), rows)):
        raise Unwanted(gettext_noop("The assignment was ended before it could be told."))
    return rows


def open_assignments_of(person: Person) -> list[Assignment]:
    """Return what `person` may know of: the own open assignments, and a mentor's mentees. Without the deactivated."""
    whose = Q(person=person)
    if person.role == Role.MENTOR:
        whose |= Q(lead=person)
    rows = Assignment._base_manager.filter(whose, ended_at=None).select_related("person", "lead", "program")
    found = [row for row in rows.order_by("started_at", "pk") if not row.person.is_deactivated]
    return [row for row in found if row.lead is None or not row.lead.is_deactivated]


def window_key(person: int, moment: datetime) -> tuple[str, datetime]:
    """Return the key of the notice to this person for what happens at `moment`, and when its window ends."""
    number = int(moment.timestamp() // WINDOW.total_seconds())
    end = datetime.fromtimestamp((number + 1) * WINDOW.total_seconds(), UTC)
    return f"assignment:{person}:{number}", end


def window_of(message: OutboxMessage) -> tuple[datetime, datetime]:
    """Return from when to when a notice tells: its window, and what the one before began too late to tell."""
    number = int((message.key or "").rpartition(":")[2])
    start = datetime.fromtimestamp(number * WINDOW.total_seconds(), UTC)
    before, _end = window_key(message.person_id, start - _DELAY)
    is_told = OutboxMessage._base_manager.filter(key=before).exists()
    return start if is_told else start - _DELAY, start + WINDOW


def _opened_in(window: tuple[datetime, datetime], rows: Iterable[Assignment]) -> list[Assignment]:
    """Those of `rows` that were opened in the window, or opened again."""
    rows = list(rows)
    # One that was closed before keeps the day on which it began.
    reopened = set(
        HistoryEntry._base_manager.filter(
            action=HistoryEntry.Action.REOPENED,
            subject_type="assignment",
            person__in={row.person_id for row in rows},
            at__gte=window[0],
            at__lt=window[1],
        ).values_list("subject_id", flat=True)
    )
    return [row for row in rows if window[0] <= row.started_at < window[1] or row.pk in reopened]
