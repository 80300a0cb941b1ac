"""What the spans mean for organizations."""

from django.db.models import Q

from ..access.extents import Extent, register_extents
from ..access.reach import Reach
from ..access.table import Span
from .models import Organization


def is_reached(reach: Reach, organization: Organization) -> bool:
    """The organization is one of those the account answers for."""
    return organization.pk in reach.organizations


def is_own(reach: Reach, organization: Organization) -> bool:
    """The organization is the account's own."""
    return organization.pk == reach.organization


register_extents(
    Organization,
    {
        Span.OWN_TREE: Extent(is_reached, lambda reach: Q(pk__in=reach.organizations)),
        Span.OWN: Extent(is_own, lambda reach: Q(pk=reach.organization)),
    },
)
