"""Front doors at hosts of their own."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from ..conf import setting
from .doors import Door, base_url, door_of_host, door_of_path, door_path


class DoorHostMiddleware:
    """At the own host of a front door, serve that door and nothing else of the site.

    Stands before the sessions: what isn't served there needs none. Does nothing unless MENTORPRO["DOOR_URLS"] names
    hosts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without hosts of their own, no host is asked for: whoever answers for a wrong one stays as it was.
        door = door_of_host(request.get_host()) if any(setting("DOOR_URLS").values()) else None
        elsewhere = _elsewhere(request, door) if door else None
        return elsewhere or self.get_response(request)


def _elsewhere(request: HttpRequest, door: Door) -> HttpResponse | None:
    """Where the request is to go instead, if anywhere. Raises Http404 for what isn't served at this door's host."""
    if request.path == "/":
        return redirect(door_path(door))
    there = door_of_path(request.path)
    if there == door:
        return None
    if there is not None:
        return redirect(base_url(there) + request.get_full_path())
    if request.path.startswith(_served_everywhere()):
        return None
    raise Http404


def _served_everywhere() -> tuple[str, ...]:
    return (settings.STATIC_URL, settings.MEDIA_URL or settings.STATIC_URL, *setting("SHARED_PATHS"))
