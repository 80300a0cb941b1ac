"""Panels of the profile page. Other domains register theirs, so that people needn't know of them."""

from typing import Any

from wagtail.admin.ui.components import Component

_panels: list[tuple[int, type[Component]]] = []


def register_profile_panel(panel: type[Component], *, order: int) -> None:
    """Show `panel(person, request)` on every profile; lower `order` stands higher."""
    _panels.append((order, panel))
    _panels.sort(key=lambda entry: entry[0])


def profile_panels(person: Any, request: Any) -> list[Component]:
    """Return the panels for `person`, as this request's user may see them."""
    return [panel(person, request) for _order, panel in _panels]
