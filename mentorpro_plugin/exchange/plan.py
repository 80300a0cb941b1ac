"""What an import is going to do, row by row, before anything is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..access.roles import PARTICIPANTS, Role
from ..assignments.models import Assignment
from ..identifiers.models import Identifier, IdentifierValue
from ..organizations.models import Organization
from ..people.models import Person
from ..programs.models import Program
from .headings import Headings
from .reading import SourceRow


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Remark(NamedTuple):
    """A whole sentence about a cell; `column` is its heading, empty where the sentence is about the row."""

    column: str
    sentence: str


@dataclass(slots=True)
class Opening:
    """An assignment to open. `lead` is somebody there already, or a row of the same file."""

    program: Program
    lead: "Person | PlannedRow | None"
    is_primary: bool = False


@dataclass(slots=True, eq=False)
class PlannedRow:
    """One row: whom it is about, and what is to be written for them."""

    source: SourceRow
    role: Role | None = None
    organization: Organization | None = None
    #: Who this is, if they are there already; set for a new person once added.
    person: Person | None = None
    is_new: bool = False
    #: Whether an earlier row is about the same person, or uses the same ID or number.
    is_repetition: bool = False
    #: Attributes of the person to write: all of a new one, of others those that change.
    values: dict[str, Any] = field(default_factory=dict)
    identifiers: dict[Identifier, IdentifierValue] = field(default_factory=dict)
    openings: list[Opening] = field(default_factory=list)
    #: Open assignments whose mentor becomes primary.
    primaries: list[Assignment] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.source.line

    @property
    def kind(self) -> Kind:
        if self.refusals:
            return Kind.REFUSED
        if self.is_new:
            return Kind.NEW
        if self.values or self.identifiers or self.openings or self.primaries:
            return Kind.CHANGED
        return Kind.UNCHANGED

    @property
    def name(self) -> str:
        """Whom the row is about, for sentences."""
        if self.person is not None:
            return self.person.full_name
        return f"{self.values.get('first_name', '')} {self.values.get('last_name', '')}".strip()

    def refuse(self, column: str, *sentences: str) -> None:
        self.refusals.extend(Remark(column, sentence) for sentence in sentences)

    def note(self, column: str, sentence: str) -> None:
        self.notes.append(Remark(column, sentence))

    @contextmanager
    def refusing(self, column: str) -> Iterator[None]:
        """Turn a ValidationError in the block into a refusal of the cell in `column`."""
        try:
            yield
        except ValidationError as refusal:
            self.refuse(column, *refusal.messages)


@dataclass(slots=True)
class Plan:
    """All rows of a file, in its order; and notes on the file as a whole."""

    headings: Headings
    rows: list[PlannedRow]
    notes: list[str] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        return sum(row.kind == kind for row in self.rows)

    @property
    def refused(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.refusals]

    def in_order_of_writing(self) -> list[PlannedRow]:
        """Return the rows so that a lead stands before those led: staff, then mentors, then mentees."""
        return sorted(self.rows, key=lambda row: rank(row.role))


def rank(role: Role | None) -> int:
    """Return 0 for staff, 1 for mentors, 2 for mentees."""
    return PARTICIPANTS.index(role) + 1 if role in PARTICIPANTS else 0


def sentence(line: int, remark: Remark) -> str:
    """Return a remark with the place it is about: “Line 7, E-mail: …”."""
    if not remark.column:
        return _("Line %(line)d: %(sentence)s") % {"line": line, "sentence": remark.sentence}
    return _("Line %(line)d, %(column)s: %(sentence)s") % {
        "line": line,
        "column": remark.column,
        "sentence": remark.sentence,
    }
