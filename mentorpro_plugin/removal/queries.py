"""What the screens say of deletions: counts in words, and how far one is."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ..assignments.models import Assignment
from ..holdings import label_of
from ..people.models import Person
from ..programs.models import Program
from .models import Deletion

#: How many of the people that somebody leads are shown.
MOST_SHOWN = 50


@dataclass(frozen=True)
class Kind:
    label: Any
    count: int


def kinds(counts: dict[str, int]) -> list[Kind]:
    """Return rows by kind, in words, most of them first."""
    found = [Kind(label_of(name), count) for name, count in counts.items()]
    return sorted(found, key=lambda kind: -kind.count)


def progress_of(deletion: Deletion) -> int:
    """Return in percent how much of what was counted is gone."""
    counted, gone = sum(deletion.counts.values()), sum(deletion.deleted.values())
    if deletion.state == Deletion.State.DONE:
        return 100
    return min(99, 100 * gone // counted) if counted else 0


def led_by(person: Person, viewer: Any) -> QuerySet[Assignment]:
    """Open assignments under `person`, as far as `viewer` may see them."""
    return (
        Assignment.objects.open()
        .filter(
            lead=person,
            program__in=Program.objects.visible_to(viewer),
            person__in=Person.objects.visible_to(viewer),
        )
        .select_related("person", "program")
        .order_by("person__last_name", "person__first_name", "pk")
    )


def open_deletion_of(person: Person) -> Deletion | None:
    """Return the deletion of `person` that is on its way."""
    return Deletion._base_manager.filter(person_pk=person.pk, state__in=Deletion.OPEN).first()
