"""In which language the pages behind the doors speak: the person's own, else the browser's."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ..people.actions import change_person
from ..people.models import Person
from ..shell.views import DoorView
from .own_forms import LanguageForm
from .returning import WayBack


class LanguageView(WayBack, DoorView):
    """Changes the language, of the person who is logged in and of this browser, and goes back to where one was."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.redirect("home")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = LanguageForm(request.POST)
        response = redirect(self.next_path(request.POST.get("next", "")))
        if form.is_valid():
            keep_language(form.cleaned_data["language"], request=request, response=response)
        return response


def keep_language(language: str, *, request: HttpRequest, response: HttpResponse) -> None:
    """Keep the choice on the person who is logged in, and in the browser for when nobody is."""
    person = getattr(request.user, "mentorpro_person", None)
    if isinstance(person, Person):
        person.language = language
        change_person(person, by=request.user)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        # A browser's guess would win over a cookie that went with the session.
        max_age=settings.LANGUAGE_COOKIE_AGE or 365 * 24 * 60 * 60,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=request.is_secure(),
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE or "Lax",
    )
