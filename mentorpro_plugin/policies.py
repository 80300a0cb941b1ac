"""Which models answer Wagtail through the permission table. A model missing here has Wagtail's stock policy."""

from wagtail.permissions import register_permission_policy

from .access.policy import ReachPermissionPolicy
from .models import (
    Identifier,
    Mentee,
    Mentor,
    Organization,
    OrganizationAccount,
    Program,
    ProgramManager,
    SuccessCoordinator,
)

MODELS = (
    Organization,
    Program,
    Identifier,
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
