"""Panels of a program's page. Other domains register theirs, so that programs needn't know of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from ..access.in_the_way import Obstacle
from .models import Program

_panels: list[type[Component]] = []


def register_program_panel(panel: type[Component]) -> None:
    """Show `panel(program, request)` on every program's page, in the order of registration."""
    _panels.append(panel)


def program_panels(program: Any, request: Any) -> list[Component]:
    """Return the panels for `program`, as this request's user may see them."""
    return [panel(program, request) for panel in _panels]


def programs_in_use(organization: Any, user: Any) -> Iterator[Obstacle]:
    """Which programs `user` would have to archive before `organization` is."""
    programs = Program.objects.visible_to(user).filter(organization=organization, archived_at=None)
    if count := programs.count():
        url = f"{reverse('programs:index')}?organization={organization.pk}"
        yield Obstacle(_("Programs"), count, url)


class OrganizationProgramsPanel(Component):
    """The programs of an organization, on its page."""

    template_name = "mentorpro_plugin/programs/organization_programs.html"

    def __init__(self, organization: Any, request: Any) -> None:
        self.organization, self.user = organization, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        programs = Program.objects.visible_to(self.user).filter(organization=self.organization)
        may_add = self.user.has_perm("mentorpro_plugin.add_program", self.organization)
        return {"programs": programs, "organization": self.organization, "may_add": may_add}
