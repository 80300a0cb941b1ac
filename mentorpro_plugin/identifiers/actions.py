"""Identifiers: adding and changing them, and giving their values to people."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from .models import GivenIdentifier, Identifier, IdentifierValue


@transaction.atomic
def give_identifiers(person: Any, values: Mapping[Identifier, IdentifierValue | None], *, by: Any) -> bool:
    """Give `person` the values, one an identifier; None takes a value away. Identifiers left out stay as they are.

    Returns whether anything changed. Raises PermissionDenied if `by` may not, ValidationError for a value of another
    identifier or an identifier of another organization.
    """
    if not by.has_perm("mentorpro_plugin.give_identifiers", person):
        raise PermissionDenied
    given = {row.identifier_id: row for row in GivenIdentifier._base_manager.filter(person=person)}
    changes: dict[str, Any] = {}
    for identifier, value in values.items():
        if identifier.organization_id != person.tree_id or (value and value.identifier_id != identifier.pk):
            raise ValidationError(_("That value isn't one of “%(identifier)s”.") % {"identifier": identifier})
        row = given.get(identifier.pk)
        old = row.value_id if row else None
        new = value.pk if value else None
        if old == new:
            continue
        if value is None:
            GivenIdentifier._base_manager.filter(person=person, identifier=identifier).delete()
        else:
            GivenIdentifier._base_manager.update_or_create(
                person_id=person.pk, identifier=identifier, defaults={"value": value}
            )
        changes[f"identifier_{identifier.pk}"] = [old, new]
    if changes:
        record(
            person,
            HistoryEntry.Action.IDENTIFIERS_GIVEN,
            by=by,
            organization=person.organization_id,
            person=person.pk,
            changes=changes,
        )
    return bool(changes)


@transaction.atomic
def save_identifier(identifier: Identifier, *, by: Any) -> Identifier:
    """Add `identifier` with its values, or save their changes.

    Raises PermissionDenied if `by` may not, ValidationError for a name taken or a value removed that people have.
    """
    before = Identifier._base_manager.filter(pk=identifier.pk).first() if identifier.pk else None
    if not by.has_perm("mentorpro_plugin.change_identifier", before or identifier):
        raise PermissionDenied
    if before and before.organization_id != identifier.organization_id:
        # People of its tree have its values.
        raise PermissionDenied
    identifier.full_clean()
    _refuse_values_alike(identifier)
    _refuse_values_of_others(identifier)
    _refuse_values_in_use(identifier)
    with refusals_as_sentences(Identifier), refusals_as_sentences(IdentifierValue):
        identifier.save()
    record(
        identifier,
        HistoryEntry.Action.CHANGED if before else HistoryEntry.Action.ADDED,
        by=by,
        organization=identifier.organization_id,
        changes=changes_between(before, identifier, plain=("organization_id",), personal=("name",)),
    )
    return identifier


def _refuse_values_alike(identifier: Identifier) -> None:
    """Django compares values within the form by case; the database, like a reader, doesn't."""
    seen: set[str] = set()
    for value in identifier.values.all():
        if value.name.casefold() in seen:
            raise ValidationError(_("The value “%(value)s” stands here twice.") % {"value": value.name})
        seen.add(value.name.casefold())


def _refuse_values_of_others(identifier: Identifier) -> None:
    """A value that has a primary key already is saved over: so it has to be this identifier's."""
    keys = {value.pk for value in identifier.values.all() if value.pk}
    if IdentifierValue._base_manager.filter(pk__in=keys, identifier=identifier.pk).count() != len(keys):
        raise PermissionDenied


def _refuse_values_in_use(identifier: Identifier) -> None:
    if identifier.pk is None:
        return
    kept = [value.pk for value in identifier.values.all() if value.pk]
    lost = IdentifierValue._base_manager.filter(identifier=identifier.pk, given__isnull=False).exclude(
        pk__in=kept
    )
    if names := sorted(set(lost.values_list("name", flat=True))):
        raise ValidationError(
            _("People still have the value “%(value)s”. Give them another one first.") % {"value": names[0]}
        )
