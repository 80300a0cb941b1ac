"""Who may see deletions: whoever may delete people there."""

from collections.abc import Iterable
from typing import Any

from ..access.extents import holds
from ..access.policy import ReachPermissionPolicy
from .models import Deletion


class DeletionPermissionPolicy(ReachPermissionPolicy):
    """Reading only."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and holds(user, "delete_mentee")

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Deletion) -> bool:
        return action == "view" and Deletion.objects.visible_to(user).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        deletions = Deletion.objects.visible_to(user)
        return deletions if "view" in actions else deletions.none()
