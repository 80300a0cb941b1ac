"""What waits to be read, for the first page behind a door."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import ngettext

from ..people.models import Person
from ..shell.news import MOST_SHOWN, News
from .models import Participation


def unread_news(request: Any, person: Person) -> Iterator[News]:
    """Who wrote what is unread, latest first. One query."""
    waiting = Participation.objects.filter(person=person, unread_count__gt=0).select_related("other")
    for side in waiting.order_by("-last_message_at", "-pk")[:MOST_SHOWN]:
        yield News(
            ngettext("wrote to you", "wrote to you several times", side.unread_count),
            "conversation",
            (side.other_id,),
            who=side.other.full_name,
            icon="mail",
            count=side.unread_count,
        )
