"""Giving people the values of identifiers, one person or many at once: where actions and imports meet."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ..activity.history import Fact, record_many
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..inserting import FEWEST, insert, update
from .models import GivenIdentifier, Identifier, IdentifierValue

#: Values that somebody gets; None takes one away.
Values = Mapping[Identifier, IdentifierValue | None]


@transaction.atomic
def give_to_many(given: Sequence[tuple[Any, Values]], *, by: Any) -> dict[int, dict[str, Any]]:
    """Give each person of `given` the values beside them, in a few queries. Other identifiers stay as they are.

    Returns what changed, by the primary keys of the people, as history has it. Raises PermissionDenied if `by` may not
    give them to one of the people, ValidationError for a value of another identifier or an identifier of another
    organization: then nobody gets any.
    """
    people = {person.pk: person for person, _values in given}
    kept = {
        (row.person_id, row.identifier_id): row
        for row in GivenIdentifier._base_manager.filter(person__in=people)
    }
    new: list[GivenIdentifier] = []
    other: list[GivenIdentifier] = []
    taken: list[int] = []
    changes: dict[int, dict[str, Any]] = {}
    for person, values in given:
        if not by.has_perm("mentorpro_plugin.give_identifiers", person):
            raise PermissionDenied
        for identifier, value in values.items():
            _check(person, identifier, value)
            row = kept.get((person.pk, identifier.pk))
            old = row.value_id if row else None
            if old == (value.pk if value else None):
                continue
            if value is None:
                taken.append(row.pk)  # type: ignore[union-attr] - there is an old value
            elif row is None:
                new.append(
                    GivenIdentifier(person_id=person.pk, identifier_id=identifier.pk, value_id=value.pk)
                )
            else:
                row.value_id = value.pk
                other.append(row)
            changes.setdefault(person.pk, {})[f"identifier_{identifier.pk}"] = [
                old,
                value.pk if value else None,
            ]
    if taken:
        GivenIdentifier._base_manager.filter(pk__in=taken).delete()
    with refusals_as_sentences(GivenIdentifier):
        update(other, ["value"])
        _insert(new)
    facts = [Fact(pk, people[pk].organization_id, pk, None, changed) for pk, changed in changes.items()]
    record_many(
        type(given[0][0]) if given else GivenIdentifier, HistoryEntry.Action.IDENTIFIERS_GIVEN, facts, by=by
    )
    return changes


def _insert(rows: list[GivenIdentifier]) -> None:
    if len(rows) >= FEWEST:
        insert(rows)
    else:
        # Of two who give somebody the same identifier at once, the later decides.
        GivenIdentifier._base_manager.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["person", "identifier"],
            update_fields=["value"],
        )


def _check(person: Any, identifier: Identifier, value: IdentifierValue | None) -> None:
    if identifier.organization_id != person.tree_id or (value and value.identifier_id != identifier.pk):
        raise ValidationError(_("That value isn't one of “%(identifier)s”.") % {"identifier": identifier})
