"""Every e-mail and text message that leaves: a row written with what causes it, sent afterwards by the deliverer."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..access.extents import ReachQuerySet
from ..access.managers import scoped_manager
from ..access.reach import reach_of
from .refusals import told


def _people() -> Any:
    # By name, since people stand above the outbox in the order of imports.
    return apps.get_model("mentorpro_plugin", "Person").objects


class OutboxQuerySet(ReachQuerySet):
    def visible_to(self, user: Any) -> ReachQuerySet:
        """Messages to people whom `user` may see; a Super Admin sees those to nobody in particular too."""
        if reach_of(user).everything:
            return self.all()
        return self.filter(person__in=_people().visible_to(user))

    def with_people(self) -> ReachQuerySet:
        """Fetch the people of all rows at once, with what permissions on them ask."""
        return self.prefetch_related(models.Prefetch("person", _people().with_open_assignments()))


class OutboxMessage(models.Model):
    """One e-mail or text message, and its fate."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        TEXT = "text", _("text message")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        # Nobody wants it any more: a code that has run out, an answer that was read meanwhile.
        DROPPED = "dropped", _("not sent")

    class Kind(models.TextChoices):
        LOGIN_CODE = "login_code", _("log-in code")
        UNREAD_NOTICE = "unread_notice", _("notice of unread messages")
        WELCOME = "welcome", _("welcome")
        ASSIGNMENT = "assignment", _("notice of an assignment")
        PASSWORD = "password", _("link to set a password")
        SECURITY = "security", _("notice of a change to the account")
        FROM_STAFF = "from_staff", _("written by staff")

    # The same key is never queued twice, so that whatever causes a message may run again.
    key = models.CharField(max_length=100, unique=True, null=True, editable=False)  # noqa: DJ001 - none is not ""
    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    person = models.ForeignKey(
        "Person",
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        null=True,
        related_name="outbox_messages",
        db_index=False,  # One below begins with it.
    )
    organization = models.ForeignKey("Organization", on_delete=models.PROTECT, null=True, related_name="+")
    recipient = models.CharField(pgettext_lazy("recipient", "to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    body = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    # What nobody but the recipient may read, encrypted; emptied once the message is sent or given up.
    secret = models.BinaryField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    # While the message is being sent: when its lease runs out and somebody else may take it. None: nothing is to come.
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now, null=True)
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease = models.UUIDField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    # As `refusals.kept` writes it.
    error = models.TextField(_("reason"), blank=True)
    provider_reference = models.CharField(max_length=100, blank=True)

    objects = scoped_manager(OutboxQuerySet, organization="organization")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("outbox")
        ordering = ["-pk"]
        indexes = [
            # Only of what is still to be sent, so they stay small. The second finds log-in codes, however long the queue.
            models.Index(
                fields=["channel", "due_at"], condition=Q(due_at__isnull=False), name="outbox_to_be_sent"
            ),
            models.Index(
                fields=["channel", "kind", "due_at"],
                condition=Q(due_at__isnull=False),
                name="outbox_to_be_sent_by_kind",
            ),
            models.Index(fields=["person", "-id"], name="outbox_of_person"),
            models.Index(fields=["organization", "state", "-id"], name="outbox_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def to(self) -> str:
        """The person's name; the address, if it goes to nobody in particular."""
        return str(self.person or self.recipient)

    @property
    def reason(self) -> str:
        """Why it wasn't sent, or not yet, in the reader's language; "" if there is nothing to say."""
        return told(self.error)

    @property
    def has_lost_its_secret(self) -> bool:
        """Whether what was to be put into the text is gone, so that nothing of use could be sent."""
        return self.secret is None and any(
            "{secret}" in text for text in (self.subject, self.body, self.html)
        )


class TextBudget(models.Model):
    """How many text messages went out lately on one account: a phone's, an address's, a country's and so on."""

    class Budget(models.TextChoices):
        PHONE = "phone", _("one phone number")
        ADDRESS = "address", _("one address on the internet")
        ORGANIZATION = "organization", _("the organization")
        COUNTRY = "country", _("one country")
        OVERALL = "overall", _("the whole site")

    budget = models.CharField(max_length=12, choices=Budget.choices)
    # A keyed hash for phones and addresses, so that neither can be read here; a country's code; an organization's key.
    subject = models.CharField(max_length=64, blank=True)
    organization = models.ForeignKey("Organization", on_delete=models.CASCADE, null=True, related_name="+")
    used = models.PositiveIntegerField(default=0)
    resets_at = models.DateTimeField(db_index=True)

    objects = scoped_manager(organization="organization")

    class Meta:
        verbose_name = _("budget of text messages")
        verbose_name_plural = _("budgets of text messages")
        constraints = [
            models.UniqueConstraint(fields=["budget", "subject"], name="text_budget_once"),
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.subject}".strip()


class OutboxRound(models.Model):
    """When something that the deliverer does from time to time is to be done next, by whichever process comes first."""

    name = models.CharField(max_length=64, unique=True)
    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")

    def __str__(self) -> str:
        return self.name
