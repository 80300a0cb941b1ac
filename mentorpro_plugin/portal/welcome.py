"""The first log-in: which language, the terms, and who one is. Later on, the terms alone when they have changed."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from ..people.models import Person, open_assignments
from ..shell.doors import DOOR_OF_ROLE, door_path
from ..shell.views import PortalView
from .languages import keep_language
from .own_forms import AgreeForm, LanguageForm, OwnDetailsForm
from .terms import Terms, agree, consent_to, current_terms

#: Where a session keeps the version of the terms with which its person was let through.
_LET_THROUGH = "mentorpro_terms"
#: Where it keeps the page that somebody wanted, and was led away from.
_WANTED = "mentorpro_wanted"


def welcome_gate(request: HttpRequest, person: Person) -> str | None:
    """Lead people to the welcome at their first log-in, and to the terms whenever there is a new version of them.

    No query for those who were let through in this session.
    """
    terms = current_terms()
    if person.welcomed_at and (terms is None or request.session.get(_LET_THROUGH) == terms.version):
        return None
    if person.welcomed_at and terms and consent_to(terms, person):
        request.session[_LET_THROUGH] = terms.version
        return None
    # Not what a script asked for in the background.
    if request.method == "GET" and "HX-Request" not in request.headers:
        request.session[_WANTED] = request.get_full_path()
    return door_path(DOOR_OF_ROLE[person.role], "welcome_terms" if person.welcomed_at else "welcome")


class _WelcomeView(PortalView):
    """A step of the welcome. Each leads to the first one that is still to be taken."""

    passes_gates = False
    step: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.terms = current_terms()
        return super().dispatch(request, *args, **kwargs)

    @property
    def steps(self) -> list[str]:
        """Names of the steps that this person takes, in their order."""
        steps = ["welcome"] if len(settings.LANGUAGES) > 1 else []
        if self.terms:
            steps.append("welcome_terms")
        return [*steps, "welcome_details"]

    def must_agree(self) -> bool:
        return self.terms is not None and consent_to(self.terms, self.person) is None

    def get_context(self) -> dict[str, Any]:
        # Tabs would lead back here.
        context = {**super().get_context(), "tabs": []}
        if self.person.welcomed_at is None:
            context |= {"step": self.steps.index(self.step) + 1, "step_count": len(self.steps)}
        return context

    def go_on(self) -> HttpResponse:
        """Let the person in, to the page that they wanted."""
        return redirect(self.request.session.pop(_WANTED, "") or self.url("home"))


class LanguageStepView(_WelcomeView):
    """In which language the rest is said."""

    step = "welcome"
    template_name = "mentorpro_plugin/portal/welcome_language.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.person.welcomed_at:
            return self.redirect("home")
        if self.step not in self.steps:
            return self.redirect("welcome_terms")
        return self.render({"form": LanguageForm()})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = LanguageForm(request.POST)
        if not form.is_valid():
            return self.render({"form": form})
        response = self.redirect("welcome_terms")
        keep_language(form.cleaned_data["language"], request=request, response=response)
        return response


class TermsStepView(_WelcomeView):
    """The terms: nobody gets past them without agreeing, and nobody has to agree."""

    step = "welcome_terms"
    template_name = "mentorpro_plugin/portal/welcome_terms.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.must_agree():
            return self._onward()
        return self._show(self.terms, AgreeForm(terms=self.terms))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.must_agree():
            return self._onward()
        if "refuse" in request.POST:
            programs = open_assignments(person=self.person).order_by("program__name")
            names = list(programs.values_list("program__name", flat=True).distinct())
            logout(request)
            context = {"door": self.door, "programs": names}
            return TemplateResponse(request, "mentorpro_plugin/portal/welcome_refused.html", context)
        form = AgreeForm(request.POST, terms=self.terms)
        if not form.is_valid():
            return self._show(self.terms, form)
        agree(self.person, self.terms.version, by=request.user)
        return self._onward()

    def _show(self, terms: Terms, form: AgreeForm) -> HttpResponse:
        return self.render({"form": form, "terms": terms, "is_new_version": bool(self.person.welcomed_at)})

    def _onward(self) -> HttpResponse:
        return self.go_on() if self.person.welcomed_at else self.redirect("welcome_details")


class DetailsStepView(_WelcomeView):
    """Who one is, and how to be told of messages. Saving it ends the welcome."""

    step = "welcome_details"
    template_name = "mentorpro_plugin/portal/welcome_details.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._turn_away() or self.render({"form": OwnDetailsForm(person=self.person)})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if elsewhere := self._turn_away():
            return elsewhere
        form = OwnDetailsForm(request.POST, person=self.person)
        if not form.save(by=request.user):
            return self.render({"form": form})
        Person._base_manager.filter(pk=self.person.pk, welcomed_at=None).update(welcomed_at=timezone.now())
        return self.go_on()

    def _turn_away(self) -> HttpResponse | None:
        if self.must_agree():
            return self.redirect("welcome_terms")
        return self.redirect("home") if self.person.welcomed_at else None
