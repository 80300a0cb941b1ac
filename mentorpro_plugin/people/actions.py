"""Adding and changing people. Screens, imports and commands all come through here."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from ..access.roles import ACCOUNTS, PARTICIPANTS, Role
from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..organizations.models import Organization
from .changing import PERSONAL_FIELDS, end_ways_in, save_changes
from .leaving import being_deleted, leaving, refuse_if_leaving
from .many import add_people
from .models import Person


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
    _check_change(before, person, by)
    refuse_if_leaving(before)
    _prepare(person, before)
    return bool(save_changes([(before, person)], by=by))


@transaction.atomic
def change_people(people: Sequence[Person], *, by: Any) -> None:
    """Do what `change_person` does to each of `people`, who are locked, with their organizations. In a few queries.

    Of their fields, only those that differ are validated, and whether somebody else has the same is left to the
    database: if it refuses one, nobody is changed, and whose fault it is has to be found out.
    """
    befores = Person._base_manager.select_related("organization").in_bulk([person.pk for person in people])
    going = leaving(befores)
    pairs = []
    for person in people:
        before = befores[person.pk]
        _check_change(before, person, by)
        if person.pk in going:
            raise ValidationError(being_deleted(before))
        _follow_phone(person, before)
        person.clean()
        person.clean_fields(exclude=_same(before, person))
        person.complete()
        pairs.append((before, person))
    save_changes(pairs, by=by)


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
    end_ways_in(person)
    record(
        person,
        HistoryEntry.Action.PHONE_CHANGED,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes=changes_between(before, person, personal=PERSONAL_FIELDS),
    )


def _prepare(person: Person, before: Person) -> None:
    """Validate the changed `person`, and fill in what follows from the changes."""
    _follow_phone(person, before)
    _validate(person)
    person.complete()


def _follow_phone(person: Person, before: Person) -> None:
    """An ID that merely repeated the phone number goes with it."""
    if person.phone != before.phone and before.phone and person.id_number == before.phone.as_e164:
        person.id_number = ""


def _same(before: Person, person: Person) -> set[str]:
    """Return the names of fields in which nothing changed."""
    fields = Person._meta.concrete_fields
    return {
        field.name for field in fields if getattr(before, field.attname) == getattr(person, field.attname)
    }


def _check_change(before: Person, person: Person, by: Any) -> None:
    if not by.has_perm(before.permission("change"), before):
        raise PermissionDenied
    if (person.role, person.organization_id) != (before.role, before.organization_id):
        raise PermissionDenied


def account_role(organization: Organization) -> Role:
    """Return the role that an account of `organization` has: Parent at the top of a tree, Child below."""
    return Role.PARENT if organization.is_parent else Role.CHILD


def _validate(person: Person) -> None:
    person.clean()
    person.complete()
    person.full_clean(exclude=["user", "tree"])
