"""What the spans mean for goals, and for the catalogue."""

from django.db.models import Exists, OuterRef, Q

from ..access.extents import Extent, register_extents
from ..access.reach import Reach
from ..access.roles import PARTICIPANTS
from ..access.table import Span
from ..people.models import open_assignments
from .models import CatalogueGoal, Goal


def is_of_reached_organization(reach: Reach, goal: Goal) -> bool:
    """The mentee belongs to an organization that the account answers for."""
    return goal.mentee.organization_id in reach.organizations


def is_own(reach: Reach, goal: Goal) -> bool:
    """The goal is the mentee's own; for an account, one of its organization."""
    if reach.role in PARTICIPANTS:
        return goal.mentee_id == reach.person
    return goal.mentee.organization_id == reach.organization


def is_in_own_programs(reach: Reach, goal: Goal) -> bool:
    """The mentee has an open assignment in a program in which the account has one."""
    return not reach.programs.isdisjoint(goal.mentee.open_program_ids)


def is_of_own_mentee(reach: Reach, goal: Goal) -> bool:
    """The account leads the mentee in an open assignment."""
    return open_assignments(person=goal.mentee_id, lead=reach.person).exists()


def own(reach: Reach) -> Q:
    """Rows for `is_own`."""
    if reach.role in PARTICIPANTS:
        return Q(mentee=reach.person)
    return Q(mentee__organization=reach.organization)


def in_own_programs(reach: Reach) -> Q:
    """Rows for `is_in_own_programs`."""
    return Q(Exists(open_assignments(person=OuterRef("mentee"), program__in=reach.programs)))


def of_own_mentees(reach: Reach) -> Q:
    """Rows for `is_of_own_mentee`."""
    return Q(Exists(open_assignments(person=OuterRef("mentee"), lead=reach.person)))


register_extents(
    Goal,
    {
        Span.OWN_TREE: Extent(
            is_of_reached_organization, lambda reach: Q(mentee__organization__in=reach.organizations)
        ),
        Span.OWN: Extent(is_own, own),
        Span.OWN_PROGRAMS: Extent(is_in_own_programs, in_own_programs),
        Span.OWN_MENTEES: Extent(is_of_own_mentee, of_own_mentees),
    },
)


def is_of_own_tree(reach: Reach, catalogue_goal: CatalogueGoal) -> bool:
    """The goal stands in the catalogue of the account's own tree."""
    return catalogue_goal.organization_id in reach.organizations


register_extents(
    CatalogueGoal,
    {Span.OWN_TREE: Extent(is_of_own_tree, lambda reach: Q(organization__in=reach.organizations))},
)
