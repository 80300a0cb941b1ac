"""The Programs tab."""

from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets import BooleanRadioSelect

from ..access.archive_views import (
    ArchivableChoiceField,
    ArchivableChoiceFilter,
    ArchiveButtonMixin,
    ArchiveFilterSet,
    ArchiveView,
)
from ..access.roles import Role
from ..access.views import ProfileView, ScopedCreateView, ScopedEditView, ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..organizations.models import Organization
from ..tables import ActionColumn, LabelledColumn, NameColumn
from .actions import save_program
from .archiving import archive_program, may_archive, unarchive_program
from .models import Program
from .panels import program_panels


class ProgramForm(WagtailAdminModelForm):
    class Meta:
        model = Program
        fields = ["organization", "name", "flash_mentoring"]
        field_classes = {"organization": ArchivableChoiceField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organizations = Organization.objects.permitted(self.for_user, "add_program")
        if not self.instance.pk:
            organizations = organizations.filter(archived_at=None)
        self.fields["organization"].queryset = organizations
        if self.instance.pk:
            # Its people belong to the organization, so a program stays where it is.
            self.fields["organization"].disabled = True
        elif len(only := organizations[:2]) == 1:
            self.initial["organization"] = only[0].pk


class ProgramFilterSet(ArchiveFilterSet):
    organization = ArchivableChoiceFilter(
        label=gettext_lazy("Organization"),
        queryset=lambda request: Organization.objects.visible_to(request.user),
        empty_label=gettext_lazy("All"),
    )
    flash_mentoring = django_filters.BooleanFilter(
        label=gettext_lazy("Flash Mentoring"), widget=BooleanRadioSelect
    )

    class Meta:
        model = Program
        # All declared above: what is named here is looked up through the default manager, before any scope is open.
        fields: list[str] = []


class ProgramIndexView(ArchiveButtonMixin, ScopedIndexView):
    archive_url_name = "programs:archive"
    may_archive = may_archive
    filterset_class = ProgramFilterSet
    default_ordering = "name"

    @cached_property
    def columns(self) -> list[Any]:
        return [
            NameColumn("name", label=_("Name"), sort_key="name", get_url=self.get_profile_url),
            LabelledColumn("organization", label=_("Organization"), sort_key="organization__name"),
            LabelledColumn("flash_mentoring", label=_("Flash Mentoring"), accessor=_yes),
            LabelledColumn(
                "mentors", label=_("Mentors"), accessor=lambda program: self._count(program, Role.MENTOR)
            ),
            LabelledColumn(
                "mentees", label=_("Mentees"), accessor=lambda program: self._count(program, Role.MENTEE)
            ),
            ActionColumn("action", label=_("Action"), get_row_buttons=self.get_row_buttons),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("organization")

    def paginate_queryset(self, queryset: QuerySet, page_size: int) -> Any:
        result = super().paginate_queryset(queryset, page_size)
        self.shown = [program.pk for program in result[2]]
        return result

    @cached_property
    def _counts(self) -> dict[int, dict[str, int]]:
        """Mentors and mentees of the programs on this page, in one query."""
        is_open = Q(assignments__ended_at=None)
        counts = Program.objects.filter(pk__in=self.shown).order_by()
        counts = counts.annotate(
            **{
                role.value: Count(
                    "assignments__person", filter=is_open & Q(assignments__person__role=role), distinct=True
                )
                for role in (Role.MENTOR, Role.MENTEE)
            }
        )
        return {row["pk"]: row for row in counts.values("pk", Role.MENTOR.value, Role.MENTEE.value)}

    def _count(self, program: Program, role: Role) -> str:
        return str(self._counts[program.pk][role.value])


class ProgramAddView(ScopedCreateView):
    success_message = gettext_lazy("“%(object)s” was added.")

    def get_initial(self) -> dict[str, Any]:
        organization = self.request.GET.get("organization", "")
        return {"organization": organization} if organization.isdecimal() else {}

    def save_instance(self) -> Program:
        return save_program(self.form.instance, by=self.request.user)


class ProgramEditView(ScopedEditView):
    success_message = gettext_lazy("“%(object)s” was updated.")

    def save_instance(self) -> Program:
        return save_program(self.form.instance, by=self.request.user)


class ProgramProfileView(ProfileView):
    def get_base_object_queryset(self) -> QuerySet:
        return super().get_base_object_queryset().select_related("organization")

    def get_details(self) -> list[tuple[str, Any]]:
        return [
            (_("Organization"), self.object.organization),
            (_("Flash Mentoring"), _yes(self.object) or _("no")),
        ]

    def get_panels(self) -> list[Component]:
        return program_panels(self.object, self.request)


class ProgramArchiveView(ArchiveView):
    model = Program
    may_archive = may_archive
    archive = archive_program
    unarchive = unarchive_program


class ProgramViewSet(ScopedViewSet):
    model = Program
    name = "programs"
    icon = "mentorpro-program"
    menu_order = 140
    search_fields = ["name"]
    index_view_class = ProgramIndexView
    add_view_class = ProgramAddView
    edit_view_class = ProgramEditView
    profile_view_class = ProgramProfileView

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/archive/", ProgramArchiveView.as_view(), name="archive"),
        ]

    def get_form_class(self, for_update: bool = False) -> type[ProgramForm]:
        return ProgramForm


def _yes(program: Program) -> str:
    return _("yes") if program.flash_mentoring else ""
