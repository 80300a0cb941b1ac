"""Exports of raw data in the private storage: kept for a week, or until somebody in them is deleted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ..conversations.models import private_storage
from ..purging import folders_in, names_in, remove_settled
from .models import ExportSchedule, RawExport

#: How long an export can be fetched.
KEPT = timedelta(days=7)
#: How long after a deletion what it broke off is begun again, of what is exported regularly.
_AGAIN = timedelta(hours=1)

_FOLDER = "raw-exports"


def folder_of(export: RawExport) -> str:
    return f"{_FOLDER}/{export.pk}"


def purge_raw_exports() -> int:
    """Remove exports past their time, and files that no export knows; return how many."""
    storage, count = private_storage(), 0
    past = RawExport._base_manager.exclude(file="").filter(expires_at__lte=timezone.now())
    for export in past.iterator():
        _remove(export)
        count += 1
    for folder in folders_in(storage, _FOLDER):
        export = RawExport._base_manager.filter(pk=folder).first() if folder.isdecimal() else None
        if export is None or not export.is_open:
            kept = export.file if export else ""
            left = [name for name in names_in(storage, f"{_FOLDER}/{folder}") if name != kept]
            count += remove_settled(storage, left)
    return count


def forget_in_exports(person: Any, beat: Callable[[], object]) -> None:
    """Remove the exports that hold `person`, who is being deleted, and break off those that are being written."""
    now = timezone.now()
    holding = _exports_of(person)
    being_written = holding.filter(state=RawExport.State.WRITING)
    schedules = list(being_written.exclude(schedule=None).values_list("schedule", flat=True))
    # Whoever writes one finds its lease gone, and removes what it has written so far.
    being_written.update(
        state=RawExport.State.FAILED,
        error=RawExport.Reason.PERSON_DELETED,
        finished_at=now,
        lease=None,
        due_at=None,
    )
    ExportSchedule._base_manager.filter(pk__in=schedules).update(next_at=now + _AGAIN)
    for export in holding.exclude(file=""):
        beat()
        _remove(export, error=RawExport.Reason.PERSON_DELETED)


def _exports_of(person: Any) -> QuerySet:
    """Exports of the person's organization, and of the parent organization above it."""
    places = Q(organization=person.organization_id) | Q(organization=person.tree_id)
    return RawExport._base_manager.filter(places)


def _remove(export: RawExport, **values: Any) -> None:
    # The file first: if it ends here, the row still says that there is one.
    private_storage().delete(export.file)
    RawExport._base_manager.filter(pk=export.pk, file=export.file).update(file="", **values)
