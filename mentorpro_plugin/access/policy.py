"""One answer for every Wagtail screen: the table, asked through Wagtail's permission policy."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_permission_codename, get_user_model
from django.db import models
from wagtail.permission_policies import BasePermissionPolicy

from .reach import Reach
from .roles import Role
from .table import Span, span_of


class ReachPermissionPolicy(BasePermissionPolicy):
    """Answers Wagtail with the rules for one instance, and with the scoped queryset for many."""

    def _codename(self, action: str) -> str:
        return get_permission_codename(action, self.model._meta)

    def user_has_permission(self, user: Any, action: str) -> bool:
        return user.has_perm(f"mentorpro_plugin.{self._codename(action)}")

    def user_has_permission_for_instance(self, user: Any, action: str, instance: models.Model) -> bool:
        return user.has_perm(f"mentorpro_plugin.{self._codename(action)}", instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> models.QuerySet:
        return self.model._default_manager.permitted(user, *map(self._codename, actions))

    def users_with_any_permission(self, actions: Iterable[str]) -> models.QuerySet:
        roles = [
            role
            for role in Role
            if any(span_of(Reach(role=role), self._codename(action)) != Span.NONE for action in actions)
        ]
        return get_user_model()._default_manager.filter(is_active=True, mentorpro_person__role__in=roles)
