"""What history keeps of log-ins: who, by keys; never an address, never what was typed."""

from typing import Any

from ..activity.history import record
from ..activity.models import HistoryEntry
from ..people.models import Person
from .models import PasswordTries


def note_refused_log_in(person: Person | None, tries: PasswordTries) -> None:
    """Record a wrong password: of the person, or of nobody where the address is unknown.

    Both cost one row, so that the time doesn't tell them apart; both are bounded by the lock.
    """
    record(
        person if person is not None else tries,
        HistoryEntry.Action.LOGIN_REFUSED,
        by=None,
        organization=person.organization_id if person is not None else None,
        person=person.pk if person is not None else None,
    )


def note(person: Person | None, action: HistoryEntry.Action, *, by: Any, kind: str = "") -> None:
    """Record something about the account of `person`; nothing for users who are in no roster."""
    if person is None:
        return
    changes = {"factor": [None, kind] if action == HistoryEntry.Action.FACTOR_ADDED else [kind, None]}
    record(
        person,
        action,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes=changes if kind else {},
    )


def person_of(user: Any) -> Person | None:
    """Return the person behind `user`, if any."""
    return getattr(user, "mentorpro_person", None)
