"""Carries out a plan: the people, identifiers and assignments of its rows, leads before those led.

Rows are written hundreds at a time, each batch in a savepoint. What is refused to a batch is found by halving it, so that
row and column can be named; a row is written whole or not at all.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ..assignments.actions import set_primary
from ..assignments.many import close_many, open_many
from ..assignments.models import Assignment
from ..identifiers.many import give_to_many
from ..identifiers.models import Identifier, IdentifierValue
from ..inserting import insert_values, update
from ..organizations.models import Organization
from ..people.actions import change_people
from ..people.leaving import being_deleted, leaving
from ..people.many import add_people, build_people
from ..people.models import Person, PersonQuerySet
from ..programs.models import Program
from .headings import Column
from .models import ImportedPerson, RosterImport, attribute_of
from .plan import Kind, PlanRow, Remark
from .planfile import RANKS, PlanFile, in_chunks

_COLUMN_OF_CONSTRAINT = {
    "person_phone_unique": Column.PHONE,
    "person_participant_has_phone": Column.PHONE,
    "person_id_number_unique_in_tree": Column.ID,
    "person_staff_email_unique": Column.EMAIL,
    "person_staff_has_email": Column.EMAIL,
}
#: What new people had before.
_NOTHING: dict[str, Any] = {}
#: What is a refusal of the row, and not a mistake of ours.
_REFUSALS = (ValidationError, PermissionDenied, ObjectDoesNotExist, IntegrityError, DataError)


@dataclass(slots=True)
class Stored:
    """What was stored; where `is_stored` is false, what would have been, were it not for the refusals."""

    counts: dict[str, int]
    is_stored: bool
    #: Rows that the database refused, though the plan hadn't: with their refusals.
    refused: list[PlanRow] = field(default_factory=list)
    #: The `batch` of the history entries that were written.
    batch: UUID | None = None


class Written(NamedTuple):
    """A row, the person it is about, and what they had before: see `ImportedPerson.before`."""

    row: PlanRow
    person: Person
    before: dict[str, Any]


class Writer:
    """Writes the rows of one plan. Within a transaction, and the scope of `by`.

    `excluded` has refusals that were found out in an earlier attempt, by the lines of their rows.
    """

    def __init__(
        self,
        plan: PlanFile,
        *,
        by: Any,
        roster_import: RosterImport | None,
        beat: Callable[[int], object],
        excluded: Mapping[int, list[Remark]],
    ) -> None:
        self._plan = plan
        self._by = by
        self._import = roster_import
        self._beat = beat
        self._excluded = excluded
        in_trees = Q(pk__in=plan.trees) | Q(parent__in=plan.trees)
        self.organizations = Organization._base_manager.select_related("parent").filter(in_trees).in_bulk()
        self._identifiers = Identifier._base_manager.filter(organization__in=plan.trees).in_bulk()
        values = IdentifierValue._base_manager.filter(identifier__organization__in=plan.trees)
        self._values = values.in_bulk() if self._identifiers else {}
        #: Primary keys of those who may lead others, by their lines.
        self._leads: dict[int, int] = {}
        #: Rows by kind, assignments opened and ended.
        self.counts: Counter[str] = Counter({**plan.counts, "openings": 0, "endings": 0})
        #: Rows that were refused, by line.
        self.refused: dict[int, PlanRow] = {}
        #: Whether a row was refused of which something had been written.
        self.is_torn = False
        #: Primary keys of the organizations of whoever was written.
        self.touched: dict[int, None] = {}
        self._rows = plan.count(Kind.NEW) + plan.count(Kind.CHANGED)
        self._done = 0

    def write(self) -> None:
        self._lock()
        for rank in RANKS:
            for rows in in_chunks(self._plan.in_rank(rank, Kind.NEW)):
                self._write(self._writable(rows), self._add)
            for rows in in_chunks(self._plan.in_rank(rank, Kind.CHANGED)):
                self._write(self._writable(rows), self._change)
        if self._plan.counts["endings"]:
            # Leads last: they can't end while they lead somebody.
            for rank in reversed(RANKS):
                for rows in in_chunks(self._ending(rank)):
                    self._write(rows, self._end)

    def _lock(self) -> None:
        """Hold all that is there already and changes, in the order in which everybody holds several."""
        programs = Program._base_manager.filter(pk__in=self._plan.programs).order_by("pk")
        list(programs.select_for_update().values_list("pk", flat=True))
        changed = array("Q", (row.person or 0 for row in self._plan.rows(Kind.CHANGED)))
        for keys in in_chunks(sorted(changed)):
            people = Person._base_manager.filter(pk__in=keys).order_by("pk")
            list(people.select_for_update().values_list("pk", flat=True))

    # Batches.

    def _writable(self, rows: Iterable[PlanRow]) -> list[PlanRow]:
        """Return those rows that nothing keeps from being written, and refuse the others."""
        found = []
        for row in rows:
            lines = {opening.lead_line for opening in row.openings if opening.lead_line is not None}
            missing = sorted(lines - self._leads.keys())
            if row.line in self._excluded:
                self._refuse_with(row, self._excluded[row.line])
            elif missing:
                sentence = _("The lead on line %(line)d could not be stored.") % {"line": missing[0]}
                self._refuse_with(row, [Remark("", sentence)])
            else:
                found.append(row)
        return found

    def _ending(self, rank: int) -> Iterator[PlanRow]:
        for row in self._plan.in_rank(rank, Kind.CHANGED):
            if row.endings and row.line not in self.refused:
                yield row

    def _write(self, rows: list[PlanRow], write: Callable[[list[PlanRow]], list[Written]]) -> None:
        """Write `rows` together; if that is refused, one half after the other, down to the row that it is for."""
        if not rows:
            return
        try:
            with transaction.atomic():
                written = write(rows)
        except _REFUSALS as refusal:
            if len(rows) == 1:
                self.is_torn |= write == self._end
                self._refuse(rows[0], refusal)
                return
            half = len(rows) // 2
            self._write(rows[:half], write)
            self._write(rows[half:], write)
            return
        for row, person, before in written:
            if row.may_lead:
                self._leads[row.line] = person.pk
            self.touched[person.organization_id] = None
            self.counts["openings"] += len(before.get("opened", row.openings))
        self._beat_on(len(written))

    def _beat_on(self, rows: int) -> None:
        self._done = min(self._done + rows, self._rows)
        self._beat(self._done)

    # What a batch writes.

    def _add(self, rows: list[PlanRow]) -> list[Written]:
        people = build_people(
            {
                **row.values,
                "role": row.role_value,
                "organization": self.organizations[row.organization_pk],
            }
            for row in rows
        )
        add_people(people, by=self._by)
        written = [Written(row, person, {}) for row, person in zip(rows, people, strict=True)]
        self._give(written)
        self._open(written, added={person.pk: person for person in people})
        self._note(written)
        return written

    def _change(self, rows: list[PlanRow]) -> list[Written]:
        found = PersonQuerySet(Person).filter(pk__in=[row.person for row in rows]).order_by("pk")
        found = found.select_related("organization", "user").with_open_assignments()
        people = {person.pk: person for person in found.select_for_update(of=("self",))}
        going = leaving(people)
        written = []
        for row in rows:
            person = people.get(row.person)  # type: ignore[arg-type]
            if person is None:
                raise ValidationError(_("This person was deleted meanwhile."))
            if person.pk in going:
                raise ValidationError(being_deleted(person))
            written.append(Written(row, person, {}))
        self._change_values(written)
        self._give(written)
        self._open(written)
        self._make_primary(written)
        self._note(written)
        return written

    def _change_values(self, written: list[Written]) -> None:
        changing = [(row.values, person, before) for row, person, before in written if row.values]
        had = [{name: attribute_of(person, name) for name in values} for values, person, _before in changing]
        for values, person, _before in changing:
            for name, value in values.items():
                setattr(person, name, value)
        if changing:
            change_people([person for _values, person, _before in changing], by=self._by)
        for (_values, person, before), old in zip(changing, had, strict=True):
            before |= {name: [value, attribute_of(person, name)] for name, value in old.items()}

    def _give(self, written: list[Written]) -> None:
        given = [
            (
                person,
                {self._identifiers[identifier]: self._values[value] for identifier, value in row.identifiers},
            )
            for row, person, _before in written
            if row.identifiers
        ]
        if given:
            changes = give_to_many(given, by=self._by)
            for _row, person, before in written:
                if changed := changes.get(person.pk):
                    before["identifiers"] = {
                        name.removeprefix("identifier_"): values for name, values in changed.items()
                    }

    def _open(self, written: list[Written], *, added: Mapping[int, Person] | None = None) -> None:
        opened = {
            person.pk: [
                Assignment(
                    person_id=person.pk,
                    program_id=opening.program,
                    lead_id=opening.lead if opening.lead_line is None else self._leads[opening.lead_line],
                    is_primary=opening.is_primary,
                    started_by_id=self._by.pk,
                )
                for opening in row.openings
            ]
            for row, person, _before in written
            if row.openings
        }
        if opened:
            open_many([row for rows in opened.values() for row in rows], by=self._by, added=added)
            for _row, person, before in written:
                if rows := opened.get(person.pk):
                    before["opened"] = [row.pk for row in rows]

    def _make_primary(self, written: list[Written]) -> None:
        for row, _person, before in written:
            for assignment in Assignment._base_manager.filter(pk__in=row.primaries) if row.primaries else ():
                set_primary(assignment, is_primary=True, by=self._by)
                before.setdefault("primary", []).append(assignment.pk)

    def _end(self, rows: list[PlanRow]) -> list[Written]:
        closed = close_many((pk for row in rows for pk in row.endings), by=self._by)
        self.counts["endings"] += len(closed)
        if self._import is not None:
            ended = {assignment.pk for assignment in closed}
            noted = {row.line: row for row in self._import.people.filter(line__in=[row.line for row in rows])}
            for row in rows:
                noted[row.line].before["ended"] = [pk for pk in row.endings if pk in ended]
            update(noted.values(), ["before"])
        return []

    def _note(self, written: list[Written]) -> None:
        """Write down what the import did, so that it can be shown and undone."""
        if self._import is None:
            return
        insert_values(
            ImportedPerson,
            len(written),
            roster_import_id=self._import.pk,
            person_id=[person.pk for _row, person, _before in written],
            line=[row.line for row, _person, _before in written],
            is_new=[row.kind == Kind.NEW for row, _person, _before in written],
            before=[before if row.kind == Kind.CHANGED else _NOTHING for row, _person, before in written],
        )

    # Refusals.

    def _refuse(self, row: PlanRow, refusal: Exception) -> None:
        """Keep what was refused with the row, beside its column."""
        if isinstance(refusal, PermissionDenied):
            refusal = ValidationError(_("You may not do this any more."))
        elif isinstance(refusal, ObjectDoesNotExist):
            refusal = ValidationError(_("Somebody or something that this row names was deleted meanwhile."))
        elif not isinstance(refusal, ValidationError):
            refusal = ValidationError(_("The database doesn't take this row."))
        by_field = (
            refusal.message_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.messages}
        )
        remarks = []
        for name, sentences in by_field.items():
            for sentence in sentences:
                column = name if name in Column.values else _column_of(sentence)
                remarks.append(Remark(self._plan.heading(column) if column else "", sentence))
        self._refuse_with(row, remarks)
        self._beat_on(1)

    def _refuse_with(self, row: PlanRow, remarks: list[Remark]) -> None:
        row.refusals += remarks
        self.counts[row.kind] -= 1
        self.counts[Kind.REFUSED] += 1
        row.kind = Kind.REFUSED
        self.refused[row.line] = row


def _column_of(sentence: str) -> str:
    """Return the column that a constraint on people is about, by the sentence with which it refuses."""
    for constraint in Person._meta.constraints:
        if constraint.get_violation_error_message() == sentence:
            return _COLUMN_OF_CONSTRAINT.get(constraint.name, "")
    return ""
