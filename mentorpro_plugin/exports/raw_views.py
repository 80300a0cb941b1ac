"""Asking for raw data, how far an export is, and fetching it."""

import time
from collections.abc import Iterator
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from ..access.extents import holds
from ..access.views import add_refusal
from ..activity.names import name_of
from ..conversations.models import private_storage
from ..downloads import as_download
from ..people.leaving import anybody_is_leaving
from .actions import cancel_raw_export, note_download, remove_schedule, request_raw_export, save_schedule
from .forms import RawExportForm, ScheduleForm
from .models import ExportSchedule, RawExport
from .queries import exportable_by, kinds, progress_of
from .rosters import ExportStopped
from .working import may_export

_BYTES = 256 * 1024
#: How often the right of whoever fetches a file is looked at, in seconds.
_OFTEN = 2.0


class ForExporters:
    """A view for those who may export raw data somewhere; "permission denied" for everybody else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not holds(request.user, "export_raw_data"):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        add_never_cache_headers(response)
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,  # type: ignore[attr-defined]
            {"url": reverse("exports:index"), "label": _("Exports")},
            {"url": "", "label": self.get_page_title()},  # type: ignore[attr-defined]
        ]


class AskView(ForExporters, WagtailAdminTemplateMixin, FormView):
    """Asks for the raw data of an organization."""

    form_class = RawExportForm
    template_name = "mentorpro_plugin/exports/ask.html"
    page_title = gettext_lazy("Export raw data")
    header_icon = "download"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return _chosen(self.request)

    def form_valid(self, form: RawExportForm) -> HttpResponse:
        try:
            export = request_raw_export(**form.cleaned_data, by=self.request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return redirect("exports:progress", export.pk)


class OnOneExport(ForExporters):
    """A view on an export that the user may see."""

    def get_export(self) -> RawExport:
        visible = RawExport.objects.visible_to(self.request.user)  # type: ignore[attr-defined]
        found = visible.select_related("organization", "by__mentorpro_person")
        return get_object_or_404(found, pk=self.kwargs["pk"])  # type: ignore[attr-defined]


class ProgressView(OnOneExport, WagtailAdminTemplateMixin, TemplateView):
    """How far an export is; afterwards, what is in it, and the file."""

    template_name = "mentorpro_plugin/exports/progress.html"
    header_icon = "download"
    page_title = gettext_lazy("Raw data")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.export = self.get_export()
        return super().get(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return str(self.export.organization)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *items, last = super().get_breadcrumbs_items()
        return [*items, {**last, "label": self.get_page_subtitle()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        export = self.export
        return {
            **super().get_context_data(**kwargs),
            "export": export,
            "by": name_of(export.by, self.request.user),
            "percent": progress_of(export),
            "is_held_up": export.is_open
            and not export.rows_total
            and anybody_is_leaving(export.organization),
            "kinds": kinds(export),
            "state_url": reverse("exports:state", args=[export.pk]),
            "again_url": f"{reverse('exports:add')}?organization={export.organization_id}",
        }


class StateView(ProgressView):
    """The part of the page that changes, asked for again and again while there is something to wait for."""

    template_name = "mentorpro_plugin/exports/_state.html"


class CancelView(OnOneExport, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        export = self.get_export()
        if cancel_raw_export(export, by=request.user):
            messages.success(request, _("The export was cancelled."))
        else:
            messages.warning(request, _("The export had ended already."))
        return redirect("exports:progress", export.pk)


class DownloadView(OnOneExport, View):
    """Sends the file, by POST, since that is written down."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | StreamingHttpResponse:
        export = self.get_export()
        if not export.has_file:
            raise Http404
        try:
            file = private_storage().open(export.file)
        except FileNotFoundError as error:
            raise Http404 from error
        note_download(export, by=request.user)
        name = slugify(export.organization.name) or export.organization_id
        response = StreamingHttpResponse(
            _while_permitted(file, export, request.user.pk),
            content_type="application/zip",
            headers={"Content-Length": str(export.size)},
        )
        return as_download(response, f"{name}-{export.created_at:%Y-%m-%d}.zip")


def _while_permitted(file: IO[bytes], export: RawExport, user_pk: Any) -> Iterator[bytes]:
    """Yield `file`, for as long as the user may have it. Raises ExportStopped."""
    asked = time.monotonic()
    with file:
        while chunk := file.read(_BYTES):
            if time.monotonic() - asked > _OFTEN:
                asked = time.monotonic()
                user = get_user_model()._base_manager.filter(pk=user_pk).first()
                if not may_export(user, export.organization):
                    raise ExportStopped
            yield chunk


class ScheduleAddView(ForExporters, WagtailAdminTemplateMixin, FormView):
    """Has raw data exported regularly."""

    form_class = ScheduleForm
    template_name = "mentorpro_plugin/exports/schedule.html"
    page_title = gettext_lazy("Regular export")
    header_icon = "calendar"
    said = gettext_lazy("The raw data of “%(organization)s” will be exported regularly.")

    def get_schedule(self) -> ExportSchedule:
        return ExportSchedule()

    def get_form_kwargs(self) -> dict[str, Any]:
        self.schedule = self.get_schedule()
        return {**super().get_form_kwargs(), "instance": self.schedule, "for_user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return _chosen(self.request)

    def form_valid(self, form: ScheduleForm) -> HttpResponse:
        try:
            schedule = save_schedule(form.instance, by=self.request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, self.said % {"organization": schedule.organization})
        return redirect("exports:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "schedule": self.schedule}


class ScheduleEditView(ScheduleAddView):
    """Changes a regular export, or takes one over."""

    said = gettext_lazy("The regular export of “%(organization)s” was changed.")

    def get_schedule(self) -> ExportSchedule:
        return _visible_schedule(self.request, self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_page_subtitle(self) -> str:
        return str(self.schedule.organization)


class ScheduleRemoveView(ForExporters, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        schedule = _visible_schedule(request, pk)
        remove_schedule(schedule, by=request.user)
        messages.success(
            request,
            _("The raw data of “%(organization)s” aren't exported regularly any more.")
            % {"organization": schedule.organization},
        )
        return redirect("exports:index")


def _visible_schedule(request: HttpRequest, pk: int) -> ExportSchedule:
    visible = ExportSchedule.objects.visible_to(request.user).select_related("organization")
    return get_object_or_404(visible, pk=pk)


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """Return the organization that the address names, if it is one of the user's."""
    chosen = request.GET.get("organization", "")
    found = (
        exportable_by(request.user).filter(pk=chosen).first()
        if chosen.isdecimal() and len(chosen) < 19
        else None
    )
    return {"organization": found.pk} if found else {}
