"""The switch in rosters and on profiles that deactivates and reactivates. Undone by the same switch, so it asks no
question.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from ..access.roles import Role
from .lifecycle import deactivate, may_deactivate, reactivate
from .links import NAMESPACES, profile_url
from .models import Person

_CHANGES: dict[str, Any] = {
    Person.Status.DEACTIVATED: deactivate,
    Person.Status.ENABLED: reactivate,
}


def status_url(viewer: Any, person: Person) -> str:
    """Return where `viewer` switches `person` off and on; empty where they may not. No query for a fetched row."""
    if not may_deactivate(viewer, person):
        return ""
    return reverse(f"{NAMESPACES[Role(person.role)]}:status", args=[person.pk])


def toggle_sentences() -> dict[str, str]:
    """Return what the page's script says when nothing was switched, by reason."""
    return {
        "offline": _("There is no connection, so nothing was changed. Try again when you are online."),
        "missing": _("This person is no longer in your lists, so nothing was changed. Reload the page."),
        "refused": _("You are logged out, or this page is too old. Nothing was changed: reload the page."),
        "failed": _("Something went wrong on our side, and nothing was changed. Try again in a minute."),
    }


class StatusView(View):
    """Takes the wished-for `status` by POST, so that two clicks in two browsers don't undo each other.

    A page's script gets the switch as it is now, others the profile.
    """

    http_method_names = ["post"]
    model: type[Person] = Person

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(self.model.objects.visible_to(request.user), pk=pk)
        change = _CHANGES.get(request.POST.get("status", ""))
        if change is None:
            return HttpResponseBadRequest()
        is_of_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
        try:
            change(person, by=request.user)
        except PermissionDenied:
            if not is_of_script:
                raise
            return JsonResponse({"said": _("You may not do this for %s.") % person}, status=403)
        except ValidationError as refusal:
            said = " ".join(refusal.messages)
            if is_of_script:
                return JsonResponse({"said": said}, status=403)
            messages.error(request, said)
            return redirect(profile_url(person))
        said = (
            _("%(person)s was deactivated: logged out everywhere, and shut out until reactivated.")
            if change is deactivate
            else _("%(person)s was reactivated, and can log in again.")
        ) % {"person": person}
        if is_of_script:
            return JsonResponse({"said": said, "toggle": self._toggle(request, person)})
        messages.success(request, said)
        return redirect(profile_url(person))

    def _toggle(self, request: HttpRequest, person: Person) -> str:
        person.refresh_from_db(fields=["status"])
        context = {"person": person, "url": status_url(request.user, person)}
        return render_to_string("mentorpro_plugin/people/_status_toggle.html", context, request)
