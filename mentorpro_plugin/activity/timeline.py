"""What happened to a person, from whatever domain knows of it. Other domains register what they know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Happening:
    """One line of a timeline: `what` happened, without the one who did it, who stands in `by`."""

    at: datetime
    what: str
    by: str
    # How it came about, if not on a screen: "import".
    via: str = ""
    # The import it was a part of, if any: what the report is filtered by.
    batch: str = ""


#: `(person, viewer, *, before, limit)`: what the source knows of `person`, as far as `viewer` may know it: up to
#: `limit` happenings older than `before` (None: any), newest first, in a fixed number of queries.
Source = Callable[..., list[Happening]]

_sources: list[Source] = []


def register_timeline_source(source: Source) -> None:
    """Show what `source` knows in every person's timeline."""
    _sources.append(source)


def happenings(person: Any, viewer: Any, *, before: datetime | None, limit: int) -> list[Happening]:
    """Return what all sources know of `person`, newest first: up to `limit` of each, so at least the first `limit`."""
    found = [
        happening for source in _sources for happening in source(person, viewer, before=before, limit=limit)
    ]
    return sorted(found, key=lambda happening: happening.at, reverse=True)
