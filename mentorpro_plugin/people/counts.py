"""How many people of a roster are active, have never logged in, and so on: counted no further than anybody reads."""

from collections import Counter
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.utils.formats import number_format

from ..access.pagination import BoundedPaginator
from .filters import STATUSES, status_condition, statuses_of
from .models import Person


class BoundedCount(Subquery):
    """The number of rows of a queryset, up to one more than the paginator's limit, as a part of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet) -> None:
        super().__init__(queryset.order_by().values("pk")[: BoundedPaginator.COUNT_LIMIT + 1])


def count_together(user: Any, querysets: dict[str, QuerySet]) -> dict[str, int]:
    """Count each of `querysets` up to the limit, all of them in one query."""
    if not querysets:
        return {}
    # A row to hang the subqueries on: whoever asks has one.
    row = get_user_model()._base_manager.filter(pk=user.pk)
    counts = row.values_list(*(BoundedCount(queryset) for queryset in querysets.values())).get()
    return dict(zip(querysets, counts, strict=True))


def count_by_status(people: QuerySet) -> dict[str, int]:
    """Count `people` by status, and all of them as "": in one query that reads each row once, however many."""
    return _counted(people.order_by())


def count_few_by_status(people: QuerySet) -> dict[str, int] | None:
    """The same of at most as many as the limit; None of more, since the first of them say nothing about the others."""
    counts = _counted(people.order_by()[: BoundedPaginator.COUNT_LIMIT + 1])
    return counts if counts[""] <= BoundedPaginator.COUNT_LIMIT else None


def count_rows_by_status(people: list[Person]) -> dict[str, int]:
    """The same of people who have been fetched."""
    found = Counter(status for person in people for status in statuses_of(person))
    return {"": len(people), **{status: found[status] for status in STATUSES}}


def by_status(people: QuerySet) -> dict[str, QuerySet]:
    """Return `people` of each status, and all of them as ""."""
    return {"": people, **{status: people.filter(status_condition(status)) for status in STATUSES}}


def bounded_label(count: int) -> str:
    """Return `count` for reading: "10,000+" where it stands for more than the limit."""
    most = BoundedPaginator.COUNT_LIMIT
    return number_format(min(count, most), force_grouping=True) + ("+" if count > most else "")


def _counted(people: QuerySet) -> dict[str, int]:
    numbers = {f"status_{status}": Count("pk", filter=status_condition(status)) for status in STATUSES}
    counts = people.aggregate(status_=Count("pk"), **numbers)
    return {name.removeprefix("status_"): number for name, number in counts.items()}
