"""What the spans mean for programs."""

from django.db.models import Q

from ..access.extents import Extent, register_extents
from ..access.reach import Reach
from ..access.table import Span
from .models import Program


def is_of_reached_organization(reach: Reach, program: Program) -> bool:
    """The program belongs to an organization that the account answers for."""
    return program.organization_id in reach.organizations


def is_of_own_organization(reach: Reach, program: Program) -> bool:
    """The program belongs to the account's own organization."""
    return program.organization_id == reach.organization


def is_own(reach: Reach, program: Program) -> bool:
    """The account has an open assignment in the program."""
    return program.pk in reach.programs


register_extents(
    Program,
    {
        Span.OWN_TREE: Extent(
            is_of_reached_organization, lambda reach: Q(organization__in=reach.organizations)
        ),
        Span.OWN: Extent(is_of_own_organization, lambda reach: Q(organization=reach.organization)),
        Span.OWN_PROGRAMS: Extent(is_own, lambda reach: Q(pk__in=reach.programs)),
    },
)
