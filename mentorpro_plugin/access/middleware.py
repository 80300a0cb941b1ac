"""Opens the scope of each request, ends dead sessions, keeps program staff to the screens made for them, and tells of
what was refused.
"""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from wagtail.permission_policies.collections import CollectionPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy

from .account import person_account
from .doors import is_open_to
from .reach import reach_of, scope_of
from .refusals import tell
from .roles import PROGRAM_STAFF
from .sessions import end_dead_session, say_that_session_ended


class ReachMiddleware:
    """Stands directly after Django's AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        end_dead_session(request)
        # As they are now: at the end of a request, they may have logged out.
        user, reach = request.user, reach_of(request.user)
        if reach.role in PROGRAM_STAFF:
            _forget_groups(user)
        with scope_of(reach):
            response = self.get_response(request)
            if reach.role is not None:
                tell(request, response, user, reach)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer 404 for screens of the Wagtail admin that weren't made for this type of user."""
        # Not earlier: messages are there once the middleware below this one has seen the request.
        say_that_session_ended(request)
        match = request.resolver_match
        if match is None:
            return None
        if not is_open_to(request.user, match, kwargs):
            raise Http404
        if match.view_name == "wagtailadmin_account" and reach_of(request.user).person is not None:
            return person_account(request)
        return None


def _forget_groups(user: Any) -> None:
    """Tell Wagtail's page and collection policies that `user` has no permission through a group.

    The admin screens that they guard are closed to program staff, and the look-ups would cost every page two queries.
    """
    for policy in (PagePermissionPolicy, CollectionPermissionPolicy):
        setattr(user, policy.permission_cache_name, [])
