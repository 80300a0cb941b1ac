"""Asking for the raw data of an organization, once or regularly, and fetching them."""

import calendar
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..organizations.models import Organization
from .models import ExportSchedule, RawExport
from .working import begin, may_export


@transaction.atomic
def request_raw_export(
    organization: Organization, *, with_files: bool, by: Any, schedule: ExportSchedule | None = None
) -> RawExport:
    """Have the raw data of `organization`, with its children, written into a file.

    Raises PermissionDenied if `by` may not export them, ValidationError while an export of them is being written.
    """
    if not may_export(by, organization):
        raise PermissionDenied
    export = RawExport(organization=organization, with_files=with_files, by_id=by.pk, schedule=schedule)
    with refusals_as_sentences(RawExport):
        export.save(force_insert=True)
    begin(export)
    return export


@transaction.atomic
def cancel_raw_export(export: RawExport, *, by: Any) -> bool:
    """Break `export` off; whoever writes it notices within seconds. Returns False if it had ended by itself.

    Raises PermissionDenied if `by` may not export there.
    """
    _check(export, by)
    open_exports = RawExport._base_manager.filter(pk=export.pk, state__in=RawExport.OPEN)
    return bool(
        open_exports.update(
            state=RawExport.State.CANCELLED, finished_at=timezone.now(), lease=None, due_at=None
        )
    )


def note_download(export: RawExport, *, by: Any) -> None:
    """Write down that `by` fetched the file. Raises PermissionDenied if they may not."""
    _check(export, by)
    record(export, HistoryEntry.Action.DOWNLOADED, by=by, organization=export.organization_id)


@transaction.atomic
def save_schedule(schedule: ExportSchedule, *, by: Any) -> ExportSchedule:
    """Have the organization's raw data exported regularly on behalf of `by`, also where it was another's until now.

    Raises PermissionDenied if `by` may not export them, ValidationError if they are exported regularly already.
    """
    _check(schedule, by)
    is_new = schedule._state.adding
    now = timezone.now()
    if not is_new and schedule.next_at > now:
        schedule.next_at = next_time(schedule, after=now)
    schedule.by_id = by.pk
    with refusals_as_sentences(ExportSchedule):
        schedule.save()
    _record(schedule, HistoryEntry.Action.ADDED if is_new else HistoryEntry.Action.CHANGED, by)
    return schedule


@transaction.atomic
def remove_schedule(schedule: ExportSchedule, *, by: Any) -> None:
    """End regular exports; what was exported stays for as long as it would have. Raises PermissionDenied."""
    _check(schedule, by)
    _record(schedule, HistoryEntry.Action.DELETED, by)
    ExportSchedule._base_manager.filter(pk=schedule.pk).delete()


def begin_due_exports() -> int:
    """Begin the regular exports that are due; return how many. What the deliverer does from time to time.

    Those of whoever may not export any more rest.
    """
    count = 0
    due = ExportSchedule._base_manager.filter(next_at__lte=timezone.now()).select_related(
        "organization", "by"
    )
    for schedule in due:
        if not is_resting(schedule) and _move_on(schedule):
            try:
                request_raw_export(
                    schedule.organization, with_files=schedule.with_files, by=schedule.by, schedule=schedule
                )
                count += 1
            except ValidationError:
                # Somebody has just asked for one: the next is in a week, or a month.
                continue
    return count


def is_resting(schedule: ExportSchedule) -> bool:
    """Whether nothing is exported, because whoever set the schedule up may not do so any more."""
    return schedule.by is None or not may_export(schedule.by, schedule.organization)


def _move_on(schedule: ExportSchedule) -> bool:
    """Set the schedule to its next time. False if another process was first."""
    unmoved = ExportSchedule._base_manager.filter(pk=schedule.pk, next_at=schedule.next_at)
    return bool(unmoved.update(next_at=next_time(schedule, after=timezone.now())))


def next_time(schedule: ExportSchedule, *, after: datetime) -> datetime:
    """Return the first time after `after` at the hour, and on the day of the week or month, when it was set up.

    In a month without that day, it is the last one.
    """
    first = timezone.localtime(schedule.created_at)
    if schedule.every == ExportSchedule.Every.WEEK:
        weeks = (after - first) // timedelta(weeks=1)
        # By the clock on the wall, which may be an hour off when it is put forward or back.
        times = [first + timedelta(weeks=more) for more in range(weeks, weeks + 3)]
    else:
        now = timezone.localtime(after)
        times = [
            _in_month(first, now.year, now.month),
            _in_month(first, now.year + now.month // 12, now.month % 12 + 1),
        ]
    return next(time for time in map(_on_the_wall, times) if time > after)


def _in_month(moment: datetime, year: int, month: int) -> datetime:
    last = calendar.monthrange(year, month)[1]
    return moment.replace(year=year, month=month, day=min(moment.day, last))


def _on_the_wall(moment: datetime) -> datetime:
    return timezone.make_aware(moment.replace(tzinfo=None))


def _record(schedule: ExportSchedule, action: HistoryEntry.Action, by: Any) -> None:
    record(
        schedule,
        action,
        by=by,
        organization=schedule.organization_id,
        changes={"every": [None, schedule.every]},
    )


def _check(owned: RawExport | ExportSchedule, by: Any) -> None:
    if not may_export(by, owned.organization):
        raise PermissionDenied
