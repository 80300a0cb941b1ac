"""What the spans mean for history: whoever may see a person's history sees the entries on that person.

Entries on nobody (organizations, programs, identifiers, imports) are seen by whoever sees the organization or program
in which they happened; but an import or export tells of people, how many there were of each kind, so those who reach the
people of some programs see no others than their own. An entry carries the organization of its person, which never changes; so accounts that answer
for organizations need no look at the person, and still see what is left of somebody deleted.
"""

from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from ..access.extents import Extent, register_extents
from ..access.reach import Reach
from ..access.table import Span
from .models import HistoryEntry, actions_of

Kind = HistoryEntry.Kind


#: What an organization is made of beside its programs and people. Whoever belongs to it sees that anyhow.
_OF_ORGANIZATIONS = ("organization", "identifier", "cataloguegoal")


def is_of_reached_organization(reach: Reach, entry: HistoryEntry) -> bool:
    """It happened in an organization that the account answers for."""
    return entry.organization_id in reach.organizations


def is_of_own_organization(reach: Reach, entry: HistoryEntry) -> bool:
    """It happened in the account's own organization."""
    return entry.organization_id is not None and entry.organization_id == reach.organization


def is_in_own_programs(reach: Reach, entry: HistoryEntry) -> bool:
    """It is on a person, or a program, of the programs in which the account has an open assignment; or on the account's
    organization itself; or what the account did there.
    """
    if entry.program_id is not None and entry.program_id not in reach.programs:
        return False
    if entry.person_id is not None:
        return _open_assignments(person=entry.person_id, program__in=reach.programs).exists()
    if entry.program_id is not None:
        return True
    is_on_organization = entry.subject_type in _OF_ORGANIZATIONS and entry.action not in actions_of(
        Kind.FILES
    )
    is_theirs = entry.actor_id is not None and _users(reach).filter(user=entry.actor_id).exists()
    return is_of_own_organization(reach, entry) and (is_on_organization or is_theirs)


def in_own_programs(reach: Reach) -> Q:
    """Rows for `is_in_own_programs`."""
    in_programs = Q(program__in=reach.programs)
    led = Exists(_open_assignments(person=OuterRef("person_id"), program__in=reach.programs))
    on_people = Q(person__isnull=False) & led & (Q(program__isnull=True) | in_programs)
    on_programs = Q(person__isnull=True) & in_programs
    on_organization = Q(subject_type__in=_OF_ORGANIZATIONS) & ~Q(action__in=actions_of(Kind.FILES))
    in_organization = Q(person__isnull=True, program__isnull=True, organization=reach.organization)
    return on_people | on_programs | in_organization & (on_organization | Q(actor__in=_users(reach)))


def _users(reach: Reach) -> Any:
    """Return the key of the user who reaches so far."""
    person = apps.get_model("mentorpro_plugin", "Person")
    return person._base_manager.filter(pk=reach.person).order_by().values("user")


def _open_assignments(**conditions: Any) -> Any:
    # By name, since assignments stand above history in the order of imports; past the scope, as entries are scoped.
    assignment = apps.get_model("mentorpro_plugin", "Assignment")
    return assignment._base_manager.filter(ended_at=None, **conditions)


register_extents(
    HistoryEntry,
    {
        Span.OWN_TREE: Extent(
            is_of_reached_organization, lambda reach: Q(organization__in=reach.organizations)
        ),
        Span.OWN: Extent(is_of_own_organization, lambda reach: Q(organization=reach.organization)),
        Span.OWN_PROGRAMS: Extent(is_in_own_programs, in_own_programs),
    },
)
