"""Wagtail's generic views, asking about the instance: Wagtail's own ask about the model only (its issue #13314)."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.ui.components import Component, MediaContainer
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.admin.widgets.button import Button, ButtonWithDropdown, HeaderButton

from .pagination import BoundedPaginator


class ScopedInstance:
    """404 for what the user can't see, "permission denied" for what they see but can't do.

    `instance_permission` is the action that the view is for.
    """

    instance_permission = "view"

    def get_object(self, *args: Any, **kwargs: Any) -> models.Model:
        instance = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if not self.user_has_permission_for_instance("view", instance):  # type: ignore[attr-defined]
            raise Http404
        if not self.user_has_permission_for_instance(self.instance_permission, instance):  # type: ignore[attr-defined]
            raise PermissionDenied
        return instance


class ScopedIndexView(generic.IndexView):
    """A listing of what the user may see, paged without counting a million rows."""

    any_permission_required = ["view"]
    paginator_class = BoundedPaginator
    profile_url_name: str | None = None
    template_name = "mentorpro_plugin/listing.html"
    # ADD stands at the right of the bar below the header, where a telephone has room for it.
    header_buttons: list[Any] = []

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "export" in request.GET:
            return self.export()
        return super().get(request, *args, **kwargs)

    def export(self) -> HttpResponse:
        """Answer with the listing as a file. Of most there is none.

        Wagtail would stream any listing, unescaped, after the scope of the request is closed.
        """
        raise Http404

    def get_base_queryset(self) -> models.QuerySet:
        return super().get_base_queryset().visible_to(self.request.user)

    def get_edit_url(self, instance: models.Model) -> str | None:
        if not self.user_has_permission_for_instance("change", instance):
            return None
        return super().get_edit_url(instance)

    def get_profile_url(self, instance: models.Model) -> str:
        return reverse(self.profile_url_name, args=[instance.pk])

    def get_row_buttons(self, instance: models.Model) -> list[Any]:
        """Return what stands under Action: three dots that open View, and Edit for those who may."""
        buttons = [Button(_("View"), url=self.get_profile_url(instance), icon_name="view", priority=10)]
        if edit_url := self.get_edit_url(instance):
            buttons.append(Button(_("Edit"), url=edit_url, icon_name="edit", priority=20))
        buttons += self.get_more_row_buttons(instance)
        label = _("Actions for %(name)s") % {"name": instance}
        return [ButtonWithDropdown(buttons=buttons, icon_name="dots-horizontal", attrs={"aria-label": label})]

    def get_more_row_buttons(self, instance: models.Model) -> list[Any]:
        """Return what else the three dots open."""
        return []


class ActionErrorsMixin:
    """Saves through an action, and puts what the action refuses beside the fields of the form."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except ValidationError as refusal:
            add_refusal(form, refusal)
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined]


def add_refusal(form: BaseForm, refusal: ValidationError) -> None:
    """Add what an action refused to `form`; what concerns no field of it stands at the top."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for field, errors in refusal.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)


class ScopedCreateView(ActionErrorsMixin, generic.CreateView):
    """Adds through an action; `save_instance` is the subclass's."""

    profile_url_name: str | None = None
    submit_button_label = gettext_lazy("Add")
    submit_button_active_label = gettext_lazy("Adding…")

    def get_success_url(self) -> str:
        return reverse(self.profile_url_name, args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class ScopedEditView(ActionErrorsMixin, ScopedInstance, generic.EditView):
    """Changes through an action; `save_instance` is the subclass's."""

    instance_permission = "change"
    # Wagtail asks about the model first, and would answer "permission denied" for rows that ought to be 404.
    permission_required = None
    profile_url_name: str | None = None
    submit_button_label = gettext_lazy("Update")
    submit_button_active_label = gettext_lazy("Updating…")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            # Locked before the form reads it: what the form compares with is what is saved over.
            self.model._base_manager.select_for_update().filter(pk=self.object_pk).first()
            self.object = self.get_object()
            return super().post(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return getattr(self.object, "labelled_name", None) or super().get_page_subtitle()

    def get_success_url(self) -> str:
        return reverse(self.profile_url_name, args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class ProfileView(
    ScopedInstance,
    generic.PermissionCheckedMixin,
    BaseObjectMixin,
    generic.WagtailAdminTemplateMixin,
    TemplateView,
):
    """The page of one record: its details, then panels."""

    any_permission_required = ["view"]
    index_url_name: str | None = None
    edit_url_name: str | None = None
    template_name = "mentorpro_plugin/profile.html"

    def get_page_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(self.model._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": plural},
            {"url": "", "label": str(self.object)},
        ]

    @property
    def header_buttons(self) -> list[Any]:
        if not self.user_has_permission_for_instance("change", self.object):
            return []
        edit_url = reverse(self.edit_url_name, args=[self.object.pk])
        return [HeaderButton(_("Edit"), url=edit_url, icon_name="edit")]

    def get_details(self) -> list[tuple[str, Any]]:
        """Return (label, value) of what to show at the top; an empty value shows a dash."""
        return []

    def get_panels(self) -> list[Component]:
        """Return the components to show below the details."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        panels = MediaContainer(self.get_panels())
        return {
            **context,
            "object": self.object,
            "details": self.get_details(),
            "panels": panels,
            "media": panels.media,
        }
