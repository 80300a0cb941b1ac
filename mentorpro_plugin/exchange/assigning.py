"""Plans the assignments of a roster's rows: opened where they aren't yet, never closed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..access.roles import COORDINATORS, Role
from ..assignments.actions import LEAD_ROLE
from ..assignments.models import Assignment
from ..people.models import codename_of
from ..programs.models import Program
from .headings import Column, Headings
from .leads import Candidate, Leads, named_leads
from .plan import Opening, PlannedRow
from .register import People, Programs
from .text import shortened

#: The column with the leads of a role.
_LEAD_COLUMN = {Role.MENTOR: Column.PROGRAM_MANAGER, Role.MENTEE: Column.MENTOR}
#: Columns that mean something for each role.
_MEANT_FOR = {
    Column.PROGRAM_MANAGER: (Role.MENTOR,),
    Column.MENTOR: (Role.MENTEE,),
    Column.PRIMARY_MENTOR: (Role.MENTEE,),
}


class Assigner:
    """Give it the rows in the order of writing: leads are looked up in what is planned already."""

    def __init__(self, by: Any, headings: Headings, programs: Programs, people: People, leads: Leads) -> None:
        self._by = by
        self._headings = headings
        self._programs = programs
        self._people = people
        self._leads = leads

    def assign(self, row: PlannedRow) -> None:
        """Add to `row` the assignments to open, and the mentors to make primary."""
        if row.role is None or row.organization is None or (row.person and row.person.is_deactivated):
            return
        self._note_meaningless(row, row.role)
        text = self._text(row, Column.PROGRAM)
        if not text:
            self._refuse_leads_without_program(row, row.role)
            return
        with row.refusing(self._headings.name(Column.PROGRAM)):
            program = self._programs.named(text, organization=row.organization)
            self._check_right(row.role, program)
            if row.role in COORDINATORS:
                self._open(row, program, None)
            else:
                self._assign_with_leads(row, row.role, program)

    def _text(self, row: PlannedRow, column: Column) -> str:
        return self._headings.text(row.source, column)

    def _check_right(self, role: Role, program: Program) -> None:
        if not self._by.has_perm(f"mentorpro_plugin.assign_{codename_of(role)}", program):
            raise ValidationError(
                _("You may not assign a %(role)s to “%(program)s”.")
                % {"role": role.label, "program": program}
            )

    def _assign_with_leads(self, row: PlannedRow, role: Role, program: Program) -> None:
        column = _LEAD_COLUMN[role]
        leads: dict[Any, Candidate] = {}
        for text in named_leads(self._text(row, column)):
            with row.refusing(self._headings.name(column)):
                lead = self._leads.find(text, role=LEAD_ROLE[role], organization=row.organization)
                self._leads.check(lead, text, program)
                leads[lead.key] = lead
        if not leads and not self._text(row, column):
            self._assign_without_leads(row, role, program)
        primaries = self._primaries(row, program, leads) if role == Role.MENTEE else set()
        for key, lead in leads.items():
            self._open(row, program, lead, is_primary=key in primaries)

    def _assign_without_leads(self, row: PlannedRow, role: Role, program: Program) -> None:
        """Nobody is named: fine for somebody in the program already, and with Flash Mentoring; else it is said."""
        if self._open_in(row, program):
            return
        if role == Role.MENTEE and program.flash_mentoring:
            self._open(row, program, None)
            return
        row.note(
            self._headings.name(_LEAD_COLUMN[role]),
            _("“%(program)s” needs a %(role)s here, so %(name)s stays unassigned.")
            % {"program": program, "role": LEAD_ROLE[role].label, "name": row.name},
        )

    def _primaries(self, row: PlannedRow, program: Program, leads: dict[Any, Candidate]) -> set[Any]:
        """Return the keys of those leads that the row names as primary."""
        primaries = set()
        there = {assignment.lead_id: assignment for assignment in self._open_in(row, program)}
        for text in named_leads(self._text(row, Column.PRIMARY_MENTOR)):
            with row.refusing(self._headings.name(Column.PRIMARY_MENTOR)):
                lead = self._leads.find(text, role=Role.MENTOR, organization=row.organization)
                if lead.key in leads:
                    primaries.add(lead.key)
                elif lead.person is not None and lead.person.pk in there:
                    self._make_primary(row, there[lead.person.pk])
                else:
                    raise ValidationError(
                        _("“%(text)s” isn't one of the mentors of this row.") % {"text": shortened(text)}
                    )
        return primaries

    def _open(
        self, row: PlannedRow, program: Program, lead: Candidate | None, *, is_primary: bool = False
    ) -> None:
        lead_id = lead.person.pk if lead and lead.person else None
        for assignment in self._open_in(row, program):
            if (lead is None or lead_id is not None) and assignment.lead_id == lead_id:
                if is_primary:
                    self._make_primary(row, assignment)
                return
        row.openings.append(Opening(program, lead.key if lead else None, is_primary))

    @staticmethod
    def _make_primary(row: PlannedRow, assignment: Assignment) -> None:
        if not assignment.is_primary and assignment not in row.primaries:
            row.primaries.append(assignment)

    def _open_in(self, row: PlannedRow, program: Program) -> list[Assignment]:
        if row.person is None:
            return []
        return [
            assignment
            for assignment in self._people.open_assignments(row.person)
            if assignment.program_id == program.pk
        ]

    def _refuse_leads_without_program(self, row: PlannedRow, role: Role) -> None:
        column = _LEAD_COLUMN.get(role)
        if column and self._text(row, column):
            row.refuse(
                self._headings.name(Column.PROGRAM),
                _("Name the program in which “%(text)s” leads this person.")
                % {"text": shortened(self._text(row, column))},
            )

    def _note_meaningless(self, row: PlannedRow, role: Role) -> None:
        for column, roles in _MEANT_FOR.items():
            if role not in roles and self._text(row, column):
                row.note(
                    self._headings.name(column),
                    _("This means nothing for a %(role)s, and was passed over.") % {"role": role.label},
                )
