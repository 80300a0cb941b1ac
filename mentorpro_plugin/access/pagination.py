"""Pages of a listing, without counting a million rows for each of them."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from wagtail.admin.paginator import WagtailPaginator


class BoundedPaginator(WagtailPaginator):
    """Counts up to `COUNT_LIMIT` rows, then says "more than"; what lies beyond is reached by search and filters.

    A result that fits on the first page is fetched once and not counted at all, which halves a search that has to
    look at every row.
    """

    COUNT_LIMIT = 10_000
    #: Returns the number of rows, up to one more than the limit, where the listing counts them anyhow.
    count_rows: Callable[[], int] | None = None

    @cached_property
    def _first_rows(self) -> list[Any]:
        return list(self.object_list[: self.per_page + 1])

    @cached_property
    def _counted(self) -> int:
        if len(self._first_rows) <= self.per_page:
            return len(self._first_rows)
        if self.count_rows is not None:
            return self.count_rows()
        return self.object_list.order_by()[: self.COUNT_LIMIT + 1].count()

    @property
    def all_rows(self) -> list[Any] | None:
        """All rows, where they fit on the first page."""
        return self._first_rows if len(self._first_rows) <= self.per_page else None

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than are counted."""
        return self._counted > self.COUNT_LIMIT

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.COUNT_LIMIT)

    @cached_property
    def items_count_label(self) -> str:
        if not self.is_bounded:
            return super().items_count_label
        return _("more than %(count)s %(items)s: search or filter to see the others") % {
            "count": number_format(self.COUNT_LIMIT, force_grouping=True),
            "items": self.verbose_name_plural,
        }

    def page(self, number: Any) -> Any:
        number = self.validate_number(number)
        if number == 1:
            return self._get_page(self._first_rows[: self.per_page], 1, self)
        return super().page(number)
