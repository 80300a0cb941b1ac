"""Whose conversations there are, what is new in them, and with whom one could begin."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum

from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS
from ..people.models import Person
from .models import Attachment, Conversation, Message, Participation

#: Messages on a page.
PAGE = 30


def conversations_of(person: Person) -> QuerySet[Participation]:
    """The person's sides of their conversations, latest first: `other`, `unread_count`, `last_message_at`.

    Each with the beginning of the last message: `last_text`, `last_author_id`, `last_has_files`. For the person alone.
    """
    last = Message._base_manager.filter(conversation=OuterRef("conversation")).order_by("-pk")
    files = Attachment._base_manager.filter(message=OuterRef("last_message"))
    return (
        Participation.objects.filter(person=person)
        .select_related("other")
        .annotate(
            last_message=Subquery(last.values("pk")[:1]),
            last_text=Subquery(last.values("text")[:1]),
            last_author_id=Subquery(last.values("author_id")[:1]),
        )
        .annotate(last_has_files=Exists(files))
        .order_by("-last_message_at", "-pk")
    )


def older_than(participations: QuerySet[Participation], at: datetime, pk: int) -> QuerySet[Participation]:
    """What comes after the participation `pk`, last written in at `at`, in the order of `conversations_of`."""
    return participations.filter(Q(last_message_at__lt=at) | Q(last_message_at=at, pk__lt=pk))


def unread_total(person: Person) -> int:
    """How many messages wait for `person`. One query."""
    waiting = Participation._base_manager.filter(person=person, unread_count__gt=0)
    return waiting.aggregate(total=Sum("unread_count"))["total"] or 0


def correspondents_of(user: Any) -> QuerySet[Person]:
    """People to whom `user` may write of their own accord, deactivated ones left out.

    Staff write to mentors and mentees; who may be answered besides is decided message by message (`may_write`).
    """
    reach = reach_of(user)
    people = Person.objects.permitted(user, "write_message").selectable().exclude(pk=reach.person)
    if reach.role not in PARTICIPANTS:
        people = people.filter(role__in=PARTICIPANTS)
    return people


def sides_of(conversation: Conversation, person: Person) -> tuple[Participation, Participation]:
    """Both sides: the person's own, and the other's. One query."""
    sides = Participation.objects.filter(conversation=conversation).select_related("person")
    own: list[Participation] = []
    others: list[Participation] = []
    for side in sides:
        (own if side.person_id == person.pk else others).append(side)
    return own[0], others[0]


def messages_before(conversation: Conversation, before: int | None = None) -> tuple[list[Message], bool]:
    """A page of messages, oldest first, that end before the primary key `before`; and whether there are older ones.

    Two queries, whatever the number of messages: the page begins in the index where the last one ended.
    """
    messages = _with_files(conversation)
    if before is not None:
        messages = messages.filter(pk__lt=before)
    page = list(messages.order_by("-pk")[: PAGE + 1])
    return page[:PAGE][::-1], len(page) > PAGE


def messages_after(conversation: Conversation, after: int) -> list[Message]:
    """Messages that came after the one with the primary key `after`, oldest first; a page of them at most."""
    return list(_with_files(conversation).filter(pk__gt=after).order_by("pk")[:PAGE])


def _with_files(conversation: Conversation) -> QuerySet[Message]:
    return Message._base_manager.filter(conversation=conversation).prefetch_related(
        Prefetch("attachments", Attachment._base_manager.all())
    )
