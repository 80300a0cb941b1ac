"""The tab "Me": what is kept about oneself, and what one may change of it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ..people.models import Person
from ..shell.views import PortalView
from .own_forms import LanguageForm, OwnDetailsForm, language_choices
from .terms import consent_to, current_terms


class MeView(PortalView):
    """Oneself, and the way to every setting."""

    template_name = "mentorpro_plugin/portal/me.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        has_choice = len(language_choices()) > 1
        return self.render(
            {"terms": current_terms(), "language_form": LanguageForm() if has_choice else None}
        )


class OwnDetailsView(PortalView):
    """Name, e-mail, about and notice."""

    template_name = "mentorpro_plugin/portal/me_details.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render({"form": OwnDetailsForm(person=self.person)})

    @transaction.atomic
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        # Locked before the form reads it: what the form compares with is what is saved over.
        person = Person._base_manager.select_for_update().get(pk=self.person.pk)
        form = OwnDetailsForm(request.POST, person=person)
        if not form.save(by=request.user):
            return self.render({"form": form})
        messages.success(request, _("Your details were saved."))
        return self.redirect("me")


class OwnTermsView(PortalView):
    """The terms that one agreed to, to read again."""

    template_name = "mentorpro_plugin/portal/me_terms.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        terms = current_terms()
        if terms is None:
            raise Http404
        return self.render({"terms": terms, "consent": consent_to(terms, self.person)})
