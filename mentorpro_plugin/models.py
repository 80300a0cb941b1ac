"""Every domain's models, for Django."""

from .activity.models import HistoryEntry
from .assignments.models import Assignment
from .identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from .organizations.models import Organization
from .people.models import (
    Mentee,
    Mentor,
    OrganizationAccount,
    Person,
    ProgramManager,
    SuccessCoordinator,
    SuperAdmin,
)
from .programs.models import Program

__all__ = [
    "Assignment",
    "GivenIdentifier",
    "HistoryEntry",
    "Identifier",
    "IdentifierValue",
    "Mentee",
    "Mentor",
    "Organization",
    "OrganizationAccount",
    "Person",
    "Program",
    "ProgramManager",
    "SuccessCoordinator",
    "SuperAdmin",
]
