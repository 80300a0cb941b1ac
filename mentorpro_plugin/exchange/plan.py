"""What an import is going to do, row by row, before anything is written."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ..access.roles import PARTICIPANTS, Role


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


#: What a plan counts besides the rows of each kind: e-mails, and assignments.
ALSO_COUNTED = ("welcomes", "notices", "openings", "endings")


class Remark(NamedTuple):
    """A whole sentence about a cell; `column` is its heading, empty where the sentence is about the row."""

    column: str
    sentence: str


class Change(NamedTuple):
    """What of a person becomes another: both values as people read them, empty where there is none."""

    label: str
    old: str
    new: str


class Opening(NamedTuple):
    """An assignment to open: primary keys of program and lead, or the line on which the lead stands in the file."""

    program: int
    lead: int | None = None
    lead_line: int | None = None
    is_primary: bool = False


@dataclass(slots=True)
class PlanRow:
    """One row of a plan, as the file has it: what to show of it, and what to write."""

    line: int
    kind: Kind
    #: Whom it is about, and the name of their organization; empty where that isn't known.
    name: str = ""
    role_value: str = ""
    organization: str = ""
    organization_pk: int | None = None
    #: As sent, below the headings.
    cells: list[str] = field(default_factory=list)
    #: The primary key of somebody there already.
    person: int | None = None
    #: Of somebody there already, what becomes another. Nothing for new people: the cells say it all.
    changes: list[Change] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    # What to write. Attributes of the person, all of a new one; values of identifiers; assignments.
    values: dict[str, str] = field(default_factory=dict)
    #: Pairs of identifier and value, by primary key.
    identifiers: list[list[int]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    #: Primary keys of open assignments that end, and of those whose mentor becomes primary.
    endings: list[int] = field(default_factory=list)
    primaries: list[int] = field(default_factory=list)
    #: Whether another row may name this one as its lead.
    may_lead: bool = False

    @property
    def role(self) -> str:
        """The role as people call it; empty where it isn't known."""
        return str(Role(self.role_value).label) if self.role_value else ""

    def as_json(self) -> dict[str, Any]:
        """Return all but the kind and what is empty."""
        found = ((name, getattr(self, name)) for name in _PLAIN)
        return {name: value for name, value in found if value}

    @classmethod
    def from_json(cls, values: dict[str, Any], kind: Kind) -> "PlanRow":
        for name, shape in _SHAPES.items():
            if name in values:
                values[name] = [shape(*value) for value in values[name]]
        return cls(kind=kind, **values)


_SHAPES = {"changes": Change, "refusals": Remark, "notes": Remark, "openings": Opening}
_PLAIN = tuple(name for name in PlanRow.__dataclass_fields__ if name != "kind")


def rank(role: Role | str | None) -> int:
    """Return 0 for staff, 1 for mentors, 2 for mentees: leads stand before those led, where rows are written."""
    return PARTICIPANTS.index(role) + 1 if role in PARTICIPANTS else 0  # type: ignore[arg-type]


def sentence(line: int, remark: Remark) -> str:
    """Return a remark with the place it is about: “Line 7, E-mail: …”."""
    if not remark.column:
        return _("Line %(line)d: %(sentence)s") % {"line": line, "sentence": remark.sentence}
    return _("Line %(line)d, %(column)s: %(sentence)s") % {
        "line": line,
        "column": remark.column,
        "sentence": remark.sentence,
    }
