"""Finding people by what is typed, for pages of other domains."""

from typing import Any

from django.db.models import QuerySet

from .models import Person
from .rosters import regions_of
from .search import search_condition


def people_found(user: Any, text: str) -> QuerySet[Person]:
    """People that `user` may see, and that `text` finds as the search of a roster does."""
    return Person.objects.visible_to(user).filter(search_condition(text, regions=regions_of(user)))
