"""What people see behind a front door when something isn't there, or isn't theirs to do.

A site names these in its addresses (`handler400`, `handler403`, `handler404`, `handler500`) and settings (`CSRF_FAILURE_VIEW`); elsewhere than behind
a door they leave the answer to Django.
"""

import sys
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.views import defaults
from django.views.csrf import csrf_failure as site_csrf_failure

from .busy import busy
from .doors import door_of_path, door_of_request
from .views import DoorView, is_of_htmx


class ErrorView(DoorView):
    """A page that says what went wrong, whatever the method."""

    status: int

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render(status=self.status).render()

    post = put = patch = delete = options = get


class UnreadableView(ErrorView):
    """More than the site takes at once, or nothing that a form sends. Whatever was sent isn't looked at again."""

    template_name = "mentorpro_plugin/shell/400.html"
    status = 400


class NotFoundView(ErrorView):
    template_name = "mentorpro_plugin/shell/404.html"
    status = 404


class DeniedView(ErrorView):
    template_name = "mentorpro_plugin/shell/403.html"
    status = 403


class StaleFormView(ErrorView):
    """A form without the token of this session: most often, of a session that ended while the page was open."""

    template_name = "mentorpro_plugin/shell/stale_form.html"
    status = 403


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    # For a host that isn't the site's, no page of the site is made.
    door = None if isinstance(exception, DisallowedHost) else door_of_path(request.path)
    if door is not None:
        return UnreadableView.as_view()(request, door=door.name)
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if door := door_of_request(request):
        return NotFoundView.as_view()(request, door=door.name)
    return defaults.page_not_found(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if door := door_of_request(request):
        return DeniedView.as_view()(request, door=door.name)
    return defaults.permission_denied(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this where it caught the error.
    return busy(request, sys.exc_info()[1]) or defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    door = door_of_request(request)
    if door is None:
        return site_csrf_failure(request, reason)
    response = StaleFormView.as_view()(request, door=door.name)
    if is_of_htmx(request):
        # The page is as old as its form.
        response.headers["HX-Refresh"] = "true"
    return response
