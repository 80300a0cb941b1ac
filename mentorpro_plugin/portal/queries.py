"""The people whom a mentor or mentee has: with what both share, and what is unread between them."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ..access.roles import Role
from ..conversations.models import Participation
from ..people.models import Person, open_assignments
from ..programs.models import Program


@dataclass
class Companion:
    """Somebody whom the viewer has, by name, with the programs that they share."""

    person: Person
    #: Whether they are the viewer's Primary Mentor.
    is_primary: bool = False
    programs: list[Program] = field(default_factory=list)
    unread: int = 0

    @property
    def is_mentee(self) -> bool:
        return self.person.role == Role.MENTEE


def mentors_or_mentees_of(user: Any, person: Person) -> QuerySet[Person]:
    """The mentors of a mentee, primary ones first; the mentees of a mentor. Those whom `user` may see."""
    if person.role == Role.MENTEE:
        primary = open_assignments(person=person.pk, lead=OuterRef("pk"), is_primary=True)
        people = _visible(user, Role.MENTOR)
        return people.order_by(Exists(primary).desc(), "first_name", "last_name", "pk")
    return _visible(user, Role.MENTEE)


def leads_of(user: Any, person: Person) -> QuerySet[Person]:
    """The Program Managers who lead a mentor. None for a mentee: staff's accounts are not theirs to see."""
    return _visible(user, Role.PROGRAM_MANAGER)


def companions(people: list[Person], person: Person) -> list[Companion]:
    """Return what `person` has with each of `people`, in their order. Two queries, whatever their number."""
    found = {other.pk: Companion(other) for other in people}
    if not found:
        return []
    between = Q(person=person.pk, lead__in=found) | Q(lead=person.pk, person__in=found)
    for assignment in (
        open_assignments().filter(between).select_related("program").order_by("program__name", "pk")
    ):
        is_mine = assignment.person_id == person.pk
        companion = found[assignment.lead_id if is_mine else assignment.person_id]
        companion.is_primary |= is_mine and assignment.is_primary
        if assignment.program not in companion.programs:
            companion.programs.append(assignment.program)
    unread = Participation.objects.filter(person=person, other__in=found, unread_count__gt=0)
    for other, count in unread.values_list("other", "unread_count"):
        found[other].unread = count
    return list(found.values())


def _visible(user: Any, role: Role) -> QuerySet[Person]:
    people = Person.objects.visible_to(user).filter(role=role)
    return people.order_by("first_name", "last_name", "pk")
