"""Carrying an import on, as a task: reading its file, planning, storing, undoing. With a lease, so that another worker
takes up what one left.
"""

import errno
import hashlib
import json
import time
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import task

from ..access.reach import reach_of, scope_of
from ..activity.history import history_through
from ..activity.models import HistoryEntry
from ..conversations.models import private_storage
from ..identifiers.models import Identifier
from ..leases import WAIT, Job, LeaseLost, take_up_left
from ..organizations.archiving import refuse_archived
from ..people.languages import language_of
from .keeping import UNCONFIRMED, digest_of, keep_plan, kept_for, remove_files
from .mapping import Mapping, guess, remembered_by
from .models import RosterImport
from .plan import Kind, sentence
from .planfile import PlanFile, with_refused
from .pulse import Pulse, lease_for
from .reading import FileRefused, Glance, Table, read_table
from .rosters import plan_roster, store_roster
from .staleness import Stale
from .undoing import note_undone, undo_import
from .writing import Stored

State = RosterImport.State

#: Attempts at one state of an import before it is given up: between the last of them lies an hour.
MOST_ATTEMPTS = 12
#: Plans made again in one go, because the roster was changed meanwhile.
MOST_PLANS = 3
#: How long an import waits until it looks again whether those before it are through.
IN_LINE = timedelta(seconds=10)
#: Refusals that are told when storing wasn't possible.
_MOST_TOLD = 3
#: How often progress is written down, in seconds.
_OFTEN = 1.0


class Refused(Exception):
    """The import can't go on; the message is a sentence for whoever asked for it."""


@task()
def carry_on(pk: int) -> None:
    """Do what is left of the import `pk`, unless somebody else is doing it."""
    ImportJob.work_on(pk)


def begin(roster_import: RosterImport) -> None:
    """Enqueue the work on `roster_import`, in the transaction of the caller."""
    carry_on.enqueue(roster_import.pk)


def call_next(roster_import: RosterImport) -> None:
    """Have the next import into the same tree go on, now that this one isn't being stored any more."""
    with transaction.atomic():
        waiting = _storing_beside(roster_import).filter(lease=None).order_by("state_since", "pk").first()
        if waiting is not None:
            RosterImport._base_manager.filter(pk=waiting.pk).update(due_at=timezone.now() + WAIT)
            begin(waiting)


def take_up_left_imports() -> int:
    """Enqueue what nobody works on any more; return how many. What the deliverer does each half minute."""
    return take_up_left(RosterImport, carry_on)


def fresh(state: str, **values: Any) -> dict[str, Any]:
    """Return the fields of an import that enters `state`: nobody at it, nothing done, nothing complained of."""
    now = timezone.now()
    return {
        "state": state,
        "state_since": now,
        "lease": None,
        # Its task was enqueued just now; the rounds look after it if that one is lost.
        "due_at": now + WAIT if state in RosterImport.OPEN else None,
        "attempts": 0,
        "rows_done": 0,
        "rows_total": 0,
        "error": "",
        **values,
    }


def _storing_beside(roster_import: RosterImport) -> Any:
    """Return other imports into the same tree that are being stored, or wait for it."""
    organization = roster_import.organization
    if organization is None:
        # Which trees it is about stands in its plan; it waits for the locks of those.
        return RosterImport._base_manager.none()
    in_tree = Q(organization=organization.tree_id) | Q(organization__parent=organization.tree_id)
    return RosterImport._base_manager.filter(in_tree, state=State.STORING).exclude(pk=roster_import.pk)


def storing_before(roster_import: RosterImport) -> Any:
    """Return the imports for which `roster_import` waits until it is stored itself."""
    own = roster_import
    return _storing_beside(own).filter(
        Q(state_since__lt=own.state_since) | Q(state_since=own.state_since, pk__lt=own.pk)
    )


class ImportJob(Job):
    """One worker's hold on an import."""

    model = RosterImport

    def __init__(self, row: Any) -> None:
        super().__init__(row)
        self._told = time.monotonic()

    def run(self) -> None:
        """Do what there is to do in the present state, in the language of whoever asked for it, within their reach."""
        state = State(self.row.state)
        by = self._user()
        with translation.override(language_of(by, getattr(by, "mentorpro_person", None))):
            try:
                if self.row.attempts > MOST_ATTEMPTS:
                    raise Refused(_("It was broken off several times. Tell whoever runs the site."))
                self._check_rights()
                with scope_of(reach_of(by)):
                    _STEPS[state](self, by)
            except (Refused, FileRefused) as refusal:
                self._fail(str(refusal))
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                self._fail(
                    _(
                        "There is no room left for files. Ask whoever runs the site to make some, then try again."
                    )
                )
        if state == State.STORING and self.row.state != State.STORING:
            call_next(self.row)

    def _user(self) -> Any:
        """Return whoever asked for it, as they are now."""
        pk = self.row.undone_by_id if self.row.state == State.UNDOING else self.row.by_id
        return get_user_model()._base_manager.filter(pk=pk).first() if pk else None

    def _check_rights(self) -> None:
        """Ask once more whether whoever asked for it may import there, as things are now. Raises Refused."""
        by, organization = self._user(), self.row.organization
        if by is None:
            raise Refused(_("Whoever asked for it has no account any more."))
        if organization is None:
            is_permitted = reach_of(by).everything
        else:
            is_permitted = by.is_active and by.has_perm("mentorpro_plugin.import_roster", organization)
        if not is_permitted:
            raise Refused(_("Whoever asked for it may not import here any more."))
        if organization is not None and self.row.state != State.UNDOING:
            try:
                refuse_archived(organization.pk)
            except ValidationError as refusal:
                raise Refused(" ".join(refusal.messages)) from refusal

    def told(self, done: int) -> None:
        """Say that the work goes on, and how many rows are done. Cheap enough for every row. Raises LeaseLost."""
        if time.monotonic() - self._told > _OFTEN:
            self._told = time.monotonic()
            self.keep(rows_done=done)

    def _enter(self, state: State, **values: Any) -> None:
        """Be through with this state, and let go of the import. Raises LeaseLost."""
        values = fresh(state, **values)
        if not self._mine().update(**values):
            raise LeaseLost
        for name, value in values.items():
            setattr(self.row, name, value)

    def _fail(self, reason: str) -> None:
        if self.row.state == State.UNDOING:
            # What was taken back is; the rest can be tried again.
            self._enter(State.DONE, error=reason)
        else:
            now = timezone.now()
            self._enter(State.FAILED, error=reason, finished_at=now, files_expire_at=now + UNCONFIRMED)

    # Reading

    def _read(self, by: Any) -> None:
        """Read what the columns are called, and guess what they mean."""
        try:
            with self._table() as table:
                glance = table.glance
        except FileRefused as refusal:
            if not self.row.glance:
                raise
            # Another sheet or line was asked for than was found, and doesn't do: what was found still does.
            found = Glance.from_json(self.row.glance)
            self._enter(State.MAPPING, sheet=found.sheet, heading_line=found.heading_line, error=str(refusal))
            return
        organization = self.row.organization
        mapping = guess(
            glance.headings,
            identifiers=self._identifiers(),
            remembered=remembered_by(organization) if organization else {},
        )
        self._enter(
            State.MAPPING,
            glance=glance.as_json(),
            mapping=mapping.as_json(),
            files_expire_at=timezone.now() + UNCONFIRMED,
        )

    def _table(self) -> Table:
        """Read the upload. Raises FileRefused, and Refused if it isn't what was uploaded."""
        with self._upload() as file:
            return read_table(
                file, name=self.row.file, sheet=self.row.sheet, heading_line=self.row.heading_line
            )

    def _upload(self) -> Any:
        """Open the upload, which is still what was uploaded. Raises Refused."""
        if not self.row.file:
            raise Refused(_("The file didn't arrive whole. Upload it again."))
        try:
            file = private_storage().open(self.row.file)
        except FileNotFoundError as error:
            raise Refused(_("The stored file is gone. Upload it again.")) from error
        if digest_of(file) != self.row.digest:
            file.close()
            raise Refused(_("The stored file isn't the one that was uploaded. Upload it again."))
        file.seek(0)
        return file

    def _identifiers(self) -> list[str]:
        """Return names of identifiers that the file may have columns for."""
        identifiers = Identifier.objects.order_by()
        if self.row.organization:
            identifiers = identifiers.filter(organization=self.row.organization.tree_id)
        return list(identifiers.values_list("name", flat=True).distinct())

    # Planning

    def _plan(self, by: Any) -> None:
        """Make the plan that is shown, and confirmed or not."""
        try:
            self._plan_anew(by)
        except FileRefused as refusal:
            # The columns make no roster: that can be mended where they are checked.
            self._enter(State.MAPPING, error=str(refusal))
        else:
            self._show()

    def _plan_anew(self, by: Any) -> None:
        """Plan, and store the plan in place of the one before."""
        with self._table() as table:
            planned = plan_roster(
                table,
                by=by,
                organization=self.row.organization,
                mapping=Mapping.from_json(self.row.mapping),
                roster_import=self.row,
                beat=self.told,
            )
        with planned.file:
            name = keep_plan(self.row, planned.file)
        before = self.row.plan
        try:
            self.keep(counts=planned.counts, mark=planned.mark, plan=name)
        except LeaseLost:
            # It was cancelled, maybe because of somebody who stands in it.
            remove_files([name])
            raise
        remove_files([before])

    def _show(self, reason: str = "") -> None:
        rows = sum(self.row.counts.get(kind, 0) for kind in Kind)
        self._enter(
            State.PREVIEW,
            error=reason,
            rows_done=rows,
            rows_total=rows,
            files_expire_at=timezone.now() + UNCONFIRMED,
        )

    def _plan_file(self, file: Any) -> PlanFile:
        """Return the plan in `file`, which is the one that was shown. Raises Stale if it isn't."""
        try:
            plan = PlanFile(file)
        except ValueError as error:
            raise Stale from error
        if (plan.digest, plan.mark) != (self.row.digest, self.row.mark):
            raise Stale
        return plan

    def _fingerprint(self) -> str:
        """Return what tells whether two plans would do the same."""
        digest = hashlib.sha256()
        with private_storage().open(self.row.plan) as file:
            try:
                for row in PlanFile(file).rows():
                    self.told(0)
                    digest.update(json.dumps([row.kind, row.as_json()]).encode())
            except ValueError:
                return ""
        return digest.hexdigest()

    # Storing

    def _carry_out(self, by: Any) -> None:
        """Store what was confirmed; or have it looked at again, if something else would come of it by now."""
        if storing_before(self.row).exists():
            self._wait()
            return
        self._upload().close()
        confirmed = ""
        for _attempt in range(MOST_PLANS):
            try:
                stored = self._store(by)
            except Stale:
                confirmed = confirmed or self._fingerprint()
                self._plan_anew(by)
                if self._fingerprint() != confirmed:
                    self._show(_("The roster was changed meanwhile, and some rows do something else by now."))
                    return
            else:
                if not stored.is_stored:
                    self._plan_anew(by)
                    self._show(_why_not(stored))
                return
        self._wait()

    def _wait(self) -> None:
        """Look again in a while. That isn't an attempt that failed."""
        self.keep(attempts=max(self.row.attempts - 1, 0))
        self.put_off(IN_LINE)

    def _store(self, by: Any) -> Stored:
        """Store and be done, in one transaction: both or neither. Raises Stale, Refused and LeaseLost."""
        row, before = self.row, self.row.plan
        rows = row.counts.get(Kind.NEW, 0) + row.counts.get(Kind.CHANGED, 0)
        self.keep(lease_for=lease_for(rows), rows_done=0, rows_total=rows)
        try:
            file = private_storage().open(row.plan)
        except FileNotFoundError as error:
            raise Refused(_("The stored file is gone. Upload it again.")) from error
        with file, Pulse(self) as pulse, transaction.atomic():
            plan = self._plan_file(file)
            stored = store_roster(
                plan,
                by=by,
                organization=row.organization,
                roster_import=row,
                only_valid=row.only_valid,
                beat=pulse.beat,
                source={"sha256": row.digest},
            )
            if not stored.is_stored:
                return stored
            values: dict[str, Any] = {}
            if stored.refused:
                # What the database refused stands among the refused rows, too.
                with with_refused(plan, stored.refused, stored.counts) as amended:
                    values["plan"] = keep_plan(row, amended)
            # Whoever asked for it may have been shut out meanwhile.
            self._check_rights()
            pulse.end()
            now = timezone.now()
            self._enter(
                State.DONE,
                counts=stored.counts,
                rows_done=rows,
                rows_total=rows,
                finished_at=now,
                files_expire_at=now + kept_for(),
                **values,
            )
        if row.plan != before:
            remove_files([before])
        return stored

    # Undoing

    def _undo(self, by: Any) -> None:
        # In the batch of what it wrote: both together come to nothing.
        with history_through(HistoryEntry.Via.IMPORT, self.row.batch):
            undo_import(self.row, by=by, keep=self.keep)
            with transaction.atomic():
                note_undone(self.row, by=by)
                rows = self.row.rows_done
                self._enter(State.UNDONE, rows_done=rows, rows_total=rows)


_STEPS = {
    State.UPLOADED: ImportJob._read,
    State.PLANNING: ImportJob._plan,
    State.STORING: ImportJob._carry_out,
    State.UNDOING: ImportJob._undo,
}


def _why_not(stored: Stored) -> str:
    """Say what the database refused of a plan that refused nothing."""
    told = [sentence(row.line, refusal) for row in stored.refused[:_MOST_TOLD] for refusal in row.refusals]
    return " ".join([_("Nothing was stored, because some rows were refused meanwhile."), *told])
