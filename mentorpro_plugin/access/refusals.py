"""Requests that were refused: who is told of them, and which count as one."""

from collections.abc import Callable
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, reverse

from .doors import OPEN_TO_STAFF, is_admin, is_open_to
from .reach import Reach
from .roles import PARTICIPANTS, STAFF

#: "refused": seen, but not theirs to do. "hidden": not there for them. "closed": a screen that isn't for them.
Kind = Literal["refused", "hidden", "closed"]

_listeners: list[Callable[[Any, Reach, str, Kind], None]] = []
_watched: set[str] = set()


def tell_of_refusals(listener: Callable[[Any, Reach, str, Kind], None]) -> None:
    """Have `listener(user, reach, screen, kind)` called after each refused request. `screen` is the view's name."""
    if listener not in _listeners:
        _listeners.append(listener)


def watch_namespaces(*namespaces: str) -> None:
    """Count refusals under these URL namespaces too, such as those of the front doors; the admin's count anyhow."""
    _watched.update(namespaces)


def tell(request: HttpRequest, response: HttpResponse, user: Any, reach: Reach) -> None:
    """Tell the listeners, if `response` refuses what `user` asked for."""
    kind = kind_of(request.resolver_match, response, user, reach)
    if kind is not None:
        for listener in _listeners:
            listener(user, reach, request.resolver_match.view_name, kind)  # type: ignore[union-attr]


def kind_of(match: ResolverMatch | None, response: HttpResponse, user: Any, reach: Reach) -> Kind | None:
    """In what way `response` refuses what somebody logged in asked for; None if it doesn't.

    What no address leads to isn't a refusal, nor is what a Super Admin doesn't find: they reach everything there is.
    """
    if match is None or response.status_code not in (302, 403, 404):
        return None
    in_admin = is_admin(match)
    if reach.role in PARTICIPANTS:
        if not (in_admin or _watched.intersection(match.namespaces)):
            return None
    elif reach.role not in STAFF or not in_admin:
        return None
    if response.status_code == 302:
        # So Wagtail says no: back to its home page. The screens around ours lead there for other reasons.
        leads_home = response.get("Location") == reverse("wagtailadmin_home")
        return "refused" if in_admin and leads_home and match.view_name not in OPEN_TO_STAFF else None
    if response.status_code == 403:
        return "refused"
    if not is_open_to(user, match, match.kwargs):
        return "closed"
    return None if reach.everything else "hidden"
