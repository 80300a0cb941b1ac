"""Opening assignments, one or many at once: where actions and imports meet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from ..activity.history import Fact, record_many
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..inserting import insert
from ..people.models import Person, PersonQuerySet
from ..programs.models import Program
from .fitting import LEAD_ROLE, check_fit, check_primary, check_reach, still_leading
from .models import Assignment
from .signals import assignments_opened


@transaction.atomic
def open_many(
    assignments: Sequence[Assignment],
    *,
    by: Any,
    added: Mapping[int, Person] | None = None,
    checks: Callable[[Assignment], object] = lambda assignment: None,
) -> None:
    """Open unsaved `assignments`, with their people, programs and leads as primary keys. In a few queries.

    `added` are those of the people whom this transaction added, by primary key: nobody else holds them. `checks` is
    called for each assignment before it is written. Raises PermissionDenied if `by` may not open one of them, and
    ValidationError for what doesn't fit or the database refuses: then none is opened.
    """
    added = added or {}
    programs, people = locked(
        {row.program_id for row in assignments}, {row.person_id for row in assignments} - added.keys()
    )
    people |= added
    leads = _as_they_are({row.lead_id for row in assignments if row.lead_id is not None})
    for row in assignments:
        row.person, row.program = people[row.person_id], programs[row.program_id]
        row.lead = leads[row.lead_id] if row.lead_id is not None else None
        check_reach(row.person, row.program, by)
        check_fit(row.person, row.program, row.lead)
        if row.is_primary:
            check_primary(row.person, row.lead)
        checks(row)
    with refusals_as_sentences(Assignment):
        insert(assignments)
    refresh_is_assigned(*{row.person_id for row in assignments})
    record_of(assignments, HistoryEntry.Action.ASSIGNED, by, lambda row: [None, row.lead_id])
    primary = [row for row in assignments if row.is_primary]
    record_of(primary, HistoryEntry.Action.PRIMARY_SET, by, lambda row: [row.lead_id, row.lead_id])
    assignments_opened.send(Assignment, assignments=assignments, by=by)


@transaction.atomic
def close_many(keys: Iterable[int], *, by: Any) -> list[Assignment]:
    """Close the assignments with these primary keys, as far as they are open; return those. In a few queries.

    Raises PermissionDenied if `by` may not close one of them, ValidationError while others are led by one of the people
    in the program: then none is closed.
    """
    # Which they are doesn't change, so that it can be asked before anything is locked.
    kept = Assignment._base_manager.filter(pk__in=set(keys))
    places = set(kept.values_list("person", "program"))
    programs, people = locked({program for _, program in places}, {person for person, _ in places})
    found = list(kept.order_by("pk").select_for_update())
    for row in found:
        row.person, row.program = people[row.person_id], programs[row.program_id]
        check_reach(row.person, row.program, by)
    rows = [row for row in found if row.is_open]
    _refuse_while_leading(rows)
    now = timezone.now()
    for row in rows:
        # One that was to begin later can't end before it started.
        row.ended_at, row.ended_by_id = max(now, row.started_at), by.pk
    closed = Assignment._base_manager.filter(pk__in=[row.pk for row in rows])
    closed.update(ended_at=Greatest(Value(now), F("started_at")), ended_by=by.pk)
    refresh_is_assigned(*people)
    record_of(rows, HistoryEntry.Action.UNASSIGNED, by, lambda row: [row.lead_id, None])
    return rows


def _refuse_while_leading(rows: Sequence[Assignment]) -> None:
    """Raise ValidationError if somebody would lead others in a program in which no assignment of their own is left."""
    leads = [row for row in rows if row.person.role in LEAD_ROLE.values()]
    if not leads:
        return
    places = {(row.person_id, row.program_id): row for row in leads}
    opened = Assignment._base_manager.filter(program__in={row.program_id for row in leads}, ended_at=None)
    own = opened.filter(person__in={row.person_id for row in leads}).exclude(pk__in=[row.pk for row in rows])
    staying = set(own.values_list("person", "program"))
    led = opened.filter(lead__in={row.person_id for row in leads}).order_by()
    for lead, program, count in led.values_list("lead", "program").annotate(Count("pk")):
        if (row := places.get((lead, program))) and (lead, program) not in staying:
            raise still_leading(row.person, row.program, count)


def record_of(
    assignments: Sequence[Assignment],
    action: HistoryEntry.Action,
    by: Any,
    lead_of: Callable[[Assignment], list[int | None]],
) -> None:
    """Write an entry on each of `assignments`; `lead_of` returns the leads before and after."""
    facts = [
        Fact(row.pk, row.program.organization_id, row.person_id, row.program_id, {"lead_id": lead_of(row)})
        for row in assignments
    ]
    record_many(Assignment, action, facts, by=by)


def refresh_is_assigned(*people: int) -> None:
    """Set `is_assigned` of the people with these primary keys to whether they have an open assignment.

    Within the transaction that locked their rows, or nobody else may be writing their assignments.
    """
    is_open = Assignment._base_manager.filter(person=OuterRef("pk"), ended_at=None)
    Person._base_manager.filter(pk__in=people).update(is_assigned=Exists(is_open))


def locked(programs: Iterable[int], people: Iterable[int]) -> tuple[dict[int, Program], dict[int, Person]]:
    """Return both as they are now, by primary key, and locked.

    Programs first, then people, each in the order of their keys, everywhere: so that two writers can't wait for each
    other. Raises DoesNotExist if one is gone.
    """
    return _by_key(Program._base_manager.all(), programs), _by_key(PersonQuerySet(Person), people)


def _by_key(queryset: Any, keys: Iterable[int]) -> dict[int, Any]:
    keys = set(keys)
    found = queryset.filter(pk__in=keys).order_by("pk").select_for_update()
    if queryset.model is Person:
        found = found.with_open_assignments()
    rows = {row.pk: row for row in found} if keys else {}
    if len(rows) < len(keys):
        raise queryset.model.DoesNotExist
    return rows


def _as_they_are(keys: Iterable[int]) -> dict[int, Person]:
    """Return the people with these primary keys, with their open assignments."""
    keys = set(keys)
    found = PersonQuerySet(Person).filter(pk__in=keys).with_open_assignments()
    return {person.pk: person for person in found} if keys else {}
