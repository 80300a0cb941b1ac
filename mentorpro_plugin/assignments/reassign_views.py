"""The screen that gives the people of one lead to another: choose, look at what will happen, confirm."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from ..access.roles import Role
from ..people.links import profile_url, roster_url
from ..people.models import Person, codename_of
from ..people.panels import ROLE_PLURALS
from ..people.search import search_condition
from ..programs.models import Program
from .forms import MOST_SHOWN, PeopleField, is_key
from .queries import led_assignments, successors_of
from .reassigning import LED_ROLE, ProgramPlan, plan_reassignment, reassign


class ReassignForm(forms.Form):
    """Which program, who leads there from now on, and whom, if not everybody."""

    program = forms.ModelChoiceField(
        None, label=gettext_lazy("Program"), required=False, empty_label=gettext_lazy("All of them")
    )
    lead = forms.ModelChoiceField(
        None,
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("This person can't lead there. Choose somebody else.")
        },
    )
    no_lead = forms.BooleanField(
        label=gettext_lazy("Without a mentor (Flash Mentoring)"),
        required=False,
    )
    people = PeopleField(None, required=False)

    def __init__(self, *args: Any, lead: Person, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lead, self.user = lead, user
        self.led_role = LED_ROLE[Role(lead.role)]
        self.led = led_assignments(lead, user)
        self.programs = Program.objects.filter(pk__in=self.led.order_by().values("program"))
        self.fields["program"].queryset = self.programs
        self.fields["program"].label_from_instance = self._with_count
        self.fields["lead"].queryset = successors_of(lead, user, self.chosen_programs)
        led = self.led.filter(program__in=self.chosen_programs)
        self.fields["people"].queryset = (
            Person.objects.visible_to(user)
            .filter(pk__in=led.order_by().values("person"))
            .order_by("last_name", "first_name", "pk")
        )

    @cached_property
    def chosen_programs(self) -> QuerySet[Program]:
        chosen = self.data.get("program", "") if self.data else ""
        return self.programs.filter(pk=chosen) if is_key(chosen) else self.programs

    @cached_property
    def counts(self) -> dict[int, int]:
        """How many people are led in each program."""
        return dict(self.led.order_by().values_list("program").annotate(Count("pk")))

    def _with_count(self, program: Program) -> str:
        count = self.counts.get(program.pk, 0)
        return ngettext("%(program)s (%(count)d person)", "%(program)s (%(count)d people)", count) % {
            "program": program,
            "count": count,
        }

    @cached_property
    def offers_no_lead(self) -> bool:
        """Whether somebody may go without a lead: a mentee, in a program with Flash Mentoring."""
        return self.led_role == Role.MENTEE and self.chosen_programs.filter(flash_mentoring=True).exists()

    def picks(self, name: str, search: str) -> dict[str, Any]:
        """Return what a list of people to tick shows: those ticked first, then those who match the search."""
        queryset = self.fields[name].queryset
        query = (self.data.get(search, "") if self.data else "").strip()
        keys = [key for key in (self.data.getlist(name) if self.data else []) if is_key(key)]
        chosen = list(queryset.filter(pk__in=keys)) if keys else []
        others = queryset.exclude(pk__in=keys)
        if query:
            others = others.filter(search_condition(query, regions=[self.lead.organization.region]))
        found = list(others[: MOST_SHOWN + 1])
        return {
            "name": name,
            "search": search,
            "query": query,
            "people": chosen + found[:MOST_SHOWN],
            "ticked": {person.pk for person in chosen},
            "has_more": len(found) > MOST_SHOWN,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("lead") and not cleaned.get("no_lead") and not self.errors:
            raise ValidationError(_("Choose who leads them from now on."))
        if cleaned.get("lead") and cleaned.get("no_lead"):
            raise ValidationError(_("Choose either a mentor or none."))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        """Return what `reassign` is called with."""
        people = self.cleaned_data["people"]
        return {
            "lead": self.lead,
            "new_lead": self.cleaned_data.get("lead"),
            "programs": list(self.chosen_programs),
            "people": [person.pk for person in people] or None,
            "by": self.user,
        }


class ReassignView(WagtailAdminTemplateMixin, TemplateView):
    """By POST: without `confirm`, the page says what would happen; with it, that happens."""

    template_name = "mentorpro_plugin/assignments/reassign.html"
    header_icon = "link"
    part_only = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.person = get_object_or_404(
            Person.objects.visible_to(request.user).select_related("organization"), pk=kwargs["pk"]
        )
        if self.person.role not in LED_ROLE:
            raise Http404
        self.led_role = LED_ROLE[Role(self.person.role)]
        if not request.user.has_perm(f"mentorpro_plugin.assign_{codename_of(self.led_role)}"):
            raise PermissionDenied

    def get_template_names(self) -> list[str]:
        if not self.part_only:
            return [self.template_name]
        is_list = self.request.GET.get("list") in ("lead", "people")
        return [f"mentorpro_plugin/assignments/_reassign_{'list' if is_list else 'part'}.html"]

    def get_form(self) -> ReassignForm:
        return ReassignForm(self.request.POST or None, lead=self.person, user=self.request.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        # A changed choice, or a search without JavaScript, only shows the form again; so does "back".
        if self.part_only or "show" in request.POST:
            form.errors.clear()
            return self.render_to_response(self.get_context_data(form=form))
        if not form.is_valid():
            messages.validation_error(request, _("Nobody was reassigned, due to errors."), form)
            return self.render_to_response(self.get_context_data(form=form))
        if "confirm" not in request.POST:
            plans = plan_reassignment(**form.arguments())
            return self.render_to_response(self.get_context_data(form=form, plans=plans))
        self._tell(reassign(**form.arguments()), form.cleaned_data.get("lead"))
        return redirect(self._next_url())

    def _tell(self, plans: list[ProgramPlan], new_lead: Person | None) -> None:
        count = sum(plan.moved + plan.ended for plan in plans)
        names = {"count": count, "lead": self.person, "new": new_lead}
        if count and new_lead:
            told = ngettext(
                "%(count)d assignment went from %(lead)s to %(new)s.",
                "%(count)d assignments went from %(lead)s to %(new)s.",
                count,
            )
            messages.success(self.request, told % names)
        elif count:
            told = ngettext(
                "%(count)d assignment with %(lead)s has ended; the mentee stays in the program.",
                "%(count)d assignments with %(lead)s have ended; the mentees stay in their programs.",
                count,
            )
            messages.success(self.request, told % names)
        for plan in plans:
            for sentence in plan.refused:
                messages.warning(self.request, sentence)

    def _next_url(self) -> str:
        """The profile; or the roster, where this has put the lead out of the user's reach."""
        if Person.objects.visible_to(self.request.user).filter(pk=self.person.pk).exists():
            return profile_url(self.person)
        return roster_url(Role(self.person.role))

    def get_page_title(self) -> str:
        return _("Reassign people")

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        role = Role(self.person.role)
        return [
            *self.breadcrumbs_items,
            {"url": roster_url(role), "label": ROLE_PLURALS[role]},
            {"url": profile_url(self.person), "label": str(self.person)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.setdefault("form", self.get_form())
        context = super().get_context_data(**kwargs)
        leads, people = form.picks("lead", "q"), form.picks("people", "led_q")
        plans = kwargs.get("plans")
        return {
            **context,
            "media": form.media,
            "person": self.person,
            "has_people": bool(form.counts),
            "leads": leads | {"empty": self._nobody_can_lead()},
            "people": people | {"empty": _("There is nobody to reassign.")},
            "picks": people if self.request.GET.get("list") == "people" else leads,
            "total": sum(form.counts.values()),
            "may_confirm": bool(plans) and any(plan.moved or plan.ended for plan in plans),
            "part_url": reverse("assignments:reassign_part", args=[self.person.pk]),
            "cancel_url": profile_url(self.person),
        }

    def _nobody_can_lead(self) -> str:
        role = Role(self.person.role).label
        return _("Nobody else can lead there yet: assign another %(role)s to the program first.") % {
            "role": role
        }
