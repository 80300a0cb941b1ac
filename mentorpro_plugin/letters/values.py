"""What placeholders stand for, in an e-mail to one person."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.debug import sensitive_variables

from ..access.roles import PARTICIPANTS, Role
from ..assignments.models import Assignment
from ..organizations.models import Organization
from ..people.models import Person
from ..people.tokens import password_url
from ..shell.doors import DOOR_OF_ROLE, door_url
from .filling import Value
from .kinds import LetterKind
from .links import admin_url, days_of_link


@sensitive_variables()
def values_for(kind: LetterKind, person: Person, assignments: Iterable[Assignment]) -> dict[str, Value]:
    """Return a value for each placeholder of `kind`, in the active language.

    Only what the reader may see: of others the first name, of the own phone number the end. A link to set a password
    is made anew at each call.
    """
    assignments = list(assignments)
    made: dict[str, Callable[[], Value]] = {
        "first_name": lambda: person.first_name,
        "organization": lambda: str(person.organization or "MentorPRO"),
        "role": lambda: str(person.get_role_display()),
        "email": lambda: person.email,
        "phone": lambda: person.phone.as_e164[-4:] if person.phone else "",
        "program": lambda: _once(str(row.program) for row in assignments),
        "lead": lambda: _once(row.lead.first_name for row in assignments if _is_led(row, person)),
        "assignments": lambda: [_line(row, person) for row in assignments],
        "contact": lambda: contact_of(person.organization),
        "door_address": lambda: door_url(DOOR_OF_ROLE[Role(person.role)]),
        "install_address": lambda: door_url(DOOR_OF_ROLE[Role(person.role)], "install"),
        "admin_address": admin_url,
        "link": lambda: password_url(person.user),
        "days": lambda: str(days_of_link()),
    }
    return {name: made[name]() for name in kind.placeholders}


def example_values(kind: LetterKind) -> dict[str, Value]:
    """Return values to show what an e-mail will look like: an invented person's."""
    role = kind.role or Role.PROGRAM_MANAGER
    door = DOOR_OF_ROLE.get(role)
    lines = {
        Role.MENTOR: [
            _told(Role.MENTOR, "First Year", mentee="Amara"),
            _told(Role.MENTOR, "First Year", mentee="عمر"),
        ],
        Role.MENTEE: [_told(Role.MENTEE, "First Year", lead="Marisol")],
    }
    values: dict[str, Value] = {
        "first_name": "Linnea",
        "organization": "Larkspur State University",
        "role": str(role.label),
        "email": "linnea@example.org",
        "phone": "0123",
        "program": "First Year",
        "lead": "Marisol",
        "assignments": lines.get(role, ["First Year"]),
        "contact": "Room 12 · +1 201-555-0100 · mentoring@example.org",
        "admin_address": admin_url(),
        "link": admin_url() + "…",
        "days": str(days_of_link()),
    }
    if door:
        values |= {"door_address": door_url(door), "install_address": door_url(door, "install")}
    return {name: values[name] for name in kind.placeholders}


def contact_of(organization: Organization | None) -> str:
    """Return in one line how participants reach `organization`; empty if it doesn't say."""
    if organization is None:
        return ""
    phone = organization.contact_phone.as_international if organization.contact_phone else ""
    return " · ".join(filter(None, (organization.contact_note, phone, organization.contact_email)))


def _line(row: Assignment, reader: Person) -> str:
    role = Role(reader.role)
    if row.lead_id == reader.pk:
        return _told(role, str(row.program), mentee=row.person.first_name)
    return _told(role, str(row.program), lead=row.lead.first_name if row.lead else "")


def _told(role: Role, program: str, *, lead: str = "", mentee: str = "") -> str:
    """One line on an assignment, to a reader of this role."""
    names = {"program": program, "lead": lead, "mentee": mentee}
    if mentee:
        return _("%(program)s: your mentee is %(mentee)s.") % names
    if lead and role == Role.MENTEE:
        return _("%(program)s: your mentor is %(lead)s.") % names
    if lead and role in PARTICIPANTS:
        return _("%(program)s: your Program Manager is %(lead)s.") % names
    return pgettext("an assignment, by the name of its program", "%(program)s") % names


def _is_led(row: Assignment, reader: Person) -> bool:
    return row.lead is not None and row.lead_id != reader.pk


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
