"""Files to begin with: small rosters of invented people, in the program and with the identifiers of whoever fetches them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS, Role
from ..assignments.models import Assignment
from ..identifiers.models import IdentifierValue
from ..people.models import Person
from ..programs.models import Program
from ..sheets import csv_pieces, xlsx_pieces
from .headings import Column
from .several import joined

#: What a sample can be had as.
KINDS = ("csv", "xlsx")


@dataclass(frozen=True)
class Place:
    """Where the invented people are put, so that the file can be imported as it is. Empty where there is nothing."""

    organization: str = ""
    program: str = ""
    #: Further programs of the same organization.
    others: Sequence[str] = ()
    manager: str = ""
    identifier: str = ""
    values: Sequence[str] = ()

    def value(self, number: int) -> str:
        return self.values[number % len(self.values)] if self.values else ""


class Sample(NamedTuple):
    label: Any
    help: Any
    rows: Callable[[Place], Iterator[Sequence[Any]]]


def _mentors_and_mentees(place: Place) -> Iterator[Sequence[Any]]:
    identifier = [place.identifier] if place.identifier else []
    yield [
        Column.ROLE.label,
        Column.FIRST_NAME.label,
        Column.LAST_NAME.label,
        Column.PHONE.label,
        Column.ID.label,
        Column.EMAIL.label,
        Column.PROGRAM.label,
        Column.PROGRAM_MANAGER.label,
        Column.MENTOR.label,
        Column.PRIMARY_MENTOR.label,
        *identifier,
    ]
    mentor, mentee, program, manager = Role.MENTOR.label, Role.MENTEE.label, place.program, place.manager
    # Without a manager to name, mentors stand in no program, so nobody can be led there.
    first, both = ("S-101", "S-101; S-102") if manager else ("", "")
    place_of_mentors = program if manager else ""
    for row, number in (
        ((mentor, "Ada", "Okafor", "+1 201 555 0101", "S-101", "", place_of_mentors, manager, "", ""), None),
        ((mentor, "Lev", "Anders", "+1 201 555 0102", "S-102", "", place_of_mentors, manager, "", ""), None),
        ((mentee, "Tom", "Reyes", "+1 201 555 0103", "S-103", "", place_of_mentors, "", both, first), 0),
        ((mentee, "Noor", "Haddad", "+1 201 555 0104", "S-104", "", place_of_mentors, "", first, ""), 1),
        ((mentee, "Mei", "Tan", "+1 201 555 0105", "S-105", "", "", "", "", ""), 0),
    ):
        yield [*row, *("" if number is None else place.value(number) for _name in identifier)]


def _mentees(place: Place) -> Iterator[Sequence[Any]]:
    yield [Column.FULL_NAME.label, Column.PHONE.label, Column.ID.label]
    yield ["Ines Moreau", "+1 201 555 0106", "S-106"]
    yield ["Jo Lindqvist", "+1 201 555 0107", "S-107"]


def _changes(place: Place) -> Iterator[Sequence[Any]]:
    identifier = [place.identifier] if place.identifier else []
    yield [Column.ID.label, Column.LAST_NAME.label, Column.PROGRAM.label, Column.END.label, *identifier]
    yield ["S-104", "Haddad-Berg", "", "", *(place.value(0) for _name in identifier)]
    if place.manager:
        yield ["S-103", "", place.program, "end", *("" for _name in identifier)]


def _everything(place: Place) -> Iterator[Sequence[Any]]:
    columns = [column for column in Column if column not in (Column.FULL_NAME, Column.REASON)]
    identifier = [place.identifier] if place.identifier else []
    yield [*(column.label for column in columns), *identifier]
    programs = [place.program or _("First-Year Engineers"), *place.others[:1]]
    both = joined(map(str, programs))
    # Whoever leads stands in the file itself, so it fits wherever the programs are.
    managed, mentored = joined(["S-201"] * len(programs)), joined(["S-203; S-204", "S-203"][: len(programs)])
    primary = joined(["S-204", "S-203"][: len(programs)])
    for number, (role, first, last, assigned) in enumerate(
        (
            (Role.PROGRAM_MANAGER, "Vera", "Solberg", {Column.PROGRAM: both}),
            (Role.SUCCESS_COORDINATOR, "Idris", "Bello", {Column.PROGRAM: both}),
            (Role.MENTOR, "Hana", "Kovac", {Column.PROGRAM: both, Column.PROGRAM_MANAGER: managed}),
            (Role.MENTOR, "Luis", "Arce", {Column.PROGRAM: programs[0], Column.PROGRAM_MANAGER: "S-201"}),
            (
                Role.MENTEE,
                "Thảo",
                "Trần",
                {Column.PROGRAM: both, Column.MENTOR: mentored, Column.PRIMARY_MENTOR: primary},
            ),
            (Role.MENTEE, "Ben", "Osei", {Column.PROGRAM: programs[0], Column.MENTOR: "S-203"}),
        ),
        1,
    ):
        cells = {
            Column.ROLE: role.label,
            Column.FIRST_NAME: first,
            Column.LAST_NAME: last,
            Column.PHONE: f"+1 202 555 010{number}",
            Column.ID: f"S-20{number}",
            Column.EMAIL: f"s-20{number}@example.edu",
            Column.ORGANIZATION: place.organization,
            **assigned,
        }
        values = [place.value(number) if role in PARTICIPANTS else "" for _name in identifier]
        yield [*(cells.get(column, "") for column in columns), *values]


SAMPLES: dict[str, Sample] = {
    "mentors-and-mentees": Sample(
        _("Mentors and mentees"),
        _("Two mentors and three mentees, with their assignments."),
        _mentors_and_mentees,
    ),
    "mentees": Sample(
        _("Mentees, and no more"),
        _("There is no column for the role: you choose it for all rows."),
        _mentees,
    ),
    "changes": Sample(
        _("Changes"),
        _("For people of the first file: a new name, and an assignment that ends."),
        _changes,
    ),
    "everything": Sample(
        _("Everything"),
        _("Every column and every role that a roster can have; several programs and mentors in one cell."),
        _everything,
    ),
}


def place_of(user: Any) -> Place:
    """Return where the people of a sample are put if `user` imports it, within the scope in force."""
    assignments = Assignment.objects.open().filter(
        program__in=Program.objects.visible_to(user).filter(archived_at=None),
        person__in=Person.objects.visible_to(user),
        person__role=Role.PROGRAM_MANAGER,
        person__status=Person.Status.ENABLED,
    )
    own = getattr(getattr(user, "mentorpro_person", None), "pk", None)
    found = list(
        assignments.select_related("person", "program__organization").order_by("program__name", "pk")[:50]
    )
    # Best one's own program.
    managed = next((row for row in found if row.person_id == own), found[0] if found else None)
    tree = managed.program.organization.tree_id if managed else reach_of(user).tree
    values = list(
        IdentifierValue.objects.filter(identifier__organization=tree)
        .select_related("identifier")
        .order_by("identifier__name", "identifier", "sort_order")[:10]
    )
    identifier = values[0].identifier if values else None
    organization = managed.program.organization if managed else None
    others = Program.objects.visible_to(user).filter(organization=organization, archived_at=None)
    return Place(
        organization=organization.name if organization else "",
        others=[
            name
            for name in others.order_by("name").values_list("name", flat=True)[:2]
            if managed and name != managed.program.name
        ],
        program=managed.program.name if managed else "",
        manager=managed.person.id_number if managed else "",
        identifier=identifier.name if identifier else "",
        values=[value.name for value in values if value.identifier == identifier],
    )


def sample_file(name: str, kind: str, *, user: Any) -> bytes:
    """Return the sample `name` as "csv" or "xlsx". Raises KeyError for one that there isn't."""
    rows = [[str(cell) for cell in row] for row in SAMPLES[name].rows(place_of(user))]
    if kind not in KINDS:
        raise KeyError(kind)
    return b"".join(xlsx_pieces([rows])) if kind == "xlsx" else "".join(csv_pieces([rows])).encode()
