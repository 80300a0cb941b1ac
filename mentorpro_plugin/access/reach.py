"""How far a user's role reaches: read once a request, asked by rules and querysets alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django_scopes import scope, scopes_disabled

from .roles import Role


@dataclass(frozen=True, slots=True)
class Reach:
    """The one fact behind every permission: a role, and the primary keys it stands on.

    `organization` is the account's own, `tree` its parent organization (itself for a parent's own people).
    `organizations` are those whose rows may be read at all: the whole tree for a Parent account, else the own one.
    `programs` are those with an open assignment of this person; empty for Parent and Child accounts.
    """

    role: Role | None = None
    person: int | None = None
    organization: int | None = None
    tree: int | None = None
    organizations: frozenset[int] = frozenset()
    programs: frozenset[int] = frozenset()

    @property
    def everything(self) -> bool:
        """True for a Super Admin."""
        return self.role == Role.SUPER_ADMIN


NOTHING = Reach()
EVERYTHING = Reach(role=Role.SUPER_ADMIN)


def reach_of(user: Any) -> Reach:
    """Return how far `user` reaches. At most three queries, then kept on the user object, so for one request.

    Anonymous, inactive and deactivated users reach nothing; a superuser, with or without a Person, everything.
    """
    if user is None or not user.is_authenticated or not user.is_active:
        return NOTHING
    if not hasattr(user, "_mentorpro_reach"):
        user._mentorpro_reach = _read_reach(user)
    return user._mentorpro_reach


def forget_reach(user: Any) -> None:
    """Drop what `reach_of` kept on `user`; for code that changes a role or assignment and goes on with the same user."""
    if hasattr(user, "_mentorpro_reach"):
        del user._mentorpro_reach


def _read_reach(user: Any) -> Reach:
    # Runs before any scope is open, and is what opens it: so it must look past the scoped managers.
    with scopes_disabled():
        person = getattr(user, "mentorpro_person", None)
        if user.is_superuser:
            return Reach(role=Role.SUPER_ADMIN, person=person.pk if person else None)
        if person is None or person.is_deactivated:
            return NOTHING
        organization = person.organization_id
        organizations = {organization}
        programs: set[int] = set()
        if person.role == Role.PARENT:
            children = person._meta.get_field("organization").related_model._base_manager.filter(
                parent=organization
            )
            organizations.update(children.values_list("pk", flat=True))
        elif person.role != Role.CHILD:
            programs.update(person.assignments.filter(ended_at=None).values_list("program_id", flat=True))
    return Reach(
        role=Role(person.role),
        person=person.pk,
        organization=organization,
        tree=person.tree_id,
        organizations=frozenset(organizations),
        programs=frozenset(programs),
    )


@contextmanager
def scope_of(reach: Reach) -> Iterator[None]:
    """Let the default managers return rows of the organizations in `reach`, and of no other.

    This is the first of the two walls: it knows nothing of rules, and holds where a view forgets to ask them.
    """
    if reach.everything:
        with scope(organization=None, tree=None):
            yield
    else:
        with scope(organization=sorted(reach.organizations), tree=[reach.tree] if reach.tree else []):
            yield
