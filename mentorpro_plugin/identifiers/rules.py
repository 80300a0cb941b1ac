"""What the spans mean for identifiers."""

from django.db.models import Q

from ..access.extents import Extent, register_extents
from ..access.reach import Reach
from ..access.table import Span
from .models import Identifier


def is_of_reached_organization(reach: Reach, identifier: Identifier) -> bool:
    """The identifier is defined by an organization that the account answers for."""
    return identifier.organization_id in reach.organizations


register_extents(
    Identifier,
    {
        Span.OWN_TREE: Extent(
            is_of_reached_organization, lambda reach: Q(organization__in=reach.organizations)
        )
    },
)
