"""What happens in the processes of `benchmarks.undoing`: a roster is imported, and taken back."""

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.exchange.planfile import PlanFile
from mentorpro_plugin.exchange.reading import read_table
from mentorpro_plugin.exchange.rosters import plan_roster, store_roster
from mentorpro_plugin.exchange.working import ImportJob
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person

from .imports_scene import ORGANIZATION, admin, memory_of, realistic_roster

State = RosterImport.State

#: Each so-manieth person has logged in since, and stays.
ONE_IN = 100


def run(rows: int, turn: int) -> None:
    """Import a roster of new people, and one that renames them all; take both back, the last one first.

    Prints for each how long the question took and the work, and what they took of the database.
    """
    by, content = admin(), realistic_roster(rows, turn)
    added = _imported(content, by)
    renamed = _imported(re.sub(rb"First(\d+)", rb"Other\1", content), by)
    _settle()
    found = {"changed": _taken_back(renamed, by)}
    _log_some_in(added)
    found["added"] = _taken_back(added, by)
    print(json.dumps({"rows": rows, **found}))


def _settle() -> None:
    """Have PostgreSQL know how many rows there are by now, as it would in a while."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _imported(content: bytes, by: Any) -> RosterImport:
    organization = Organization._base_manager.get(name=ORGANIZATION)
    row = RosterImport(organization=organization, by=by, file_name="roster.csv", batch=uuid4())
    row.save()
    with read_table(io.BytesIO(content), name="roster.csv") as table:
        planned = plan_roster(table, by=by, organization=organization)
    with PlanFile(planned.file) as plan:
        stored = store_roster(plan, by=by, organization=organization, roster_import=row)
    assert stored.is_stored, stored.counts
    row.state, row.counts, row.finished_at, row.due_at = State.DONE, stored.counts, timezone.now(), None
    row.save()
    return row


def _log_some_in(row: RosterImport) -> None:
    imported = ImportedPerson._base_manager.filter(roster_import=row).order_by("pk")
    keys = list(imported.values_list("person", flat=True))[::ONE_IN]
    for start in range(0, len(keys), 500):
        Person._base_manager.filter(pk__in=keys[start : start + 500]).update(first_login_at=timezone.now())


def _taken_back(row: RosterImport, by: Any) -> dict[str, Any]:
    client = Client()
    client.force_login(by, "django.contrib.auth.backends.ModelBackend")
    url = reverse("imports:undo", args=[row.pk])
    # The first request finds templates and the like.
    client.get(reverse("imports:index"))
    with _watched() as asked:
        response = client.get(url)
    assert response.status_code == 200, response
    with scope_of(reach_of(by)):
        actions.undo(row, by=by)
    _Timed.longest = 0.0
    with _watched() as worked:
        _Timed.work_on(row.pk)
    row.refresh_from_db()
    assert row.state == State.UNDONE, (row.state, row.error)
    return {
        "asked": asked,
        "worked": {**worked, "longest": _Timed.longest},
        "counts": {name: row.counts.get(name, 0) for name in ("removed", "restored", "kept")},
    }


@contextmanager
def _watched() -> Iterator[dict[str, float]]:
    """Note seconds, queries, and MiB at most over what there was before."""
    found: dict[str, float] = {}
    queries = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*arguments)

    before = memory_of("VmRSS")
    # From here on, the kernel keeps a new maximum.
    Path("/proc/self/clear_refs").write_text("5")
    begun = time.perf_counter()
    with connection.execute_wrapper(count):
        yield found
    found["seconds"], found["queries"] = time.perf_counter() - begun, queries
    found["memory"] = memory_of("VmHWM") - before


class _Timed(ImportJob):
    """Notes how long the longest batch took, during which nobody else writes on SQLite."""

    longest = 0.0
    _last: float | None = None

    def keep(self, **values: Any) -> None:
        super().keep(**values)
        now = time.perf_counter()
        if self._last is not None:
            type(self).longest = max(self.longest, now - self._last)
        self._last = now
