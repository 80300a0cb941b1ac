"""What a span means on a model, said twice side by side: of one row, and of all rows at once."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q

from .reach import Reach, reach_of
from .table import EMPTY_SPANS, Span, span_of


class Extent(NamedTuple):
    """The same sentence about one row (`holds`) and about many (`rows`).

    The parity test keeps both equal over random organizations and assignments.
    """

    holds: Callable[[Reach, Any], bool]
    rows: Callable[[Reach], Q]


NO_ROWS = Q(pk__in=())
# Not `Q()`: combining with an empty Q drops it, so "all or none" would become "none".
ALL_ROWS = ~NO_ROWS

_ALWAYS: dict[Span, Extent] = {
    **{span: Extent(lambda reach, row: False, lambda reach: NO_ROWS) for span in EMPTY_SPANS},
    Span.ALL: Extent(lambda reach, row: True, lambda reach: ALL_ROWS),
}

_extents: dict[type[models.Model], Mapping[Span, Extent]] = {}


def register_extents(model: type[models.Model], extents: Mapping[Span, Extent]) -> None:
    """Say what each span means on `model` and its proxies. A span left out reaches no row."""
    _extents[model] = {**extents, **_ALWAYS}


def extent_of(reach: Reach, codename: str, model: type[models.Model]) -> Extent:
    """Return how far `codename` stretches over `model` for `reach`. Raises KeyError for a model without extents."""
    extents = _extents[model._meta.concrete_model or model]
    return extents.get(span_of(reach, codename), _ALWAYS[Span.NONE])


def holds(user: Any, codename: str, instance: models.Model | None = None) -> bool:
    """Whether `user` may do `codename` to `instance`; with no instance, to at least some rows in principle."""
    reach = reach_of(user)
    if instance is None:
        return span_of(reach, codename) not in EMPTY_SPANS
    return bool(extent_of(reach, codename, type(instance)).holds(reach, instance))


class ReachQuerySet(models.QuerySet):
    """A queryset that can be narrowed to what a user may see or do."""

    def permitted(self, user: Any, *codenames: str) -> "ReachQuerySet":
        """Rows to which `user` may do at least one of `codenames` (of this app, without its label)."""
        reach = reach_of(user)
        allowed = NO_ROWS
        for codename in codenames:
            allowed |= extent_of(reach, codename, self.model).rows(reach)
        return self.filter(allowed)

    def visible_to(self, user: Any) -> "ReachQuerySet":
        """Rows that `user` may see."""
        return self.permitted(user, f"view_{self.model._meta.model_name}")

    def managed_by(self, user: Any) -> "ReachQuerySet":
        """Rows that `user` may change."""
        return self.permitted(user, f"change_{self.model._meta.model_name}")
