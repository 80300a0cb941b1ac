"""Registers everything with the Wagtail admin; holds no logic."""

from typing import Any

from django.forms.utils import flatatt
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from wagtail import hooks

from .access.guide_viewset import GuideViewSet
from .access.in_the_way import register_obstacles
from .access.menu import keep_to_own_menu
from .accounts.panels import SecondFactorNotice, SecurityPanel
from .activity.panels import TimelinePanel
from .activity.queries import history_of
from .activity.timeline import register_timeline_source
from .activity.viewsets import HistoryMenuItem, HistoryViewSet, without_site_history
from .assignments.panels import (
    AssignedProgramsPanel,
    LedPeoplePanel,
    ProgramPeoplePanel,
    people_assigned,
)
from .assignments.viewsets import AssignmentViewSet
from .conversations.bulk import WriteToManyView
from .conversations.timeline import messages_written
from .conversations.viewsets import ConnectViewSet, write_button
from .exchange.panels import OrganizationImportsPanel, import_link
from .exchange.viewsets import ImportViewSet
from .exports.panels import OrganizationExportsPanel
from .exports.views import roster_file
from .exports.viewsets import RawExportViewSet
from .goals.panels import GoalsPanel
from .goals.viewsets import CatalogueGoalViewSet
from .identifiers.viewsets import IdentifierViewSet
from .letters.panels import MailPanel
from .letters.viewsets import LetterViewSet
from .letters.welcome import WelcomeViewSet
from .organizations.models import Organization
from .organizations.panels import children_in_use, register_organization_panel
from .organizations.viewsets import OrganizationViewSet
from .outbox.viewsets import OutboxViewSet
from .people.bulk import register_bulk_action
from .people.bulk_status import DeactivateManyView, ReactivateManyView
from .people.finding import people_found
from .people.links import profile_url, profile_url_or_none
from .people.panels import HomePanel, OrganizationPeoplePanel, people_in_use
from .people.profile import (
    register_profile_button,
    register_profile_panel,
    register_roster_link,
    register_row_button,
)
from .people.status import toggle_sentences
from .people.viewsets import ROSTERS
from .portal.panels import LoginCodePanel
from .portal.viewsets import LoginCodeViewSet
from .programs.models import Program
from .programs.panels import OrganizationProgramsPanel, programs_in_use, register_program_panel
from .programs.viewsets import ProgramViewSet
from .removal.panels import OrganizationDeletionsPanel
from .removal.viewsets import DeletionViewSet, delete_button

register_profile_panel(AssignedProgramsPanel, order=10)
register_profile_panel(LedPeoplePanel, order=20)
register_profile_panel(GoalsPanel, order=30)
register_profile_panel(MailPanel, order=75)
register_profile_panel(LoginCodePanel, order=80)
register_profile_panel(TimelinePanel, order=90)
register_timeline_source(history_of)
register_timeline_source(messages_written)
register_profile_button(write_button)
register_bulk_action(WriteToManyView, order=10)
register_bulk_action(DeactivateManyView, order=20)
register_bulk_action(ReactivateManyView, order=30)
register_row_button(delete_button)
register_roster_link(import_link)
register_program_panel(ProgramPeoplePanel)
register_organization_panel(OrganizationPeoplePanel)
register_organization_panel(OrganizationProgramsPanel)
register_organization_panel(OrganizationImportsPanel)
register_organization_panel(OrganizationExportsPanel)
register_organization_panel(OrganizationDeletionsPanel)

register_obstacles(Program, people_assigned)
register_obstacles(Organization, people_in_use)
register_obstacles(Organization, programs_in_use)
register_obstacles(Organization, children_in_use)

hooks.register("construct_main_menu", keep_to_own_menu)
hooks.register("construct_reports_menu", without_site_history)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    rosters = [viewset(as_file=roster_file) for viewset in ROSTERS]
    return [
        *rosters,
        ProgramViewSet(),
        OrganizationViewSet(),
        IdentifierViewSet(),
        CatalogueGoalViewSet(),
        AssignmentViewSet(),
        LoginCodeViewSet(),
        WelcomeViewSet(),
        OutboxViewSet(get_person_url=profile_url),
        LetterViewSet(),
        ConnectViewSet(),
        GuideViewSet(),
        RawExportViewSet(),
        DeletionViewSet(),
        ImportViewSet(),
        HistoryViewSet(get_person_url=profile_url_or_none, find_people=people_found),
    ]


@hooks.register("register_admin_menu_item")
def history_tab() -> HistoryMenuItem:
    return HistoryMenuItem(is_report=False, order=180)


@hooks.register("register_reports_menu_item")
def history_report() -> HistoryMenuItem:
    # Where Wagtail's site history stood.
    return HistoryMenuItem(is_report=True, order=1000)


@hooks.register("construct_homepage_panels")
def add_home_panel(request: Any, panels: list[Any]) -> None:
    panels[:0] = [SecondFactorNotice(request), HomePanel(request)]


@hooks.register("register_account_settings_panel")
def security_panel(request: Any, user: Any, profile: Any) -> SecurityPanel:
    return SecurityPanel(request, user, profile)


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    sheets = ("mentorpro_plugin/css/admin.css", "mentorpro_plugin/css/accounts.css")
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((static(sheet),) for sheet in sheets))


@hooks.register("insert_global_admin_js")
def status_js() -> str:
    return format_html(
        '<script src="{}" {}></script>',
        static("mentorpro_plugin/js/status.js"),
        flatatt({f"data-{why}": sentence for why, sentence in toggle_sentences().items()}),
    )


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    names = ("coordinator", "goal", "manager", "mentee", "mentor", "organization", "program")
    return [*icons, *(f"mentorpro_plugin/icons/mentorpro-{name}.svg" for name in names)]
