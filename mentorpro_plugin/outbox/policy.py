"""Who may see a message in the admin: whoever may see the person it goes to. The table has no row of its own for it."""

from collections.abc import Iterable
from typing import Any

from ..access.policy import ReachPermissionPolicy
from ..access.reach import reach_of
from ..access.roles import STAFF
from .models import OutboxMessage


class OutboxPermissionPolicy(ReachPermissionPolicy):
    """Reading only; sending again is asked of `actions.may_send_again`."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and reach_of(user).role in STAFF

    def user_has_permission_for_instance(self, user: Any, action: str, instance: OutboxMessage) -> bool:
        return action == "view" and self.instances_user_has_any_permission_for(user, [action]).contains(
            instance
        )

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        messages = OutboxMessage.objects.visible_to(user)
        return messages if "view" in actions else messages.none()
