"""The permissions guide: the table in sentences, for each type of user. Every page about permissions is made of this."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from .roles import Role
from .table import EMPTY_SPANS, TABLE, Capability, Span, codenames

#: What each span means.
MEANINGS: dict[Span, Any] = {
    Span.ALL: _("every organization of the site"),
    Span.OWN_TREE: _("the account's parent organization and all its child organizations"),
    Span.OWN: _("the account's one organization"),
    Span.OWN_PROGRAMS: _("the programs in which the account has an open assignment, and the people in them"),
    Span.OWN_PROGRAMS_AND_UNASSIGNED: _(
        "the people in the account's programs, and those of its organization who have no open assignment"
    ),
    Span.OWN_MENTEES_AND_LEADS: _("a mentor's own mentees and Program Managers"),
    Span.OWN_MENTORS: _("a mentee's own mentors"),
    Span.OWN_LEADS: _("a mentor's own Program Managers"),
    Span.OWN_PROFILE: _("the account's own profile, but for role, phone number, ID, organization and status"),
    Span.OWN_MATCHES: _("a mentee's own mentors"),
    Span.OWN_MATCHES_AND_LEADS: _("a mentor's own mentees and Program Managers"),
    Span.OWN_MENTEES: _("a mentor's own mentees"),
    Span.HINT: _("nothing; the screen says which account to use for it"),
}
OWN_CONVERSATIONS = _("the conversations that the account takes part in")
OWN_GOALS = _("a mentee's own goals")

#: What some would look for and the table doesn't grant; named as long as it doesn't.
_SOUGHT_IN_VAIN = {
    "delete_organization": _("delete an organization: it is archived instead"),
    "delete_program": _("delete a program: it is archived instead"),
    "delete_assignment": _("erase an assignment: it is ended, and stays readable"),
    "change_historyentry": _("change or erase the history"),
}


def meaning_of(capability: Capability, role: Role) -> Any:
    """Return what the span of `role` means for this capability: “own” isn't the same of programs and of goals."""
    span = capability.spans.get(role, Span.NONE)
    if span == Span.OWN and "view_conversation" in capability.permissions:
        return OWN_CONVERSATIONS
    if span == Span.OWN and role == Role.MENTEE:
        return OWN_GOALS
    return MEANINGS.get(span, "")


@dataclass
class Group:
    """Capabilities that reach equally far."""

    span: Span
    meaning: Any
    capabilities: list[Any] = field(default_factory=list)


@dataclass
class Section:
    """What one type of user may do, and may not. `hints` are done with another account, as the screens say."""

    role: Role
    groups: list[Group] = field(default_factory=list)
    hints: list[Any] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)


def sections() -> Iterator[Section]:
    """Yield the guide's sections, the highest type of user first."""
    for role in Role:
        section = Section(role)
        groups: dict[tuple[Span, Any], Group] = {}
        for capability in TABLE:
            span = capability.spans.get(role, Span.NONE)
            if span not in EMPTY_SPANS:
                meaning = meaning_of(capability, role)
                group = groups.setdefault((span, str(meaning)), Group(span, meaning))
                group.capabilities.append(capability.label)
            elif span == Span.HINT:
                section.hints.append(capability.label)
            else:
                section.refused.append(capability.label)
        section.groups = list(groups.values())
        yield section


def nobody_may() -> list[Any]:
    """Return what no type of user may do, as phrases."""
    granted = set(codenames())
    return [
        *(row.label for row in TABLE if all(span in EMPTY_SPANS for span in row.spans.values())),
        *(phrase for codename, phrase in _SOUGHT_IN_VAIN.items() if codename not in granted),
    ]
