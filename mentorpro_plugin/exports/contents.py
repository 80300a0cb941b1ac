"""What the raw data of an organization hold. People stand in one table; all others name them by their number there.

What the front doors know is registered by them, since they stand above exports in the order of imports.
"""

from typing import Any

from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from ..activity.models import HistoryEntry
from ..assignments.models import Assignment
from ..conversations.models import Attachment, Conversation, Message, Participation
from ..exchange.models import ImportedPerson, RosterImport
from ..goals.models import CatalogueGoal, Goal, GoalComment, GoalStep
from ..identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from ..organizations.models import Organization
from ..outbox.models import OutboxMessage
from ..people.models import Person
from ..programs.models import Program
from .models import RawExport
from .tables import Column, key, moment, number, register_table, yes_or_no


def _of(path: str) -> Any:
    """Return the condition that `path` leads to one of the organizations."""
    return lambda bounds: Q(**{f"{path}__in": bounds.organizations})


def _of_tree(path: str) -> Any:
    return lambda bounds: Q(**{path: bounds.tree})


register_table(
    "organizations",
    Organization,
    _("The organization and its children"),
    _of("pk"),
    columns={
        "number": key("pk", _("Number of the organization")),
        "parent": key("parent_id", _("Number of the parent organization, if it has one")),
        "name": Column("name", _("Name")),
        "country": Column("region", _("Country whose telephone numbers need no country code")),
        "contact_email": Column("contact_email", _("E-mail address for participants")),
        "contact_phone": Column(
            Cast("contact_phone", CharField()), _("Phone number for participants, in E.164")
        ),
        "contact_note": Column("contact_note", _("Note for participants")),
        "archived": moment("archived_at", _("When it was archived")),
    },
)
register_table(
    "programs",
    Program,
    _("Programs"),
    _of("organization"),
    columns={
        "number": key("pk", _("Number of the program")),
        "organization": key("organization_id", _("Number of its organization"), "organizations"),
        "name": Column("name", _("Name")),
        "flash_mentoring": yes_or_no("flash_mentoring", _("Whether a mentee needs no assigned mentor")),
        "archived": moment("archived_at", _("When it was archived")),
    },
)
register_table(
    "people",
    Person,
    _("People"),
    _of("organization"),
    columns={
        "number": key("pk", _("Number of the person, by which other tables and the history know them")),
        "organization": key("organization_id", _("Number of their organization"), "organizations"),
        "role": Column("role", _("Role")),
        "first_name": Column("first_name", _("First name")),
        "last_name": Column("last_name", _("Last name")),
        "id": Column("id_number", _("ID that the organization gave")),
        "phone": Column(Cast("phone", CharField()), _("Phone number, in E.164")),
        "email": Column("email", _("E-mail address")),
        "status": Column("status", _("Whether they are enabled or deactivated")),
        "assigned": yes_or_no("is_assigned", _("Whether they have an open assignment")),
        "language": Column("language", _("Language they read")),
        "about": Column("about", _("What they wrote about themselves")),
        "told_by": Column("notice", _("How they want to be told of messages")),
        "added": moment("added_at", _("When they were added")),
        "welcomed": moment("welcomed_at", _("When they first went through the welcome")),
        "first_log_in": moment("first_login_at", _("When they logged in for the first time")),
        "last_log_in": moment("user__last_login", _("When they last logged in")),
        "last_activity": moment("last_activity_at", _("When they last did something")),
        "last_activity_kind": Column("last_activity_kind", _("What that was")),
    },
)
register_table(
    "identifiers",
    Identifier,
    _("Identifiers of the tree"),
    _of_tree("organization"),
    columns={
        "number": key("pk", _("Number of the identifier")),
        "name": Column("name", _("Name")),
    },
)
register_table(
    "identifier_values",
    IdentifierValue,
    _("Values of identifiers"),
    _of_tree("identifier__organization"),
    columns={
        "number": key("pk", _("Number of the value")),
        "identifier": key("identifier_id", _("Number of the identifier"), "identifiers"),
        "name": Column("name", _("Value")),
        "order": number("sort_order", _("Where it stands among the values")),
    },
)
register_table(
    "given_identifiers",
    GivenIdentifier,
    _("Identifiers given to people"),
    _of("person__organization"),
    columns={
        "number": key("pk", _("Number of the row")),
        "person": key("person_id", _("Number of the person"), "people"),
        "identifier": key("identifier_id", _("Number of the identifier"), "identifiers"),
        "value": key("value_id", _("Number of the value"), "identifier_values"),
    },
)
register_table(
    "assignments",
    Assignment,
    _("Assignments, ended ones too"),
    _of("person__organization"),
    columns={
        "number": key("pk", _("Number of the assignment")),
        "person": key("person_id", _("Number of the person"), "people"),
        "program": key("program_id", _("Number of the program"), "programs"),
        "lead": key(
            "lead_id", _("Number of the mentor of a mentee, of the Program Manager of a mentor"), "people"
        ),
        "primary": yes_or_no("is_primary", _("Whether this is a Primary Mentor")),
        "from": moment("started_at", _("When it began")),
        "begun_by": key("started_by__mentorpro_person", _("Number of the person who made it")),
        "to": moment("ended_at", _("When it ended; empty while it is open")),
        "ended_by": key("ended_by__mentorpro_person", _("Number of the person who ended it")),
    },
)
register_table(
    "conversations",
    Conversation,
    _("Conversations"),
    _of("organization"),
    columns={
        "number": key("pk", _("Number of the conversation")),
        "first": key("first_id", _("Number of one of the two"), "people"),
        "second": key("second_id", _("Number of the other one"), "people"),
        "started": moment("started_at", _("When it began")),
    },
)
register_table(
    "participations",
    Participation,
    _("Read marks of conversations"),
    _of("conversation__organization"),
    columns={
        "number": key("pk", _("Number of the row")),
        "conversation": key("conversation_id", _("Number of the conversation"), "conversations"),
        "person": key("person_id", _("Number of the person whose side it is"), "people"),
        "read_up_to": number("read_up_to", _("Number of the last message read; 0 for none")),
        "unread": number("unread_count", _("How many messages wait")),
        "told": moment("notified_at", _("When they were told of unread messages")),
    },
)
register_table(
    "messages",
    Message,
    _("Messages"),
    _of("conversation__organization"),
    columns={
        "number": key("pk", _("Number of the message")),
        "conversation": key("conversation_id", _("Number of the conversation"), "conversations"),
        "author": key("author_id", _("Number of the person who wrote it"), "people"),
        "sent": moment("sent_at", _("When it was sent")),
        "text": Column("text", _("What it says")),
    },
)
register_table(
    "attachments",
    Attachment,
    _("Files sent with messages"),
    _of("message__conversation__organization"),
    columns={
        "number": key("pk", _("Number of the file, with which its name in the folder attachments begins")),
        "message": key("message_id", _("Number of the message"), "messages"),
        "name": Column("name", _("Name of the file")),
        "type": Column("content_type", _("Type of the file")),
        "bytes": number("size", _("Size of the file")),
    },
    files="file",
)
register_table(
    "catalogue_goals",
    CatalogueGoal,
    _("The catalogue of goals of the tree"),
    _of_tree("organization"),
    columns={
        "number": key("pk", _("Number of the goal of the catalogue")),
        "title": Column("title", _("Title")),
        "description": Column("description", _("Description")),
        "offered": yes_or_no("is_offered", _("Whether mentees can choose it")),
    },
)
register_table(
    "goals",
    Goal,
    _("Goals of mentees"),
    _of("mentee__organization"),
    columns={
        "number": key("pk", _("Number of the goal")),
        "mentee": key("mentee_id", _("Number of the mentee"), "people"),
        "catalogue_goal": key(
            "catalogue_goal_id",
            _("Number of the goal of the catalogue that it was chosen from"),
            "catalogue_goals",
        ),
        "title": Column("title", _("Title")),
        "description": Column("description", _("Description")),
        "state": Column("state", _("Whether it is proposed, open, done, dropped or declined")),
        "progress": number("progress", _("How far it is, in percent")),
        "due": Column("due_on", _("When it is due"), "date"),
        "proposed_by": key("proposed_by_id", _("Number of the person who proposed it"), "people"),
        "set": moment("created_at", _("When it was set")),
        "changed": moment("changed_at", _("When it was last changed")),
        "done": moment("done_at", _("When it was done")),
    },
)
register_table(
    "goal_steps",
    GoalStep,
    _("Steps of goals"),
    _of("goal__mentee__organization"),
    columns={
        "number": key("pk", _("Number of the step")),
        "goal": key("goal_id", _("Number of the goal"), "goals"),
        "step": Column("text", _("The step")),
        "done": moment("done_at", _("When it was done")),
    },
)
register_table(
    "goal_comments",
    GoalComment,
    _("Comments on goals"),
    _of("goal__mentee__organization"),
    columns={
        "number": key("pk", _("Number of the comment")),
        "goal": key("goal_id", _("Number of the goal"), "goals"),
        "author": key("author_id", _("Number of the person who wrote it"), "people"),
        "written": moment("written_at", _("When it was written")),
        "comment": Column("text", _("What it says")),
    },
)
register_table(
    "outbox",
    OutboxMessage,
    _("E-mails and text messages"),
    _of("organization"),
    columns={
        "number": key("pk", _("Number of the e-mail or text message")),
        "person": key("person_id", _("Number of the person it goes to"), "people"),
        "kind": Column("kind", _("What it is for")),
        "channel": Column("channel", _("E-mail or text message")),
        "to": Column("recipient", _("Where it goes")),
        "subject": Column("subject", _("Subject")),
        "text": Column("body", _("Text; what is secret in it isn't kept")),
        "written": moment("created_at", _("When it was written")),
        "state": Column("state", _("What became of it")),
        "attempts": number("attempts", _("How often it was tried")),
        "sent": moment("sent_at", _("When it was sent")),
        "reason": Column("error", _("Why it couldn't be sent")),
    },
)
register_table(
    "imports",
    RosterImport,
    _("Imports of rosters"),
    _of("organization"),
    columns={
        "number": key("pk", _("Number of the import")),
        "organization": key("organization_id", _("Number of the organization"), "organizations"),
        "by": key("by__mentorpro_person", _("Number of the person who uploaded it")),
        "uploaded": moment("created_at", _("When the file was uploaded")),
        "finished": moment("finished_at", _("When it ended")),
        "state": Column("state", _("What became of it")),
        "file": Column("file_name", _("What the file was called")),
        "bytes": number("size", _("Size of the file")),
        "sha256": Column("digest", _("SHA-256 of the file")),
        "counts": Column("counts", _("Rows by what became of them, as JSON"), "object"),
    },
)
register_table(
    "imported_people",
    ImportedPerson,
    _("People that imports added or changed"),
    _of("person__organization"),
    columns={
        "number": key("pk", _("Number of the row")),
        "import": key(
            "roster_import_id", _("Number of the import; a Super Admin's may not be among those above")
        ),
        "person": key("person_id", _("Number of the person"), "people"),
        "line": number("line", _("Line of the file")),
        "added": yes_or_no("is_new", _("Whether it added them")),
        "before": Column(
            "before", _("What each field had and got, and what was opened and ended, as JSON"), "object"
        ),
    },
)
register_table(
    "exports",
    RawExport,
    _("Exports of raw data"),
    _of("organization"),
    columns={
        "number": key("pk", _("Number of the export")),
        "organization": key("organization_id", _("Number of the organization"), "organizations"),
        "by": key("by__mentorpro_person", _("Number of the person who asked for it")),
        "asked_for": moment("created_at", _("When it was asked for")),
        "finished": moment("finished_at", _("When it ended")),
        "state": Column("state", _("What became of it")),
        "bytes": number("size", _("Size of the file")),
    },
)
register_table(
    "history",
    HistoryEntry,
    _("The history: who did what, and when"),
    _of("organization"),
    columns={
        "number": key("pk", _("Number of the entry")),
        "at": moment("at", _("When it happened")),
        "action": Column("action", _("What was done")),
        "via": Column("via", _("On a screen, by an import or by a command")),
        "by": key("actor__mentorpro_person", _("Number of the person who did it; they may be gone")),
        "person": key("person_id", _("Number of the person it was about; they may be gone")),
        "program": key("program_id", _("Number of the program it was about")),
        "organization": key(
            "organization_id", _("Number of the organization where it happened"), "organizations"
        ),
        "subject": Column("subject_type", _("Kind of what it was done to")),
        "subject_number": number("subject_id", _("Number of what it was done to")),
        "changes": Column(
            "changes",
            _("Fields that changed, as JSON: from what to what; null for what is personal"),
            "object",
        ),
        "batch": Column("batch", _("The same for all that one import or command did")),
    },
)
