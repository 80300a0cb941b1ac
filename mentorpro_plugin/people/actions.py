"""Adding and changing people. Screens, imports and commands all come through here."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from ..access.reach import reach_of
from ..access.roles import ACCOUNTS, PARTICIPANTS, STAFF, Role
from ..access.table import Span, span_of
from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..organizations.models import Organization
from ..outbox.actions import withdraw
from .leaving import refuse_if_leaving
from .many import add_people, refusals_of_users
from .models import Person
from .users import follow_person

#: Fields that say who somebody is: history keeps that they changed, not what they were.
PERSONAL_FIELDS = ("first_name", "last_name", "phone", "id_number", "email", "about")
#: Choices of a person's own: history keeps what they were.
CHOSEN_FIELDS = ("language", "notice")


@transaction.atomic
def add_person(person: Person, *, by: Any) -> Person:
    """Add an unsaved `person` (with role and organization), and the user that they log in as.

    Raises PermissionDenied if `by` may not add this role in this organization, ValidationError for what doesn't fit.
    """
    # Asked without an organization, the rule would answer for "any": so that is refused first.
    if person.organization is None or not by.has_perm(person.permission("add"), person.organization):
        raise PermissionDenied
    if person.role in ACCOUNTS:
        person.role = account_role(person.organization)
    _validate(person)
    add_people([person], by=by)
    return person


@transaction.atomic
def change_person(person: Person, *, by: Any) -> bool:
    """Save the changed fields of `person`; role and organization stay. Returns whether anything changed.

    With a new phone number, mentors and mentees are logged out, and codes for the old one are dead.
    Raises PermissionDenied if `by` may not change the person, ValidationError for what doesn't fit.
    """
    before = Person._base_manager.select_for_update().get(pk=person.pk)
    if not by.has_perm(before.permission("change"), before):
        raise PermissionDenied
    if (person.role, person.organization_id) != (before.role, before.organization_id):
        raise PermissionDenied
    refuse_if_leaving(before)
    _prepare(person, before)
    changes = changes_between(before, person, plain=CHOSEN_FIELDS, personal=PERSONAL_FIELDS)
    if not changes:
        return False
    _check_own_profile(before, changes, by)
    with refusals_as_sentences(Person):
        person.save(update_fields=[*PERSONAL_FIELDS, *CHOSEN_FIELDS, "search_text"])
    if "phone" in changes:
        _end_ways_in(person)
    if person.role in STAFF and follow_person(person.user, person):
        with refusals_of_users():
            person.user.save()
    is_oneself = person.user_id == by.pk
    record(
        person,
        HistoryEntry.Action.PROFILE_CHANGED if is_oneself else HistoryEntry.Action.CHANGED,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes=changes,
    )
    return True


@transaction.atomic
def change_own_phone(person: Person, phone: Any, *, by: Any) -> None:
    """Give `person` the new number that they proved to hold, along with the old one, by a code to each.

    Every session of theirs ends; the caller begins the present one anew. Raises PermissionDenied unless `by` is the
    person and a participant, ValidationError if the number isn't one or belongs to somebody else.
    """
    before = Person._base_manager.select_for_update().get(pk=person.pk)
    if before.user_id != by.pk or before.role not in PARTICIPANTS or before.is_deactivated:
        raise PermissionDenied
    person.phone = phone
    _prepare(person, before)
    with refusals_as_sentences(Person):
        person.save(update_fields=["phone", "id_number", "search_text"])
    _end_ways_in(person)
    record(
        person,
        HistoryEntry.Action.PHONE_CHANGED,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes=changes_between(before, person, personal=PERSONAL_FIELDS),
    )


def end_sessions(person: Person) -> None:
    """End every session of `person`, and every code on its way to them, for good."""
    Person._base_manager.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    person.refresh_from_db(fields=["session_epoch"])


def _prepare(person: Person, before: Person) -> None:
    """Validate the changed `person`, and fill in what follows from the changes."""
    # An ID that merely repeated the phone number goes with it.
    if before.phone and person.phone != before.phone and person.id_number == before.phone.as_e164:
        person.id_number = ""
    _validate(person)
    person.complete()


def _end_ways_in(person: Person) -> None:
    """End what the old number opened, of people who log in by it: sessions, and codes, which die with the epoch."""
    if person.role in PARTICIPANTS:
        end_sessions(person)
        withdraw(person.pk)


def _check_own_profile(person: Person, changes: dict[str, Any], by: Any) -> None:
    """Whoever may change nobody but themselves keeps the phone that they log in with, and the organization's ID."""
    codename = person.permission("change").split(".")[1]
    if span_of(reach_of(by), codename) == Span.OWN_PROFILE and not changes.keys().isdisjoint(
        {"phone", "id_number"}
    ):
        raise PermissionDenied


def account_role(organization: Organization) -> Role:
    """Return the role that an account of `organization` has: Parent at the top of a tree, Child below."""
    return Role.PARENT if organization.is_parent else Role.CHILD


def _validate(person: Person) -> None:
    person.clean()
    person.complete()
    person.full_clean(exclude=["user", "tree"])
