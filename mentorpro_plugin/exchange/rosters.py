"""Importing a roster: planned from a table, and stored from the plan."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ..access.reach import forget_reach, reach_of, scope_of
from ..activity.history import history_through, record
from ..activity.models import HistoryEntry
from ..assignments.models import Assignment
from ..organizations.models import Organization
from ..outbox.models import OutboxMessage
from .beyond import Teller
from .garbage import fewer_searches
from .models import RosterImport
from .plan import Kind, PlanRow, Remark, sentence
from .planfile import PlanFile
from .planning import Planned, write_plan
from .reading import FileRefused, Table, source_of
from .staleness import check_mark
from .writing import Stored, Writer


@fewer_searches()
def plan_roster(
    table: Table,
    *,
    by: Any,
    organization: Organization | None = None,
    mapping: Any = None,
    roster_import: RosterImport | None = None,
    beat: Callable[[int], object] = lambda rows: None,
) -> Planned:
    """Plan the import of `table` as the user `by` may. Writes nothing to the database but how much it tells them of
    people beyond their reach, and that on `roster_import`, if there is one.

    `organization` stands for those that rows don't name, and confines the import to itself and its children.
    `beat` is called now and then with the number of rows that are done. Raises FileRefused if the table as a whole
    can't be used, it would tell too much, or `by` may not import.
    """
    forget_reach(by)
    with scope_of(reach_of(by)):
        if not by.has_perm("mentorpro_plugin.import_roster", organization):
            raise FileRefused(_("You may not import rosters."))
        teller = Teller(by, organization, roster_import)
        teller.check()
        planned = write_plan(table, by=by, organization=organization, mapping=mapping, beat=beat)
        try:
            teller.tell(planned.beyond)
        except FileRefused:
            planned.file.close()
            raise
        return planned


@fewer_searches()
def store_roster(
    plan: PlanFile,
    *,
    by: Any,
    organization: Organization | None = None,
    roster_import: RosterImport | None = None,
    only_valid: bool = False,
    beat: Callable[[int], object] = lambda rows: None,
    source: Mapping[str, str] | None = None,
) -> Stored:
    """Carry `plan` out in one transaction: all of it or nothing; with `only_valid`, all rows but the refused.

    `beat` is called now and then with the number of rows that are written, within that transaction. `source` is what
    history keeps of where the rows come from: the file's digest, the command. Nothing is stored where any row is
    refused, by the plan or meanwhile by the database, unless `only_valid`.
    Raises Stale if the roster isn't any more as it was when the plan was made, FileRefused if `by` may not import.
    """
    forget_reach(by)
    through = history_through(HistoryEntry.Via.IMPORT, roster_import.batch if roster_import else None)
    with scope_of(reach_of(by)), through as batch, transaction.atomic():
        if not by.has_perm("mentorpro_plugin.import_roster", organization):
            raise FileRefused(_("You may not import rosters."))
        # Imports into one tree wait in line, each for the end of the one before; people may be added meanwhile.
        trees = Organization._base_manager.filter(pk__in=plan.trees).order_by("pk")
        list(trees.select_for_update(no_key=True).values_list("pk", flat=True))
        check_mark(plan.mark, plan.trees, by)
        if plan.count(Kind.REFUSED) and not only_valid:
            return Stored(dict(plan.counts), is_stored=False)
        since = timezone.now()
        writer = _written(plan, by=by, roster_import=roster_import, only_valid=only_valid, beat=beat)
        refused = [writer.refused[line] for line in sorted(writer.refused)]
        if refused and not only_valid:
            transaction.set_rollback(True)
            return Stored(dict(writer.counts), is_stored=False, refused=refused)
        if writer.touched:
            record_import(writer, by=by, source=source or {})
        counts = {**writer.counts, **_letters(batch, since)}
    return Stored(counts, is_stored=True, refused=refused, batch=batch)


def _written(
    plan: PlanFile,
    *,
    by: Any,
    roster_import: RosterImport | None,
    only_valid: bool,
    beat: Callable[[int], object],
) -> Writer:
    """Write the rows of `plan`; anew, without those of which only a part could be written."""
    excluded: dict[int, list[Remark]] = {}
    while True:
        with transaction.atomic():
            writer = Writer(plan, by=by, roster_import=roster_import, beat=beat, excluded=excluded)
            writer.write()
            if not (writer.is_torn and only_valid):
                return writer
            transaction.set_rollback(True)
        excluded = {line: row.refusals for line, row in writer.refused.items()}


def _letters(batch: UUID, since: datetime) -> dict[str, int]:
    """Count the e-mails that were queued to those whom the import concerns."""
    entries = HistoryEntry._base_manager.filter(batch=batch)
    messages = OutboxMessage._base_manager
    added = entries.filter(action=HistoryEntry.Action.ADDED).values("person")
    assigned = Assignment._base_manager.filter(
        pk__in=entries.filter(action=HistoryEntry.Action.ASSIGNED).values("subject_id")
    )
    concerned = Q(person__in=assigned.values("person")) | Q(person__in=assigned.values("lead"))
    return {
        "welcomes": messages.filter(kind=OutboxMessage.Kind.WELCOME, person__in=added).count(),
        "notices": messages.filter(
            concerned, kind=OutboxMessage.Kind.ASSIGNMENT, created_at__gte=since
        ).count(),
    }


def record_import(writer: Writer, *, by: Any, source: Mapping[str, str]) -> None:
    """Write one history entry on the import itself: on the organization of its people, or the parent of several."""
    first = writer.organizations[next(iter(writer.touched))]
    organization = first if len(writer.touched) == 1 else first.parent or first
    record(
        organization,
        HistoryEntry.Action.IMPORTED,
        by=by,
        organization=organization.pk,
        changes={**{str(kind): writer.counts[kind] for kind in Kind}, **source},
    )


@dataclass(slots=True)
class Import:
    """What an import did; or would do, where `is_stored` is false."""

    plan: PlanFile
    stored: Stored

    @property
    def is_stored(self) -> bool:
        return self.stored.is_stored

    def count(self, kind: Kind) -> int:
        return self.stored.counts[kind]

    @property
    def refused(self) -> Iterator[PlanRow]:
        """Yield the refused rows, in the order of the file."""
        meanwhile = sorted(self.stored.refused, key=lambda row: row.line)
        return merge(self.plan.rows(Kind.REFUSED), meanwhile, key=lambda row: row.line)

    @property
    def refusals(self) -> Iterator[str]:
        """Yield what was refused, and why, in the order of the file."""
        for row in self.refused:
            for refusal in row.refusals:
                yield sentence(row.line, refusal)

    @property
    def notes(self) -> Iterator[str]:
        """Yield what was accepted with a reservation."""
        yield from self.plan.notes
        for row in self.plan.rows(Kind.NEW, Kind.CHANGED, Kind.UNCHANGED):
            for note in row.notes:
                yield sentence(row.line, note)


def import_roster(
    table: Table,
    *,
    by: Any,
    organization: Organization | None = None,
    mapping: Any = None,
    dry_run: bool = False,
    only_valid: bool = False,
    command: str = "",
) -> Import:
    """Plan and store in one go, for commands. With `dry_run` nothing is stored; other arguments as above.

    Raises FileRefused if the table as a whole can't be used, Stale if somebody changed the roster in between.
    """
    planned = plan_roster(table, by=by, organization=organization, mapping=mapping)
    plan = PlanFile(planned.file)
    if dry_run or (plan.count(Kind.REFUSED) and not only_valid):
        return Import(plan, Stored(dict(plan.counts), is_stored=False))
    stored = store_roster(
        plan, by=by, organization=organization, only_valid=only_valid, source=source_of(table, command)
    )
    return Import(plan, stored)


def importable_organizations(by: Any, name: str) -> list[Organization]:
    """Return the organizations of that name into which `by` may import."""
    with scope_of(reach_of(by)):
        return list(Organization.objects.permitted(by, "import_roster").filter(name__iexact=name.strip()))
