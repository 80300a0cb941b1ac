"""The Identifiers tab, for those who define them."""

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_scopes.forms import SafeModelChoiceField
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList

from ..access.views import ProfileView, ScopedCreateView, ScopedEditView, ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..organizations.models import Organization
from ..tables import ActionColumn, LabelledColumn, LinesColumn, NameColumn
from .actions import save_identifier
from .models import Identifier
from .panels import ScriptlessInlinePanel


class IdentifierForm(WagtailAdminModelForm):
    class Meta:
        model = Identifier
        fields = ["organization", "name"]
        field_classes = {"organization": SafeModelChoiceField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        field.queryset = Organization.objects.visible_to(self.for_user).filter(parent=None)
        if self.instance.pk:
            # People of the tree have its values, so an identifier stays where it is.
            field.disabled = True
        else:
            self.initial["organization"] = field.queryset.first()


class IdentifierIndexView(ScopedIndexView):
    default_ordering = "name"

    @cached_property
    def columns(self) -> list[Any]:
        return [
            NameColumn("name", label=_("Name"), sort_key="name", get_url=self.get_profile_url),
            LinesColumn("value_names", label=_("Values"), accessor=_values),
            LabelledColumn("organization", label=_("Parent organization"), sort_key="organization__name"),
            ActionColumn("action", label=_("Action"), get_row_buttons=self.get_row_buttons),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("organization").prefetch_related("values")


class IdentifierAddView(ScopedCreateView):
    success_message = gettext_lazy("“%(object)s” was added.")

    def save_instance(self) -> Identifier:
        return save_identifier(self.form.save(commit=False), by=self.request.user)


class IdentifierEditView(ScopedEditView):
    success_message = gettext_lazy("“%(object)s” was updated.")

    def save_instance(self) -> Identifier:
        return save_identifier(self.form.save(commit=False), by=self.request.user)


class IdentifierProfileView(ProfileView):
    def get_base_object_queryset(self) -> QuerySet:
        return super().get_base_object_queryset().select_related("organization")

    def get_details(self) -> list[tuple[str, Any]]:
        return [
            (_("Parent organization"), self.object.organization),
            (_("Values"), ", ".join(_values(self.object))),
        ]


class IdentifierViewSet(ScopedViewSet):
    model = Identifier
    name = "identifiers"
    icon = "tag"
    menu_order = 160
    search_fields = ["name"]
    index_view_class = IdentifierIndexView
    add_view_class = IdentifierAddView
    edit_view_class = IdentifierEditView
    profile_view_class = IdentifierProfileView
    edit_handler = ObjectList(
        [
            FieldPanel("organization"),
            FieldPanel("name"),
            ScriptlessInlinePanel(
                "values", heading=gettext_lazy("Values"), label=gettext_lazy("Value"), min_num=1
            ),
        ],
        base_form_class=IdentifierForm,
    )


def _values(identifier: Identifier) -> list[str]:
    return [value.name for value in identifier.values.all()]
