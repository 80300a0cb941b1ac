"""Leads every log-in of staff through the one that counts and asks for a second factor, and to setting one up."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ..access.doors import is_admin
from ..access.roles import STAFF
from .devices import note_seen
from .history import person_of
from .second_factor import lacks_one

#: Wagtail's own log-ins, which know neither a lock nor a second factor.
_OTHER_LOG_INS = {"wagtailadmin_login", "wagtailcore_login"}
_OTHER_RESETS = {
    "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_done",
    "wagtailadmin_password_reset_confirm",
    "wagtailadmin_password_reset_complete",
}
#: What the frame of the pages for setting up needs.
_ALWAYS_OPEN = {"wagtailadmin_logout", "wagtailadmin_sprite", "wagtailadmin_javascript_catalog"}


class StaffLogInMiddleware:
    """Stands directly before ReachMiddleware, which answers for some views itself. Needs the addresses of
    `mentorpro_plugin.accounts.urls`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None:
            return None
        if match.view_name in _OTHER_LOG_INS:
            return redirect(_log_in_url(request))
        if match.view_name in _OTHER_RESETS:
            return redirect("account_reset_password")
        person = person_of(request.user)
        if person is None or person.role not in STAFF:
            return None
        note_seen(request, person)
        if match.view_name in _ALWAYS_OPEN or not is_admin(match) or not lacks_one(request.user):
            return None
        if _is_asked_by_script(request):
            raise PermissionDenied
        return redirect("mfa_index")


def _log_in_url(request: HttpRequest) -> str:
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME)
    # Whether it may be gone to, the log-in decides.
    query = f"?{urlencode({REDIRECT_FIELD_NAME: wanted})}" if wanted else ""
    return reverse("account_login") + query


def _is_asked_by_script(request: HttpRequest) -> bool:
    return (
        request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or "HX-Request" in request.headers
        or not request.accepts("text/html")
    )
