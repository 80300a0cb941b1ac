"""Random organizations with people, programs, identifiers and assignments: what hypothesis draws, and in the database."""

from dataclasses import dataclass
from itertools import count

from hypothesis import strategies as st

from mentorpro_plugin.access.roles import COORDINATORS, PARTICIPANTS, Role
from mentorpro_plugin.assignments.actions import refresh_is_assigned
from mentorpro_plugin.models import Assignment, GivenIdentifier, IdentifierValue, Person, Program
from tests.factories import (
    IdentifierFactory,
    OrganizationFactory,
    PersonFactory,
    ProgramFactory,
    fictional_phone,
)

#: What separates, escapes and decorates; what Unicode writes in two ways; and letters.
CHARACTERS = "aB7 |;,'\"=+-@._/\n\té漢É\u0301\u200d\u200bمß"
NAMES = st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=12) | st.sampled_from(
    [
        "=1+1",
        "A | B",
        "|",
        "||",
        "a; b",
        "-",
        "+1 907 555 0142",
        "Ana",
        "'",
        "''=1",
        "NULL",
        "1e10",
        "007",
        "_x0041_",
    ]
)
#: Also names of columns, in several languages, and of what a file says besides.
HEADINGS = NAMES | st.sampled_from(
    ["Role", "Mentor", "ID", "Name", "Teléfono", "Status", "Last Activity", "Grade", "grade!"]
)
STATUSES = st.sampled_from(["enabled", "enabled", "enabled", "deactivated"])


#: Most are in the first organization, so that they meet.
PLACES = st.sampled_from([0, 0, 0, 1])
SEVERAL = st.integers(0, 9)


@dataclass
class Somebody:
    """Others are named by their position in lists that may be shorter: the number is taken modulo."""

    place: int
    first_name: str
    last_name: str
    id_number: str
    has_phone: bool
    has_email: bool
    status: str
    #: Programs, each with the positions of leads and whether they are primary.
    programs: list[tuple[int, list[tuple[int, bool]]]]
    #: Of each identifier.
    values: list[int | None]


@dataclass
class Drawn:
    """Two organizations of a tree: programs (place, name, Flash Mentoring), identifiers with values, people by role."""

    programs: list[tuple[int, str, bool]]
    identifiers: list[tuple[str, list[str]]]
    people: dict[Role, list[Somebody]]


def _unique(names, **sizes):
    return st.lists(names, unique_by=lambda row: key(row if isinstance(row, str) else row[0]), **sizes)


PEOPLE = st.builds(
    Somebody,
    place=PLACES,
    first_name=NAMES,
    last_name=NAMES | st.just(""),
    id_number=NAMES | st.just(""),
    has_phone=st.booleans(),
    has_email=st.booleans(),
    status=STATUSES,
    programs=st.lists(
        st.tuples(SEVERAL, st.lists(st.tuples(SEVERAL, st.booleans()), max_size=3)), min_size=1, max_size=3
    )
    | st.just([]),
    values=st.lists(st.none() | SEVERAL, min_size=3, max_size=3),
)


@st.composite
def rosters(draw) -> Drawn:
    programs = draw(
        st.lists(
            st.tuples(PLACES, NAMES, st.booleans()),
            min_size=2,
            max_size=5,
            unique_by=lambda row: (row[0], key(row[1])),
        )
    )
    identifiers = draw(_unique(st.tuples(HEADINGS, _unique(NAMES, min_size=1, max_size=3)), max_size=3))
    people = {
        Role.PROGRAM_MANAGER: st.lists(PEOPLE, min_size=1, max_size=3),
        Role.SUCCESS_COORDINATOR: st.lists(PEOPLE, max_size=1),
        Role.MENTOR: st.lists(PEOPLE, min_size=1, max_size=4),
        Role.MENTEE: st.lists(PEOPLE, min_size=1, max_size=5),
    }
    return Drawn(programs, identifiers, {role: draw(several) for role, several in people.items()})


def key(name: str) -> str:
    """What the database compares names by, at least."""
    return shown(name).casefold()


def shown(name: str) -> str:
    """The name as a form would keep it."""
    person = Person(first_name=name, role=Role.SUPER_ADMIN, email="x")
    person.clean()
    return person.first_name or "?"


class Built:
    """The same in the database: the top of the tree, its organizations, and somebody to act in each role."""

    def __init__(self, drawn: Drawn) -> None:
        self.top = OrganizationFactory(name="Top")
        self.organizations = [
            OrganizationFactory(name=name, parent=self.top) for name in ("North", "South | West")
        ]
        self.programs = [
            ProgramFactory(organization=self.organizations[place], name=shown(name), flash_mentoring=flash)
            for place, name, flash in drawn.programs
        ]
        self.identifiers = [
            IdentifierFactory(
                organization=self.top, name=shown(name), values=[shown(value) for value in values]
            )
            for name, values in drawn.identifiers
        ]
        self.by = {
            "super_admin": PersonFactory(role=Role.SUPER_ADMIN, organization=None).user,
            "parent": PersonFactory(role=Role.PARENT, organization=self.top).user,
            "child": PersonFactory(role=Role.CHILD, organization=self.organizations[0]).user,
        }
        manager = PersonFactory(role=Role.PROGRAM_MANAGER, organization=self.organizations[0])
        self.by["program_manager"] = manager.user
        own = next(
            (program for program in self.programs if program.organization == self.organizations[0]), None
        )
        if own:
            self._assign(manager, own, None)
        self._ids: set[str] = set()
        self._numbers = count()
        self.people: dict[Role, list[Person]] = {}
        # Leads before those led.
        for role, several in drawn.people.items():
            self.people[role] = [self._person(role, somebody) for somebody in several]
            for somebody, person in zip(several, self.people[role], strict=True):
                self._give(somebody, person)
                self._assign_all(somebody, person)
        refresh_is_assigned(*Person._base_manager.values_list("pk", flat=True))

    def _person(self, role: Role, somebody: Somebody) -> Person:
        number = next(self._numbers)
        person = Person(
            role=role,
            organization=self.organizations[somebody.place],
            first_name=shown(somebody.first_name),
            last_name=somebody.last_name,
            id_number=somebody.id_number,
            phone=fictional_phone() if somebody.has_phone or role in PARTICIPANTS else None,
            email=f"random{number}@example.net" if somebody.has_email or role in COORDINATORS else "",
            status=somebody.status,
        )
        person.clean()
        if key(person.id_number) in self._ids:
            person.id_number = ""
        self._ids.add(key(person.id_number))
        fields = ("role", "organization", "first_name", "last_name", "id_number", "phone", "email", "status")
        return PersonFactory(**{name: getattr(person, name) for name in fields})

    def _give(self, somebody: Somebody, person: Person) -> None:
        for identifier, position in zip(self.identifiers, somebody.values, strict=False):
            if position is not None:
                values = list(IdentifierValue._base_manager.filter(identifier=identifier))
                GivenIdentifier(
                    person=person, identifier=identifier, value=values[position % len(values)]
                ).save()

    def _assign_all(self, somebody: Somebody, person: Person) -> None:
        near = [program for program in self.programs if program.organization_id == person.organization_id]
        for position, leads in somebody.programs if near else []:
            program = near[position % len(near)]
            if person.role in COORDINATORS:
                self._assign(person, program, None)
                continue
            there = Assignment._base_manager.filter(program=program).values("person")
            of_role = Role.MENTOR if person.role == Role.MENTEE else Role.PROGRAM_MANAGER
            leading = list(Person._base_manager.filter(pk__in=there, role=of_role).order_by("pk"))
            if person.role == Role.MENTEE and program.flash_mentoring and not leads:
                self._assign(person, program, None)
            for place, is_primary in leads or [(0, False)] if leading else []:
                lead = leading[place % len(leading)]
                self._assign(person, program, lead, is_primary=is_primary and person.role == Role.MENTEE)

    def _assign(
        self, person: Person, program: Program, lead: Person | None, *, is_primary: bool = False
    ) -> None:
        rows = Assignment._base_manager.filter(person=person, program=program, lead=lead, ended_at=None)
        if not rows:
            Assignment(person=person, program=program, lead=lead, is_primary=is_primary).save()
