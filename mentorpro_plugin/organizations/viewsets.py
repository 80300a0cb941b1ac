"""The Organization tab."""

from typing import Any

import phonenumbers
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_scopes.forms import SafeModelChoiceField
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.components import Component

from ..access.archive_views import ArchiveButtonMixin, ArchiveFilterSet, ArchiveView
from ..access.views import ProfileView, ScopedCreateView, ScopedEditView, ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..tables import ActionColumn, LabelledColumn, NameColumn
from .actions import save_organization
from .archiving import archive_organization, may_archive, unarchive_organization
from .models import Organization
from .panels import ChildrenPanel, organization_panels


class OrganizationForm(WagtailAdminModelForm):
    class Meta:
        model = Organization
        fields = ["parent", "name", "region", "contact_email", "contact_phone", "contact_note"]
        field_classes = {"parent": SafeModelChoiceField}
        error_messages = {"contact_phone": {"invalid": gettext_lazy("This is not a telephone number.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # National numbers are read as the organization's people's are.
        self.fields["contact_phone"].region = self._region()
        if self.instance.pk:
            # Moving an organization would carry its people into another tree.
            del self.fields["parent"]
            return
        parent = self.fields["parent"]
        parent.queryset = Organization.objects.permitted(self.for_user, "add_organization").filter(
            parent=None, archived_at=None
        )
        if not self.for_user.has_perm("mentorpro_plugin.add_parent_organization"):
            parent.required = True
            parent.help_text = ""
            self.initial["parent"] = parent.queryset.first()

    def _region(self) -> str:
        """The country as it stands in the form that was sent, or else of the organization."""
        sent = self.data.get(self.add_prefix("region"), "").upper() if self.is_bound else ""
        return sent if sent in phonenumbers.SUPPORTED_REGIONS else self.instance.region

    def clean_region(self) -> str:
        return self.cleaned_data["region"].upper()


class OrganizationFilterSet(ArchiveFilterSet):
    class Meta:
        model = Organization
        fields: list[str] = []


class OrganizationIndexView(ArchiveButtonMixin, ScopedIndexView):
    archive_url_name = "organizations:archive"
    may_archive = may_archive
    filterset_class = OrganizationFilterSet
    default_ordering = "name"

    @cached_property
    def columns(self) -> list[Any]:
        return [
            NameColumn("name", label=_("Name"), sort_key="name", get_url=self.get_profile_url),
            LabelledColumn("parent", label=_("Parent organization"), accessor=self._parent),
            LabelledColumn("region", label=_("Country")),
            ActionColumn("action", label=_("Action"), get_row_buttons=self.get_row_buttons),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("parent")

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.ordering == "name" and not self.is_explicitly_ordered:
            # A parent, then its children.
            top = Coalesce("parent__name", "name")
            return queryset.order_by(top, F("parent").asc(nulls_first=True), "name", "pk")
        return super().order_queryset(queryset)

    def _parent(self, organization: Organization) -> Organization | None:
        # A Child account may not see its parent organization, so not its name either.
        parent = organization.parent
        if parent is None or not self.user_has_permission_for_instance("view", parent):
            return None
        return parent


class OrganizationAddView(ScopedCreateView):
    success_message = gettext_lazy("“%(object)s” was added.")

    def save_instance(self) -> Organization:
        return save_organization(self.form.instance, by=self.request.user)


class OrganizationEditView(ScopedEditView):
    success_message = gettext_lazy("“%(object)s” was updated.")

    def save_instance(self) -> Organization:
        return save_organization(self.form.instance, by=self.request.user)


class OrganizationProfileView(ProfileView):
    def get_base_object_queryset(self) -> QuerySet:
        return super().get_base_object_queryset().select_related("parent")

    def get_details(self) -> list[tuple[str, Any]]:
        organization = self.object
        details = [
            (_("Kind"), _("Parent organization") if organization.is_parent else _("Child organization")),
            (_("Country"), organization.region),
            (_("E-mail for participants"), organization.contact_email),
            (
                _("Phone number for participants"),
                organization.contact_phone.as_international if organization.contact_phone else "",
            ),
            (_("Note for participants"), organization.contact_note),
        ]
        if organization.parent and self.user_has_permission_for_instance("view", organization.parent):
            details.insert(1, (_("Parent organization"), organization.parent))
        return details

    def get_panels(self) -> list[Component]:
        return [ChildrenPanel(self.object, self.request), *organization_panels(self.object, self.request)]


class OrganizationArchiveView(ArchiveView):
    model = Organization
    may_archive = may_archive
    archive = archive_organization
    unarchive = unarchive_organization


class OrganizationViewSet(ScopedViewSet):
    model = Organization
    name = "organizations"
    icon = "mentorpro-organization"
    menu_label = gettext_lazy("Organization")
    menu_order = 150
    search_fields = ["name"]
    index_view_class = OrganizationIndexView
    add_view_class = OrganizationAddView
    edit_view_class = OrganizationEditView
    profile_view_class = OrganizationProfileView

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/archive/", OrganizationArchiveView.as_view(), name="archive"),
        ]

    def get_form_class(self, for_update: bool = False) -> type[OrganizationForm]:
        return OrganizationForm
