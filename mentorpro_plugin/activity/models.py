"""History: who did what to whom, from what to what, and when."""

from typing import Any, NoReturn

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.extents import ReachQuerySet
from ..access.managers import scoped_manager


class AppendOnlyError(Exception):
    """History is written once; nothing may change or remove an entry."""


class HistoryQuerySet(ReachQuerySet):
    """Reads, and adds; never changes."""

    def visible_to(self, user: Any) -> ReachQuerySet:
        """Entries on people whose history `user` may see; and those on nobody, by where they happened (`rules.py`)."""
        return self.permitted(user, "view_history")

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
        UNDONE = "undone", _("undid an import")
        REMOVED = "removed", _("removed with an undone import")
        LOGGED_IN = "logged_in", _("logged in")
        DEACTIVATED = "deactivated", _("deactivated")
        REACTIVATED = "reactivated", _("reactivated")
        CODE_ISSUED = "code_issued", _("given a log-in code")
        PHONE_CHANGED = "phone_changed", _("changed the phone number")
        CONSENTED = "consented", _("agreed to the terms")
        PROFILE_CHANGED = "profile_changed", _("changed the own profile")
        GOAL_SET = "goal_set", _("set a goal")
        GOAL_CHANGED = "goal_changed", _("changed a goal")
        GOAL_DONE = "goal_done", _("reached a goal")
        GOAL_REOPENED = "goal_reopened", _("took a goal up again")
        GOAL_DROPPED = "goal_dropped", _("gave a goal up")
        GOAL_PROPOSED = "goal_proposed", _("proposed a goal")
        GOAL_ACCEPTED = "goal_accepted", _("accepted a proposed goal")
        GOAL_DECLINED = "goal_declined", _("declined a proposed goal")
        GOAL_COMMENTED = "goal_commented", _("commented on a goal")
        GOAL_PROGRESSED = "goal_progressed", _("moved a goal on")
        GOAL_WITHDRAWN = "goal_withdrawn", _("took back a proposed goal")
        EXPORTED = "exported", _("exported")
        DOWNLOADED = "downloaded", _("downloaded an export")
        DELETION_STARTED = "deletion_started", _("began to delete")
        ARCHIVED = "archived", _("archived")
        UNARCHIVED = "unarchived", _("took out of the archive")
        WRITTEN_TO = "written_to", _("written to")
        SENT_AGAIN = "sent_again", _("sent again")
        LETTER_CHANGED = "letter_changed", _("changed the text of an e-mail")
        LOGIN_REFUSED = "login_refused", _("refused a log-in")
        ACCESS_DENIED = "access_denied", _("refused access")
        PASSWORD_CHANGED = "password_changed", _("changed the password")
        FACTOR_ADDED = "factor_added", _("set up a second way to prove who they are")
        FACTOR_REMOVED = "factor_removed", _("removed a second way to prove who they are")
        SESSION_ENDED = "session_ended", _("ended a session")

    class Via(models.TextChoices):
        SCREEN = "screen", _("screen")
        IMPORT = "import", _("import")
        COMMAND = "command", _("command")

    class Kind(models.TextChoices):
        """What entries are looked for by: each action is of one kind."""

        PEOPLE = "people", _("Added, changed, given identifiers")
        STATUS = "status", _("Deactivated, reactivated, archived")
        ASSIGNMENTS = "assignments", _("Assigned and unassigned")
        GOALS = "goals", _("Goals")
        FILES = "files", _("Imports, exports, downloads")
        DELETIONS = "deletions", _("Deletions")
        LETTERS = "letters", _("Written to")
        LOG_INS = "log_ins", _("Log-ins and passwords")
        REFUSALS = "refusals", _("Refused log-ins and refused access")

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    # Indexes below begin with actor, person and program: one of their own would only be written.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    action = models.CharField(_("action"), max_length=32, choices=Action.choices)
    via = models.CharField(_("through"), max_length=16, choices=Via.choices, default=Via.SCREEN)
    organization = models.ForeignKey(
        "Organization", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    person = models.ForeignKey(
        "Person",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
    )
    program = models.ForeignKey(
        "Program",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
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
            models.Index(fields=["actor", "-at"], name="history_by_actor"),
            models.Index(fields=["action", "-at"], name="history_by_action"),
            models.Index(
                fields=["program", "-at"], condition=Q(program__isnull=False), name="history_of_program"
            ),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="history_of_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


_Action, _Kind = HistoryEntry.Action, HistoryEntry.Kind

_KINDS = {
    _Kind.PEOPLE: (
        _Action.ADDED,
        _Action.CHANGED,
        _Action.IDENTIFIERS_GIVEN,
        _Action.PHONE_CHANGED,
        _Action.CONSENTED,
        _Action.PROFILE_CHANGED,
        _Action.REMOVED,
    ),
    _Kind.STATUS: (_Action.DEACTIVATED, _Action.REACTIVATED, _Action.ARCHIVED, _Action.UNARCHIVED),
    _Kind.ASSIGNMENTS: (
        _Action.ASSIGNED,
        _Action.UNASSIGNED,
        _Action.REOPENED,
        _Action.PRIMARY_SET,
        _Action.PRIMARY_CLEARED,
    ),
    _Kind.GOALS: tuple(action for action in _Action if action.startswith("goal_")),
    _Kind.FILES: (_Action.IMPORTED, _Action.UNDONE, _Action.EXPORTED, _Action.DOWNLOADED),
    _Kind.DELETIONS: (_Action.DELETION_STARTED, _Action.DELETED),
    _Kind.LETTERS: (_Action.WRITTEN_TO, _Action.SENT_AGAIN, _Action.LETTER_CHANGED),
    _Kind.LOG_INS: (
        _Action.LOGGED_IN,
        _Action.CODE_ISSUED,
        _Action.PASSWORD_CHANGED,
        _Action.FACTOR_ADDED,
        _Action.FACTOR_REMOVED,
        _Action.SESSION_ENDED,
    ),
    _Kind.REFUSALS: (_Action.LOGIN_REFUSED, _Action.ACCESS_DENIED),
}


def actions_of(kind: str) -> tuple[HistoryEntry.Action, ...]:
    """Return the actions of a kind. Raises KeyError for one that there isn't."""
    return _KINDS[_Kind(kind)]
