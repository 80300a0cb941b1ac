"""The rosters: one viewset for each role, alike but for the words."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import Component

from ..access.roles import Role
from ..access.views import ProfileView, ScopedCreateView, ScopedEditView
from ..access.viewsets import ScopedViewSet
from ..identifiers.actions import give_identifiers
from .actions import account_role, add_person, change_person
from .bulk import bulk_view
from .forms import UNIQUE, PersonForm
from .lifecycle import may_deactivate
from .links import NAMESPACES
from .models import Mentee, Mentor, OrganizationAccount, Person, ProgramManager, SuccessCoordinator
from .probing import may_be_told, out_of_sight, until_tomorrow
from .profile import profile_buttons, profile_panels
from .rosters import AccountIndexView, RosterIndexView, UnassignedView, formatted_phone
from .status import StatusView


class CountsWhatIsTaken:
    """Counts what a refused form tells of people whom the user doesn't see, as imports do."""

    request: HttpRequest

    def form_invalid(self, form: PersonForm) -> HttpResponse:
        user = self.request.user
        if not UNIQUE.isdisjoint(form.errors) and not may_be_told(user, out_of_sight(form.instance, user)):
            form.say_nothing_but(until_tomorrow(user))
        return super().form_invalid(form)  # type: ignore[misc]


class PersonAddView(CountsWhatIsTaken, ScopedCreateView):
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


class PersonEditView(CountsWhatIsTaken, ScopedEditView):
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
    status_url_name: str | None = None

    def get_base_object_queryset(self) -> QuerySet:
        return super().get_base_object_queryset().select_related("organization").with_identifiers()

    def get_details(self) -> list[tuple[str, Any]]:
        person = self.object
        details = [
            (_("Role"), person.get_role_display()),
            (_("Organization"), person.organization),
            (_("ID"), person.id_number),
            (_("Phone"), formatted_phone(person)),
            (_("E-mail"), person.email),
            (_("Last Activity Date"), _last_activity(person)),
        ]
        details += [(given.identifier.name, given.value.name) for given in person.given_identifiers.all()]
        return details

    @property
    def header_buttons(self) -> list[Any]:
        return [*super().header_buttons, *profile_buttons(self.object, self.request)]

    def get_panels(self) -> list[Component]:
        return profile_panels(self.object, self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.status_url_name and may_deactivate(self.request.user, self.object):
            context["status_url"] = reverse(self.status_url_name, args=[self.object.pk])
        return context


class RosterViewSet(ScopedViewSet):
    """A roster of one role."""

    role: Role | None = None
    index_view_class = RosterIndexView
    add_view_class = PersonAddView
    edit_view_class = PersonEditView
    profile_view_class = PersonProfileView
    unassigned_view_class = UnassignedView
    has_unassigned = True
    #: Answers with a list as a file; given by whoever registers the viewset, as exports stand above people.
    as_file: Callable[[Any, str], HttpResponse] | None = None

    @property
    def export_filename(self) -> str:
        return self.name

    def get_form_class(self, for_update: bool = False) -> type[PersonForm]:
        meta = type("Meta", (PersonForm.Meta,), {"model": self.model})
        return type("PersonForm", (PersonForm,), {"Meta": meta})

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(role=self.role, **kwargs)

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = {
            "roster_url_name": self.get_url_name("index"),
            "unassigned_url_name": self.get_url_name("unassigned"),
            "bulk_url_name": self.get_url_name("bulk"),
            "as_file": self.as_file,
        }
        return super().get_index_view_kwargs(**names, **kwargs)

    @property
    def unassigned_view(self) -> Any:
        return self.construct_view(self.unassigned_view_class, **self._unassigned_kwargs())

    @property
    def unassigned_results_view(self) -> Any:
        return self.construct_view(self.unassigned_view_class, **self._unassigned_kwargs(), results_only=True)

    @property
    def bulk_view(self) -> Any:
        return bulk_view(self.model, self._make_listing)

    def _make_listing(self, request: HttpRequest) -> RosterIndexView:
        """Return the list that a selection was made on, as it stands for `request`."""
        is_unassigned = request.GET.get("list") == "unassigned" and self.has_unassigned
        view = self.unassigned_view if is_unassigned else self.index_view
        listing = view.view_class(**view.view_initkwargs)
        listing.setup(request)
        return listing

    @property
    def profile_view(self) -> Any:
        return self.construct_view(self.profile_view_class, status_url_name=self.get_url_name("status"))

    def _unassigned_kwargs(self) -> dict[str, Any]:
        return {
            **self.get_index_view_kwargs(),
            "index_url_name": self.get_url_name("unassigned"),
            "index_results_url_name": self.get_url_name("unassigned_results"),
        }

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/status/", StatusView.as_view(model=self.model), name="status"),
            path("bulk/<slug:action>/", self.bulk_view, name="bulk"),
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


class OrganizationAccountViewSet(RosterViewSet):
    """No tab of its own: the Organization tab leads here."""

    model = OrganizationAccount
    role = Role.PARENT
    name = NAMESPACES[Role.PARENT]
    icon = "user"
    add_to_admin_menu = False
    has_unassigned = False
    index_view_class = AccountIndexView
    add_view_class = AccountAddView

    @property
    def profile_view(self) -> Any:
        # Nobody deactivates these accounts, so there is no address for it.
        return self.construct_view(self.profile_view_class)

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        # Whoever answers for an organization is no roster: an import takes none of them.
        return {**super().get_index_view_kwargs(**kwargs), "unassigned_url_name": None, "as_file": None}

    def get_urlpatterns(self) -> list[Any]:
        absent = {"unassigned", "unassigned_results", "status"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name not in absent]


#: In the order of the menu.
ROSTERS: tuple[type[RosterViewSet], ...] = (
    MentorViewSet,
    MenteeViewSet,
    ProgramManagerViewSet,
    SuccessCoordinatorViewSet,
    OrganizationAccountViewSet,
)


def _last_activity(person: Person) -> str:
    if not person.last_activity_at:
        return _("never")
    moment = date_format(person.last_activity_at, "DATETIME_FORMAT")
    kind = person.get_last_activity_kind_display()
    return _("%(moment)s: %(kind)s") % {"moment": moment, "kind": kind} if kind else moment
