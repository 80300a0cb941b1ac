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
from .many import give_to_many
from .models import Identifier, IdentifierValue


@transaction.atomic
def give_identifiers(person: Any, values: Mapping[Identifier, IdentifierValue | None], *, by: Any) -> bool:
    """Give `person` the values, one an identifier; None takes a value away. Identifiers left out stay as they are.

    Returns whether anything changed. Raises PermissionDenied if `by` may not, ValidationError for a value of another
    identifier or an identifier of another organization.
    """
    return bool(give_to_many([(person, values)], by=by))


@transaction.atomic
def save_identifier(identifier: Identifier, *, by: Any) -> Identifier:
    """Add `identifier` with its values, or save their changes.

    Raises PermissionDenied if `by` may not, ValidationError for a name taken or a value removed that people have.
    """
    before = Identifier._base_manager.filter(pk=identifier.pk).first() if identifier.pk else None
    names_before = _value_names(identifier)
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
        changes={
            **changes_between(before, identifier, plain=("organization_id",), personal=("name",)),
            **_changes_of_values(names_before, _value_names(identifier)),
        },
    )
    return identifier


def _value_names(identifier: Identifier) -> dict[int, str]:
    """Map keys of the identifier's values, as they are stored, to their names."""
    if identifier.pk is None:
        return {}
    return dict(IdentifierValue._base_manager.filter(identifier=identifier.pk).values_list("pk", "name"))


def _changes_of_values(before: dict[int, str], after: dict[int, str]) -> dict[str, Any]:
    """Which values there were and are, by key, if any came or went; and null for each that has another name."""
    renamed = {f"value_{pk}": None for pk in before.keys() & after.keys() if before[pk] != after[pk]}
    if before.keys() == after.keys():
        return renamed
    return {"values": [sorted(before), sorted(after)], **renamed}


def _refuse_values_alike(identifier: Identifier) -> None:
    """Clean the values, which `full_clean` leaves out, and compare them.

    Django compares values within the form by case; the database, like a reader, doesn't.
    """
    seen: set[str] = set()
    for value in identifier.values.all():
        value.clean()
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
