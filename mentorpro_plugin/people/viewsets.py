"""The rosters: one viewset for each role, alike but for the words."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import path, reverse
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import Component

from ..access.pagination import BoundedPaginator
from ..access.reach import reach_of
from ..access.roles import Role
from ..access.table import Span, span_of
from ..access.views import ProfileView, ScopedCreateView, ScopedEditView, ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..identifiers.actions import give_identifiers
from ..organizations.models import Organization
from ..tables import ActionColumn, LabelledColumn, LinesColumn, MomentColumn, NameColumn, StatusColumn
from .actions import account_role, add_person, change_person
from .filters import RosterFilterSet
from .forms import PersonForm
from .links import NAMESPACES
from .models import Mentee, Mentor, OrganizationAccount, Person, ProgramManager, SuccessCoordinator
from .profile import profile_panels
from .search import search_condition

#: How each column sorts: by itself, then by the rest of the name, in the order of an index.
_ORDERINGS: dict[str, tuple[Any, ...]] = {
    "first_name": ("first_name", "last_name", "pk"),
    "-first_name": ("-first_name", "-last_name", "-pk"),
    "last_name": ("last_name", "first_name", "pk"),
    "-last_name": ("-last_name", "-first_name", "-pk"),
    "last_activity_at": (F("last_activity_at").asc(nulls_first=True), "pk"),
    "-last_activity_at": (F("last_activity_at").desc(nulls_last=True), "-pk"),
}


class RosterIndexView(ScopedIndexView):
    """A roster: search, filters, three orders, and the way to those without an assignment."""

    role: Role | None = None
    filterset_class = RosterFilterSet
    default_ordering = "last_name"
    is_searchable = True
    roster_url_name: str | None = None
    unassigned_url_name: str | None = None

    @cached_property
    def columns(self) -> list[Any]:
        return [
            NameColumn(
                "first_name", label=_("First Name"), sort_key="first_name", get_url=self.get_profile_url
            ),
            NameColumn("last_name", label=_("Last Name"), sort_key="last_name", get_url=self.get_profile_url),
            LabelledColumn("id_number", label=_("ID"), classname="mentorpro-code"),
            LabelledColumn(
                "phone", label=_("Phone"), accessor=_formatted_phone, classname="mentorpro-nowrap"
            ),
            LinesColumn("organization", label=self._place_label, accessor=self._organization_and_programs),
            LinesColumn("identifiers", label=_("Identifiers"), accessor=_identifiers),
            MomentColumn("last_activity_at", label=_("Last Activity Date"), sort_key="last_activity_at"),
            StatusColumn("status", label=_("Status")),
            ActionColumn("action", label=_("Action"), get_row_buttons=self.get_row_buttons),
        ]

    def _organization_and_programs(self, person: Person) -> list[str]:
        may_see = partial(self.request.user.has_perm, "mentorpro_plugin.view_program")
        programs = [row.program.name for row in person.fetched_assignments if may_see(row.program)]
        organization = [] if self._one_organization else [str(person.organization)]
        return [*organization, *dict.fromkeys(programs)]

    @property
    def _one_organization(self) -> bool:
        """Whether all rows are of one organization, so that naming it would only fill the screen."""
        return len(reach_of(self.request.user).organizations) == 1

    @property
    def _place_label(self) -> str:
        return _("Programs") if self._one_organization else _("Organization / Programs")

    def get_base_queryset(self) -> QuerySet:
        people = super().get_base_queryset().select_related("organization")
        return people.with_open_assignments().with_identifiers()

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by(*_ORDERINGS[self.ordering])

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.is_searching:
            return queryset
        return queryset.filter(search_condition(self.search_query, regions=regions_of(self.request.user)))

    @cached_property
    def add_item_label(self) -> str:
        return capfirst(_("Add %(role)s") % {"role": self.model._meta.verbose_name})

    def get_add_url(self) -> str | None:
        if not self.user_has_permission("add"):
            return None
        organization = self.request.GET.get("organization", "")
        url = reverse(self.add_url_name)
        return f"{url}?organization={organization}" if organization.isdecimal() else url

    @cached_property
    def sees_unassigned(self) -> bool:
        """Whether people without an assignment are within reach at all: not for a Success Coordinator."""
        span = span_of(reach_of(self.request.user), f"view_{self.model._meta.model_name}")
        return self.unassigned_url_name is not None and span != Span.OWN_PROGRAMS

    def get_roster_links(self) -> list[dict[str, Any]]:
        """Return the two lists of the tab: everybody, and those without an assignment with their number."""
        plural = self.model._meta.verbose_name_plural
        links = [{"label": _("All %(roles)s") % {"roles": plural}, "url": reverse(self.roster_url_name)}]
        if self.sees_unassigned:
            label = _("Unassigned %(roles)s") % {"roles": plural}
            url = reverse(self.unassigned_url_name)
            links.append({"label": label, "url": url, "count": self._unassigned_count()})
        for link in links:
            link["is_current"] = link["url"] == self.index_url
        return links if len(links) > 1 else []

    def _unassigned_count(self) -> str:
        most = BoundedPaginator.COUNT_LIMIT
        waiting = self.model.objects.visible_to(self.request.user).unassigned().order_by()
        count = waiting[: most + 1].count()
        return number_format(min(count, most), force_grouping=True) + ("+" if count > most else "")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        if not self.results_only:
            context["roster_links"] = self.get_roster_links()
        return context


class UnassignedView(RosterIndexView):
    """Those of a roster without an open assignment."""

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().unassigned()

    def get_page_title(self) -> str:
        return _("Unassigned %(roles)s") % {"roles": self.model._meta.verbose_name_plural}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(self.model._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.roster_url_name), "label": plural},
            {"url": "", "label": _("Unassigned")},
        ]

    @cached_property
    def no_results_message(self) -> str:
        if self.is_searching or self.is_filtering:
            return super().no_results_message
        return _("Everybody here is assigned to a program.")


class PersonAddView(ScopedCreateView):
    """Adds a person of the viewset's role."""

    role: Role | None = None
    form_class = PersonForm
    success_message = gettext_lazy("%(object)s was added.")

    def get_initial_form_instance(self) -> Person:
        return self.model(role=self.role)

    def get_initial(self) -> dict[str, Any]:
        organization = self.request.GET.get("organization", "")
        return {"organization": organization} if organization.isdecimal() else {}

    def save_instance(self) -> Person:
        person = self.form.instance
        add_person(person, by=self.request.user)
        if chosen := {key: value for key, value in self.form.chosen_identifiers().items() if value}:
            give_identifiers(person, chosen, by=self.request.user)
        return person


class AccountAddView(PersonAddView):
    """Adds an account of an organization: Parent at the top of a tree, Child below."""

    def get_initial_form_instance(self) -> Person:
        return self.model(role=Role.PARENT)

    def save_instance(self) -> Person:
        self.form.instance.role = account_role(self.form.instance.organization)
        return super().save_instance()


class PersonEditView(ScopedEditView):
    """Changes a person's details and identifiers."""

    form_class = PersonForm
    success_message = gettext_lazy("%(object)s was updated.")

    def save_instance(self) -> Person:
        person = self.form.instance
        with transaction.atomic():
            change_person(person, by=self.request.user)
            if self.form.identifiers:
                give_identifiers(person, self.form.chosen_identifiers(), by=self.request.user)
        return person


class PersonProfileView(ProfileView):
    """A person: who they are, and what other domains know of them."""

    template_name = "mentorpro_plugin/people/profile.html"

    def get_base_object_queryset(self) -> QuerySet:
        return super().get_base_object_queryset().select_related("organization").with_identifiers()

    def get_details(self) -> list[tuple[str, Any]]:
        person = self.object
        details = [
            (_("Role"), person.get_role_display()),
            (_("Organization"), person.organization),
            (_("ID"), person.id_number),
            (_("Phone"), _formatted_phone(person)),
            (_("E-mail"), person.email),
            (_("Last Activity Date"), _moment(person.last_activity_at)),
        ]
        details += [(given.identifier.name, given.value.name) for given in person.given_identifiers.all()]
        return details

    def get_panels(self) -> list[Component]:
        return profile_panels(self.object, self.request)


class RosterViewSet(ScopedViewSet):
    """A roster of one role."""

    role: Role | None = None
    index_view_class = RosterIndexView
    add_view_class = PersonAddView
    edit_view_class = PersonEditView
    profile_view_class = PersonProfileView
    unassigned_view_class = UnassignedView

    def get_form_class(self, for_update: bool = False) -> type[PersonForm]:
        meta = type("Meta", (PersonForm.Meta,), {"model": self.model})
        return type("PersonForm", (PersonForm,), {"Meta": meta})

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(role=self.role, **kwargs)

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = {
            "roster_url_name": self.get_url_name("index"),
            "unassigned_url_name": self.get_url_name("unassigned"),
        }
        return super().get_index_view_kwargs(**names, **kwargs)

    @property
    def unassigned_view(self) -> Any:
        return self.construct_view(self.unassigned_view_class, **self._unassigned_kwargs())

    @property
    def unassigned_results_view(self) -> Any:
        return self.construct_view(self.unassigned_view_class, **self._unassigned_kwargs(), results_only=True)

    def _unassigned_kwargs(self) -> dict[str, Any]:
        return {
            **self.get_index_view_kwargs(),
            "index_url_name": self.get_url_name("unassigned"),
            "index_results_url_name": self.get_url_name("unassigned_results"),
        }

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("unassigned/", self.unassigned_view, name="unassigned"),
            path("unassigned/results/", self.unassigned_results_view, name="unassigned_results"),
        ]


class MentorViewSet(RosterViewSet):
    model = Mentor
    role = Role.MENTOR
    name = NAMESPACES[Role.MENTOR]
    icon = "mentorpro-mentor"
    menu_order = 100


class MenteeViewSet(RosterViewSet):
    model = Mentee
    role = Role.MENTEE
    name = NAMESPACES[Role.MENTEE]
    icon = "mentorpro-mentee"
    menu_order = 110


class ProgramManagerViewSet(RosterViewSet):
    model = ProgramManager
    role = Role.PROGRAM_MANAGER
    name = NAMESPACES[Role.PROGRAM_MANAGER]
    icon = "mentorpro-manager"
    menu_order = 120


class SuccessCoordinatorViewSet(RosterViewSet):
    model = SuccessCoordinator
    role = Role.SUCCESS_COORDINATOR
    name = NAMESPACES[Role.SUCCESS_COORDINATOR]
    icon = "mentorpro-coordinator"
    menu_order = 130


class AccountIndexView(RosterIndexView):
    """Parent and Child accounts: they have no assignments, so nobody is unassigned."""

    @cached_property
    def columns(self) -> list[Any]:
        kept = [column for column in super().columns if column.name not in ("identifiers", "phone")]
        kept.insert(2, LabelledColumn("role", label=_("Role"), accessor="get_role_display"))
        return kept


class OrganizationAccountViewSet(RosterViewSet):
    """No tab of its own: the Organization tab leads here."""

    model = OrganizationAccount
    role = Role.PARENT
    name = NAMESPACES[Role.PARENT]
    icon = "user"
    add_to_admin_menu = False
    index_view_class = AccountIndexView
    add_view_class = AccountAddView

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_index_view_kwargs(**kwargs), "unassigned_url_name": None}

    def get_urlpatterns(self) -> list[Any]:
        return [pattern for pattern in super().get_urlpatterns() if not pattern.name.startswith("unassigned")]


#: In the order of the menu.
ROSTERS: tuple[type[RosterViewSet], ...] = (
    MentorViewSet,
    MenteeViewSet,
    ProgramManagerViewSet,
    SuccessCoordinatorViewSet,
    OrganizationAccountViewSet,
)


def regions_of(user: Any) -> list[str]:
    """Return the countries in which a number that `user` types may be read; the most common for a Super Admin."""
    return list(
        Organization.objects.visible_to(user).order_by().values_list("region", flat=True).distinct()[:5]
    )


def _formatted_phone(person: Person) -> str:
    return person.phone.as_international if person.phone else ""


def _identifiers(person: Person) -> list[str]:
    return [given.value.name for given in person.given_identifiers.all()]


def _moment(moment: Any) -> str:
    return date_format(moment, "DATETIME_FORMAT") if moment else _("never")
