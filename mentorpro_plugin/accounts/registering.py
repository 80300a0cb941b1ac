"""What the log-in of staff has done elsewhere: history, tidying up, and a look at the settings."""

from typing import Any

from django.apps import apps

from ..activity.models import HistoryEntry
from ..outbox.rounds import register_round
from .history import note, person_of
from .tries import forget_old_tries


def register_accounts() -> None:
    from . import checks, devices, sessions  # noqa: F401, PLC0415 - receivers and checks

    register_round("forget old tries", forget_old_tries, every=60 * 60)
    if apps.is_installed("allauth.mfa"):
        from allauth.mfa import signals  # noqa: PLC0415 - not everywhere installed

        signals.authenticator_added.connect(_note_added)
        signals.authenticator_reset.connect(_note_added)
        signals.authenticator_removed.connect(_note_removed)


def _note_added(sender: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    note(person_of(user), HistoryEntry.Action.FACTOR_ADDED, by=user, kind=authenticator.type)


def _note_removed(sender: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    note(person_of(user), HistoryEntry.Action.FACTOR_REMOVED, by=user, kind=authenticator.type)
