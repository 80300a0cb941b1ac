"""Managers that fail closed: without an open scope they raise, within one they see its organizations only."""

from typing import Any

from django.db import models
from django_scopes import ScopedManager

from .extents import ReachQuerySet


def scoped_manager(queryset_class: type[models.QuerySet] = ReachQuerySet, **dimensions: str) -> Any:
    """Return a manager for `Model.objects`, confined to the scope in force.

    `dimensions` maps a dimension (`organization`, `tree`) to the lookup that leads to its primary key.
    """
    return ScopedManager(_manager_class=models.Manager.from_queryset(queryset_class), **dimensions)


def role_manager(queryset_class: type[models.QuerySet], *roles: str) -> Any:
    """Like `scoped_manager`, for a proxy of Person that holds `roles` only."""

    class RoleManager(models.Manager.from_queryset(queryset_class)):  # type: ignore[misc]
        def get_queryset(self) -> models.QuerySet:
            return super().get_queryset().filter(role__in=roles)

    return ScopedManager(_manager_class=RoleManager, organization="organization")
