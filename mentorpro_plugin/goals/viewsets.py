"""The Goals tab of the admin: the catalogue, for those who keep it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column

from ..access.reach import reach_of
from ..access.views import ProfileView, ScopedCreateView, ScopedEditView, ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..organizations.models import Organization
from ..tables import ActionColumn, LabelledColumn, NameColumn
from .catalogue import save_catalogue_goal
from .forms import CatalogueGoalForm
from .models import CatalogueGoal
from .queries import catalogue_with_use


class OfferedColumn(Column):
    """A switch: whether mentees can choose the goal."""

    cell_template_name = "mentorpro_plugin/goals/offered_cell.html"

    def get_cell_context_data(self, instance: CatalogueGoal, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "csrf_token": parent_context.get("csrf_token", "")}


class CatalogueIndexView(ScopedIndexView):
    default_ordering = "title"

    @cached_property
    def columns(self) -> list[Any]:
        columns = [
            NameColumn("title", label=_("Title"), sort_key="title", get_url=self.get_profile_url),
            LabelledColumn("mentee_count", label=_("Mentees"), sort_key="mentee_count", accessor=_mentees),
            OfferedColumn("is_offered", label=_("Offered"), sort_key="is_offered"),
            ActionColumn("action", label=_("Action"), get_row_buttons=self.get_row_buttons),
        ]
        if reach_of(self.request.user).everything:
            columns.insert(
                1,
                LabelledColumn("organization", label=_("Parent organization"), sort_key="organization__name"),
            )
        return columns

    def get_base_queryset(self) -> QuerySet:
        goals = super().get_base_queryset().select_related("organization")
        return catalogue_with_use(goals, self.request.user)

    @cached_property
    def no_results_message(self) -> str:
        if self.is_searching:
            return super().no_results_message
        return _("There are no goals yet. Mentees choose from those that you add here, or write their own.")


class CatalogueAddView(ScopedCreateView):
    success_message = gettext_lazy("“%(object)s” was added.")

    def save_instance(self) -> CatalogueGoal:
        return save_catalogue_goal(self.form.save(commit=False), by=self.request.user)


class CatalogueEditView(ScopedEditView):
    success_message = gettext_lazy("“%(object)s” was updated.")

    def save_instance(self) -> CatalogueGoal:
        return save_catalogue_goal(self.form.save(commit=False), by=self.request.user)


class CatalogueProfileView(ProfileView):
    def get_base_object_queryset(self) -> QuerySet:
        goals = super().get_base_object_queryset().select_related("organization")
        return catalogue_with_use(goals, self.request.user)

    def get_details(self) -> list[tuple[str, Any]]:
        goal = self.object
        return [
            (_("Parent organization"), goal.organization),
            (_("Offered"), _("yes") if goal.is_offered else _("no")),
            (_("Mentees"), _mentees(goal)),
            (_("Description"), goal.description),
        ]


class OfferView(View):
    """The switch of the listing. Takes the wished-for state from the form, so that two clicks don't undo each other."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        # The scope lets a whole tree read its catalogue: so it is the organization that keeps it from being changed there.
        organizations = Organization.objects.visible_to(request.user)
        catalogue = CatalogueGoal.objects.visible_to(request.user).filter(organization__in=organizations)
        goal = get_object_or_404(catalogue, pk=pk)
        goal.is_offered = request.POST.get("is_offered") == "on"
        save_catalogue_goal(goal, by=request.user)
        sentence = _("“%(goal)s” is offered.") if goal.is_offered else _("“%(goal)s” is no longer offered.")
        messages.success(request, sentence % {"goal": goal})
        return redirect(reverse("goals:index"))


class CatalogueGoalViewSet(ScopedViewSet):
    model = CatalogueGoal
    name = "goals"
    icon = "mentorpro-goal"
    menu_label = gettext_lazy("Goals")
    menu_order = 155
    search_fields = ["title", "description"]
    index_view_class = CatalogueIndexView
    add_view_class = CatalogueAddView
    edit_view_class = CatalogueEditView
    profile_view_class = CatalogueProfileView

    def get_form_class(self, for_update: bool = False) -> type[CatalogueGoalForm]:
        return CatalogueGoalForm

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("offer/<int:pk>/", OfferView.as_view(), name="offer")]


def _mentees(goal: CatalogueGoal) -> str:
    # A cell with nothing in it is left out of the cards on a telephone; none is an answer too.
    return str(goal.mentee_count)
