"""What is new for somebody, on the first page behind their door. Domains register theirs, as they do with tabs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..people.models import Person

#: Of each kind on the first page; the rest is where it leads.
MOST_SHOWN = 5

Source = Callable[[Any, Person], Iterable["News"]]
_sources: list[tuple[int, Source]] = []


@dataclass(frozen=True)
class News:
    """One line. `view` and `args` lead to what it is about; `icon` is a symbol of the shell's sprite.

    `who` is a name that the line begins with; `count` how many there are, shown when above 0.
    """

    text: Any
    view: str
    args: tuple[Any, ...] = ()
    who: str = ""
    icon: str = "bell"
    count: int = 0


def register_news(source: Source, *, order: int) -> None:
    """Show what `source(request, person)` returns in both doors, lower `order` first: a few lines, in one query."""
    _sources.append((order, source))
    _sources.sort(key=lambda entry: entry[0])


def news_for(request: Any, person: Person) -> list[News]:
    """Return all that is new for `person`."""
    return [news for _, source in _sources for news in source(request, person)]
