"""A mentee's goals on the profile, for staff to read."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.ui.components import Component

from ..access.extents import holds
from ..access.roles import Role
from ..people.models import Person
from .models import Goal
from .queries import goals_for

#: How many goals a profile shows, those that changed last first.
MOST_SHOWN = 50


class GoalsPanel(Component):
    """Goals of a mentee. Comments stay between mentee and mentor."""

    template_name = "mentorpro_plugin/goals/panel.html"

    def __init__(self, person: Person, request: Any) -> None:
        self.person, self.user = person, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        if self.person.role != Role.MENTEE or not holds(self.user, "view_goal", Goal(mentee=self.person)):
            return {"is_shown": False}
        rows = list(goals_for(self.user).filter(mentee=self.person.pk)[: MOST_SHOWN + 1])
        return {"is_shown": True, "rows": rows[:MOST_SHOWN], "has_more": len(rows) > MOST_SHOWN}
