"""Deleting a person for good: the question, how far it is, the receipts, and the export."""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView, TemplateView
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from ..access.archive_views import ArchivableChoiceFilter
from ..access.roles import Role
from ..access.views import ScopedIndexView, add_refusal
from ..access.viewsets import ScopedViewSet
from ..activity.names import name_of
from ..conversations.models import private_storage
from ..downloads import as_download
from ..organizations.models import Organization
from ..people.links import profile_url, roster_url
from ..people.models import Person
from ..people.panels import ROLE_PLURALS
from ..tables import LabelledColumn, NameColumn, moment_text
from .actions import held_on, may_delete, note_download, request_deletion
from .forms import DeletionForm
from .models import Deletion
from .queries import MOST_SHOWN, kinds, led_by, open_deletion_of, progress_of


def delete_button(person: Person, request: HttpRequest) -> Button | None:
    """Delete, under the three dots of a roster, for those who may."""
    if not may_delete(request.user, person):
        return None
    url = reverse("deletions:delete", args=[person.pk])
    return Button(_("Delete"), url=url, icon_name="bin", priority=90)


class DeletePersonView(WagtailAdminTemplateMixin, FormView):
    """What will go, and the question. Whoever leads others is shown whom, instead of the question."""

    form_class = DeletionForm
    header_icon = "bin"
    template_name = "mentorpro_plugin/removal/delete.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        people = Person.objects.visible_to(request.user).select_related("organization")
        self.person = get_object_or_404(people, pk=kwargs["pk"])
        if not may_delete(request.user, self.person):
            raise PermissionDenied
        if deletion := open_deletion_of(self.person):
            return redirect("deletions:progress", deletion.pk)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: DeletionForm) -> HttpResponse:
        try:
            deletion = request_deletion(
                self.person, wants_export=form.cleaned_data["wants_export"], by=self.request.user
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return redirect("deletions:progress", deletion.pk)

    def get_page_title(self) -> str:
        return _("Delete for good")

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        role = Role(self.person.role)
        plural = ROLE_PLURALS.get(role, _("Organization accounts"))
        return [
            *self.breadcrumbs_items,
            {"url": roster_url(role), "label": capfirst(str(plural))},
            {"url": profile_url(self.person), "label": str(self.person)},
            {"url": "", "label": _("Delete")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        led = list(led_by(self.person, self.request.user)[: MOST_SHOWN + 1])
        for row in led:
            row.person_url = profile_url(row.person)
        return {
            **super().get_context_data(**kwargs),
            "person": self.person,
            "kinds": kinds(held_on(self.person)),
            "led": led[:MOST_SHOWN],
            "has_more": len(led) > MOST_SHOWN,
            "reassign_url": _reassign_url(self.person),
            "profile_url": profile_url(self.person),
        }


class ProgressView(WagtailAdminTemplateMixin, TemplateView):
    """How far a deletion is; afterwards, its receipt."""

    header_icon = "bin"
    template_name = "mentorpro_plugin/removal/progress.html"

    def get_deletion(self) -> Deletion:
        visible = Deletion.objects.visible_to(self.request.user)
        found = visible.select_related("organization", "requested_by__mentorpro_person")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.deletion = self.get_deletion()
        response = super().get(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    def get_page_title(self) -> str:
        return _("Deletion")

    def get_page_subtitle(self) -> str:
        return self.deletion.what

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("deletions:index"), "label": _("Deletions")},
            {"url": "", "label": self.deletion.what},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deletion = self.deletion
        # Nobody's name is kept: whoever may see it finds it in the row, as long as that is there.
        person = None
        if deletion.state != Deletion.State.DONE:
            person = Person.objects.visible_to(self.request.user).filter(pk=deletion.person_pk).first()
        return {
            **super().get_context_data(**kwargs),
            "deletion": deletion,
            "person": person,
            "percent": progress_of(deletion),
            "kinds": kinds(deletion.deleted if deletion.state == Deletion.State.DONE else deletion.counts),
            "by": _by(deletion, self.request.user),
            "state_url": reverse("deletions:state", args=[deletion.pk]),
            "again_url": reverse("deletions:delete", args=[person.pk]) if person else "",
        }


class StateView(ProgressView):
    """The part of the page that changes, asked for again and again while there is something to wait for."""

    template_name = "mentorpro_plugin/removal/_state.html"


class DownloadView(View):
    """Sends the export, by POST, since that is written down."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        deletion = get_object_or_404(Deletion.objects.visible_to(request.user), pk=pk)
        if not deletion.has_export:
            raise Http404
        try:
            file = private_storage().open(deletion.export)
        except FileNotFoundError as error:
            raise Http404 from error
        note_download(deletion, by=request.user)
        response = FileResponse(file, content_type="application/zip")
        return as_download(response, f"deleted-{deletion.person_pk}.zip")


class StateColumn(Column):
    """State, and the reason of a failure."""

    cell_template_name = "mentorpro_plugin/removal/state_cell.html"


class ExportColumn(Column):
    """A button that fetches the export, as long as there is one."""

    cell_template_name = "mentorpro_plugin/removal/export_cell.html"

    def get_cell_context_data(self, instance: Deletion, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "csrf_token": parent_context.get("csrf_token", "")}


def _organizations(request: HttpRequest | None) -> QuerySet[Organization]:
    return Organization.objects.visible_to(request.user) if request else Organization.objects.none()


class DeletionFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=Deletion.State.choices, empty_label=gettext_lazy("All")
    )
    organization = ArchivableChoiceFilter(
        label=gettext_lazy("Organization"), queryset=_organizations, empty_label=gettext_lazy("All")
    )

    class Meta:
        model = Deletion
        # All declared above.
        fields: list[str] = []


class DeletionIndexView(ScopedIndexView):
    """The receipts."""

    default_ordering = "-pk"
    filterset_class = DeletionFilterSet

    @cached_property
    def columns(self) -> list[Any]:
        return [
            NameColumn("what", label=_("Who"), accessor="what", get_url=_progress_url),
            LabelledColumn("organization", label=_("Organization")),
            LabelledColumn("by", label=_("By"), accessor=lambda row: _by(row, self.request.user)),
            LabelledColumn(
                "requested_at", label=_("When"), accessor=lambda row: moment_text(row.requested_at)
            ),
            StateColumn("state", label=_("State")),
            LabelledColumn(
                "rows", label=_("Rows deleted"), accessor=lambda row: str(sum(row.deleted.values()))
            ),
            ExportColumn("export", label=_("Export")),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("organization", "requested_by__mentorpro_person")

    @cached_property
    def no_results_message(self) -> str:
        if self.is_filtering:
            return super().no_results_message
        return _("Nobody has been deleted yet.")


class DeletionViewSet(ScopedViewSet):
    """Nothing is added or changed here; a deletion begins at a person."""

    model = Deletion
    name = "deletions"
    icon = "bin"
    menu_label = gettext_lazy("Deletions")
    menu_order = 180
    index_view_class = DeletionIndexView

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("person/<int:pk>/", DeletePersonView.as_view(), name="delete"),
            path("<int:pk>/", ProgressView.as_view(), name="progress"),
            path("<int:pk>/state/", StateView.as_view(), name="state"),
            path("<int:pk>/export/", DownloadView.as_view(), name="export"),
        ]


def _progress_url(deletion: Deletion) -> str:
    return reverse("deletions:progress", args=[deletion.pk])


def _reassign_url(person: Person) -> str:
    try:
        return reverse("assignments:reassign", args=[person.pk])
    except NoReverseMatch:
        return ""


def _by(deletion: Deletion, viewer: Any) -> str:
    if deletion.requested_by is None:
        return _("somebody deleted")
    return name_of(deletion.requested_by, viewer)
