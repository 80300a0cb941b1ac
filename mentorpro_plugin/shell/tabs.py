"""The tabs at the foot of every portal page. Domains register theirs, so that the shell needn't know of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_tabs: list["Tab"] = []


@dataclass(frozen=True)
class Tab:
    """A tab: `view` is a URL name of the portal, `icon` a symbol of the shell's sprite.

    `count(request)` says how much is new there, 0 for nothing.
    """

    label: Any
    view: str
    icon: str
    order: int
    count: Callable[[Any], int] | None = None


def register_tab(tab: Tab) -> None:
    """Show `tab` in both doors, lower `order` first."""
    _tabs.append(tab)
    _tabs.sort(key=lambda entry: entry.order)


def tabs() -> list[Tab]:
    """Return the registered tabs in their order."""
    return list(_tabs)
