"""Whether a roster is still as it was when an import was planned."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from ..access.reach import reach_of
from ..activity.models import HistoryEntry
from ..organizations.models import Organization

#: What no plan depends on, though it happens all the time.
_BESIDE_THE_POINT = (
    HistoryEntry.Action.LOGGED_IN,
    HistoryEntry.Action.CODE_ISSUED,
    HistoryEntry.Action.LOGIN_REFUSED,
    HistoryEntry.Action.ACCESS_DENIED,
    HistoryEntry.Action.CONSENTED,
    HistoryEntry.Action.PASSWORD_CHANGED,
    HistoryEntry.Action.FACTOR_ADDED,
    HistoryEntry.Action.FACTOR_REMOVED,
    HistoryEntry.Action.SESSION_ENDED,
    HistoryEntry.Action.WRITTEN_TO,
    HistoryEntry.Action.SENT_AGAIN,
    HistoryEntry.Action.LETTER_CHANGED,
    HistoryEntry.Action.EXPORTED,
    HistoryEntry.Action.DOWNLOADED,
    *(action for action in HistoryEntry.Action if action.startswith("goal_")),
)
#: Longer than any transaction takes. Entries become visible in the order of commits, not of their keys.
_SLACK = timedelta(hours=1)


class Stale(Exception):
    """The roster isn't any more as it was when the import was planned."""


def mark_of(trees: Iterable[int], by: Any, *, since: datetime | None = None) -> str:
    """Return what tells whether anything was changed since that a plan for the user `by` in these trees depends on.

    Marks are equal as long as the reach of `by`, and the history of the trees, are. `since` is the moment of another
    mark, to be compared with this one.
    """
    since = since or timezone.now().replace(microsecond=0) - _SLACK
    organizations = Organization._base_manager.filter(Q(pk__in=trees) | Q(parent__in=trees))
    changes = HistoryEntry._base_manager.exclude(action__in=_BESIDE_THE_POINT)
    latest = changes.filter(organization=OuterRef("pk")).order_by("-at", "-pk").values("pk")[:1]
    newest = organizations.annotate(latest=Subquery(latest)).values_list("latest", flat=True)
    last = max((pk for pk in newest if pk is not None), default=0)
    count = changes.filter(organization__in=organizations, at__gte=since).count()
    reach = reach_of(by)
    facts = (reach.role, reach.organization, sorted(reach.organizations), sorted(reach.programs))
    reached = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
    return f"{int(since.timestamp())}.{last}.{count}.{reached}"


def check_mark(mark: str, trees: Iterable[int], by: Any) -> None:
    """Raise Stale unless everything is as it was when `mark` was made for these trees and this user."""
    since = datetime.fromtimestamp(int(mark.partition(".")[0]), UTC)
    if mark_of(trees, by, since=since) != mark:
        raise Stale
