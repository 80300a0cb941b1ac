"""What keeps something from being archived, with the way there. Domains register what they hold of it."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db import models


class Obstacle(NamedTuple):
    """Some rows that are in use, or one of them; `number` is None where the label names the one."""

    label: Any
    number: int | None
    url: str


_finders: dict[type[models.Model], list[Callable[[Any, Any], Iterable[Obstacle]]]] = {}


def register_obstacles(model: type[models.Model], find: Callable[[Any, Any], Iterable[Obstacle]]) -> None:
    """Have `find(row, user)` say what of the domain is in the way of archiving `row`, as far as `user` may see it."""
    _finders.setdefault(model, []).append(find)


def obstacles(row: models.Model, user: Any) -> list[Obstacle]:
    """Return what is in the way of archiving `row`, as far as `user` may see it."""
    return [obstacle for find in _finders.get(type(row), ()) for obstacle in find(row, user)]
