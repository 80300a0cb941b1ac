"""Who may see imports: whoever may import, as far as the queryset goes."""

from collections.abc import Iterable
from typing import Any

from ..access.extents import holds
from ..access.policy import ReachPermissionPolicy
from .models import RosterImport


class ImportPermissionPolicy(ReachPermissionPolicy):
    """Seeing and uploading; what else is done to an import is asked for by its own screens."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "add") and holds(user, "import_roster")

    def user_has_permission_for_instance(self, user: Any, action: str, instance: RosterImport) -> bool:
        return action == "view" and RosterImport.objects.visible_to(user).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        imports = RosterImport.objects.visible_to(user)
        return imports if "view" in actions else imports.none()
