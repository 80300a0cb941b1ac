"""The columns of a roster as a file: those that an import reads, then what the screen shows besides."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from ..access.roles import Role
from ..exchange.headings import Column, guessed_meanings
from ..exchange.several import BETWEEN_LEADS, BETWEEN_PROGRAMS, joined
from ..exchange.text import clean, folded
from ..exchange.wordings import letters_of
from ..identifiers.models import GivenIdentifier, Identifier
from ..people.models import Person, open_assignments
from ..programs.models import Program

#: As it is stored, in E.164: reading a number takes longer than all the rest of a row.
_NUMBER = Cast("phone", CharField())

#: Fields of a person that the cells are made of, of people `with_number`.
FIELDS = (
    "pk",
    "first_name",
    "last_name",
    "number",
    "id_number",
    "email",
    "organization__name",
    "status",
    "last_activity_at",
    "last_activity_kind",
)
#: More identifiers than these, those of many trees, stand in one column together: an import takes 200 columns.
MOST_IDENTIFIERS = 100

#: One row a person, so what a file of another shape may say in columns of their own isn't among them.
_READ = (
    Column.ROLE,
    Column.FIRST_NAME,
    Column.LAST_NAME,
    Column.PHONE,
    Column.ID,
    Column.EMAIL,
    Column.ORGANIZATION,
    Column.PROGRAM,
    Column.PROGRAM_MANAGER,
    Column.MENTOR,
    Column.PRIMARY_MENTOR,
)


def with_number(people: QuerySet) -> QuerySet:
    return people.annotate(number=_NUMBER)


class Place:
    """Somebody's open assignments to one program: who leads them there, and which of those are primary."""

    __slots__ = ("leads", "primaries", "program")

    def __init__(self, program: str) -> None:
        self.program = program
        self.leads: list[int] = []
        self.primaries: list[int] = []


class RosterColumns:
    """Headings and cells of the roster of `role`; ask for both within the scope of whoever gets the file."""

    def __init__(self, role: Role, *, tree: int | None) -> None:
        """`tree` is the parent organization whose identifiers have columns; None stands for all trees."""
        self._role = role
        identifiers = (
            Identifier.objects.all() if tree is None else Identifier.objects.filter(organization=tree)
        )
        # Of one name in several trees, an import knows which is meant.
        names = {folded(name): name for name in identifiers.order_by("-name").values_list("name", flat=True)}
        self._identifiers = dict(sorted(names.items()))

    @property
    def _stand_together(self) -> bool:
        return len(self._identifiers) > MOST_IDENTIFIERS

    def headings(self) -> list[str]:
        read = [str(column.label) for column in _READ]
        identifiers = [_("Identifiers")] if self._stand_together else _headings_of(self._identifiers.values())
        shown = [_("Status"), _("Last Activity Date"), _("Last Activity")]
        return [*read, *identifiers, *_passed_over(shown, beside=identifiers)]

    def rows(self, people: list[dict[str, Any]], *, viewer: Any) -> Iterator[list[str]]:
        """Yield the cells of `people`, given by FIELDS. What `viewer` may not see is left out. Three queries."""
        keys = [person["pk"] for person in people]
        places = _places_of(keys, viewer)
        names = _names_of({lead for own in places.values() for place in own for lead in place.leads}, viewer)
        given = self._given_to(keys)
        role = str(self._role.label)
        statuses, activities = dict(Person.Status.choices), dict(Person.Activity.choices)
        for person in people:
            own = places.get(person["pk"], ())
            leads = joined(_several(place.leads, names) for place in own)
            moment = person["last_activity_at"]
            yield [
                role,
                person["first_name"],
                person["last_name"],
                person["number"] or "",
                person["id_number"],
                person["email"],
                person["organization__name"] or "",
                joined(place.program for place in own),
                leads if self._role == Role.MENTOR else "",
                leads if self._role == Role.MENTEE else "",
                joined(_several(place.primaries, names) for place in own),
                *given.get(person["pk"], self._nothing),
                str(statuses[person["status"]]),
                f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "",
                str(activities.get(person["last_activity_kind"], "")),
            ]

    @property
    def _nothing(self) -> list[str]:
        return [""] if self._stand_together else [""] * len(self._identifiers)

    def _given_to(self, keys: list[int]) -> dict[int, list[str]]:
        """Return the cells with the identifiers of those who have any."""
        given: dict[int, dict[str, str]] = defaultdict(dict)
        rows = GivenIdentifier._base_manager.filter(person__in=keys)
        for person, name, value in rows.values_list("person_id", "identifier__name", "value__name"):
            given[person][folded(name)] = value
        return {person: self._cells_of(values) for person, values in given.items()}

    def _cells_of(self, values: dict[str, str]) -> list[str]:
        if not self._stand_together:
            return [values.get(name, "") for name in self._identifiers]
        return ["; ".join(f"{self._identifiers[name]}: {values[name]}" for name in sorted(values))]


def _headings_of(identifiers: Iterable[str]) -> list[str]:
    """Return a heading for each identifier: its name, unless an import would take that for something else."""
    identifiers = list(identifiers)
    alike = Counter(map(letters_of, identifiers))
    return [
        name
        if alike[letters_of(name)] == 1 and _means_nothing(name)
        else _("Identifier: %(name)s") % {"name": name}
        for name in identifiers
    ]


def _means_nothing(heading: str) -> bool:
    """Whether `heading`, beside those of people's names, stands for no column of its own."""
    read = [str(Column.FIRST_NAME.label), str(Column.LAST_NAME.label)]
    return bool(letters_of(heading)) and guessed_meanings([*read, heading])[-1] == ""


def _passed_over(headings: list[str], *, beside: list[str]) -> list[str]:
    """Return `headings` so that an import passes over them, also where an identifier is called the same."""
    taken = set(map(letters_of, beside))
    return [
        heading
        if letters_of(heading) not in taken and _means_nothing(heading)
        else _("%(heading)s (as shown)") % {"heading": heading}
        for heading in headings
    ]


def _places_of(keys: list[int], viewer: Any) -> dict[int, list[Place]]:
    """Return the programs of each person, by name, with those that `viewer` sees."""
    rows = open_assignments(person__in=keys, program__in=Program.objects.visible_to(viewer))
    rows = rows.order_by("program__name", "program_id", "-is_primary", "pk")
    places: dict[int, dict[int, Place]] = defaultdict(dict)
    for person, program, name, lead, is_primary in rows.values_list(
        "person_id", "program_id", "program__name", "lead_id", "is_primary"
    ):
        place = places[person].get(program)
        if place is None:
            place = places[person][program] = Place(name)
        if lead is not None:
            place.leads.append(lead)
            if is_primary:
                place.primaries.append(lead)
    return {person: list(own.values()) for person, own in places.items()}


def _names_of(leads: set[int], viewer: Any) -> dict[int, str]:
    """Return by what an import finds those of `leads` whom `viewer` sees; an ID where it can be told from its neighbours."""
    people = with_number(Person.objects.visible_to(viewer).filter(pk__in=leads).order_by())
    return {
        pk: next((text for text in texts if text and _stands_in_a_list(text)), "")
        for pk, *texts in people.values_list("pk", "id_number", "number", "email")
    }


def _stands_in_a_list(text: str) -> bool:
    return clean(text) == text and BETWEEN_LEADS not in text and BETWEEN_PROGRAMS not in text


def _several(leads: list[int], names: dict[int, str]) -> str:
    return f"{BETWEEN_LEADS} ".join(names[lead] for lead in leads if names.get(lead))
