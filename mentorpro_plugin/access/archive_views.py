"""Archiving, for the viewsets of models that can be archived: a page that asks, and does it by POST."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from django_scopes.forms import SafeModelChoiceField
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from .in_the_way import obstacles


class ArchiveFilterSet(WagtailFilterSet):
    """Hides what is archived, unless asked for."""

    archived = django_filters.ChoiceFilter(
        label=gettext_lazy("Archive"),
        method="filter_archived",
        choices=[("only", gettext_lazy("Archived")), ("with", gettext_lazy("All"))],
        empty_label=gettext_lazy("In use"),
    )

    class Meta:
        model: Any = None
        fields: list[str] = []

    def filter_queryset(self, queryset: models.QuerySet) -> models.QuerySet:
        queryset = super().filter_queryset(queryset)
        return queryset if self.form.cleaned_data.get("archived") else queryset.filter(archived_at=None)

    def filter_archived(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return queryset.exclude(archived_at=None) if value == "only" else queryset


class ArchivableChoiceField(SafeModelChoiceField):
    """Says of a choice whether it is archived."""

    def label_from_instance(self, obj: Any) -> str:
        return obj.labelled_name


class ArchivableFilterField(django_filters.fields.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.labelled_name


class ArchivableChoiceFilter(django_filters.ModelChoiceFilter):
    """Says of a choice whether it is archived."""

    field_class = ArchivableFilterField


class ArchiveButtonMixin:
    """Adds Archive, or Take out of the archive, to the three dots of those who may."""

    archive_url_name: str | None = None
    may_archive: Callable[[Any, Any], bool] | None = None

    def get_more_row_buttons(self, instance: Any) -> list[Any]:
        buttons = super().get_more_row_buttons(instance)  # type: ignore[misc]
        if not type(self).may_archive(self.request.user, instance):  # type: ignore[attr-defined, misc]
            return buttons
        label = _("Take out of the archive") if instance.is_archived else _("Archive")
        url = reverse(self.archive_url_name, args=[instance.pk])
        return [*buttons, Button(label, url=url, icon_name="folder-inverse", priority=30)]


class ArchiveView(WagtailAdminTemplateMixin, TemplateView):
    """Asks about one row; by POST, archives it or takes it out, as `archive` says, and refuses with the reasons."""

    template_name = "mentorpro_plugin/archive.html"
    header_icon = "folder-inverse"
    model: Any
    may_archive: Callable[[Any, Any], bool]
    archive: Callable[..., bool]
    unarchive: Callable[..., bool]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object = get_object_or_404(self.model.objects.visible_to(request.user), pk=kwargs["pk"])
        if not type(self).may_archive(request.user, self.object):
            raise PermissionDenied

    @property
    def namespace(self) -> str:
        match = self.request.resolver_match
        return match.namespace if match else ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        wanted = request.POST.get("archive") == "on"
        act = type(self).archive if wanted else type(self).unarchive
        try:
            act(self.object, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            # Where the way to what is in use stands.
            return self.get(request, pk=pk)
        told = _("“%(name)s” was archived.") if wanted else _("“%(name)s” is out of the archive.")
        messages.success(request, told % {"name": self.object})
        return redirect(f"{self.namespace}:profile", self.object.pk)

    def get_page_title(self) -> str:
        return _("Take out of the archive") if self.object.is_archived else _("Archive")

    def get_page_subtitle(self) -> str:
        return self.object.labelled_name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(self.model._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{self.namespace}:index"), "label": plural},
            {"url": self._profile_url, "label": str(self.object)},
            {"url": "", "label": self.get_page_title()},
        ]

    @property
    def _profile_url(self) -> str:
        return reverse(f"{self.namespace}:profile", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "object": self.object,
            "cancel_url": self._profile_url,
            "obstacles": [] if self.object.is_archived else obstacles(self.object, self.request.user),
        }
