"""Opens the scope of each request, and keeps program staff to the admin screens made for them."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from wagtail.permission_policies.collections import CollectionPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy

from .account import person_account
from .doors import is_open_to
from .reach import reach_of, scope_of
from .roles import PROGRAM_STAFF


class ReachMiddleware:
    """Stands directly after Django's AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reach = reach_of(request.user)
        if reach.role in PROGRAM_STAFF:
            _forget_groups(request.user)
        with scope_of(reach):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer 404 for screens of the Wagtail admin that weren't made for this type of user."""
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
