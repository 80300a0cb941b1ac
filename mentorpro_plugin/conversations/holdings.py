"""What conversations hold on a person. They go whole, for both sides: half of one would be the other's words to nobody."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..holdings import Column, full_name, register_holding
from .models import Attachment, Conversation, Message, Participation


def _own(person: Any) -> Any:
    return Conversation._base_manager.filter(Q(first=person.pk) | Q(second=person.pk)).values("pk")


register_holding(
    "conversations",
    Conversation,
    _("Conversations, whole, for both sides"),
    lambda person: Q(first=person.pk) | Q(second=person.pk),
    columns={
        "conversation": Column("pk", _("Number of the conversation")),
        "first": Column(full_name("first"), _("One of the two")),
        "second": Column(full_name("second"), _("The other one")),
        "started": Column("started_at", _("When it began")),
    },
)
register_holding(
    "messages",
    Message,
    _("Messages, of both sides"),
    lambda person: Q(conversation__in=_own(person)) | Q(author=person.pk),
    columns={
        "message": Column("pk", _("Number of the message")),
        "conversation": Column("conversation_id", _("Number of the conversation")),
        "author": Column(full_name("author"), _("Who wrote it")),
        "sent": Column("sent_at", _("When it was sent")),
        "text": Column("text", _("What it says")),
    },
)
register_holding(
    "attachments",
    Attachment,
    _("Files sent with messages, of both sides"),
    lambda person: Q(message__conversation__in=_own(person)) | Q(message__author=person.pk),
    columns={
        "attachment": Column("pk", _("Number of the file, with which its name here begins")),
        "message": Column("message_id", _("Number of the message")),
        "name": Column("name", _("Name of the file")),
        "type": Column("content_type", _("Type of the file")),
        "bytes": Column("size", _("Size of the file")),
    },
    files="file",
)
register_holding(
    "participations",
    Participation,
    _("Read marks, of both sides"),
    lambda person: Q(conversation__in=_own(person)) | Q(person=person.pk) | Q(other=person.pk),
    columns={
        "conversation": Column("conversation_id", _("Number of the conversation")),
        "person": Column(full_name("person"), _("Whose side it is")),
        "read_up_to": Column("read_up_to", _("Number of the last message read")),
        "unread": Column("unread_count", _("How many messages waited")),
        "told": Column("notified_at", _("When they were told of unread messages")),
    },
)
