"""Registers everything with the Wagtail admin; holds no logic."""

from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks

from .access.menu import keep_to_own_menu
from .activity.panels import HistoryPanel
from .assignments.panels import AssignedProgramsPanel, LedPeoplePanel, ProgramPeoplePanel
from .assignments.viewsets import AssignmentViewSet
from .identifiers.viewsets import IdentifierViewSet
from .organizations.panels import register_organization_panel
from .organizations.viewsets import OrganizationViewSet
from .people.panels import HomePanel, OrganizationPeoplePanel
from .people.profile import register_profile_panel
from .people.viewsets import ROSTERS
from .programs.panels import OrganizationProgramsPanel, register_program_panel
from .programs.viewsets import ProgramViewSet

register_profile_panel(AssignedProgramsPanel, order=10)
register_profile_panel(LedPeoplePanel, order=20)
register_profile_panel(HistoryPanel, order=90)
register_program_panel(ProgramPeoplePanel)
register_organization_panel(OrganizationPeoplePanel)
register_organization_panel(OrganizationProgramsPanel)

hooks.register("construct_main_menu", keep_to_own_menu)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    rosters = [viewset() for viewset in ROSTERS]
    return [*rosters, ProgramViewSet(), OrganizationViewSet(), IdentifierViewSet(), AssignmentViewSet()]


@hooks.register("construct_homepage_panels")
def add_home_panel(request: Any, panels: list[Any]) -> None:
    panels.insert(0, HomePanel(request))


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("mentorpro_plugin/css/admin.css"))


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    names = ("coordinator", "manager", "mentee", "mentor", "organization", "program")
    return [*icons, *(f"mentorpro_plugin/icons/mentorpro-{name}.svg" for name in names)]
