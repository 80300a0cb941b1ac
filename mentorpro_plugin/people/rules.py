"""What the spans mean for people."""

from django.db.models import Exists, OuterRef, Q

from ..access.extents import Extent, register_extents
from ..access.reach import Reach
from ..access.table import Span
from .models import Person, open_assignments


def is_of_reached_organization(reach: Reach, person: Person) -> bool:
    """The person belongs to an organization that the account answers for."""
    return person.organization_id in reach.organizations


def is_of_own_organization(reach: Reach, person: Person) -> bool:
    """The person belongs to the account's own organization."""
    return person.organization_id == reach.organization


def is_in_own_programs(reach: Reach, person: Person) -> bool:
    """The person has an open assignment in a program in which the account has one."""
    return not reach.programs.isdisjoint(person.open_program_ids)


def is_in_own_programs_or_unassigned(reach: Reach, person: Person) -> bool:
    """As above, or the person has no open assignment and belongs to the account's own organization."""
    unassigned = not person.is_assigned and is_of_own_organization(reach, person)
    return unassigned or is_in_own_programs(reach, person)


def is_own_mentee_or_lead(reach: Reach, person: Person) -> bool:
    """The person is led by the account, or leads it, in an open assignment."""
    return is_own_lead(reach, person) or open_assignments(person=person.pk, lead=reach.person).exists()


def is_own_lead(reach: Reach, person: Person) -> bool:
    """The person leads the account in an open assignment."""
    return open_assignments(person=reach.person, lead=person.pk).exists()


def is_oneself(reach: Reach, person: Person) -> bool:
    """The person is the account itself."""
    return person.pk == reach.person


def in_own_programs(reach: Reach) -> Q:
    """Rows for `is_in_own_programs`."""
    return Q(Exists(open_assignments(person=OuterRef("pk"), program__in=reach.programs)))


def in_own_programs_or_unassigned(reach: Reach) -> Q:
    """Rows for `is_in_own_programs_or_unassigned`."""
    return Q(is_assigned=False, organization=reach.organization) | in_own_programs(reach)


def own_mentees_or_leads(reach: Reach) -> Q:
    """Rows for `is_own_mentee_or_lead`."""
    return own_leads(reach) | Q(Exists(open_assignments(person=OuterRef("pk"), lead=reach.person)))


def own_leads(reach: Reach) -> Q:
    """Rows for `is_own_lead`."""
    return Q(Exists(open_assignments(person=reach.person, lead=OuterRef("pk"))))


register_extents(
    Person,
    {
        Span.OWN_TREE: Extent(
            is_of_reached_organization, lambda reach: Q(organization__in=reach.organizations)
        ),
        Span.OWN: Extent(is_of_own_organization, lambda reach: Q(organization=reach.organization)),
        Span.OWN_PROGRAMS: Extent(is_in_own_programs, in_own_programs),
        Span.OWN_PROGRAMS_AND_UNASSIGNED: Extent(
            is_in_own_programs_or_unassigned, in_own_programs_or_unassigned
        ),
        Span.OWN_MENTEES_AND_LEADS: Extent(is_own_mentee_or_lead, own_mentees_or_leads),
        Span.OWN_MENTORS: Extent(is_own_lead, own_leads),
        Span.OWN_LEADS: Extent(is_own_lead, own_leads),
        Span.OWN_MATCHES_AND_LEADS: Extent(is_own_mentee_or_lead, own_mentees_or_leads),
        Span.OWN_MATCHES: Extent(is_own_lead, own_leads),
        Span.OWN_PROFILE: Extent(is_oneself, lambda reach: Q(pk=reach.person)),
    },
)
