"""Which people of a roster something is to be done to: those who were ticked, or all whom search and filters find."""

from hashlib import sha256
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property

from ..access.pagination import BoundedPaginator
from ..access.reach import reach_of
from ..text import is_blank
from .models import Person, PersonQuerySet

#: People at once. More than a listing counts can't be selected: nobody would know how many they are.
MOST = BoundedPaginator.COUNT_LIMIT
#: What an address carries beside search and filters.
PARAMETERS = ("id", "matching", "list")
#: What says which part of a list is shown, and nothing of who is in it.
_PAGING = ("p", "_w_filter_fragment")


class Selection:
    """The selection that a request's address carries, read anew and within its user's reach each time.

    `matching=all` stands for whatever the roster shows with the same search and filters; else `id` names people.
    Whoever isn't within reach is left out, and nothing says so.
    """

    def __init__(self, request: HttpRequest, listing: Any) -> None:
        """`listing` is the view of the roster, set up for the request."""
        self.request, self.listing = request, listing

    @cached_property
    def queryset(self) -> PersonQuerySet:
        """The selected people."""
        if self.request.GET.get("matching") != "all":
            return self.listing.get_base_queryset().filter(pk__in=self._ids)
        if not self._is_understood:
            # The roster then shows everybody. Here that would be a trap.
            return self.listing.get_base_queryset().none()
        return self.listing.get_queryset()

    @property
    def _is_understood(self) -> bool:
        """Whether every filter in the address is one that the roster has, and the search looks for something."""
        filters = self.listing.filters
        known = {*PARAMETERS, *_PAGING, *filters.filters, "q", "ordering"}
        if len(own := reach_of(self.request.user).organizations) == 1 and "organization" not in known:
            # Filtered by the only organization there is.
            known |= {"organization"} if self.request.GET.get("organization") in map(str, own) else set()
        unknown = [name for name, value in self.request.GET.items() if value and name not in known]
        query = self.request.GET.get("q", "")
        return not unknown and filters.is_valid() and (not query or not is_blank(query))

    @cached_property
    def people(self) -> list[Person]:
        """The selected people by name, with no more than what sorting and naming them takes; one more than `MOST`."""
        plain = self.queryset.select_related(None).prefetch_related(None)
        names = plain.order_by("last_name", "first_name", "pk")
        return list(names.only("first_name", "last_name", "role", "status", "email")[: MOST + 1])

    @property
    def is_too_large(self) -> bool:
        return len(self.people) > MOST

    def permitted(self, *codenames: str) -> set[int]:
        """Primary keys of those to whom the user may do one of `codenames`."""
        people = self.queryset.permitted(self.request.user, *codenames)
        return set(people.order_by().values_list("pk", flat=True))

    @cached_property
    def mark(self) -> str:
        """Changes with whoever joins or leaves the selection: what was confirmed is what is done."""
        keys = ",".join(str(person.pk) for person in sorted(self.people, key=lambda person: person.pk))
        return sha256(keys.encode()).hexdigest()[:32]

    @cached_property
    def roster_url(self) -> str:
        """The address of the roster as it was searched and filtered."""
        query = self.request.GET.copy()
        for name in PARAMETERS:
            query.pop(name, None)
        return f"{self.listing.index_url}?{query.urlencode()}" if query else self.listing.index_url

    @cached_property
    def _ids(self) -> list[int]:
        typed = self.request.GET.getlist("id")[: MOST + 1]
        return [int(value) for value in typed if value.isdecimal() and len(value) < 19]


def parameters_of(request: HttpRequest) -> list[tuple[str, Any]]:
    """What the address of a roster must hand on, so that a selection on it means the same: search and filters."""
    left_out = {*PARAMETERS, *_PAGING}
    return [(name, value) for name, values in request.GET.lists() if name not in left_out for value in values]
