"""The e-mails that the site writes by itself: what each is for, what may stand in it, and its built-in text."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..access.roles import COORDINATORS, STAFF, Role
from ..outbox.models import OutboxMessage

Kind = OutboxMessage.Kind

#: Every placeholder there is, with what it stands for; each kind of e-mail knows some of them.
MEANINGS: dict[str, Any] = {
    "first_name": _("first name of whom the e-mail goes to"),
    "organization": _("name of their organization"),
    "role": _("their role, such as Program Manager"),
    "email": _("their e-mail address, with which staff log in"),
    "phone": _("the last four digits of their phone number"),
    "program": _("names of the programs concerned"),
    "lead": _("first names of the mentors, or of the Program Managers, concerned"),
    "assignments": _("the assignments concerned, each on a line of its own; nothing if there are none"),
    "contact": _("how the organization is reached, as its page says; nothing if it doesn't say"),
    "door_address": _("address of their front door"),
    "install_address": _("address of the page that says how to get in, and how to install the app"),
    "admin_address": _("address at which staff log in"),
    "link": _("the link to set a password: good once"),
    "days": _("for how many days the link is good"),
}

#: Placeholders that stand for an address on the internet; nothing else that people entered becomes a link.
LINKS = frozenset({"door_address", "install_address", "admin_address", "link"})


@dataclass(frozen=True)
class LetterKind:
    """One kind of e-mail. `subject` and `body` are its text where nobody rewrote it."""

    name: str
    label: Any
    subject: Any
    body: Any
    placeholders: tuple[str, ...]
    #: The placeholder without which the e-mail is of no use; and what the button says that it becomes.
    needed: str
    button: Any
    #: Whose front door it leads to; none for staff.
    role: Role | None = None
    #: Whether the QR code of the reader's front door stands below the text.
    has_code: bool = False


_ABOUT_READER = ("first_name", "organization")
_DOOR = ("door_address", "install_address", "phone", "program", "lead", "assignments", "contact")

_OPEN_DOOR = _("Open MentorPRO")
_OPEN_ADMIN = pgettext_lazy("button in an e-mail to staff", "Log in")
_SET_PASSWORD = _("Set your password")

KINDS: dict[str, LetterKind] = {
    kind.name: kind
    for kind in (
        LetterKind(
            "welcome_mentor",
            _("Welcome to mentors"),
            _("Welcome to mentoring at {organization}"),
            _(
                "Hello {first_name},\n\n"
                "{organization} has added you as a mentor. This is your front door:\n\n"
                "{door_address}\n\n"
                "{assignments}\n\n"
                "This is how you get in:\n\n"
                "1. Open the address above on your telephone, or point its camera at the square code below.\n"
                "2. Enter your phone number, the one that ends in {phone}. You receive a code; you need no password.\n"
                "3. Put MentorPRO on your home screen, so that it opens like any app: {install_address}\n\n"
                "Questions? {contact}"
            ),
            (*_ABOUT_READER, *_DOOR),
            needed="door_address",
            button=_OPEN_DOOR,
            role=Role.MENTOR,
            has_code=True,
        ),
        LetterKind(
            "welcome_mentee",
            _("Welcome to mentees"),
            _("Welcome to mentoring at {organization}"),
            _(
                "Hello {first_name},\n\n"
                "{organization} has added you as a mentee. This is your front door:\n\n"
                "{door_address}\n\n"
                "{assignments}\n\n"
                "This is how you get in:\n\n"
                "1. Open the address above on your telephone, or point its camera at the square code below.\n"
                "2. Enter your phone number, the one that ends in {phone}. You receive a code; you need no password.\n"
                "3. Put MentorPRO on your home screen, so that it opens like any app: {install_address}\n\n"
                "Questions? {contact}"
            ),
            (*_ABOUT_READER, *_DOOR),
            needed="door_address",
            button=_OPEN_DOOR,
            role=Role.MENTEE,
            has_code=True,
        ),
        LetterKind(
            "welcome_staff",
            _("Welcome to program staff"),
            _("Set your password for MentorPRO"),
            _(
                "Hello {first_name},\n\n"
                "{organization} has made an account for you, as {role}. Set your password first:\n\n"
                "{link}\n\n"
                "The link works once, within {days} days. After that, choose “Forgotten it?” where you log in.\n\n"
                "{assignments}\n\n"
                "From then on you log in with {email} at {admin_address}"
            ),
            (*_ABOUT_READER, "role", "email", "link", "days", "admin_address", "program", "assignments"),
            needed="link",
            button=_SET_PASSWORD,
        ),
        LetterKind(
            "assignment_mentor",
            _("Notice of an assignment to mentors"),
            _("News for you as a mentor: {program}"),
            _(
                "Hello {first_name},\n\n"
                "you have been assigned:\n\n"
                "{assignments}\n\n"
                "You find everybody at your front door:\n\n"
                "{door_address}\n\n"
                "Questions? {contact}"
            ),
            (*_ABOUT_READER, *_DOOR),
            needed="door_address",
            button=_OPEN_DOOR,
            role=Role.MENTOR,
        ),
        LetterKind(
            "assignment_mentee",
            _("Notice of an assignment to mentees"),
            _("News for you as a mentee: {program}"),
            _(
                "Hello {first_name},\n\n"
                "you have been assigned:\n\n"
                "{assignments}\n\n"
                "Say hello at your front door:\n\n"
                "{door_address}\n\n"
                "Questions? {contact}"
            ),
            (*_ABOUT_READER, *_DOOR),
            needed="door_address",
            button=_OPEN_DOOR,
            role=Role.MENTEE,
        ),
        LetterKind(
            "assignment_staff",
            _("Notice of an assignment to Program Managers and Success Coordinators"),
            _("You have been assigned to {program}"),
            _(
                "Hello {first_name},\n\n"
                "as {role} at {organization} you have been assigned to:\n\n"
                "{assignments}\n\n"
                "The people of the program are in your lists:\n\n"
                "{admin_address}"
            ),
            (*_ABOUT_READER, "role", "email", "admin_address", "program", "assignments"),
            needed="admin_address",
            button=_OPEN_ADMIN,
        ),
        LetterKind(
            "password_reset",
            _("Link to set a new password"),
            _("Set a new password for MentorPRO"),
            _(
                "Hello {first_name},\n\n"
                "somebody asked for a new password for {email}. If it was you, set it here:\n\n"
                "{link}\n\n"
                "The link works once, within {days} days. If it wasn't you, there is nothing to do: "
                "your password stays as it is."
            ),
            (*_ABOUT_READER, "role", "email", "link", "days", "admin_address"),
            needed="link",
            button=_SET_PASSWORD,
        ),
    )
}


def kind_for(message_kind: str, role: str) -> LetterKind | None:
    """Return the letter that a message of the outbox is written as, to somebody of this role; None if it is none."""
    if message_kind == Kind.PASSWORD:
        return KINDS["password_reset"]
    if message_kind == Kind.WELCOME:
        return KINDS["welcome_staff" if role in STAFF else f"welcome_{Role(role)}"]
    if message_kind == Kind.ASSIGNMENT:
        return KINDS.get("assignment_staff" if role in COORDINATORS else f"assignment_{Role(role)}")
    return None
