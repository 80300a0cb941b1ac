"""What the history report itself writes down."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied

from ..access.extents import holds
from ..access.reach import reach_of
from .history import record
from .models import HistoryEntry


def note_export(filters: Iterable[str], *, by: Any) -> HistoryEntry:
    """Write down that `by` takes the report away as a file, and by which filters; not what was looked for in them.

    Raises PermissionDenied if they see no history.
    """
    if not holds(by, "view_history"):
        raise PermissionDenied
    return record(
        by,
        HistoryEntry.Action.EXPORTED,
        by=by,
        organization=reach_of(by).organization,
        changes={"report": "history", "filters": sorted(filters)},
    )
