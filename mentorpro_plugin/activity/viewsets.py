"""The history report: what was done, by whom and to whom, as far as the user may see it; and the same as a file."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column

from ..access.extents import holds
from ..access.pagination import BoundedPaginator
from ..access.reach import reach_of
from ..access.views import ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..downloads import as_download
from .actions import note_export
from .files import csv_of
from .filters import FindPeople, HistoryFilterSet
from .models import HistoryEntry
from .names import Named, Names
from .queries import via_of
from .sentences import Sentences


class MomentColumn(Column):
    """When it happened."""

    cell_template_name = "mentorpro_plugin/activity/moment_cell.html"


class WhatColumn(Column):
    """What happened, and by what way: an import leads to everything that it did."""

    cell_template_name = "mentorpro_plugin/activity/what_cell.html"

    def get_cell_context_data(self, instance: HistoryEntry, parent_context: Any) -> dict[str, Any]:
        return {**super().get_cell_context_data(instance, parent_context), "via": via_of(instance)}


class SomebodyColumn(Column):
    """Somebody: a link to the profile and the label where there is one; a word for whom the user may not see."""

    cell_template_name = "mentorpro_plugin/activity/somebody_cell.html"

    def __init__(self, *args: Any, get_url: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.get_url = get_url

    def get_cell_context_data(self, instance: HistoryEntry, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        named: Named | None = self.get_value(instance)
        person = named.person if named else None
        return {**context, "named": named, "person": person, "url": self.get_url(person) if person else ""}


class PlaceColumn(Column):
    """The organization and program where it happened."""

    cell_template_name = "mentorpro_plugin/tables/lines_cell.html"

    def get_cell_context_data(self, instance: HistoryEntry, parent_context: Any) -> dict[str, Any]:
        return {**super().get_cell_context_data(instance, parent_context), "lines": self.get_value(instance)}


class EntriesPaginator(BoundedPaginator):
    """Counts entries: the plural of the model names the page."""

    verbose_name_plural = gettext_lazy("entries")


class HistoryIndexView(ScopedIndexView):
    paginator_class = EntriesPaginator
    filterset_class = HistoryFilterSet
    results_template_name = "mentorpro_plugin/activity/report_results.html"
    page_title = gettext_lazy("History")
    default_ordering = ("-at", "-pk")
    paginate_by = 50
    #: Where a person's profile is, and who is found by what: people stand above history in the order of imports.
    get_person_url: Callable[[Any], str] | None = None
    find_people: FindPeople | None = None

    def get_filterset_kwargs(self) -> dict[str, Any]:
        return {**super().get_filterset_kwargs(), "find_people": self.find_people}

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        # A filter that means nothing, or somebody out of reach, finds nothing; it doesn't show everything.
        if not self.filters.is_valid():
            return queryset.none()
        return super().filter_queryset(queryset)

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by(*self.default_ordering)

    @cached_property
    def columns(self) -> list[Any]:
        return [
            MomentColumn("at", label=_("When")),
            WhatColumn("what", label=_("What"), accessor=self._what),
            SomebodyColumn(
                "about",
                label=_("About"),
                accessor=lambda entry: self._names.person(entry.person_id),
                get_url=self.get_person_url,
            ),
            SomebodyColumn(
                "by",
                label=_("By"),
                accessor=lambda entry: self._names.actor(entry.actor_id),
                get_url=self.get_person_url,
            ),
            PlaceColumn("place", label=_("Organization / Program"), accessor=self._place),
        ]

    def _what(self, entry: HistoryEntry) -> str:
        return self._sentences.sentence(entry)

    def _place(self, entry: HistoryEntry) -> list[str]:
        names = self._names
        # Where all is of one organization, naming it would only fill the screen.
        is_named = len(reach_of(self.request.user).organizations) != 1
        organization = names.organization(entry.organization_id) if is_named else ""
        return [name for name in (organization, names.program(entry.program_id)) if name]

    def paginate_queryset(self, queryset: QuerySet, page_size: int) -> Any:
        result = super().paginate_queryset(queryset, page_size)
        self._shown = list(result[2])
        return result

    @cached_property
    def _names(self) -> Names:
        return Names(self._shown, self.request.user)

    @cached_property
    def _sentences(self) -> Sentences:
        return Sentences(self._shown, viewer=self.request.user, names=self._names)

    @cached_property
    def no_results_message(self) -> str:
        if self.filters.form.has_changed():
            return _(
                "Nothing was recorded that fits these filters. Take one away, or look for something else."
            )
        return _("Nothing has been recorded yet.")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        query = self.request.GET.copy()
        for name in ("p", "_w_filter_fragment"):
            query.pop(name, None)
        url = reverse("history:csv")
        return {**context, "csv_url": f"{url}?{query.urlencode()}" if query else url}


class HistoryFileView(View):
    """The filtered report as CSV. By POST, since taking it away is itself written down."""

    http_method_names = ["post"]
    find_people: FindPeople | None = None

    def post(self, request: HttpRequest) -> HttpResponse:
        filters = self._filters(request, request.user)
        note_export(filters.form.changed_data if filters.is_valid() else [], by=request.user)
        day = timezone.localdate().isoformat()
        response = StreamingHttpResponse(
            csv_of(lambda user: self._entries(request, user), user_pk=request.user.pk),
            content_type="text/csv; charset=utf-8",
        )
        return as_download(response, f"history-{day}.csv")

    def _filters(self, request: HttpRequest, user: Any) -> HistoryFilterSet:
        request.user = user
        return HistoryFilterSet(request.GET, request=request, find_people=self.find_people)

    def _entries(self, request: HttpRequest, user: Any) -> QuerySet:
        """What the report shows `user`, whoever they are by now."""
        entries = HistoryEntry.objects.visible_to(user)
        filters = self._filters(request, user)
        found = filters.filter_queryset(entries) if filters.is_valid() else entries.none()
        return found.order_by("-at", "-pk")


class HistoryViewSet(ScopedViewSet):
    """Nothing is added or changed here."""

    model = HistoryEntry
    name = "history"
    icon = "history"
    add_to_admin_menu = False
    index_view_class = HistoryIndexView
    get_person_url: Callable[[Any], str] | None = None
    find_people: FindPeople | None = None

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(
            get_person_url=self.get_person_url, find_people=self.find_people, **kwargs
        )

    def get_urlpatterns(self) -> list[Any]:
        file_view = self.construct_view(HistoryFileView, find_people=self.find_people)
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("csv/", file_view, name="csv"),
        ]


class HistoryMenuItem(MenuItem):
    """The way to the report: a tab of program staff; among the reports, for a Super Admin, who has some."""

    def __init__(self, *, is_report: bool, order: int) -> None:
        super().__init__(
            _("History"), reverse("history:index"), name="history", icon_name="history", order=order
        )
        self.is_report = is_report

    def is_shown(self, request: HttpRequest) -> bool:
        return reach_of(request.user).everything == self.is_report and holds(request.user, "view_history")


def without_site_history(request: HttpRequest, menu_items: list[Any]) -> None:
    """Take Wagtail's site history out of the reports: it knows pages only, whose own screens lead to it."""
    menu_items[:] = [item for item in menu_items if item.name != "site-history"]
