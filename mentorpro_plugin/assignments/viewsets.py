"""Screens for assigning, ending an assignment, reopening it, and choosing the primary mentor."""

from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from ..access.doors import open_to_staff
from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..access.views import add_refusal
from ..people.links import profile_url, roster_url
from ..people.models import Person, codename_of
from ..programs.models import Program
from .actions import reopen, set_primary, unassign
from .fitting import STILL_LEADS
from .forms import AssignForm, AssignInProgramForm
from .models import Assignment
from .reassign_views import ReassignView

_LIST_TEMPLATE = "mentorpro_plugin/assignments/_pick_list.html"


class _AssignView(WagtailAdminTemplateMixin, TemplateView):
    """A form with a part that is fetched anew when a choice above it changes, or the search in it."""

    header_icon = "link"
    part_only = False
    part_template_name: str

    def get_template_names(self) -> list[str]:
        if not self.part_only:
            return [self.template_name]
        return [_LIST_TEMPLATE if "list" in self.request.GET else self.part_template_name]

    def get_form(self) -> Any:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        # A changed choice, or a search without JavaScript, only shows the form again; nothing is checked yet.
        if self.part_only or "show" in request.POST:
            form.errors.clear()
            return self.render_to_response(self.get_context_data(form=form))
        if form.is_valid():
            try:
                return self.form_valid(form)
            except ValidationError as refusal:
                add_refusal(form, refusal)
        messages.validation_error(request, _("Nobody was assigned, due to errors."), form)
        return self.render_to_response(self.get_context_data(form=form))

    def form_valid(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.get_form())
        context = super().get_context_data(**kwargs)
        return {**context, "media": kwargs["form"].media}


class AssignView(_AssignView):
    """From the profile: one person to a program, under one or several leads."""

    template_name = "mentorpro_plugin/assignments/assign.html"
    part_template_name = "mentorpro_plugin/assignments/_leads.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.person = get_object_or_404(Person.objects.visible_to(request.user), pk=kwargs["pk"])
        if self.person.role not in (*COORDINATORS, *PARTICIPANTS):
            raise Http404
        if not request.user.has_perm(self.person.permission("assign")):
            raise PermissionDenied

    def get_form(self) -> AssignForm:
        return AssignForm(
            self.request.POST or None,
            initial={"program": self.request.GET.get("program", "")},
            person=self.person,
            user=self.request.user,
        )

    def form_valid(self, form: AssignForm) -> HttpResponse:
        opened = form.save()
        leads = [str(assignment.lead) for assignment in opened if assignment.lead]
        names = {"person": self.person, "program": opened[0].program, "leads": get_text_list(leads, _("and"))}
        if leads:
            message = _("%(person)s was assigned to “%(program)s” with %(leads)s.") % names
        else:
            message = _("%(person)s was assigned to “%(program)s”.") % names
        messages.success(self.request, message)
        return redirect(profile_url(self.person))

    def get_page_title(self) -> str:
        return _("Assign")

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(model_of(self.person.role)._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": roster_url(Role(self.person.role)), "label": plural},
            {"url": profile_url(self.person), "label": str(self.person)},
            {"url": "", "label": _("Assign")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return {
            **context,
            "person": self.person,
            "cancel_url": profile_url(self.person),
            "part_url": reverse("assignments:leads", args=[self.person.pk]),
            "shown": form.shown("leads") if "leads" in form.fields else [],
            "pick_name": "leads",
            "pick_type": "radio" if form.one_lead else "checkbox",
            "pick_empty": _("Nobody can lead here yet: assign a %(role)s to the program first.")
            % {"role": form.lead_role.label if form.lead_role else ""},
        }


class AssignInProgramView(_AssignView):
    """From the program's page: people of one role, under one lead."""

    template_name = "mentorpro_plugin/assignments/assign_in_program.html"
    part_template_name = "mentorpro_plugin/assignments/_people.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.program = get_object_or_404(
            Program.objects.visible_to(request.user).select_related("organization"), pk=kwargs["pk"]
        )
        if kwargs["role"] not in (*COORDINATORS, *PARTICIPANTS):
            raise Http404
        self.role = Role(kwargs["role"])
        if not request.user.has_perm(f"mentorpro_plugin.assign_{codename_of(self.role)}", self.program):
            raise PermissionDenied

    def get_form(self) -> AssignInProgramForm:
        return AssignInProgramForm(
            self.request.POST or None, program=self.program, role=self.role, user=self.request.user
        )

    def form_valid(self, form: AssignInProgramForm) -> HttpResponse:
        count = len(form.save())
        message = ngettext(
            "%(count)d person was assigned to “%(program)s”.",
            "%(count)d people were assigned to “%(program)s”.",
            count,
        )
        messages.success(self.request, message % {"count": count, "program": self.program})
        return redirect("programs:profile", self.program.pk)

    def get_page_title(self) -> str:
        return _("Assign %(roles)s") % {"roles": model_of(self.role)._meta.verbose_name_plural}

    def get_page_subtitle(self) -> str:
        return str(self.program)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("programs:index"), "label": _("Programs")},
            {"url": reverse("programs:profile", args=[self.program.pk]), "label": str(self.program)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "program": self.program,
            "cancel_url": reverse("programs:profile", args=[self.program.pk]),
            "part_url": reverse("assignments:people", args=[self.program.pk, self.role.value]),
            "shown": context["form"].shown("people"),
            "pick_name": "people",
            "pick_type": "checkbox",
            "pick_empty": _("There is nobody who could be assigned here."),
        }


class _AssignmentActionView(View):
    """Does one thing to an assignment, by POST, and returns to the person's profile."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        assignment = get_object_or_404(
            Assignment.objects.select_related("person", "program", "lead"),
            pk=pk,
            person__in=Person.objects.visible_to(request.user),
            program__in=Program.objects.visible_to(request.user),
        )
        try:
            messages.success(request, self.act(assignment))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages), buttons=self._ways_out(refusal, assignment))
        return redirect(self.get_next_url(assignment.person))

    def _ways_out(self, refusal: ValidationError, assignment: Assignment) -> list[Any]:
        """Return the buttons beside a refusal."""
        if getattr(refusal, "code", "") != STILL_LEADS:
            return []
        url = reverse("assignments:reassign", args=[assignment.person_id])
        return [messages.button(url, _("Reassign their people"))]

    def get_next_url(self, person: Person) -> str:
        """The profile; or the roster, where ending the assignment has put the person out of the user's reach."""
        if Person.objects.visible_to(self.request.user).filter(pk=person.pk).exists():
            return profile_url(person)
        return roster_url(Role(person.role))

    def act(self, assignment: Assignment) -> str:
        """Do it, and return the sentence that says so."""
        raise NotImplementedError


class UnassignView(_AssignmentActionView):
    def act(self, assignment: Assignment) -> str:
        unassign(assignment, by=self.request.user)
        names = {"person": assignment.person, "program": assignment.program, "lead": assignment.lead}
        if assignment.lead:
            return _("The assignment of %(person)s to “%(program)s” with %(lead)s has ended.") % names
        return _("The assignment of %(person)s to “%(program)s” has ended.") % names


class ReopenView(_AssignmentActionView):
    def act(self, assignment: Assignment) -> str:
        reopen(assignment, by=self.request.user)
        return _("The assignment of %(person)s to “%(program)s” is open again.") % {
            "person": assignment.person,
            "program": assignment.program,
        }


class PrimaryView(_AssignmentActionView):
    """Takes the wished-for state from the form, so that two clicks in two browsers don't undo each other."""

    def act(self, assignment: Assignment) -> str:
        is_primary = self.request.POST.get("is_primary") == "on"
        set_primary(assignment, is_primary=is_primary, by=self.request.user)
        names = {"person": assignment.person, "lead": assignment.lead}
        if is_primary:
            return _("%(lead)s is a Primary Mentor of %(person)s.") % names
        return _("%(lead)s is no longer a Primary Mentor of %(person)s.") % names


class AssignmentViewSet(ViewSet):
    """No listing of its own: profiles and programs show the assignments and lead here."""

    name = "assignments"

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("person/<int:pk>/", AssignView.as_view(), name="assign"),
            path("person/<int:pk>/leads/", AssignView.as_view(part_only=True), name="leads"),
            path("program/<int:pk>/<str:role>/", AssignInProgramView.as_view(), name="assign_in_program"),
            path(
                "program/<int:pk>/<str:role>/people/",
                AssignInProgramView.as_view(part_only=True),
                name="people",
            ),
            path("reassign/<int:pk>/", ReassignView.as_view(), name="reassign"),
            path("reassign/<int:pk>/part/", ReassignView.as_view(part_only=True), name="reassign_part"),
            path("<int:pk>/unassign/", UnassignView.as_view(), name="unassign"),
            path("<int:pk>/reopen/", ReopenView.as_view(), name="reopen"),
            path("<int:pk>/primary/", PrimaryView.as_view(), name="primary"),
        ]

    def on_register(self) -> None:
        super().on_register()
        open_to_staff(self.url_namespace)


def model_of(role: str) -> type[Person]:
    """Return the proxy of Person for `role`."""
    return apps.get_model("mentorpro_plugin", codename_of(role))
