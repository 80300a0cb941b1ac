"""Panels and buttons of the profile page, and buttons of the rosters. Other domains register theirs, so that people needn't know of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from wagtail.admin.ui.components import Component

_panels: list[tuple[int, type[Component]]] = []
_buttons: list[Callable[[Any, Any], Any]] = []
_row_buttons: list[Callable[[Any, Any], Any]] = []


class RosterLink(NamedTuple):
    """A way from a roster to another screen."""

    label: str
    url: str
    icon_name: str


_roster_links: list[Callable[[Any, Any], RosterLink | None]] = []


def register_profile_panel(panel: type[Component], *, order: int) -> None:
    """Show `panel(person, request)` on every profile; lower `order` stands higher."""
    _panels.append((order, panel))
    _panels.sort(key=lambda entry: entry[0])


def profile_panels(person: Any, request: Any) -> list[Component]:
    """Return the panels for `person`, as this request's user may see them."""
    return [panel(person, request) for _order, panel in _panels]


def register_profile_button(button: Callable[[Any, Any], Any]) -> None:
    """Show what `button(person, request)` returns in the header of every profile; nothing for None."""
    _buttons.append(button)


def profile_buttons(person: Any, request: Any) -> list[Any]:
    """Return the registered buttons for `person`, as this request's user may use them."""
    return [made for button in _buttons if (made := button(person, request)) is not None]


def register_row_button(button: Callable[[Any, Any], Any]) -> None:
    """Show what `button(person, request)` returns under Action of every roster; nothing for None. It asks no query."""
    _row_buttons.append(button)


def row_buttons(person: Any, request: Any) -> list[Any]:
    """Return the registered buttons of a row, as this request's user may use them."""
    return [made for button in _row_buttons if (made := button(person, request)) is not None]


def register_roster_link(link: Callable[[Any, Any], RosterLink | None]) -> None:
    """Show what `link(role, request)` returns beside ADD above every roster; nothing for None. It asks no query."""
    _roster_links.append(link)


def roster_links(role: Any, request: Any) -> list[RosterLink]:
    """Return the registered links of the roster of `role`, as this request's user may use them."""
    return [made for link in _roster_links if (made := link(role, request)) is not None]
