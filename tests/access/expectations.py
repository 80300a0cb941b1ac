"""Who reaches what, worked out a third time: from the specification's words, in plain Python over lists of rows.

Knows nothing of Reach, spans, extents or scopes, so that a mistake in any of them shows as a difference.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import Identifier
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program

from .specification import words_by_codename

WORDS = words_by_codename()

#: What each permission is asked about. An addition is asked about where to: the organization.
ASKED_ABOUT = {
    "view_organization": Organization,
    "add_parent_organization": Organization,
    "add_organization": Organization,
    "change_organization": Organization,
    "view_program": Program,
    "add_program": Organization,
    "change_program": Program,
    "view_mentor": Person,
    "view_mentee": Person,
    "add_mentor": Organization,
    "add_mentee": Organization,
    "change_mentor": Person,
    "change_mentee": Person,
    "view_programmanager": Person,
    "view_successcoordinator": Person,
    "add_programmanager": Organization,
    "change_programmanager": Person,
    "add_successcoordinator": Organization,
    "change_successcoordinator": Person,
    "view_organizationaccount": Person,
    "add_organizationaccount": Organization,
    "change_organizationaccount": Person,
    "assign_mentor": Program,
    "assign_mentee": Program,
    "set_primary_mentor": Program,
    "assign_programmanager": Program,
    "assign_successcoordinator": Program,
    "view_identifier": Identifier,
    "add_identifier": Organization,
    "change_identifier": Identifier,
    "give_identifiers": Person,
    "import_roster": Organization,
    "view_history": Person,
}

NOUN_OF = {
    Role.SUPER_ADMIN: "superadmin",
    Role.PARENT: "organizationaccount",
    Role.CHILD: "organizationaccount",
    Role.PROGRAM_MANAGER: "programmanager",
    Role.SUCCESS_COORDINATOR: "successcoordinator",
    Role.MENTOR: "mentor",
    Role.MENTEE: "mentee",
}


@dataclass
class Facts:
    """Every row there is, read once and past all scopes."""

    organizations: list[Organization] = field(default_factory=lambda: list(Organization._base_manager.all()))
    programs: list[Program] = field(default_factory=lambda: list(Program._base_manager.all()))
    identifiers: list[Identifier] = field(default_factory=lambda: list(Identifier._base_manager.all()))
    people: list[Person] = field(default_factory=lambda: list(Person._base_manager.all()))
    assignments: list[Assignment] = field(default_factory=lambda: list(Assignment._base_manager.all()))
    users: list[Any] = field(default_factory=lambda: list(get_user_model()._base_manager.all()))

    def __post_init__(self):
        self.open = [row for row in self.assignments if row.ended_at is None]
        self.children = {
            top.pk: {row.pk for row in self.organizations if row.parent_id == top.pk} | {top.pk}
            for top in self.organizations
        }
        self.person_of = {person.user_id: person for person in self.people}

    def rows(self, model):
        return {
            Organization: self.organizations,
            Program: self.programs,
            Identifier: self.identifiers,
            Person: self.people,
        }[model]

    def rows_for(self, codename):
        """Rows that `codename` may be asked about: a permission with a role's name is asked about that role only."""
        rows = self.rows(ASKED_ABOUT[codename])
        noun = codename.partition("_")[2]
        if ASKED_ABOUT[codename] is Person and noun in NOUN_OF.values():
            return [person for person in rows if NOUN_OF[person.role] == noun]
        return rows

    def programs_of(self, person):
        return {row.program_id for row in self.open if row.person_id == person.pk}

    def may(self, user, codename, row) -> bool:
        """Whether `user` may do `codename` to `row`, by the specification."""
        return self._reaches(user, WORDS[codename], row)

    def sees(self, user, person) -> bool:
        """Whether `user` sees `person`, whatever the person's role."""
        # The specification is silent about Super Admins: they see each other, and nobody else does.
        silent = dict.fromkeys(Role, "none") | {Role.SUPER_ADMIN: "all"}
        return self._reaches(user, WORDS.get(f"view_{NOUN_OF[person.role]}", silent), person)

    def is_within_the_border(self, user, organization: int) -> bool:
        """Whether rows of that organization may be read at all by `user`, whatever the permission."""
        me = self.me(user)
        if me is None:
            return False
        return me == "super admin" or organization in self._own_tree(me)

    def me(self, user):
        """The Person who asks; "super admin" for one of those; None for whoever has no rights at all."""
        if user is None or not user.is_active:
            return None
        if user.is_superuser:
            return "super admin"
        person = self.person_of.get(user.pk)
        if person is None or person.status == "deactivated":
            return None
        return "super admin" if person.role == "super_admin" else person

    def _own_tree(self, me):
        return self.children[me.organization_id] if me.role == "parent" else {me.organization_id}

    def _reaches(self, user, words, row) -> bool:
        me = self.me(user)
        if me is None:
            return False
        if me == "super admin":
            return words[Role.SUPER_ADMIN] == "all"
        return self._is_within(words[Role(me.role)], me, row)

    def _is_within(self, words, me, row) -> bool:
        organization = row.pk if isinstance(row, Organization) else row.organization_id
        match words:
            case "none":
                return False
            case "own tree":
                return organization in self._own_tree(me)
            case "own":
                return organization == me.organization_id
            case "own programs":
                return self._is_in_my_programs(me, row)
            case "own programs + unassigned of own organization":
                free = organization == me.organization_id and self.programs_of(row) == set()
                return free or self._is_in_my_programs(me, row)
            case "own mentees and leads":
                return self._leads(me, row) or self._leads(row, me)
            case "own mentors" | "own leads":
                return self._leads(row, me)
            case "own profile":
                return row.pk == me.pk
        raise AssertionError(f"The specification says “{words}”: say here what that means.")

    def _is_in_my_programs(self, me, row) -> bool:
        mine = self.programs_of(me)
        return row.pk in mine if isinstance(row, Program) else bool(self.programs_of(row) & mine)

    def _leads(self, lead, person) -> bool:
        return any(row.lead_id == lead.pk and row.person_id == person.pk for row in self.open)
