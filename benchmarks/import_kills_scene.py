"""What happens in the processes of `benchmarks.import_kills`: somebody imports a roster and takes it back; workers are
forked for each step, and killed.
"""

import csv
import hashlib
import io
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import phonenumbers
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import connection, connections
from django.db.models import Case, Max, Value, When
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.actions import assign
from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.keeping import files_of
from mentorpro_plugin.exchange.mapping import Mapping
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.working import ImportJob
from mentorpro_plugin.models import Assignment, GivenIdentifier, OutboxMessage, Person
from tests.factories import IdentifierFactory, OrganizationFactory, PersonFactory, ProgramFactory

State = RosterImport.State

#: People who are there before the import, which gives each another name and moves them to another program.
KNOWN = 20


def run(rows: int, kills: int, seed: int) -> None:
    """Import `rows` rows and take them back, undisturbed; then once more with `kills` kills, at statements by `seed`.

    Prints how many workers were killed, how many statements those made that weren't, and what there was at the ends.
    """
    by, file = _prepare(), _roster(rows)
    unharmed = _whole_way(file, by, {})
    killed = _whole_way(file, by, _points(unharmed.statements, kills, random.Random(seed)))
    print(
        json.dumps(
            {
                "kills": killed.kills,
                "statements": unharmed.statements,
                "unharmed": unharmed.ends,
                "killed": killed.ends,
            }
        )
    )


def _points(statements: dict[str, int], kills: int, chance: random.Random) -> dict[str, list[int]]:
    """Return at which statements of each state to kill: as often in each, since a worker that is killed a dozen times in
    one gives it up.
    """
    points: dict[str, list[int]] = {}
    for state, _kill in zip(cycle(statements), range(kills), strict=False):
        points.setdefault(state, []).append(chance.randint(1, statements[state]))
    return points


@dataclass
class _Way:
    kills: int = 0
    statements: dict[str, int] = field(default_factory=dict)
    ends: dict[str, Any] = field(default_factory=dict)


def _whole_way(file: bytes, by: Any, points: dict[str, list[int]]) -> _Way:
    way, begun = _Way(), _last()
    # Letters from before would stand for those of this time.
    OutboxMessage._base_manager.all().delete()
    with scope_of(reach_of(by)):
        pk = actions.upload(
            ContentFile(file, name="roster.csv"), name="roster.csv", organization=None, by=by
        ).pk
    while (current := RosterImport._base_manager.get(pk=pk)).state != State.UNDONE:
        state = current.state
        assert state not in (State.FAILED, State.CANCELLED), current.error
        if state in RosterImport.OPEN:
            left = points.get(state, [])
            # As a worker finds it whose predecessor's lease has run out.
            RosterImport._base_manager.filter(pk=pk).update(due_at=timezone.now())
            count = _forked(pk, left.pop(0) if left else 0)
            if count is None:
                way.kills += 1
            else:
                way.statements[state] = count
        else:
            if state == State.DONE:
                way.ends["stored"] = _look(current, begun)
            _go_on(current, by)
    way.ends["undone"] = _look(current, begun)
    return way


def _go_on(roster_import: RosterImport, by: Any) -> None:
    with scope_of(reach_of(by)):
        if roster_import.state == State.MAPPING:
            actions.set_mapping(roster_import, Mapping.from_json(roster_import.mapping), by=by)
        elif roster_import.state == State.PREVIEW:
            with actions.open_plan(roster_import) as plan:
                refused = [row.refusals for row in plan.rows(Kind.REFUSED)]
            assert not refused, refused[:5]
            actions.confirm(roster_import, by=by)
        else:
            actions.undo(roster_import, by=by)


def _forked(pk: int, kill_at: int) -> int | None:
    """Do in a process of its own what a worker does that comes by; killed at that statement, unless 0.

    Returns how many statements it made; None if it was killed.
    """
    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def note(execute: Any, *arguments: Any) -> Any:
            nonlocal count
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*arguments)

        with connection.execute_wrapper(note):
            ImportJob.work_on(pk)
        os.write(writer, str(count).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        text = said.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    assert status == 0, "the worker failed"
    return int(text)


def _prepare() -> Any:
    """Make an organization with a program, a mentor in it, people whom the import changes; return its account's user."""
    organization = OrganizationFactory(name="Riverside")
    autumn, summer = (ProgramFactory(name=name, organization=organization) for name in ("Autumn", "Summer"))
    IdentifierFactory(name="Grade", organization=organization, values=("Freshman", "Senior"))
    parent = PersonFactory(organization=organization, role=Role.PARENT)
    manager, mentor = (
        PersonFactory(organization=organization, role=role, id_number=role.value)
        for role in (Role.PROGRAM_MANAGER, Role.MENTOR)
    )
    admin = get_user_model().objects.create_superuser("admin", "admin@example.org", "-")
    with scope_of(EVERYTHING):
        for program in (autumn, summer):
            assign(person=manager, program=program, by=admin)
            assign(person=mentor, program=program, lead=manager, by=admin)
        for number in range(KNOWN):
            known = PersonFactory(organization=organization, id_number=f"K{number}")
            assign(person=known, program=summer, lead=mentor, by=admin)
    return get_user_model().objects.get(pk=parent.user_id)


def _roster(rows: int) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    headings = (
        "Role",
        "First Name",
        "Last Name",
        "ID",
        "Phone Number",
        "E-mail",
        "Program",
        "Mentor",
        "Grade",
    )
    writer.writerow([*headings, "Program Manager", "End"])
    for number in range(KNOWN):
        moved = ("Summer | Autumn", "| mentor", "Senior", "", "end |")
        writer.writerow(["", f"Renamed{number}", "", f"K{number}", "", "", *moved])
    for number, phone in zip(range(rows - KNOWN), _numbers(), strict=False):
        is_mentor = number % 20 == 0
        lead = "mentor" if number < 20 else f"N{number - number % 20 - 20}"
        writer.writerow(
            [
                "Mentor" if is_mentor else "Mentee",
                f"First{number}",
                "Last",
                f"N{number}",
                phone,
                f"n{number}@example.org" if number % 2 else "",
                "Autumn",
                "" if is_mentor else lead,
                "" if is_mentor else "Freshman",
                "program_manager" if is_mentor else "",
                "",
            ]
        )
    return text.getvalue().encode()


def _numbers() -> Iterator[str]:
    """Yield numbers that belong to nobody: 555-01xx in each area that there is, some 30,000."""
    taken = {str(phone)[2:5] for phone in Person._base_manager.values_list("phone", flat=True)}
    for area in range(201, 990):
        if str(area) not in taken and phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100")):
            yield from (f"+1{area}55501{number:02}" for number in range(100))


def _last() -> dict[Any, int]:
    """Return the last key of each table that an import adds to."""
    models = (Assignment, HistoryEntry)
    return {model: model._base_manager.aggregate(last=Max("pk", default=0))["last"] for model in models}


def _look(roster_import: RosterImport, since: dict[Any, int]) -> dict[str, Any]:
    """Return what there is, without moments and keys that differ from run to run."""
    people = Person._base_manager.order_by("id_number").values_list(
        "id_number", "first_name", "last_name", "phone", "email", "role", "is_assigned", "search_text"
    )
    assignments = (
        Assignment._base_manager.filter(pk__gt=since[Assignment])
        .annotate(is_over=Case(When(ended_at=None, then=Value(False)), default=Value(True)))
        .order_by("person__id_number", "lead__id_number", "is_over")
        .values_list("person__id_number", "program__name", "lead__id_number", "is_primary", "is_over")
    )
    opened = Assignment._base_manager.filter(ended_at=None).order_by("person__id_number", "program__name")
    opened = opened.values_list("person__id_number", "program__name", "lead__id_number")
    given = GivenIdentifier._base_manager.order_by("person__id_number").values_list(
        "person__id_number", "value__name"
    )
    imported = ImportedPerson._base_manager.filter(roster_import=roster_import).order_by("line")
    imported = imported.values_list("line", "is_new", "is_undone", "kept")
    history = HistoryEntry._base_manager.filter(pk__gt=since[HistoryEntry])
    known = (roster_import.file, roster_import.plan)
    return {
        "state": roster_import.state,
        "counts": roster_import.counts,
        **{
            name: [len(rows), _digest(rows)]
            for name, rows in {
                "people": people,
                "assignments": assignments,
                "open": opened,
                "identifiers": given,
                "imported": imported,
            }.items()
        },
        "users": get_user_model().objects.count(),
        # By person: there is a notice for each stretch of ten minutes, and one may end on the way.
        "told": _counted(
            (kind, state)
            for kind, state, _person in OutboxMessage._base_manager.values_list(
                "kind", "state", "person"
            ).distinct()
        ),
        "history": _counted(history.values_list("action", "via")),
        "files": len([name for name in files_of(roster_import.pk) if name in known]),
    }


def _digest(rows: Any) -> str:
    return hashlib.sha256("\n".join(repr([str(value) for value in row]) for row in rows).encode()).hexdigest()


def _counted(rows: Any) -> dict[str, int]:
    return dict(sorted(Counter(" ".join(row) for row in rows).items()))
