"""What the outbox holds on a person: what was sent to them, and what others were told of them."""

from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from ..holdings import Column, register_holding
from .budgets import subject_of_number
from .models import OutboxMessage, TextBudget

#: Kinds that tell one person of another, and are of no use once that one is gone.
_ABOUT_OTHERS = (OutboxMessage.Kind.UNREAD_NOTICE, OutboxMessage.Kind.ASSIGNMENT)
_ENDED = (OutboxMessage.State.SENT, OutboxMessage.State.DROPPED)


def _to(person: Any) -> Q:
    to = Q(person=person.pk)
    # Where several share an address, each row says whose it is; one without a person is anybody's.
    if person.email:
        to |= Q(person=None, recipient__iexact=person.email)
    if person.phone:
        to |= Q(person=None, recipient=person.phone.as_e164)
    return to


def _naming(person: Any) -> Q:
    """Messages to others of the organization whose text names the person."""
    return (
        Q(organization=person.organization_id)
        & ~Q(person=person.pk)
        & (
            _with(person.first_name) & (Q(state__in=_ENDED) | Q(kind__in=_ABOUT_OTHERS))
            | _with(person.full_name)
        )
    )


def _with(words: str) -> Q:
    return Q(subject__icontains=words) | Q(body__icontains=words) | Q(html__icontains=words)


register_holding(
    "outbox",
    OutboxMessage,
    _("E-mails and text messages to them"),
    _to,
    columns={
        "kind": Column("kind", _("What it was for")),
        "channel": Column("channel", _("E-mail or text message")),
        "to": Column("recipient", _("Where it went")),
        "subject": Column("subject", _("Subject")),
        "text": Column("body", _("Text; what was secret in it isn't kept")),
        "written": Column("created_at", _("When it was written")),
        "state": Column("state", _("What became of it")),
        "sent": Column("sent_at", _("When it was sent")),
    },
)
register_holding(
    "outbox_naming",
    OutboxMessage,
    _("Texts of e-mails and text messages to others that name them"),
    _naming,
    # Nothing is sent without its text.
    sets={
        "subject": "",
        "body": "",
        "html": "",
        "secret": None,
        "state": Case(When(state__in=_ENDED, then=F("state")), default=Value(OutboxMessage.State.DROPPED)),
        "due_at": None,
    },
)
register_holding(
    "text_budget",
    TextBudget,
    _("Counts of text messages to their number"),
    lambda person: Q(
        budget=TextBudget.Budget.PHONE,
        subject=subject_of_number(person.phone.as_e164) if person.phone else "",
    ),
)
