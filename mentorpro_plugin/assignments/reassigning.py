"""Giving the people of one lead to another: many assignments end and begin at once, in batches."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..access.roles import Role
from ..activity.history import entry
from ..activity.models import HistoryEntry
from ..people.models import Person, codename_of
from ..programs.models import Program
from .fitting import LEAD_ROLE, check_lead, fresh_lead
from .models import Assignment
from .signals import assignments_opened

#: Assignments written at once: each batch costs the same number of queries.
BATCH = 500
#: Names in a sentence; it counts the others.
MOST_NAMED = 5

#: Whom a lead leads.
LED_ROLE = {lead: led for led, lead in LEAD_ROLE.items()}


@dataclass
class ProgramPlan:
    """What becomes of a lead's people in one program. `refused` are sentences on what stays as it is, and why."""

    program: Program
    moved: int = 0
    ended: int = 0
    refused: list[str] = field(default_factory=list)


def plan_reassignment(
    *,
    lead: Person,
    new_lead: Person | None,
    programs: Collection[Program],
    people: Collection[int] | None = None,
    by: Any,
) -> list[ProgramPlan]:
    """Say what `reassign` would do, with the same arguments. Changes nothing."""
    return [_plan(lead, new_lead, program, people, by)[0] for program in programs]


@transaction.atomic
def reassign(
    *,
    lead: Person,
    new_lead: Person | None,
    programs: Collection[Program],
    people: Collection[int] | None = None,
    by: Any,
) -> list[ProgramPlan]:
    """Give those whom `lead` leads in `programs` to `new_lead`, or to nobody where Flash Mentoring allows it.

    All whom `by` may see; with `people`, those of them with these primary keys. Each assignment ends and another
    begins, primary if it was; whoever has the new lead already only loses the old one. Returns what was done, and
    what wasn't. Raises PermissionDenied if `by` may not assign in one of the programs, or see the new lead.
    """
    # All programs, then people, each in the order of their keys: so that two writers can't wait for each other.
    keys = [program.pk for program in programs]
    locked = list(Program._base_manager.select_for_update().filter(pk__in=keys).order_by("pk"))
    if new_lead is not None and not by.has_perm(new_lead.permission("view"), new_lead):
        raise PermissionDenied
    plans, chosen = [], []
    for program in locked:
        plan, rows = _plan(lead, new_lead, program, people, by)
        plans.append(plan)
        if rows is not None:
            chosen += rows.order_by("person_id", "pk").values_list("person_id", "pk")
    for batch in _batches(sorted(chosen)):
        _move(batch, {program.pk: program for program in locked}, new_lead, by)
    return plans


def _plan(
    lead: Person, new_lead: Person | None, program: Program, people: Collection[int] | None, by: Any
) -> tuple[ProgramPlan, QuerySet[Assignment] | None]:
    """Return the plan for one program, and the assignments that it ends."""
    role = LED_ROLE[Role(lead.role)]
    if not by.has_perm(f"mentorpro_plugin.assign_{codename_of(role)}", program):
        raise PermissionDenied
    rows = Assignment._base_manager.filter(
        lead=lead, program=program, ended_at=None, person__in=Person.objects.visible_to(by)
    )
    if people is not None:
        rows = rows.filter(person__in=people)
    plan = ProgramPlan(program)
    try:
        _check_new_lead(lead, new_lead, role, program)
    except ValidationError as refusal:
        plan.refused += refusal.messages
        return plan, None
    deactivated = Person.Status.DEACTIVATED
    if sentence := _sentence_on_deactivated(rows.filter(person__status=deactivated), program):
        plan.refused.append(sentence)
    rows = rows.exclude(person__status=deactivated)
    plan.ended = rows.filter(Exists(_others(new_lead))).count()
    plan.moved = rows.count() - plan.ended
    return plan, rows


def _check_new_lead(lead: Person, new_lead: Person | None, role: Role, program: Program) -> None:
    if new_lead is not None:
        if new_lead.pk == lead.pk:
            raise ValidationError(_("%(name)s leads them already. Choose somebody else.") % {"name": lead})
        check_lead(fresh_lead(new_lead.pk), LEAD_ROLE[role], program)
    elif not (role == Role.MENTEE and program.flash_mentoring):
        raise ValidationError(
            _("“%(program)s” needs a %(role)s here.") % {"program": program, "role": LEAD_ROLE[role].label}
        )


def _sentence_on_deactivated(rows: QuerySet[Assignment], program: Program) -> str:
    count = rows.count()
    if not count:
        return ""
    first = rows.select_related("person").order_by("person__last_name", "person__first_name", "pk")
    names = [str(row.person) for row in first[:MOST_NAMED]]
    if count > MOST_NAMED:
        names.append(_("others"))
    return ngettext(
        "%(count)d person in “%(program)s” is deactivated and stays: %(names)s. Reactivate the person first, or end "
        "the assignment on the profile.",
        "%(count)d people in “%(program)s” are deactivated and stay: %(names)s. Reactivate them first, or end their "
        "assignments on the profiles.",
        count,
    ) % {"count": count, "program": program, "names": get_text_list(names, _("and"))}


def _others(new_lead: Person | None) -> QuerySet[Assignment]:
    """Open assignments that make a new one needless: with the new lead; without one, with anybody at all."""
    others = Assignment._base_manager.filter(
        person=OuterRef("person"), program=OuterRef("program"), ended_at=None
    ).exclude(pk=OuterRef("pk"))
    return others if new_lead is None else others.filter(lead=new_lead)


def _batches(chosen: list[tuple[int, int]]) -> Iterator[list[int]]:
    for start in range(0, len(chosen), BATCH):
        yield [pk for _person, pk in chosen[start : start + BATCH]]


def _move(keys: list[int], programs: dict[int, Program], new_lead: Person | None, by: Any) -> None:
    """End the assignments with these keys, and open what takes their place."""
    of_batch = Assignment._base_manager.filter(pk__in=keys)
    list(
        Person._base_manager.select_for_update()
        .filter(pk__in=of_batch.values("person"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    olds = list(of_batch.annotate(needs_none=Exists(_others(new_lead))).order_by("pk"))
    now = timezone.now()
    of_batch.filter(started_at__lte=now).update(ended_at=now, ended_by=by)
    # Of those that were to begin later, none may end before it started.
    of_batch.filter(ended_at=None).update(ended_at=F("started_at"), ended_by=by)
    history = [_entry(old, HistoryEntry.Action.UNASSIGNED, programs, by, [old.lead_id, None]) for old in olds]
    opened = Assignment._base_manager.bulk_create(
        Assignment(
            person_id=old.person_id,
            program=programs[old.program_id],
            lead=new_lead,
            is_primary=old.is_primary and new_lead is not None,
            started_at=now,
            started_by=by,
        )
        for old in olds
        if not old.needs_none
    )
    history += [
        _entry(new, HistoryEntry.Action.ASSIGNED, programs, by, [None, new.lead_id]) for new in opened
    ]
    made_primary = [new for new in opened if new.is_primary]
    if new_lead is not None:
        made_primary += _keep_primary([old for old in olds if old.needs_none and old.is_primary], new_lead)
    history += [
        _entry(row, HistoryEntry.Action.PRIMARY_SET, programs, by, [row.lead_id, row.lead_id])
        for row in made_primary
    ]
    HistoryEntry._base_manager.bulk_create(history)
    assignments_opened.send(Assignment, assignments=opened, by=by)


def _keep_primary(olds: list[Assignment], new_lead: Person) -> list[Assignment]:
    """Make the new lead primary where the old one was, for those who have the new one already."""
    if not olds:
        return []
    places = {(old.person_id, old.program_id) for old in olds}
    theirs = Assignment._base_manager.filter(
        person__in={person for person, _program in places}, lead=new_lead, ended_at=None, is_primary=False
    )
    rows = [row for row in theirs if (row.person_id, row.program_id) in places]
    Assignment._base_manager.filter(pk__in=[row.pk for row in rows]).update(is_primary=True)
    return rows


def _entry(
    assignment: Assignment,
    action: HistoryEntry.Action,
    programs: dict[int, Program],
    by: Any,
    lead_id: list[int | None],
) -> HistoryEntry:
    return entry(
        assignment,
        action,
        by=by,
        organization=programs[assignment.program_id].organization_id,
        person=assignment.person_id,
        program=assignment.program_id,
        changes={"lead_id": lead_id},
    )
