"""Plans the assignments of a roster's rows: opened where they aren't yet, and closed where a cell says `end`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext as _

from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..assignments.fitting import LEAD_ROLE, still_leading
from ..assignments.models import Assignment
from ..organizations.models import Organization
from ..people.models import codename_of
from ..programs.models import Program
from .drafts import Draft
from .headings import Column, Headings
from .leads import Candidate, Leads
from .plan import Opening, Remark
from .register import OpenAssignment, People, Programs
from .several import parts_of
from .text import folded, shortened

#: The column with the leads of a role.
LEAD_COLUMN = {Role.MENTOR: Column.PROGRAM_MANAGER, Role.MENTEE: Column.MENTOR}
#: Columns that mean something for each role.
_MEANT_FOR = {
    Column.PROGRAM_MANAGER: (Role.MENTOR,),
    Column.MENTOR: (Role.MENTEE,),
    Column.PRIMARY_MENTOR: (Role.MENTEE,),
}
#: Columns with one part for each program of a row, and the roles for which they have.
_IN_PARTS = {**_MEANT_FOR, Column.END: (*COORDINATORS, *PARTICIPANTS)}
#: Roles of which somebody may be the lead of others.
LEADING = tuple(LEAD_ROLE.values())


@dataclass(frozen=True, slots=True)
class Place:
    """What a row says of one program: its name, and cells by column."""

    program: str
    cells: dict[Column, str]

    @property
    def ends(self) -> bool:
        return bool(self.cells[Column.END])


class Assigner:
    """Give it the rows in the order of writing: leads are looked up in what is planned already.

    Before, and in any order, it has to be told of the assignments that end: see `end`.
    """

    def __init__(self, by: Any, headings: Headings, programs: Programs, leads: Leads) -> None:
        self._by = by
        self._headings = headings
        self._programs = programs
        self._leads = leads
        self._may_assign: dict[tuple[Role, int], bool] = {}
        #: Open assignments by lead and program: those that this file ends, and all, of leads whose own ends.
        self._ended_under: Counter[tuple[int | None, int]] = Counter()
        self._led: dict[tuple[int, int], int] = {}
        #: Primary keys of the programs in which something is opened, ended or made primary.
        self.programs: set[int] = set()

    # The cells.

    def _text(self, draft: Draft, column: Column) -> str:
        return self._headings.text(draft, column)

    def places(self, draft: Draft) -> tuple[list[Place], list[Remark]]:
        """Return what `draft` says of each program that it names, and what is wrong with that."""
        text = self._text(draft, Column.PROGRAM)
        programs = [text] if not text or self._programs.is_name(text) else parts_of(text)
        parts: dict[Column, list[str]] = {}
        for column, roles in _IN_PARTS.items():
            cell = self._text(draft, column) if draft.role in roles else ""
            parts[column] = [cell] if len(programs) == 1 else parts_of(cell) if cell else [""] * len(programs)
            if len(parts[column]) != len(programs):
                sentence = _(
                    "There are %(programs)d programs in this row: separate what goes with each by “ | ”."
                )
                return [], [Remark(self._headings.name(column), sentence % {"programs": len(programs)})]
        places, remarks = [], []
        for position, program in enumerate(programs):
            place = Place(program, {column: texts[position] for column, texts in parts.items()})
            if remark := self._problem_of(draft, place):
                remarks.append(remark)
            elif program:
                places.append(place)
        return places, remarks

    def _problem_of(self, draft: Draft, place: Place) -> Remark | None:
        if place.ends and not _is_end(place.cells[Column.END]):
            return Remark(
                self._headings.name(Column.END),
                _("“%(text)s” means nothing here. Write “end” to end the assignment, or nothing.")
                % {"text": shortened(place.cells[Column.END])},
            )
        if place.program:
            return None
        heading = self._headings.name(Column.PROGRAM)
        if place.ends:
            return Remark(heading, _("Name the program in which this ends."))
        column = LEAD_COLUMN.get(draft.role) if draft.role else None
        if column and place.cells[column]:
            return Remark(
                heading,
                _("Name the program in which “%(text)s” leads this person.")
                % {"text": shortened(place.cells[column])},
            )
        return None

    def _note_meaningless(self, draft: Draft) -> None:
        for column, roles in _MEANT_FOR.items():
            if draft.role and draft.role not in roles and self._text(draft, column):
                draft.note(
                    self._headings.name(column),
                    _("This means nothing for a %(role)s, and was passed over.") % {"role": draft.role.label},
                )

    def _check_right(self, role: Role, program: Program) -> None:
        key = (role, program.pk)
        if key not in self._may_assign:
            permission = f"mentorpro_plugin.assign_{codename_of(role)}"
            self._may_assign[key] = self._by.has_perm(permission, program)
        if not self._may_assign[key]:
            raise ValidationError(
                _("You may not assign a %(role)s to “%(program)s”.")
                % {"role": role.label, "program": program}
            )

    # Ending, before anything is opened.

    def wants_end(self, draft: Draft) -> bool:
        """Whether the row may end something: then the leads of its person have to be looked up."""
        return draft.person is not None and bool(self._text(draft, Column.END))

    def end(self, draft: Draft, people: People) -> None:
        """Note which assignments `draft` ends. The leads of its person have to be among `people`."""
        person, organization = draft.person, draft.organization
        if person is None or organization is None or draft.refusals or person.is_deactivated:
            return
        # What is wrong with the places is said when the row is assigned.
        places = self.places(draft)[0]
        for place in places:
            program = self._programs.of(place.program, organization) if place.ends else None
            if program and (opened := self._open_in(draft, program, people)):
                kept = self._kept(draft, [other for other in places if not other.ends], program, people)
                self._end_in(draft, place, program, opened, kept, people)

    def _kept(
        self, draft: Draft, going_on: Iterable[Place], program: Program, people: People
    ) -> set[int | None]:
        """Return the leads under whom the row also says that somebody is in the program: there, nothing ends."""
        organization: Organization = draft.organization  # type: ignore[assignment]
        column = LEAD_COLUMN.get(draft.role)  # type: ignore[arg-type]
        kept: set[int | None] = set()
        for place in going_on:
            if self._programs.of(place.program, organization) == program:
                if column:
                    cell = place.cells[column]
                    kept |= self._leads.people_in(cell, organization=organization, people=people)
                else:
                    kept.add(None)
        return kept

    def _end_in(
        self,
        draft: Draft,
        place: Place,
        program: Program,
        opened: list[OpenAssignment],
        kept: set[int | None],
        people: People,
    ) -> None:
        """End all that is `opened` in the program but what is `kept`; if the row names leads, what is under those."""
        column = LEAD_COLUMN.get(draft.role)  # type: ignore[arg-type]
        ending = [row for row in opened if row.lead not in kept]
        if column and (cell := place.cells[column]):
            organization: Organization = draft.organization  # type: ignore[assignment]
            meant = self._leads.people_in(cell, organization=organization, people=people)
            ending = [row for row in ending if row.lead in meant]
        for row in ending:
            draft.add("endings", row.pk)
            lead = people.with_key(row.lead) if row.lead else None
            draft.change(str(Column.PROGRAM.label), _said(program, str(lead) if lead else ""), "")
        self.programs.add(program.pk)
        self._ended_under.update((row.lead, row.program) for row in ending)
        if len(ending) == len(opened):
            self._leads.ending.add((opened[0].person, opened[0].program))

    def count_led(self, drafts: Iterable[Draft]) -> None:
        """Count whom those still lead whose last assignment in a program ends. Once, before these rows are assigned."""
        people = [
            draft.person.pk for draft in drafts if draft.person and draft.endings and draft.role in LEADING
        ]
        if people:
            led = Assignment._base_manager.filter(lead__in=people, ended_at=None).order_by()
            for lead, program, count in led.values_list("lead", "program").annotate(Count("pk")):
                self._led[lead, program] = count

    # Opening, in the order of writing.

    def assign(self, draft: Draft, people: People) -> None:
        """Add to `draft` the assignments to open, and the mentors to make primary."""
        if draft.is_barred or draft.role is None or draft.organization is None:
            return
        if draft.person and draft.person.is_deactivated:
            return
        self._note_meaningless(draft)
        places, remarks = self.places(draft)
        draft.add("refusals", *remarks)
        ended: dict[int, Program] = {}
        for place in places:
            with draft.refusing(self._headings.name(Column.PROGRAM)):
                program = self._programs.named(place.program, organization=draft.organization)
                if program.is_archived and not place.ends:
                    raise ValidationError(_("“%(program)s” is archived.") % {"program": program})
                self._check_right(draft.role, program)
                if place.ends:
                    self._check_end(draft, place, people)
                    ended[program.pk] = program
                elif draft.role in COORDINATORS:
                    self._open(draft, program, None, people)
                else:
                    self._assign_with_leads(draft, place, program, people)
        self._refuse_while_leading(draft, ended.values())

    def _check_end(self, draft: Draft, place: Place, people: People) -> None:
        """Refuse an end that means nothing; what is to end, `end` has noted."""
        if draft.person is None:
            draft.refuse(
                self._headings.name(Column.END),
                _("This person isn't there yet, so there is nothing to end."),
            )
            return
        self._leads_of(draft, place, people)

    def _refuse_while_leading(self, draft: Draft, ended: Iterable[Program]) -> None:
        """Refuse to take somebody out of a program in which they lead others. What the row opens there keeps them in."""
        begun = {opening.program for opening in draft.openings}
        for program in ended:
            if draft.person is None or program.pk in begun:
                continue
            key = (draft.person.pk, program.pk)
            left = self._led.get(key, 0) - self._ended_under[key] if key in self._leads.ending else 0
            if left > 0:
                draft.refuse(
                    self._headings.name(Column.END), *still_leading(draft.person, program, left).messages
                )

    def _leads_of(
        self, draft: Draft, place: Place, people: People, *, column: Column | None = None
    ) -> list[tuple[str, Candidate]]:
        """Return whom the cell of the place names as leads, each with the name; refuse who is nobody."""
        role, organization = draft.role, draft.organization
        column = column or LEAD_COLUMN.get(role)  # type: ignore[arg-type]
        if column is None or organization is None or role is None:
            return []
        found = []
        for text in self._leads.names_in(place.cells[column], organization=organization, people=people):
            with draft.refusing(self._headings.name(column)):
                lead = self._leads.find(text, role=LEAD_ROLE[role], organization=organization, people=people)
                found.append((text, lead))
        return found

    def _assign_with_leads(self, draft: Draft, place: Place, program: Program, people: People) -> None:
        column = LEAD_COLUMN[draft.role]  # type: ignore[index]
        there = {row.lead for row in self._open_in(draft, program, people)}
        leads: dict[Any, Candidate] = {}
        for text, lead in self._leads_of(draft, place, people):
            with draft.refusing(self._headings.name(column)):
                # Whoever leads already goes on, even somebody deactivated.
                if lead.person is None or lead.person.pk not in there:
                    self._leads.check(lead, text, program, people)
                leads[lead.key] = lead
        if not leads and not place.cells[column]:
            self._assign_without_leads(draft, program, people)
        primaries = (
            self._primaries(draft, place, program, leads, people) if draft.role == Role.MENTEE else set()
        )
        for key, lead in leads.items():
            self._open(draft, program, lead, people, is_primary=key in primaries)

    def _assign_without_leads(self, draft: Draft, program: Program, people: People) -> None:
        """Nobody is named: fine for somebody in the program already, and with Flash Mentoring; else it is said."""
        if self._open_in(draft, program, people):
            return
        role: Role = draft.role  # type: ignore[assignment]
        if role == Role.MENTEE and program.flash_mentoring:
            self._open(draft, program, None, people)
            return
        draft.note(
            self._headings.name(LEAD_COLUMN[role]),
            _("“%(program)s” needs a %(role)s here, so %(name)s stays unassigned.")
            % {"program": program, "role": LEAD_ROLE[role].label, "name": draft.name},
        )

    def _primaries(
        self, draft: Draft, place: Place, program: Program, leads: dict[Any, Candidate], people: People
    ) -> set[Any]:
        """Return the keys of those leads that the row names as primary."""
        column = Column.PRIMARY_MENTOR
        primaries = set()
        there = {row.lead: row for row in self._open_in(draft, program, people)}
        for text, lead in self._leads_of(draft, place, people, column=column):
            if lead.key in leads:
                primaries.add(lead.key)
            elif lead.person is not None and lead.person.pk in there:
                self._make_primary(draft, there[lead.person.pk], lead)
            else:
                draft.refuse(
                    self._headings.name(column),
                    _("“%(text)s” isn't one of the mentors of this row.") % {"text": shortened(text)},
                )
        return primaries

    def _open(
        self,
        draft: Draft,
        program: Program,
        lead: Candidate | None,
        people: People,
        *,
        is_primary: bool = False,
    ) -> None:
        lead_pk, lead_line = lead.key if lead else (None, None)
        for row in self._open_in(draft, program, people):
            if lead_line is None and row.lead == lead_pk:
                if is_primary and lead:
                    self._make_primary(draft, row, lead)
                return
        opening = Opening(program.pk, lead_pk, lead_line, is_primary)
        same = [other for other in draft.openings if other[:3] == opening[:3]]
        if same:
            # The row names the lead twice.
            if is_primary:
                draft.openings = [
                    other._replace(is_primary=True) if other in same else other for other in draft.openings
                ]
            return
        draft.add("openings", opening)
        self.programs.add(program.pk)
        draft.change(str(Column.PROGRAM.label), "", _said(program, lead.name if lead else ""))

    def _make_primary(self, draft: Draft, row: OpenAssignment, lead: Candidate) -> None:
        if not row.is_primary and row.pk not in draft.primaries:
            draft.add("primaries", row.pk)
            self.programs.add(row.program)
            draft.change(str(Column.PRIMARY_MENTOR.label), "", lead.name)

    @staticmethod
    def _open_in(draft: Draft, program: Program, people: People) -> list[OpenAssignment]:
        """Return what is open in the program, and doesn't end by the row."""
        if draft.person is None:
            return []
        opened = people.open_assignments(draft.person)
        return [row for row in opened if row.program == program.pk and row.pk not in draft.endings]


def _said(program: Program, lead: str) -> str:
    """Say what is opened or ended: “First Year, with Berta Ruiz”."""
    return _("%(program)s, with %(name)s") % {"program": program, "name": lead} if lead else program.name


def _is_end(text: str) -> bool:
    return folded(text) in ("end", folded(_("end")))
