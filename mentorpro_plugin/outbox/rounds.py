"""What the deliverer does from time to time besides delivering, such as looking for unread messages."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from .models import OutboxRound

logger = logging.getLogger(__name__)


class Round(NamedTuple):
    function: Callable[[], object]
    every: float


_rounds: dict[str, Round] = {}


def register_round(name: str, function: Callable[[], object], *, every: float) -> None:
    """Have the deliverer call `function` once in `every` seconds, however many processes deliver.

    It is called outside any scope and transaction. A slow one may be called again in another process before it has
    ended, and one that fails or is killed is called again after `every` seconds: it must bear both.
    """
    _rounds[name] = Round(function, every)


def due_rounds() -> list[str]:
    """Return the names of the rounds to be made now. One query."""
    due_at = dict(OutboxRound.objects.values_list("name", "due_at"))
    now = timezone.now()
    return [name for name in _rounds if due_at.get(name, now) <= now]


def run_round(name: str) -> bool:
    """Make the round, unless another process has just begun it; say which. What it raises is logged."""
    function, every = _rounds[name]
    if not _claim(name, every):
        return False
    try:
        function()
    except Exception as error:  # noqa: BLE001 - one round's fault must not end the others
        # Its class only: what it says may quote people.
        logger.error("The round “%s” failed (%s).", name, type(error).__name__)
    return True


def _claim(name: str, every: float) -> bool:
    """Whether the round is due and now ours: of several processes, the database lets one have it."""
    now = timezone.now()
    due_at = now + timedelta(seconds=every)
    rounds = OutboxRound.objects.filter(name=name)
    if rounds.filter(due_at__lte=now).update(due_at=due_at):
        return True
    _row, is_new = rounds.get_or_create(name=name, defaults={"due_at": due_at})
    return is_new
