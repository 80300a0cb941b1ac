"""Opens the scope of each request, and keeps program staff to the admin screens made for them."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from .doors import is_open_to
from .reach import reach_of, scope_of


class ReachMiddleware:
    """Stands directly after Django's AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope_of(reach_of(request.user)):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Answer 404 for screens of the Wagtail admin that weren't made for this type of user."""
        if not is_open_to(request.user, request.resolver_match, kwargs):
            raise Http404
