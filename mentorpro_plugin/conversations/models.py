"""Conversations of two people, and what they write to each other. Only these two read it."""

from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.managers import scoped_manager


def private_storage() -> Storage:
    """The storage for files that are never under MEDIA_URL: `private`, where the site has one."""
    return storages["private"] if "private" in storages.backends else storages["default"]


class Conversation(models.Model):
    """Everything that two people of an organization have written to each other."""

    organization = models.ForeignKey("Organization", on_delete=models.PROTECT, related_name="+")
    # The one with the lower primary key first, so that a pair has one conversation.
    first = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField(_("started"), default=timezone.now)

    objects = scoped_manager(organization="organization")

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="conversation_unique_for_two",
                violation_error_message=_("These two have a conversation already."),
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="conversation_of_two",
                violation_error_message=_("A conversation is between two people."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"


class Participation(models.Model):
    """One side of a conversation: what this person has read, and what waits for them."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="participations")
    other = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="+")
    # Primary key of a message, and no foreign key: it only says how far.
    read_up_to = models.BigIntegerField(default=0)
    unread_count = models.PositiveIntegerField(default=0)
    unread_since = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)

    objects = scoped_manager(organization="conversation__organization")

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "person"], name="participation_unique"),
        ]
        indexes = [
            models.Index(fields=["person", "-last_message_at"], name="participation_latest_first"),
            models.Index(
                fields=["unread_since"], condition=Q(unread_count__gt=0), name="participation_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"


class Message(models.Model):
    """One message. Never changed; it goes with its conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="messages")
    text = models.TextField(_("text"), max_length=5_000, blank=True)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    # Chosen by the page, so that a message sent again over a bad connection arrives once.
    key = models.UUIDField(default=uuid4, unique=True, editable=False)

    objects = scoped_manager(organization="conversation__organization")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["conversation", "-id"], name="message_latest_first"),
            models.Index(fields=["author", "-sent_at"], name="message_by_author"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Attachment(models.Model):
    """A picture or document sent with a message, in private storage."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("image")
        DOCUMENT = "document", _("document")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(storage=private_storage, upload_to="attachments/%Y/%m/", max_length=255)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()

    objects = scoped_manager(organization="message__conversation__organization")

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
