"""What a profile says of logging in."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.ui.components import Component

from .staff_codes import may_issue


class LoginCodePanel(Component):
    """A button that issues a log-in code, for those who may."""

    template_name = "mentorpro_plugin/portal/login_code_panel.html"

    def __init__(self, person: Any, request: Any) -> None:
        self.person, self.request = person, request

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        is_shown = not self.person.is_deactivated and may_issue(self.request.user, self.person)
        return {
            "is_shown": is_shown,
            "person": self.person,
            "csrf_token": parent_context.get("csrf_token"),
        }
