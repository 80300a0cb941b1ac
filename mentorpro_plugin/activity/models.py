"""History: who did what to whom, from what to what, and when."""

from typing import Any, NoReturn

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.extents import ReachQuerySet
from ..access.managers import scoped_manager


class AppendOnlyError(Exception):
    """History is written once; nothing may change or remove an entry."""


class HistoryQuerySet(ReachQuerySet):
    """Reads, and adds; never changes."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError


class HistoryEntry(models.Model):
    """One thing that happened, in ids.

    Names are looked up when an entry is shown, so that after a person is deleted only numbers are left. For the same
    reason `changes` holds {field: [from, to]} for ids and choices, and {field: null} for personal data: that it
    changed, not what it was. References carry no database constraint: they may outlive what they point at.
    """

    class Action(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")
        ASSIGNED = "assigned", _("assigned")
        UNASSIGNED = "unassigned", _("unassigned")
        REOPENED = "reopened", _("reopened")
        PRIMARY_SET = "primary_set", _("made Primary Mentor")
        PRIMARY_CLEARED = "primary_cleared", _("no longer Primary Mentor")
        IDENTIFIERS_GIVEN = "identifiers_given", _("given identifiers")
        IMPORTED = "imported", _("imported a roster")

    class Via(models.TextChoices):
        SCREEN = "screen", _("screen")
        IMPORT = "import", _("import")
        COMMAND = "command", _("command")

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    action = models.CharField(_("action"), max_length=32, choices=Action.choices)
    via = models.CharField(_("through"), max_length=16, choices=Via.choices, default=Via.SCREEN)
    organization = models.ForeignKey(
        "Organization", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    person = models.ForeignKey(
        "Person", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    program = models.ForeignKey(
        "Program", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    subject_type = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    batch = models.UUIDField(null=True)

    objects = scoped_manager(HistoryQuerySet, organization="organization")

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at"], name="history_of_person"),
            models.Index(fields=["organization", "-at"], name="history_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError
