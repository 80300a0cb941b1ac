"""Who is being deleted: nothing of them may change any more, or it could outlive them."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _


def leaving(people: Iterable[int]) -> set[int]:
    """Return who of the people with these primary keys is being deleted. One query."""
    # By name, since deletions stand above people in the order of imports.
    deletion = apps.get_model("mentorpro_plugin", "Deletion")
    going = deletion._base_manager.filter(person_pk__in=list(people), state__in=deletion.OPEN)
    return set(going.values_list("person_pk", flat=True))


def is_leaving(person: str) -> Exists:
    """Return a condition for rows that hold in `person` the primary key of somebody who is being deleted."""
    deletion = apps.get_model("mentorpro_plugin", "Deletion")
    return Exists(deletion._base_manager.filter(person_pk=OuterRef(person), state__in=deletion.OPEN))


def anybody_is_leaving(organization: Any) -> bool:
    """Whether somebody of `organization`, or of its children, is being deleted."""
    deletion = apps.get_model("mentorpro_plugin", "Deletion")
    here = Q(organization=organization.pk) | Q(organization__parent=organization.pk)
    return deletion._base_manager.filter(here, state__in=deletion.OPEN).exists()


def refuse_if_leaving(person: Any) -> None:
    """Raise ValidationError if `person`, whose row is locked, is being deleted."""
    if leaving([person.pk]):
        raise ValidationError(being_deleted(person))


def being_deleted(person: Any) -> str:
    return _("%(name)s is being deleted, and can't be changed any more.") % {"name": person}
