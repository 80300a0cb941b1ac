"""Adding and changing people. Screens, imports and commands all come through here."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ..access.reach import reach_of
from ..access.roles import ACCOUNTS, STAFF, Role
from ..access.table import Span, span_of
from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..conf import imported_setting
from ..constraints import refusals_as_sentences
from ..organizations.models import Organization
from .models import Person
from .users import follow_person

#: Fields that say who somebody is: history keeps that they changed, not what they were.
PERSONAL_FIELDS = ("first_name", "last_name", "phone", "id_number", "email")


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
    person.user = _saved_user(imported_setting("BUILD_USER")(person.role, person.email), person)
    with refusals_as_sentences(Person):
        person.save()
    record(
        person,
        HistoryEntry.Action.ADDED,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes=changes_between(None, person, plain=("role", "organization_id")),
    )
    return person


@transaction.atomic
def change_person(person: Person, *, by: Any) -> bool:
    """Save the changed fields of `person`; role and organization stay. Returns whether anything changed.

    Raises PermissionDenied if `by` may not change the person, ValidationError for what doesn't fit.
    """
    before = Person._base_manager.select_for_update().get(pk=person.pk)
    if not by.has_perm(before.permission("change"), before):
        raise PermissionDenied
    if (person.role, person.organization_id) != (before.role, before.organization_id):
        raise PermissionDenied
    # An ID that merely repeated the phone number goes with it.
    if before.phone and person.phone != before.phone and person.id_number == before.phone.as_e164:
        person.id_number = ""
    _validate(person)
    person.complete()
    changes = changes_between(before, person, personal=PERSONAL_FIELDS)
    if not changes:
        return False
    _check_own_profile(before, changes, by)
    with refusals_as_sentences(Person):
        person.save(update_fields=[*PERSONAL_FIELDS, "search_text"])
    if person.role in STAFF:
        _saved_user(person.user, person)
    record(
        person,
        HistoryEntry.Action.CHANGED,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes=changes,
    )
    return True


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


def _saved_user(user: Any, person: Person) -> Any:
    """Save `user` if new or if it repeats something of `person` that changed. Raises ValidationError for an address
    that the site's user model allows once only, and somebody has.
    """
    if not follow_person(user, person) and user.pk:
        return user
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise ValidationError(
            {"email": _("Another account of this site has this e-mail address.")}
        ) from error
    return user


def _validate(person: Person) -> None:
    person.clean()
    person.complete()
    person.full_clean(exclude=["user", "tree"])
