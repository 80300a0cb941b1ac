"""Imports: the uploaded file, what was said about its columns, how far it is, and what came of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.extents import NO_ROWS, ReachQuerySet
from ..access.managers import scoped_manager
from ..access.reach import reach_of
from ..access.roles import ACCOUNTS
from ..access.table import Span, span_of
from ..leases import Leased


class RosterImportQuerySet(ReachQuerySet):
    def visible_to(self, user: Any) -> ReachQuerySet:
        """The user's own imports; for accounts that answer for organizations, everybody's into those.

        Not those of other Program Managers: their files hold people of programs beyond the reach.
        """
        reach = reach_of(user)
        if reach.everything:
            return self.all()
        if span_of(reach, "import_roster") == Span.NONE:
            return self.filter(NO_ROWS)
        seen = Q(by=user.pk)
        if reach.role in ACCOUNTS:
            seen |= Q(organization__in=reach.organizations)
        return self.filter(seen)


class RosterImport(Leased):
    """One file on its way from the upload to the roster. Its files are kept in the private storage for a while."""

    class State(models.TextChoices):
        #: The file is stored, and waits to be read by a worker.
        UPLOADED = "uploaded", _("reading the file")
        #: The user says what the columns mean.
        MAPPING = "mapping", _("columns to be checked")
        PLANNING = "planning", _("checking the rows")
        #: The preview is there, and waits for a yes.
        PREVIEW = "preview", _("waiting for confirmation")
        STORING = "storing", _("storing")
        DONE = "done", _("done")
        # Nothing was stored.
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    #: States in which a worker has something to do.
    OPEN = (State.UPLOADED, State.PLANNING, State.STORING, State.UNDOING)
    #: States in which somebody has to say something.
    WAITING = (State.MAPPING, State.PREVIEW)
    #: States in which it can still be stopped.
    STOPPABLE = (State.UPLOADED, State.MAPPING, State.PLANNING, State.PREVIEW, State.STORING)

    # Where rows belong that name no organization, and the confines of the import; a Super Admin may leave it open.
    organization = models.ForeignKey(
        "Organization",
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.UPLOADED)
    # What the file was called where it came from.
    file_name = models.CharField(_("file"), max_length=255)
    size = models.PositiveBigIntegerField(default=0)
    digest = models.CharField("SHA-256", max_length=64)
    # Names in the private storage; empty where there is none, or no more.
    file = models.CharField(max_length=255, blank=True)
    plan = models.CharField(max_length=255, blank=True)
    files_expire_at = models.DateTimeField(null=True)
    # What the user said is to be read, where it isn't what was found: a sheet, and the line of the headings.
    sheet = models.CharField(max_length=255, blank=True)
    heading_line = models.PositiveIntegerField(default=0)
    # What was read of the file before its rows: `reading.Glance`, as JSON. Its samples are cells of people's data.
    glance = models.JSONField(default=dict)
    # What the user said of the columns: `mapping.Mapping`, as JSON.
    mapping = models.JSONField(default=dict)
    # Rows by `plan.Kind`, and what else the preview counts (e-mails by kind, as "welcomes" and so on).
    counts = models.JSONField(default=dict)
    # Whether the valid rows are stored though others are refused.
    only_valid = models.BooleanField(default=False)
    # How the roster was when the plan was made: `staleness.mark_of`. Compared before the plan is carried out.
    mark = models.CharField(max_length=128, blank=True)
    # Rows done and to be done in the present state, and since when.
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    state_since = models.DateTimeField(default=timezone.now)
    # The `batch` of the history entries that it wrote.
    batch = models.UUIDField(null=True)
    # A sentence for whoever uploaded it, in their language; empty unless it failed or has to be looked at again.
    error = models.TextField(blank=True)
    command = models.CharField(max_length=40, blank=True)
    # Who had it undone.
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )

    objects = scoped_manager(RosterImportQuerySet, organization="organization")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="import_to_be_done"),
            models.Index(fields=["organization", "-id"], name="import_of_organization"),
            models.Index(fields=["by", "-id"], name="import_by"),
        ]

    def __str__(self) -> str:
        return self.file_name


def attribute_of(person: Any, name: str) -> str:
    """Return an attribute of a person as text, as `ImportedPerson.before` has it."""
    value = getattr(person, name)
    return value.as_e164 if value and name == "phone" else str(value or "")


class ImportedPerson(models.Model):
    """That an import added or changed a person, and what they had before: so that it can be shown, and undone."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    is_new = models.BooleanField()
    # What fields and identifiers had and got, and primary keys of assignments, each only where there is something:
    # {"first_name": ["Ana", "Anna"], "phone": ["+1...", "+1..."], "identifiers": {"7": [None, 31]}, "opened": [2],
    # "ended": [3], "primary": [4]}. Nothing for a new person: everything of theirs came with them.
    before = models.JSONField(default=dict)
    # Whether undoing is through with it; and if something stays nevertheless, why, as a code of `undoing.Kept`.
    is_undone = models.BooleanField(default=False)
    kept = models.CharField(max_length=20, blank=True)

    objects = scoped_manager(organization="person__organization")

    class Meta:
        verbose_name = _("imported person")
        verbose_name_plural = _("imported people")
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["roster_import", "person"], name="imported_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.roster_import_id} {self.person_id}"


class RememberedHeading(models.Model):
    """What an organization meant by a heading last time."""

    organization = models.ForeignKey("Organization", on_delete=models.CASCADE, related_name="+")
    # Its letters and digits, folded: `headings.letters_of`.
    heading = models.CharField(max_length=200)
    # As `mapping.Mapping` has it: a column, an identifier, or nothing.
    meaning = models.CharField(max_length=120)

    objects = scoped_manager(organization="organization")

    class Meta:
        verbose_name = _("remembered heading")
        verbose_name_plural = _("remembered headings")
        constraints = [
            models.UniqueConstraint(fields=["organization", "heading"], name="remembered_heading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.heading}: {self.meaning}"
