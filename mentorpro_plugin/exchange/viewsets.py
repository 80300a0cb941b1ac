"""The Imports tab: every file that was uploaded, by whom, and what came of it."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from ..access.archive_views import ArchivableChoiceFilter
from ..access.reach import reach_of
from ..access.views import ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..organizations.models import Organization
from ..tables import LabelledColumn, LinesColumn, NameColumn, moment_text
from .column_views import ColumnsView
from .models import RosterImport
from .preview_views import ConfirmView, PreviewView
from .queries import importable_by, rows_in_words, uploader_of
from .result_views import CancelView, OriginalView, ProgressView, RefusedRowsView, StateView, UndoView
from .upload_views import SampleView, UploadView, sample_links

# The browser's own: Wagtail's needs a script inside the page.
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class StateColumn(Column):
    """State, and the reason of a failure."""

    cell_template_name = "mentorpro_plugin/exchange/state_cell.html"


def _organizations(request: HttpRequest | None) -> QuerySet[Organization]:
    return importable_by(request.user) if request else Organization.objects.none()


class ImportFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=RosterImport.State.choices, empty_label=gettext_lazy("All")
    )
    organization = ArchivableChoiceFilter(
        label=gettext_lazy("Organization"), queryset=_organizations, empty_label=gettext_lazy("All")
    )
    since = django_filters.DateFilter(label=gettext_lazy("From"), method="filter_since", widget=_DAY)
    until = django_filters.DateFilter(label=gettext_lazy("To"), method="filter_until", widget=_DAY)

    class Meta:
        model = RosterImport
        # All declared above.
        fields: list[str] = []

    def filter_since(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__gte=_midnight(value)) if value > date.min else queryset

    def filter_until(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return (
            queryset.filter(created_at__lt=_midnight(value + timedelta(days=1)))
            if value < date.max
            else queryset
        )


class ImportIndexView(ScopedIndexView):
    default_ordering = "-pk"
    filterset_class = ImportFilterSet
    is_searchable = True
    template_name = "mentorpro_plugin/exchange/index.html"
    results_template_name = "mentorpro_plugin/exchange/index_results.html"
    add_item_label = gettext_lazy("Import a roster")

    @cached_property
    def columns(self) -> list[Any]:
        place = [] if self._one_organization else [LabelledColumn("organization", label=_("Organization"))]
        return [
            NameColumn("file_name", label=_("File"), get_url=_import_url),
            *place,
            LabelledColumn("by", label=_("By"), accessor=lambda row: uploader_of(row, self.request.user)),
            LabelledColumn(
                "created_at", label=_("Uploaded"), accessor=lambda row: moment_text(row.created_at)
            ),
            StateColumn("state", label=_("State")),
            LinesColumn("rows", label=_("Rows"), accessor=rows_in_words),
        ]

    @property
    def _one_organization(self) -> bool:
        """Whether all rows are of one organization, so that naming it would only fill the screen."""
        return len(reach_of(self.request.user).organizations) == 1

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("organization", "by__mentorpro_person")

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.filter(file_name__icontains=self.search_query) if self.is_searching else queryset

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "samples": sample_links()}


class ImportViewSet(ScopedViewSet):
    """Nothing is changed here but by the steps of an import."""

    model = RosterImport
    name = "imports"
    icon = "upload"
    menu_label = gettext_lazy("Imports")
    menu_order = 165
    index_view_class = ImportIndexView

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("add/", UploadView.as_view(), name="add"),
            path("samples/<slug:name>.<slug:kind>", SampleView.as_view(), name="sample"),
            path("<int:pk>/", ProgressView.as_view(), name="progress"),
            path("<int:pk>/state/", StateView.as_view(), name="state"),
            path("<int:pk>/columns/", ColumnsView.as_view(), name="columns"),
            path("<int:pk>/preview/", PreviewView.as_view(), name="preview"),
            path("<int:pk>/confirm/", ConfirmView.as_view(), name="confirm"),
            path("<int:pk>/cancel/", CancelView.as_view(), name="cancel"),
            path("<int:pk>/refused/", RefusedRowsView.as_view(), name="refused"),
            path("<int:pk>/file/", OriginalView.as_view(), name="file"),
            path("<int:pk>/undo/", UndoView.as_view(), name="undo"),
        ]


def _import_url(roster_import: RosterImport) -> str:
    return reverse("imports:progress", args=[roster_import.pk])


def _midnight(day: date) -> datetime:
    """When `day` begins, where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))
