"""Computes the plan of an import: reads the rows, finds the people, and says what is to be done or what is wrong.

The rows are gone through several times, a batch at a time, and nothing of them is kept in between but marks: first for
what they name, then for whom they are about; then, staff before mentors before mentees, for whom they are assigned to.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from ..access.roles import Role
from ..organizations.models import Organization
from .assigning import Assigner
from .beyond import Beyond
from .drafts import Draft
from .headings import Column, Headings, headings_of
from .identifying import Finder
from .leads import Leads, as_number, candidates_in
from .mapping import Mapping
from .plan import ALSO_COUNTED, Change, Kind, Remark, rank
from .planfile import RANKS, PlanWriter
from .reading import Table
from .register import BATCH, Identifiers, Organizations, People, Programs
from .several import parts_of
from .spill import Spill
from .staleness import mark_of
from .telling import Told
from .text import folded

#: Columns that name leads, and all that say something of assignments.
_LEADS = (Column.PROGRAM_MANAGER, Column.MENTOR, Column.PRIMARY_MENTOR)
_OF_ASSIGNMENTS = (Column.PROGRAM, *_LEADS, Column.END)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that was made: what it counts, how the roster was, and the file to be kept; see `planfile.PlanFile`.

    Before the file is shown to whoever imports, they have to be allowed to know of those `beyond` their sight.
    """

    counts: dict[str, int]
    mark: str
    file: BinaryIO
    beyond: Beyond


def write_plan(
    table: Table,
    *,
    by: Any,
    organization: Organization | None = None,
    mapping: Mapping | None = None,
    beat: Callable[[int], object] = lambda rows: None,
) -> Planned:
    """Plan what importing `table` as the user `by` does. Writes nothing to the database; call it within the scope of `by`.

    `organization` stands for those that rows don't name, and confines the import to itself and its children. `beat` is
    called after each batch with the number of rows that are done. Raises FileRefused if the columns make no roster.
    """
    planner = _Planner(table, by, organization, headings_of(table, mapping), beat)
    with PlanWriter() as writer, Spill() as spill:
        return planner.plan(writer, spill)


class _Planner:
    def __init__(
        self,
        table: Table,
        by: Any,
        organization: Organization | None,
        headings: Headings,
        beat: Callable[[int], object],
    ) -> None:
        self._table = table
        self._by = by
        self._headings = headings
        self._beat = beat
        self._organizations = Organizations(by, within=organization)
        self._programs = Programs(by)
        self._leads = Leads()
        self._has_assignments = any(
            column in headings.columns or column in headings.constants for column in _OF_ASSIGNMENTS
        )
        self._told = Told(by)
        self._counts: Counter[str] = Counter(dict.fromkeys((*map(str, Kind), *ALSO_COUNTED), 0))
        self._trees: set[int] = set()

    def plan(self, writer: PlanWriter, spill: Spill) -> Planned:
        names_all = self._survey()
        trees = self._organizations.trees
        # As it is before anybody is looked up, so that whatever is changed meanwhile tells.
        mark = mark_of(trees, self._by)
        identifiers = Identifiers(self._headings.others, trees=trees if names_all else None)
        finder = Finder(self._by, self._headings, self._organizations, identifiers)
        assigner = Assigner(self._by, self._headings, self._programs, self._leads)
        self._find_all(finder, assigner, writer, spill)
        for number in RANKS:
            for batch in spill.batches(number):
                self._assign_batch(batch, assigner, writer)
        if self._trees - trees:
            # Of people whose rows name no organization.
            trees |= self._trees
            mark = mark_of(trees, self._by)
        self._counts["notices"] = self._told.count
        reason = self._headings.columns.get(Column.REASON)
        file = writer.finish(
            {
                "headings": self._headings.texts,
                "columns": self._headings.columns,
                "left_out": [] if reason is None else [reason],
                "counts": self._counts,
                "notes": self._notes(identifiers),
                "digest": self._table.digest,
                "trees": sorted(trees),
                "programs": sorted(assigner.programs),
                "mark": mark,
            }
        )
        return Planned(dict(self._counts), mark, file, finder.beyond)

    def _notes(self, identifiers: Identifiers) -> list[str]:
        return [
            _("The column “%(heading)s” means nothing here, and was passed over.")
            % {"heading": self._headings.texts[position]}
            for name, position in self._headings.others.items()
            if folded(name) not in identifiers.names
        ]

    def _batches(self) -> Iterator[list[Draft]]:
        rows = iter(self._table.rows)
        while batch := [Draft(row.line, row.cells) for row in islice(rows, BATCH)]:
            yield batch

    # First: what the rows name.

    def _survey(self) -> bool:
        """Look up the organizations and programs that the file names, and note whom it names as leads.

        Returns whether all rows say, or need not say, to which organization they belong.
        """
        names_all = True
        for batch in self._batches():
            texts = [self._headings.text(draft, Column.ORGANIZATION) for draft in batch]
            self._organizations.fetch(filter(None, texts))
            names_all &= self._organizations.usual is not None or all(texts)
            if self._has_assignments:
                self._programs.fetch(self._names_of_programs(batch))
                for draft, text in zip(batch, texts, strict=True):
                    self._note_leads(draft, text)
        return names_all

    def _names_of_programs(self, batch: Iterable[Draft]) -> Iterator[str]:
        for draft in batch:
            if text := self._headings.text(draft, Column.PROGRAM):
                yield text
                yield from filter(None, parts_of(text))

    def _note_leads(self, draft: Draft, organization: str) -> None:
        for text in self._texts_of_leads(draft):
            found = self._organizations.of(organization) if organization else self._organizations.usual
            # Where there is no such organization, the row is refused, and leads nowhere.
            if found is not None or not organization:
                self._leads.name(text, found)

    def _texts_of_leads(self, draft: Draft) -> Iterator[str]:
        """Yield whatever in the row may name a lead."""
        for column in _LEADS:
            if cell := self._headings.text(draft, column):
                for part in (cell, *parts_of(cell)) if "|" in cell else (cell,):
                    yield from candidates_in(part)

    # Then: whom they are about.

    def _find_all(self, finder: Finder, assigner: Assigner, writer: PlanWriter, spill: Spill) -> None:
        done = 0
        for batch in self._batches():
            finder.read(batch)
            people = finder.look_up(batch)
            finder.identify(batch, people)
            if self._has_assignments:
                self._put_aside(batch, people, assigner, spill)
            else:
                for draft in batch:
                    self._finish(draft, writer)
            done += len(batch)
            self._beat(done // 2 if self._has_assignments else done)

    def _put_aside(self, batch: list[Draft], people: People, assigner: Assigner, spill: Spill) -> None:
        ending = [draft for draft in batch if assigner.wants_end(draft)]
        self._look_up_leads(ending, people)
        for draft in ending:
            assigner.end(draft, people)
        for draft in batch:
            self._leads.remember(draft)
            spill.put(rank(draft.role), draft.spilled())

    def _look_up_leads(self, drafts: list[Draft], people: People) -> None:
        """Add to `people` those whom the rows name as leads, and those who lead their people by now."""
        ids, phones, keys = [], [], []
        for draft in drafts:
            if draft.person:
                keys += [row.lead for row in people.open_assignments(draft.person) if row.lead]
            if organization := draft.organization:
                texts = list(dict.fromkeys(self._texts_of_leads(draft)))
                ids += [(organization.tree_id, text) for text in texts]
                phones += [number for text in texts if (number := as_number(text, organization.region))]
                keys += self._leads.people_among(texts, organization)
        emails = [(tree, text) for tree, text in ids if "@" in text]
        people.fetch(ids=ids, phones=phones, emails=emails, keys=keys)

    # Last: whom they are assigned to.

    def _assign_batch(self, batch: list[dict[str, Any]], assigner: Assigner, writer: PlanWriter) -> None:
        people = People(self._by)
        people.fetch(keys=[row["person"] for row in batch if "person" in row])
        drafts = [self._taken_up(row, people) for row in batch]
        self._look_up_leads(drafts, people)
        assigner.count_led(drafts)
        for draft in drafts:
            assigner.assign(draft, people)
            self._leads.settle(draft)
            self._finish(draft, writer)
        self._told.tell(drafts, people)
        self._beat((len(self._table.rows) + sum(self._counts[kind] for kind in Kind)) // 2)

    def _taken_up(self, row: dict[str, Any], people: People) -> Draft:
        """Return what was put aside."""
        return Draft(
            line=row["line"],
            cells=row["cells"],
            role=Role(row["role_value"]) if "role_value" in row else None,
            organization=self._organizations.with_key(row.get("organization_pk")),
            person=people.with_key(row["person"]) if "person" in row else None,
            is_new=row["is_new"],
            is_barred=row["is_barred"],
            may_lead=row.get("may_lead", False),
            values=row.get("values", {}),
            identifiers=row.get("identifiers", []),
            endings=row.get("endings", []),
            changes=[Change(*change) for change in row["changes"]],
            refusals=[Remark(*remark) for remark in row.get("refusals", ())],
            notes=[Remark(*remark) for remark in row.get("notes", ())],
        )

    def _finish(self, draft: Draft, writer: PlanWriter) -> None:
        kind = draft.kind
        self._counts[kind] += 1
        if kind in (Kind.NEW, Kind.CHANGED):
            self._trees.add(draft.organization.tree_id)  # type: ignore[union-attr]
            self._counts["openings"] += len(draft.openings)
            self._counts["endings"] += len(draft.endings)
            self._counts["welcomes"] += kind == Kind.NEW and "email" in draft.values
        writer.add(kind, rank(draft.role), draft.line, draft.as_json())
