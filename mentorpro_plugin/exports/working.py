"""Writing the raw data of an organization, as a task: with a lease, so that another worker takes up what one left."""

import time
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone, translation
from django_tasks import task

from ..access.reach import reach_of, scope_of
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..archives import Archive, ArchiveFailed, store_archive
from ..conversations.models import private_storage
from ..leases import Job, take_up_left
from ..people.languages import language_of
from ..people.leaving import anybody_is_leaving
from .keeping import KEPT, folder_of
from .models import RawExport
from .package import fill_archive

#: Attempts at an export before it is given up.
MOST_ATTEMPTS = 5
#: How long an export waits until it looks again whether somebody in it is still being deleted.
WHILE_LEAVING = timedelta(seconds=30)
#: How often progress is written down, and the right of whoever asked for it looked at, in seconds.
OFTEN = 2.0


@task()
def write_raw_export(pk: int) -> None:
    """Write the export `pk`, unless somebody else is doing it."""
    RawExportJob.work_on(pk)


def begin(export: RawExport) -> None:
    """Enqueue the work on `export`, in the transaction of the caller."""
    write_raw_export.enqueue(export.pk)


def take_up_left_exports() -> int:
    """Enqueue what nobody works on any more; return how many. What the deliverer does each half minute."""
    return take_up_left(RawExport, write_raw_export)


def may_export(user: Any, organization: Any) -> bool:
    """Whether `user` may export the raw data of `organization`."""
    reach = reach_of(user)
    with scope_of(reach):
        return reach.role is not None and user.has_perm("mentorpro_plugin.export_raw_data", organization)


class RawExportJob(Job):
    """One worker's hold on an export of raw data."""

    model = RawExport

    def __init__(self, row: Any) -> None:
        super().__init__(row)
        self._rows = {"rows_done": 0, "rows_total": 0}
        self._told = time.monotonic()

    def run(self) -> None:
        """Write, check and store the export; or say why there is none."""
        if anybody_is_leaving(self.row.organization):
            # They would stand in it, and then be the only thing that is left of them.
            self.keep(attempts=0)
            self.put_off(WHILE_LEAVING)
            return
        try:
            if self.row.attempts > MOST_ATTEMPTS:
                raise ArchiveFailed(RawExport.Reason.BROKEN_OFF)
            self._check_right()
            self._write()
        except ArchiveFailed as failure:
            self._end(RawExport.State.FAILED, error=failure.reason)

    def _write(self) -> None:
        counts: dict[str, int] = {}

        def fill(archive: Archive) -> None:
            counts.update(
                fill_archive(
                    archive, self.row.organization, with_files=self.row.with_files, progress=self._tell
                )
            )

        by, lease = self._user(), self.row.lease
        with translation.override(language_of(by, getattr(by, "mentorpro_person", None))):
            name = store_archive(private_storage(), folder_of(self.row), lease.hex, fill, beat=self.beat)
        try:
            self._check_right()
            with transaction.atomic():
                self._end(
                    RawExport.State.DONE,
                    file=name,
                    size=private_storage().size(name),
                    counts=counts,
                    expires_at=timezone.now() + KEPT,
                )
                note_raw_export(self.row, counts, by=by)
        except BaseException:
            private_storage().delete(name)
            raise

    def _tell(self, done: int, total: int) -> None:
        self._rows = {"rows_done": done, "rows_total": total}

    def beat(self) -> None:
        """Say that the work goes on, and how far it is. Raises LeaseLost, or ArchiveFailed once the right is gone."""
        if time.monotonic() - self._told > OFTEN:
            self._told = time.monotonic()
            self.keep(**self._rows)
            self._check_right()

    def _check_right(self) -> None:
        if not may_export(self._user(), self.row.organization):
            raise ArchiveFailed(RawExport.Reason.RIGHT_LOST)

    def _user(self) -> Any:
        """Return whoever asked for it, as they are now."""
        return get_user_model()._base_manager.filter(pk=self.row.by_id).first() if self.row.by_id else None

    def _end(self, state: RawExport.State, **values: Any) -> None:
        self.keep(state=state, finished_at=timezone.now(), lease=None, due_at=None, **values)


def note_raw_export(subject: Any, counts: dict[str, int], *, by: Any) -> None:
    """Write down that the raw data of an organization were exported: how many rows of each table."""
    organization = subject if subject._meta.model_name == "organization" else subject.organization
    record(
        subject,
        HistoryEntry.Action.EXPORTED,
        by=by,
        organization=organization.pk,
        changes={"rows": sum(counts.values()), "tables": counts},
    )
