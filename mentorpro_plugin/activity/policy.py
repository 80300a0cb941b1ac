"""Who may see an entry in the admin: whoever may see the history of what it is on. Nobody may change one."""

from collections.abc import Iterable
from typing import Any

from ..access.extents import holds
from ..access.policy import ReachPermissionPolicy
from .models import HistoryEntry


class HistoryPermissionPolicy(ReachPermissionPolicy):
    """Reading only, by the table's row on a person's history."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        # Not `has_perm`: the plain superuser may not change history either.
        return action == "view" and holds(user, "view_history")

    def user_has_permission_for_instance(self, user: Any, action: str, instance: HistoryEntry) -> bool:
        return action == "view" and holds(user, "view_history", instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        entries = HistoryEntry.objects.visible_to(user)
        return entries if "view" in actions else entries.none()
