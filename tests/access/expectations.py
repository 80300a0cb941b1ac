"""Who reaches what, worked out a third time: from the specification's words, in plain Python over lists of rows.

Knows nothing of Reach, spans, extents or scopes, so that a mistake in any of them shows as a difference.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.conversations.models import Attachment, Conversation
from mentorpro_plugin.goals.models import CatalogueGoal, Goal, GoalStep
from mentorpro_plugin.identifiers.models import Identifier
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.outbox.models import OutboxMessage
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
    "deactivate_mentor": Person,
    "deactivate_mentee": Person,
    "deactivate_programmanager": Person,
    "deactivate_successcoordinator": Person,
    "delete_mentor": Person,
    "delete_mentee": Person,
    "delete_programmanager": Person,
    "delete_successcoordinator": Person,
    "delete_organizationaccount": Person,
    "view_cataloguegoal": CatalogueGoal,
    "add_cataloguegoal": Organization,
    "change_cataloguegoal": CatalogueGoal,
    "view_identifier": Identifier,
    "add_identifier": Organization,
    "change_identifier": Identifier,
    "give_identifiers": Person,
    "import_roster": Organization,
    "export_roster": Person,
    "export_raw_data": Organization,
    "write_message": Person,
    "view_conversation": Conversation,
    "set_goal": Goal,
    "view_goal": Goal,
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
    conversations: list[Conversation] = field(default_factory=lambda: list(Conversation._base_manager.all()))
    catalogue_goals: list[CatalogueGoal] = field(
        default_factory=lambda: list(CatalogueGoal._base_manager.all())
    )
    goals: list[Goal] = field(default_factory=lambda: list(Goal._base_manager.all()))
    users: list[Any] = field(default_factory=lambda: list(get_user_model()._base_manager.all()))

    def __post_init__(self):
        self.open = [row for row in self.assignments if row.ended_at is None]
        self.children = {
            top.pk: {row.pk for row in self.organizations if row.parent_id == top.pk} | {top.pk}
            for top in self.organizations
        }
        self.person_of = {person.user_id: person for person in self.people}
        self.person = {person.pk: person for person in self.people}

    def rows(self, model):
        return {
            Organization: self.organizations,
            Program: self.programs,
            Identifier: self.identifiers,
            Person: self.people,
            Conversation: self.conversations,
            CatalogueGoal: self.catalogue_goals,
            Goal: self.goals,
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

    def kind_of(self, user, row) -> tuple[Any, ...]:
        """What sort of row this is to `user`, beside whether it is for them: no rule tells two of a sort apart.

        Rows of the own organization are each of a sort of their own: there, a row of somebody else is nearest.
        """
        match row:
            case Person():
                return (self._kinship(user, row), row.role, row.status)
            case Goal():
                return (row.state, *self.kind_of(user, self.person[row.mentee_id]))
            case GoalStep():
                return self.kind_of(user, row.goal)
            case Assignment():
                return (row.ended_at is None, *self.kind_of(user, self.person[row.person_id]))
            case Attachment():
                return self.kind_of(user, row.message.conversation)
            case Conversation():
                return tuple(self.kind_of(user, self.person[pk]) for pk in (row.first_id, row.second_id))
            case OutboxMessage():
                return self.kind_of(user, self.person[row.person_id])
            case CatalogueGoal():
                return (self._kinship(user, row), row.is_offered)
        return (self._kinship(user, row),)

    def _kinship(self, user, row) -> str:
        """How the organization of `row` is related to that of `user`; in the own one, which row it is; if below, whose."""
        me = self.person_of.get(user.pk)
        own = me.organization_id if me else None
        theirs = row.pk if isinstance(row, Organization) else row.organization_id
        if theirs is None or own is None:
            return "nobody's"
        if theirs == own:
            return f"own {row.pk}"
        parents = {organization.pk: organization.parent_id for organization in self.organizations}
        if parents[theirs] == own:
            return f"child {theirs}"
        if parents[own] == theirs:
            return "parent"
        return "sibling" if parents[own] and parents[own] == parents[theirs] else "foreign"

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
            if isinstance(row, Conversation):
                return self._is_in_it(self.person_of.get(user.pk), row)
            return words[Role.SUPER_ADMIN] == "all"
        return self._is_within(words[Role(me.role)], me, row)

    def _is_within(self, words, me, row) -> bool:
        if isinstance(row, Goal):
            if words == "own" and me.role == "mentee":
                return row.mentee_id == me.pk
            # Otherwise as of the mentee whose goal it is.
            row = self.person[row.mentee_id]
        organization = row.pk if isinstance(row, Organization) else row.organization_id
        match words:
            case "none" | "hint to use the PM account":
                return False
            case "own" if isinstance(row, Conversation):
                return self._is_in_it(me, row)
            case "own tree":
                return organization in self._own_tree(me)
            case "own":
                return organization == me.organization_id
            case "own programs":
                return self._is_in_my_programs(me, row)
            case "own programs + unassigned of own organization":
                free = organization == me.organization_id and self.programs_of(row) == set()
                return free or self._is_in_my_programs(me, row)
            case "own mentees":
                return self._leads(me, row)
            case "own mentees and leads" | "own matches and leads":
                return self._leads(me, row) or self._leads(row, me)
            case "own mentors" | "own leads" | "own matches":
                return self._leads(row, me)
            case "own profile":
                return row.pk == me.pk
        raise AssertionError(f"The specification says “{words}”: say here what that means.")

    def _is_in_it(self, me, conversation) -> bool:
        return me is not None and me.pk in (conversation.first_id, conversation.second_id)

    def _is_in_my_programs(self, me, row) -> bool:
        mine = self.programs_of(me)
        return row.pk in mine if isinstance(row, Program) else bool(self.programs_of(row) & mine)

    def _leads(self, lead, person) -> bool:
        return any(row.lead_id == lead.pk and row.person_id == person.pk for row in self.open)
