"""Which models answer Wagtail through the permission table. A model missing here has Wagtail's stock policy."""

from wagtail.permissions import register_permission_policy

from .access.policy import ReachPermissionPolicy
from .activity.policy import HistoryPermissionPolicy
from .exchange.policy import ImportPermissionPolicy
from .exports.policy import RawExportPermissionPolicy
from .models import (
    CatalogueGoal,
    Deletion,
    HistoryEntry,
    Identifier,
    Mentee,
    Mentor,
    Organization,
    OrganizationAccount,
    OutboxMessage,
    Program,
    ProgramManager,
    RawExport,
    RosterImport,
    SuccessCoordinator,
)
from .outbox.policy import OutboxPermissionPolicy
from .removal.policy import DeletionPermissionPolicy

MODELS = (
    Organization,
    Program,
    Identifier,
    CatalogueGoal,
    OrganizationAccount,
    ProgramManager,
    SuccessCoordinator,
    Mentor,
    Mentee,
)


def register_policies() -> None:
    """Called once, when the app is ready."""
    for model in MODELS:
        register_permission_policy(model, ReachPermissionPolicy(model), exact_class=True)
    register_permission_policy(HistoryEntry, HistoryPermissionPolicy(HistoryEntry), exact_class=True)
    register_permission_policy(OutboxMessage, OutboxPermissionPolicy(OutboxMessage), exact_class=True)
    register_permission_policy(Deletion, DeletionPermissionPolicy(Deletion), exact_class=True)
    register_permission_policy(RosterImport, ImportPermissionPolicy(RosterImport), exact_class=True)
    register_permission_policy(RawExport, RawExportPermissionPolicy(RawExport), exact_class=True)
