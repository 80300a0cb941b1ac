"""The orders of a roster, and going through it in one of them, a chunk at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

#: How each column sorts: by itself, then by the rest of the name, in the order of an index.
ORDERINGS: dict[str, tuple[Any, ...]] = {
    "first_name": ("first_name", "last_name", "pk"),
    "-first_name": ("-first_name", "-last_name", "-pk"),
    "last_name": ("last_name", "first_name", "pk"),
    "-last_name": ("-last_name", "-first_name", "-pk"),
    "last_activity_at": (F("last_activity_at").asc(nulls_first=True), "pk"),
    "-last_activity_at": (F("last_activity_at").desc(nulls_last=True), "-pk"),
}


class _Part(NamedTuple):
    """A stretch of a roster in which every row has the fields that it is sorted by."""

    rows: Q
    order: tuple[str, ...]


#: Databases find their place by comparing, and nothing compares with a date that isn't there.
_NEVER, _SOMETIME = Q(last_activity_at=None), Q(last_activity_at__isnull=False)
_PARTS: dict[str, tuple[_Part, ...]] = {
    **{name: (_Part(Q(), fields),) for name, fields in ORDERINGS.items() if "activity" not in name},
    "last_activity_at": (_Part(_NEVER, ("pk",)), _Part(_SOMETIME, ("last_activity_at", "pk"))),
    "-last_activity_at": (_Part(_SOMETIME, ("-last_activity_at", "-pk")), _Part(_NEVER, ("-pk",))),
}


def in_chunks(
    people: Callable[[], QuerySet], ordering: str, fields: Sequence[str], *, size: int
) -> Iterator[list[dict[str, Any]]]:
    """Yield `fields` of `people()` in one of `ORDERINGS`, at most `size` of them at a time.

    Each chunk is a query of its own that begins after the last row of the one before: nothing stays open in between, and
    `people` says anew who they are. `fields` hold those that the ordering sorts by.
    """
    for part in _PARTS[ordering]:
        after = Q()
        while chunk := list(people().filter(part.rows, after).order_by(*part.order).values(*fields)[:size]):
            yield chunk
            if len(chunk) < size:
                break
            after = _after(part.order, chunk[-1])


def _after(order: Sequence[str], row: dict[str, Any]) -> Q:
    """Return the condition for what follows `row`."""
    following, equal = Q(), Q()
    for name in order:
        field, sign = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        following |= equal & Q(**{f"{field}__{sign}": row[field]})
        equal &= Q(**{field: row[field]})
    # Said of the first field alone too: by that, databases find the place in an index.
    field, sign = (order[0][1:], "lte") if order[0].startswith("-") else (order[0], "gte")
    return Q(**{f"{field}__{sign}": row[field]}) & following
