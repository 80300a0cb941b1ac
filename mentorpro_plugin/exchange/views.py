"""What the screens of one import have in common: which one it is, who may see it, and where it stands."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from .actions import may_go_on, may_read
from .models import RosterImport
from .queries import uploader_of


class OnOneImport:
    """A view on one import: 404 for those who don't see it, "permission denied" where it isn't theirs.

    `rows_only` views show what stands in the file; `own_only` ones do what its uploader alone may.
    """

    rows_only = False
    own_only = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visible = RosterImport.objects.visible_to(request.user)
        found = visible.select_related("organization", "by__mentorpro_person", "undone_by__mentorpro_person")
        self.roster_import = get_object_or_404(found, pk=kwargs["pk"])
        if self.own_only and not self.is_own:
            raise PermissionDenied
        if self.rows_only and not may_read(self.roster_import, request.user):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        add_never_cache_headers(response)
        return response

    @cached_property
    def is_own(self) -> bool:
        """Whether its steps are the user's to take."""
        return may_go_on(self.roster_import, self.request.user)  # type: ignore[attr-defined]

    @property
    def import_url(self) -> str:
        """The page of the import, which leads on to what is to be done next."""
        return reverse("imports:progress", args=[self.roster_import.pk])


class ImportPage(OnOneImport, WagtailAdminTemplateMixin):
    """A page on one import."""

    header_icon = "upload"
    #: The last part of the breadcrumbs; without one the file is the last.
    step: Any = ""

    def get_page_title(self) -> str:
        return str(self.step) or _("Import")

    def get_page_subtitle(self) -> str:
        return self.roster_import.file_name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        file = {"url": self.import_url if self.step else "", "label": self.roster_import.file_name}
        step = [{"url": "", "label": self.step}] if self.step else []
        return [
            *self.breadcrumbs_items,
            {"url": reverse("imports:index"), "label": _("Imports")},
            file,
            *step,
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "roster_import": self.roster_import,
            "is_own": self.is_own,
            "uploader": uploader_of(self.roster_import, self.request.user),
            "import_url": self.import_url,
        }
