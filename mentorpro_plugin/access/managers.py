"""Managers that fail closed: without an open scope they raise, within one they see its organizations only."""

from typing import Any

from django.db import models
from django_scopes import ScopedManager
from django_scopes.manager import DisabledQuerySet

from .extents import ReachQuerySet


class ClosedQuerySet(DisabledQuerySet):
    """What a manager returns while no scope is open: refuses to be read, in any way.

    The library's own still answers `exists()` and `explain()`, `async for`, and whatever is asked of it as a part of
    another query.
    """

    _fetch_all = exclude = exists = explain = aiterator = DisabledQuerySet.error
    resolve_expression = __and__ = __or__ = __xor__ = DisabledQuerySet.error


def scoped_manager(queryset_class: type[models.QuerySet] = ReachQuerySet, **dimensions: str) -> Any:
    """Return a manager for `Model.objects`, confined to the scope in force.

    `dimensions` maps a dimension (`organization`, `tree`) to the lookup that leads to its primary key.
    """
    return _closed_without_scope(models.Manager.from_queryset(queryset_class), queryset_class, dimensions)


def role_manager(queryset_class: type[models.QuerySet], *roles: str) -> Any:
    """Like `scoped_manager`, for a proxy of Person that holds `roles` only."""

    class RoleManager(models.Manager.from_queryset(queryset_class)):  # type: ignore[misc]
        def get_queryset(self) -> models.QuerySet:
            return super().get_queryset().filter(role__in=roles)

    return _closed_without_scope(RoleManager, queryset_class, {"organization": "organization"})


def _closed_without_scope(
    manager_class: type[models.Manager], queryset_class: type[models.QuerySet], dimensions: dict[str, str]
) -> Any:
    scoped_class = type(ScopedManager(_manager_class=manager_class, **dimensions))
    # Has the model's own methods too, so that those end in the same refusal.
    closed_class = type("ClosedQuerySet", (ClosedQuerySet, queryset_class), {})

    class ScopedOrClosedManager(scoped_class):  # type: ignore[misc, valid-type]
        def get_queryset(self) -> models.QuerySet:
            queryset = super().get_queryset()
            if isinstance(queryset, DisabledQuerySet):
                return closed_class(self.model, using=self._db, missing_scopes=queryset.missing_scopes)
            return queryset

    return ScopedOrClosedManager()
