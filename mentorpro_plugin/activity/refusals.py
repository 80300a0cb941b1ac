"""Writing down that somebody was refused: at most once a minute for each person and screen."""

import logging
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from ..access.reach import Reach
from .history import record
from .models import HistoryEntry

#: Asking for the same again within this time isn't written down: a loop could fill the disk otherwise. It bounds rows
#: to the number of screens a minute and person, since what stands in the address plays no part.
APART = timedelta(minutes=1)

_logger = logging.getLogger(__name__)


def note_refusal(user: Any, reach: Reach, screen: str, kind: str) -> None:
    """Record that `user` was refused `screen`. Whom or what they asked for isn't kept: it is nothing of theirs.

    A database that can't write now changes nothing of the answer that they get.
    """
    person = getattr(user, "mentorpro_person", None)
    subject = person if person is not None else user
    lately = HistoryEntry._base_manager.filter(
        actor=user.pk,
        at__gt=timezone.now() - APART,
        action=HistoryEntry.Action.ACCESS_DENIED,
        changes__screen=screen,
    )
    try:
        with transaction.atomic():
            if lately.exists():
                return
            record(
                subject,
                HistoryEntry.Action.ACCESS_DENIED,
                by=user,
                organization=reach.organization,
                person=reach.person,
                changes={"screen": screen, "kind": kind},
            )
    except DatabaseError:
        _logger.exception("A refusal could not be written down.")
