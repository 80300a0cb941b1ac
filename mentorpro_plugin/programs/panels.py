"""Panels of a program's page. Other domains register theirs, so that programs needn't know of them."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.ui.components import Component

from .models import Program

_panels: list[type[Component]] = []


def register_program_panel(panel: type[Component]) -> None:
    """Show `panel(program, request)` on every program's page, in the order of registration."""
    _panels.append(panel)


def program_panels(program: Any, request: Any) -> list[Component]:
    """Return the panels for `program`, as this request's user may see them."""
    return [panel(program, request) for panel in _panels]


class OrganizationProgramsPanel(Component):
    """The programs of an organization, on its page."""

    template_name = "mentorpro_plugin/programs/organization_programs.html"

    def __init__(self, organization: Any, request: Any) -> None:
        self.organization, self.user = organization, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        programs = Program.objects.visible_to(self.user).filter(organization=self.organization)
        may_add = self.user.has_perm("mentorpro_plugin.add_program", self.organization)
        return {"programs": programs, "organization": self.organization, "may_add": may_add}
