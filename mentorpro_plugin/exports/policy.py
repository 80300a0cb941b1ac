"""Who may see exports of raw data: whoever may export them there."""

from collections.abc import Iterable
from typing import Any

from ..access.extents import holds
from ..access.policy import ReachPermissionPolicy
from .models import RawExport


class RawExportPermissionPolicy(ReachPermissionPolicy):
    """Seeing and asking for them; the screens ask about each organization."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "add") and holds(user, "export_raw_data")

    def user_has_permission_for_instance(self, user: Any, action: str, instance: RawExport) -> bool:
        return action == "view" and RawExport.objects.visible_to(user).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        exports = RawExport.objects.visible_to(user)
        return exports if "view" in actions else exports.none()
