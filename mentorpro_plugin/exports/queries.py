"""What the screens say of exports of raw data: how far one is, what is in it, and which come regularly."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ..activity.names import name_of
from ..organizations.models import Organization
from .actions import is_resting
from .models import ExportSchedule, RawExport
from .tables import tables

#: Regular exports that a page shows.
MOST_SHOWN = 100


def exportable_by(user: Any) -> QuerySet[Organization]:
    """Organizations whose raw data `user` may export."""
    return Organization.objects.permitted(user, "export_raw_data")


def progress_of(export: RawExport) -> int | None:
    """Return in percent how far the export is; None while that isn't known."""
    if not export.rows_total:
        return None
    # Its files are still to come, and then it is stored and checked.
    return min(99, 100 * export.rows_done // export.rows_total)


@dataclass(frozen=True)
class Kind:
    label: Any
    count: int


def kinds(export: RawExport) -> list[Kind]:
    """Return how many rows of each table are in it, in the order of the tables."""
    return [
        Kind(table.label, export.counts[table.name]) for table in tables() if export.counts.get(table.name)
    ]


@dataclass(frozen=True)
class Regular:
    """A regular export, as the page shows it to somebody."""

    schedule: ExportSchedule
    by: str
    is_resting: bool


def regular_exports(user: Any) -> list[Regular]:
    """Return the regular exports that `user` may change, by organization."""
    schedules = ExportSchedule.objects.visible_to(user).select_related("organization", "by__mentorpro_person")
    schedules = schedules.order_by("organization__name", "pk")[:MOST_SHOWN]
    return [Regular(schedule, name_of(schedule.by, user), is_resting(schedule)) for schedule in schedules]
