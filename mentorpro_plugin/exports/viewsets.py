"""The Exports tab: raw data that were asked for, and those that come regularly."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from ..access.archive_views import ArchivableChoiceFilter
from ..access.views import ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..activity.names import name_of
from ..organizations.models import Organization
from ..tables import LabelledColumn, NameColumn, moment_text
from .models import RawExport
from .queries import exportable_by, regular_exports
from .raw_views import (
    AskView,
    CancelView,
    DownloadView,
    ProgressView,
    ScheduleAddView,
    ScheduleEditView,
    ScheduleRemoveView,
    StateView,
)


class StateColumn(Column):
    """State, and why there is no file."""

    cell_template_name = "mentorpro_plugin/exports/state_cell.html"


class FileColumn(Column):
    """A button that fetches the file, as long as there is one."""

    cell_template_name = "mentorpro_plugin/exports/file_cell.html"

    def get_cell_context_data(self, instance: RawExport, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "csrf_token": parent_context.get("csrf_token", "")}


def _organizations(request: HttpRequest | None) -> QuerySet[Organization]:
    return exportable_by(request.user) if request else Organization.objects.none()


class RawExportFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=RawExport.State.choices, empty_label=gettext_lazy("All")
    )
    organization = ArchivableChoiceFilter(
        label=gettext_lazy("Organization"), queryset=_organizations, empty_label=gettext_lazy("All")
    )

    class Meta:
        model = RawExport
        # All declared above.
        fields: list[str] = []


class RawExportIndexView(ScopedIndexView):
    default_ordering = "-pk"
    filterset_class = RawExportFilterSet
    template_name = "mentorpro_plugin/exports/index.html"
    results_template_name = "mentorpro_plugin/exports/index_results.html"
    add_item_label = gettext_lazy("Export raw data")

    @cached_property
    def columns(self) -> list[Any]:
        return [
            NameColumn(
                "organization",
                label=_("Organization"),
                accessor=lambda row: row.organization.labelled_name,
                get_url=_progress_url,
            ),
            LabelledColumn("by", label=_("By"), accessor=lambda row: name_of(row.by, self.request.user)),
            LabelledColumn(
                "created_at", label=_("Asked for"), accessor=lambda row: moment_text(row.created_at)
            ),
            StateColumn("state", label=_("State")),
            LabelledColumn("size", label=_("Size"), accessor=_size),
            LabelledColumn("expires_at", label=_("Can be fetched until"), accessor=_until),
            FileColumn("file", label=_("File")),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("organization", "by__mentorpro_person")

    @cached_property
    def no_results_message(self) -> str:
        if self.is_filtering:
            return capfirst(super().no_results_message)
        return _("No raw data have been exported yet.")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        if not self.results_only:
            context["regular_exports"] = regular_exports(self.request.user)
        return context


class RawExportViewSet(ScopedViewSet):
    """Nothing is changed here but what comes regularly."""

    model = RawExport
    name = "exports"
    icon = "download"
    menu_label = gettext_lazy("Exports")
    menu_order = 170
    index_view_class = RawExportIndexView

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("add/", AskView.as_view(), name="add"),
            path("<int:pk>/", ProgressView.as_view(), name="progress"),
            path("<int:pk>/state/", StateView.as_view(), name="state"),
            path("<int:pk>/cancel/", CancelView.as_view(), name="cancel"),
            path("<int:pk>/file/", DownloadView.as_view(), name="file"),
            path("regular/add/", ScheduleAddView.as_view(), name="regular_add"),
            path("regular/<int:pk>/", ScheduleEditView.as_view(), name="regular_edit"),
            path("regular/<int:pk>/remove/", ScheduleRemoveView.as_view(), name="regular_remove"),
        ]


def _progress_url(export: RawExport) -> str:
    return reverse("exports:progress", args=[export.pk])


def _size(export: RawExport) -> str:
    return filesizeformat(export.size) if export.size else ""


def _until(export: RawExport) -> str:
    return moment_text(export.expires_at) if export.has_file else ""
