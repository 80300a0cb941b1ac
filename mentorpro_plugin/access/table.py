"""Who may do what: the one table. Rules, querysets, the menu and the permissions guide are all read from it.

A row is a capability, as program staff would say it; it grants the named permissions, within a span for each role.
Where the table is silent, the answer is no.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from .reach import Reach
from .roles import Role


class Span(models.TextChoices):
    """How far a role's capability stretches over the rows of a model."""

    NONE = "none", _("none")
    ALL = "all", _("all")
    OWN_TREE = "own tree", _("own tree")
    OWN = "own", _("own")
    OWN_PROGRAMS = "own programs", _("own programs")
    OWN_PROGRAMS_AND_UNASSIGNED = (
        "own programs + unassigned of own organization",
        _("own programs + unassigned of own organization"),
    )
    OWN_MENTEES_AND_LEADS = "own mentees and leads", _("own mentees and leads")
    OWN_MENTORS = "own mentors", _("own mentors")
    OWN_LEADS = "own leads", _("own leads")
    OWN_PROFILE = "own profile", _("own profile")
    OWN_MATCHES = "own matches", _("own matches")
    OWN_MATCHES_AND_LEADS = "own matches and leads", _("own matches and leads")
    OWN_MENTEES = "own mentees", _("own mentees")
    # Grants nothing: the screen says to log in as a Program Manager for it.
    HINT = "hint to use the PM account", _("hint to use the PM account")


#: Spans that reach no row, on whatever model.
EMPTY_SPANS = (Span.NONE, Span.HINT)


@dataclass(frozen=True)
class Capability:
    """One row of the table. `permissions` are codenames of this app, without its label."""

    label: Any
    permissions: tuple[str, ...]
    spans: Mapping[Role, Span]


def _row(label: Any, *permissions: str, **spans: Span) -> Capability:
    return Capability(label, permissions, {Role(role): span for role, span in spans.items()})


ALL, TREE, OWN = Span.ALL, Span.OWN_TREE, Span.OWN
PROGRAMS, UNASSIGNED_TOO = Span.OWN_PROGRAMS, Span.OWN_PROGRAMS_AND_UNASSIGNED

TABLE: tuple[Capability, ...] = (
    _row(
        _("view organizations"),
        "view_organization",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=OWN,
        success_coordinator=OWN,
    ),
    _row(_("add parent organization"), "add_parent_organization", super_admin=ALL),
    _row(_("add child organization"), "add_organization", super_admin=ALL, parent=TREE),
    _row(_("change organization"), "change_organization", super_admin=ALL, parent=TREE, child=OWN),
    _row(
        _("view programs"),
        "view_program",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=PROGRAMS,
        success_coordinator=PROGRAMS,
        mentor=PROGRAMS,
        mentee=PROGRAMS,
    ),
    _row(
        _("add or change program"),
        "add_program",
        "change_program",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
    ),
    _row(
        _("view mentors and mentees"),
        "view_mentor",
        "view_mentee",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=UNASSIGNED_TOO,
        success_coordinator=PROGRAMS,
        mentor=Span.OWN_MENTEES_AND_LEADS,
        mentee=Span.OWN_MENTORS,
    ),
    _row(
        _("add mentor or mentee"),
        "add_mentor",
        "add_mentee",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=OWN,
    ),
    _row(
        _("change mentor or mentee"),
        "change_mentor",
        "change_mentee",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=UNASSIGNED_TOO,
        success_coordinator=PROGRAMS,
        mentor=Span.OWN_PROFILE,
        mentee=Span.OWN_PROFILE,
    ),
    _row(
        _("view program managers and success coordinators"),
        "view_programmanager",
        "view_successcoordinator",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=PROGRAMS,
        success_coordinator=PROGRAMS,
        mentor=Span.OWN_LEADS,
    ),
    _row(
        _("add or change program manager or success coordinator"),
        "add_programmanager",
        "change_programmanager",
        "add_successcoordinator",
        "change_successcoordinator",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
    ),
    _row(
        _("view or change parent and child accounts"),
        "view_organizationaccount",
        "add_organizationaccount",
        "change_organizationaccount",
        super_admin=ALL,
        parent=TREE,
    ),
    _row(
        _("assign and unassign mentor or mentee"),
        "assign_mentor",
        "assign_mentee",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=PROGRAMS,
        success_coordinator=PROGRAMS,
    ),
    _row(
        _("set primary mentor"),
        "set_primary_mentor",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=PROGRAMS,
        success_coordinator=PROGRAMS,
    ),
    _row(
        _("assign and unassign program manager or success coordinator"),
        "assign_programmanager",
        "assign_successcoordinator",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
    ),
    _row(
        _("deactivate and reactivate mentor or mentee"),
        "deactivate_mentor",
        "deactivate_mentee",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=UNASSIGNED_TOO,
    ),
    _row(
        _("deactivate and reactivate program manager or success coordinator"),
        "deactivate_programmanager",
        "deactivate_successcoordinator",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
    ),
    _row(
        _("delete person permanently"),
        "delete_mentor",
        "delete_mentee",
        "delete_programmanager",
        "delete_successcoordinator",
        "delete_organizationaccount",
        super_admin=ALL,
        parent=TREE,
    ),
    _row(
        _("change goal catalogue"),
        "view_cataloguegoal",
        "add_cataloguegoal",
        "change_cataloguegoal",
        super_admin=ALL,
        parent=TREE,
    ),
    _row(
        _("change identifiers"),
        "view_identifier",
        "add_identifier",
        "change_identifier",
        super_admin=ALL,
        parent=TREE,
    ),
    _row(
        _("give identifiers to people"),
        "give_identifiers",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=UNASSIGNED_TOO,
        success_coordinator=PROGRAMS,
    ),
    _row(
        _("import roster"),
        "import_roster",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=OWN,
    ),
    _row(
        _("export roster as shown"),
        "export_roster",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=UNASSIGNED_TOO,
    ),
    _row(
        _("export raw data"),
        "export_raw_data",
        super_admin=ALL,
        parent=TREE,
    ),
    _row(
        _("write message"),
        "write_message",
        super_admin=Span.HINT,
        parent=Span.HINT,
        child=OWN,
        program_manager=PROGRAMS,
        success_coordinator=PROGRAMS,
        mentor=Span.OWN_MATCHES_AND_LEADS,
        mentee=Span.OWN_MATCHES,
    ),
    _row(
        _("read conversation"),
        "view_conversation",
        **{role.value: OWN for role in Role},
    ),
    _row(
        _("set goal"),
        "set_goal",
        mentor=Span.OWN_MENTEES,
        mentee=OWN,
    ),
    _row(
        _("view goals"),
        "view_goal",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=PROGRAMS,
        success_coordinator=PROGRAMS,
        mentor=Span.OWN_MENTEES,
        mentee=OWN,
    ),
    _row(
        _("view a person's history"),
        "view_history",
        super_admin=ALL,
        parent=TREE,
        child=OWN,
        program_manager=PROGRAMS,
        success_coordinator=PROGRAMS,
    ),
)

_CAPABILITY_OF = {codename: capability for capability in TABLE for codename in capability.permissions}


def codenames() -> list[str]:
    """Every permission the table grants, as a codename of this app."""
    return list(_CAPABILITY_OF)


def span_of(reach: Reach, codename: str) -> Span:
    """Return how far `codename` stretches for `reach`; NONE where the table is silent."""
    capability = _CAPABILITY_OF.get(codename)
    if capability is None or reach.role is None:
        return Span.NONE
    return capability.spans.get(reach.role, Span.NONE)
