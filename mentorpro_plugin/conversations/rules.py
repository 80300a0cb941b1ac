"""What the spans mean for conversations: only the two people in one read it."""

from django.db.models import Q

from ..access.extents import Extent, register_extents
from ..access.reach import Reach
from ..access.table import Span
from .models import Conversation


def is_in_it(reach: Reach, conversation: Conversation) -> bool:
    """The account's person is one of the two."""
    return reach.person is not None and reach.person in (conversation.first_id, conversation.second_id)


def those_it_is_in(reach: Reach) -> Q:
    """Rows for `is_in_it`."""
    return Q(first=reach.person) | Q(second=reach.person)


register_extents(Conversation, {Span.OWN: Extent(is_in_it, those_it_is_in)})
