"""The menu that program staff see: their own tabs, and nothing made for developers."""

from typing import Any

from .doors import is_scoped_url
from .reach import reach_of
from .roles import PROGRAM_STAFF


def keep_to_own_menu(request: Any, menu_items: list[Any]) -> None:
    """Leave program staff the tabs whose screens are open to them; others keep Wagtail's whole menu."""
    if reach_of(request.user).role in PROGRAM_STAFF:
        menu_items[:] = [item for item in menu_items if is_scoped_url(getattr(item, "url", None))]
