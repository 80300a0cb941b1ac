"""The first step of an import: the file."""

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import FormView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from ..access.extents import holds
from ..access.views import add_refusal
from ..downloads import as_download
from ..oversize import forget_upload, is_oversize
from .actions import upload
from .forms import UploadForm
from .limits import MOST_BYTES, MOST_ROWS
from .meanings import column_meanings
from .reading import too_large
from .samples import KINDS, SAMPLES, sample_file


class ForImporters:
    """A view for those who may import somewhere; "permission denied" for everybody else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not holds(request.user, "import_roster"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


# See `oversize`.
@method_decorator(csrf_exempt, name="dispatch")
class UploadView(ForImporters, WagtailAdminTemplateMixin, FormView):
    """Takes the file. A script that shows how far the upload is gets JSON: where to go, or what is wrong."""

    form_class = UploadForm
    template_name = "mentorpro_plugin/exchange/upload.html"
    page_title = gettext_lazy("Import a roster")
    header_icon = "upload"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("imports:index"), "label": _("Imports")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        organization = self.request.GET.get("organization", "")
        return {"organization": organization} if organization.isdecimal() else {}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_oversize(request, MOST_BYTES):
            forget_upload(request)
            form = self.get_form()
            form.errors.clear()
            form.add_error("file", too_large())
            return self.form_invalid(form, status=413)
        return csrf_protect(super().post)(request, *args, **kwargs)

    def form_valid(self, form: UploadForm) -> HttpResponse:
        file = form.cleaned_data["file"]
        try:
            roster_import = upload(
                file, name=file.name, organization=form.cleaned_data["organization"], by=self.request.user
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return self._answer(reverse("imports:progress", args=[roster_import.pk]))

    def form_invalid(self, form: UploadForm, *, status: int | None = None) -> HttpResponse:
        if self._is_for_script:
            return JsonResponse({"errors": form.errors}, status=status or 422)
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def _answer(self, url: str) -> HttpResponse:
        return JsonResponse({"url": url}) if self._is_for_script else redirect(url)

    @property
    def _is_for_script(self) -> bool:
        return self.request.headers.get("X-Requested-With") == "XMLHttpRequest"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "most_bytes": MOST_BYTES,
            "limits": _("CSV, TSV or XLSX; at most %(megabytes)d MB and %(rows)s rows.")
            % {
                "megabytes": MOST_BYTES // 1024**2,
                "rows": number_format(MOST_ROWS, force_grouping=True),
            },
            "sentences": self._sentences(),
            "columns": column_meanings(),
            "samples": sample_links(),
        }

    def _sentences(self) -> dict[str, str]:
        """Return what the script says; `%(percent)s` is for it to fill in."""
        return {
            "large": too_large(),
            "kind": _("Only CSV, TSV and XLSX files can be read."),
            "several": _("One file at a time: the first one was taken."),
            "sending": _("%(percent)s percent uploaded."),
            "storing": _("Uploaded. The file is being stored."),
            "offline": _("The file couldn't be sent: there is no connection. Try again."),
            "failed": _("The file couldn't be uploaded. Load the page again, and try once more."),
        }


class SampleLinks(NamedTuple):
    """A file to begin with, and the addresses under which it can be had, by kind."""

    label: Any
    help: Any
    urls: list[tuple[str, str]]


def sample_links() -> list[SampleLinks]:
    """Return the files to begin with."""
    return [
        SampleLinks(
            sample.label,
            sample.help,
            [(kind.upper(), reverse("imports:sample", args=[name, kind])) for kind in KINDS],
        )
        for name, sample in SAMPLES.items()
    ]


class SampleView(ForImporters, View):
    """Sends a file to begin with, of people who don't exist."""

    def get(self, request: HttpRequest, name: str, kind: str) -> HttpResponse:
        try:
            content = sample_file(name, kind, user=request.user)
        except KeyError as error:
            raise Http404 from error
        return as_download(HttpResponse(content, content_type="application/octet-stream"), f"{name}.{kind}")
