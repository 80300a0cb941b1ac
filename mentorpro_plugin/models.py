"""Every domain's models, for Django."""

from .accounts.models import PasswordTries
from .activity.models import HistoryEntry
from .assignments.models import Assignment
from .conversations.models import Attachment, Conversation, Message, Participation
from .exchange.models import ImportedPerson, RememberedHeading, RosterImport
from .exports.models import ExportSchedule, RawExport
from .goals.models import CatalogueGoal, Goal, GoalComment, GoalStep
from .identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from .letters.models import Letter
from .organizations.models import Organization
from .outbox.models import OutboxMessage, OutboxRound, TextBudget
from .people.models import (
    Mentee,
    Mentor,
    OrganizationAccount,
    Person,
    ProgramManager,
    ReachBudget,
    SuccessCoordinator,
    SuperAdmin,
)
from .portal.models import Consent, LoginCode
from .programs.models import Program
from .removal.models import Deletion

__all__ = [
    "Assignment",
    "Attachment",
    "CatalogueGoal",
    "Consent",
    "Conversation",
    "Deletion",
    "ExportSchedule",
    "GivenIdentifier",
    "Goal",
    "GoalComment",
    "GoalStep",
    "HistoryEntry",
    "Identifier",
    "IdentifierValue",
    "ImportedPerson",
    "Letter",
    "LoginCode",
    "Mentee",
    "Mentor",
    "Message",
    "Organization",
    "OrganizationAccount",
    "OutboxMessage",
    "OutboxRound",
    "Participation",
    "PasswordTries",
    "Person",
    "Program",
    "ProgramManager",
    "RawExport",
    "ReachBudget",
    "RememberedHeading",
    "RosterImport",
    "SuccessCoordinator",
    "SuperAdmin",
    "TextBudget",
]
