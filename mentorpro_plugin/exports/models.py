"""Exports of everything that is held on the people of an organization: asked for, written, fetched, gone."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.extents import NO_ROWS, ReachQuerySet
from ..access.managers import scoped_manager
from ..access.reach import reach_of
from ..access.table import Span, span_of
from ..leases import Leased


class ExportQuerySet(ReachQuerySet):
    def visible_to(self, user: Any) -> ReachQuerySet:
        """Exports, and schedules of exports, of organizations whose raw data `user` may export."""
        reach = reach_of(user)
        if reach.everything:
            return self.all()
        if span_of(reach, "export_raw_data") != Span.OWN_TREE:
            return self.filter(NO_ROWS)
        return self.filter(organization__in=reach.organizations)


class ExportSchedule(models.Model):
    """That an organization's raw data are exported every week or month.

    It rests while `by` may not export them (any more), until somebody who may saves it anew.
    """

    class Every(models.TextChoices):
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")

    organization = models.ForeignKey(
        "Organization", verbose_name=_("organization"), on_delete=models.CASCADE, related_name="+"
    )
    every = models.CharField(_("how often"), max_length=5, choices=Every.choices, default=Every.WEEK)
    with_files = models.BooleanField(_("with the files that were sent in messages"), default=True)
    # On whose behalf.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    # The day of the week, or of the month, is that of this moment.
    created_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(_("next"), default=timezone.now)

    objects = scoped_manager(ExportQuerySet, organization="organization")

    class Meta:
        verbose_name = _("scheduled export")
        verbose_name_plural = _("scheduled exports")
        ordering = ["organization", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                name="export_schedule_once",
                violation_error_message=_("This organization's raw data are exported regularly already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.get_every_display()}"


class RawExport(Leased):
    """The raw data of one organization (with its children, if a parent), as a ZIP in the private storage."""

    class State(models.TextChoices):
        WRITING = "writing", _("being written")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Reason(models.TextChoices):
        DISK_FULL = (
            "disk_full",
            _(
                "There is no room left for the export. Ask whoever runs the site to make some, then ask for it again."
            ),
        )
        STORAGE = (
            "storage",
            _(
                "The export couldn't be stored. Ask for it again later; if that doesn't help, tell whoever runs the site."
            ),
        )
        FILE_MISSING = (
            "file_missing",
            _(
                "A file sent with a message isn't in the storage, so the export would lack it. Have it brought back"
                " from a backup, or ask for an export without files."
            ),
        )
        BROKEN_OFF = (
            "broken_off",
            _(
                "The export was broken off several times. Ask for it again; if that doesn't help, tell whoever runs the"
                " site."
            ),
        )
        RIGHT_LOST = "right_lost", _("Whoever asked for it may not export the raw data any more.")
        PERSON_DELETED = (
            "person_deleted",
            _(
                "Somebody in it was deleted, and so were the exports that held them. Ask for another one if you need it."
            ),
        )

    OPEN = (State.WRITING,)

    organization = models.ForeignKey(
        "Organization", verbose_name=_("organization"), on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    schedule = models.ForeignKey(ExportSchedule, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WRITING)
    with_files = models.BooleanField(_("with the files that were sent in messages"), default=True)
    # Name in the private storage; empty where there is none, or no more.
    file = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(_("can be fetched until"), null=True)
    # Rows by table, as they were written.
    counts = models.JSONField(default=dict)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(default=0)
    # One of `Reason`, where there is no file, or no more, for a reason of its own.
    error = models.CharField(max_length=20, blank=True)

    objects = scoped_manager(ExportQuerySet, organization="organization")

    class Meta:
        verbose_name = _("export of raw data")
        verbose_name_plural = _("exports of raw data")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(state="writing"),
                name="raw_export_one_at_a_time",
                violation_error_message=_("An export of this organization is being written already."),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="raw_export_to_be_done"),
            models.Index(fields=["organization", "-id"], name="raw_export_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.created_at:%Y-%m-%d}"

    @property
    def reason(self) -> str:
        """Why there is no file, as a sentence."""
        return str(self.Reason(self.error).label) if self.error in self.Reason.values else self.error

    @property
    def has_file(self) -> bool:
        """Whether there is a file to fetch: from when it is stored whole until its time is over."""
        return (
            self.state == self.State.DONE
            and bool(self.file)
            and self.expires_at is not None
            and self.expires_at > timezone.now()
        )
