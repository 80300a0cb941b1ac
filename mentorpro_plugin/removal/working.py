"""Carrying a deletion out, as a task: in batches, with a lease, so that another worker takes up what one left."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import task

from ..access.roles import ACCOUNTS
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..archives import ArchiveFailed
from ..holdings import Holding, holdings, sweeps
from ..leases import Job, take_up_left
from ..people.lifecycle import let_in_again
from ..people.models import Person
from .exporting import write_export
from .models import Deletion

#: Rows that go in one transaction.
BATCH = 5_000
#: Attempts at an export before it is given up.
MOST_ATTEMPTS = 5
#: How long an export can be fetched.
KEPT = timedelta(days=7)


@task()
def carry_out(pk: int) -> None:
    """Do what is left of the deletion `pk`, unless somebody else is doing it."""
    DeletionJob.work_on(pk)


def begin(deletion: Deletion) -> None:
    """Enqueue the work on `deletion`, in the transaction of the caller."""
    carry_out.enqueue(deletion.pk)


def take_up_left_deletions() -> int:
    """Enqueue what nobody works on any more; return how many. What the deliverer does each half minute."""
    return take_up_left(Deletion, carry_out)


class DeletionJob(Job):
    """One worker's hold on a deletion."""

    model = Deletion

    @property
    def deletion(self) -> Deletion:
        return self.row

    def run(self) -> None:
        """Do all that is left."""
        person = Person._base_manager.select_related("user").get(pk=self.deletion.person_pk)
        if self.deletion.state == Deletion.State.EXPORTING and not self._export(person):
            return
        for sweep in sweeps():
            sweep(person, self.beat)
            self.beat()
        for holding in holdings():
            if not holding.is_core:
                self._empty(holding, person)
        self._finish()
        _overwrite()

    def _export(self, person: Person) -> bool:
        """Write the export if one is wished for. False if it failed, and with it the deletion."""
        if not self.deletion.wants_export:
            self.keep(state=Deletion.State.DELETING, attempts=0)
            return True
        try:
            if self.deletion.attempts > MOST_ATTEMPTS:
                raise ArchiveFailed(Deletion.Reason.BROKEN_OFF)
            name = write_export(self.deletion, person, beat=self.beat)
        except ArchiveFailed as failure:
            self._fail(person, failure.reason)
            return False
        with transaction.atomic():
            self.keep(
                state=Deletion.State.DELETING,
                attempts=0,
                export=name,
                export_expires_at=timezone.now() + KEPT,
            )
            self._record(person, HistoryEntry.Action.EXPORTED)
        return True

    @transaction.atomic
    def _fail(self, person: Person, reason: str) -> None:
        """Nothing is deleted. An account that nobody may switch on again is let in as before; its sessions stay dead."""
        self.keep(
            state=Deletion.State.FAILED,
            error=reason,
            finished_at=timezone.now(),
            lease=None,
            due_at=None,
        )
        if self.deletion.was_enabled and person.role in ACCOUNTS:
            by = get_user_model()._base_manager.filter(pk=self.deletion.requested_by_id).first()
            let_in_again(person.pk, by=by)

    def _empty(self, holding: Holding, person: Person) -> None:
        """Delete the rows of `holding`, or take the person out of them; as many queries as there are batches."""
        size = BATCH
        while size == BATCH:
            rows = holding.rows(person).order_by("pk")
            if holding.files:
                found = list(rows.values_list("pk", holding.files)[:BATCH])
                self._delete_files(holding, [name for _pk, name in found if name])
                keys = [pk for pk, _name in found]
            else:
                keys = list(rows.values_list("pk", flat=True)[:BATCH])
            size = len(keys)
            if keys:
                self._delete_rows(holding, keys)

    def _delete_files(self, holding: Holding, names: list[str]) -> None:
        # Before their rows: if it ends here, the rows still say which files there are.
        storage = holding.model._meta.get_field(holding.files).storage
        for name in names:
            storage.delete(name)
            self.beat()

    def _delete_rows(self, holding: Holding, keys: list[Any]) -> None:
        gone = self.deletion.deleted
        rows = holding.model._base_manager.filter(pk__in=keys)
        with transaction.atomic():
            self.keep(deleted={**gone, holding.name: gone.get(holding.name, 0) + len(keys)})
            if holding.sets is None:
                rows._raw_delete(rows.db)
            else:
                rows.update(**holding.sets)

    @transaction.atomic
    def _finish(self) -> None:
        """Delete the person and the user, and whatever else the site has of them, by Django's own rules."""
        core = {holding.name: 1 for holding in holdings() if holding.is_core}
        self.keep(
            state=Deletion.State.DONE,
            deleted={**self.deletion.deleted, **core},
            finished_at=timezone.now(),
            lease=None,
            due_at=None,
        )
        person = Person._base_manager.select_for_update().get(pk=self.deletion.person_pk)
        user = person.user
        self._record(person, HistoryEntry.Action.DELETED)
        person.delete()
        user.delete()

    def _record(self, person: Person, action: HistoryEntry.Action) -> None:
        record(
            person,
            action,
            # Whoever asked for it may be gone themselves.
            by=get_user_model()(pk=self.deletion.requested_by_id),
            organization=person.organization_id,
            person=person.pk,
        )


def _overwrite() -> None:
    """Have SQLite empty its log, which still holds the pages as they were. Deleted rows it overwrites by itself."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
