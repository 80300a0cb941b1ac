"""Deletions: begun, on their way, and the receipts of those that are done."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..access.extents import NO_ROWS, ReachQuerySet
from ..access.managers import scoped_manager
from ..access.reach import reach_of
from ..access.roles import Role
from ..access.table import Span, span_of
from ..leases import Leased


class DeletionQuerySet(ReachQuerySet):
    def visible_to(self, user: Any) -> ReachQuerySet:
        """Deletions in organizations whose people `user` may delete."""
        reach = reach_of(user)
        if reach.everything:
            return self.all()
        # One row of the table speaks of everybody who can be deleted.
        if span_of(reach, "delete_mentee") != Span.OWN_TREE:
            return self.filter(NO_ROWS)
        return self.filter(organization__in=reach.organizations)


class Deletion(Leased):
    """That a person is, or was, deleted: by whom, when, and how many rows of each kind went. In ids and numbers only.

    References carry no database constraint: the receipt outlives what it points at.
    """

    class State(models.TextChoices):
        EXPORTING = "exporting", _("writing the export")
        DELETING = "deleting", _("deleting")
        DONE = "done", _("deleted")
        # Nothing was deleted.
        FAILED = "failed", _("failed")

    class Reason(models.TextChoices):
        DISK_FULL = (
            "disk_full",
            _(
                "There is no room left for the export. Ask whoever runs the site to make some, then try again."
            ),
        )
        STORAGE = (
            "storage",
            _(
                "The export couldn't be stored. Try again later; if that doesn't help, tell whoever runs the site."
            ),
        )
        FILE_MISSING = (
            "file_missing",
            _(
                "A file sent with a message isn't in the storage, so the export would lack it. Have it brought back"
                " from a backup and try again, or delete without an export."
            ),
        )
        BROKEN_OFF = (
            "broken_off",
            _(
                "The export was broken off several times. Try again; if that doesn't help, tell whoever runs the site."
            ),
        )

    #: States in which something is still to be done.
    OPEN = (State.EXPORTING, State.DELETING)

    person_pk = models.BigIntegerField()
    role = models.CharField(_("role"), max_length=20)
    organization = models.ForeignKey(
        "Organization", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    requested_at = models.DateTimeField(_("when"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.EXPORTING)
    wants_export = models.BooleanField(_("export first"), default=True)
    # Whether the account was on when it was begun, so that it can be as it was if nothing is deleted.
    was_enabled = models.BooleanField(default=False)
    # Name in the private storage; empty where there is none, or no more.
    export = models.CharField(max_length=200, blank=True)
    export_expires_at = models.DateTimeField(null=True)
    # Rows by kind: as they were counted when it was begun, and as they went.
    counts = models.JSONField(default=dict)
    deleted = models.JSONField(default=dict)
    # One of `Reason`; empty unless it failed.
    error = models.TextField(_("reason"), blank=True)

    objects = scoped_manager(DeletionQuerySet, organization="organization")

    class Meta:
        verbose_name = _("deletion")
        verbose_name_plural = _("deletions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person_pk"], condition=~Q(state="failed"), name="deletion_once_per_person"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="deletion_to_be_done"),
            models.Index(fields=["organization", "-id"], name="deletion_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.person_pk}"

    @property
    def reason(self) -> str:
        """Why it failed, as a sentence."""
        return str(self.Reason(self.error).label) if self.error in self.Reason.values else self.error

    @property
    def has_export(self) -> bool:
        """Whether there is an export to fetch: from when it is stored whole until its time is over."""
        return (
            bool(self.export)
            and self.export_expires_at is not None
            and self.export_expires_at > timezone.now()
        )

    @property
    def what(self) -> str:
        """Who it was, as far as can still be said: the role, and a number."""
        return gettext("%(role)s no. %(number)s") % {
            "role": Role(self.role).label if self.role in Role.values else self.role,
            "number": self.person_pk,
        }
