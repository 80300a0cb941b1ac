"""Conversations that are open in many browsers at once, and what their questions cost. For `polling`."""

import json
import resource
import time

from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.conversations.actions import write_message
from mentorpro_plugin.conversations.inbox import announce, is_shared
from mentorpro_plugin.models import Assignment
from mentorpro_plugin.portal.terms import agree, current_terms

from .measuring import software


def measure(number: int, rounds: int) -> None:
    """Print as JSON what a question costs in each state. In the process and database of `Database.call`."""

    pages = _open_pages(number)
    results = {}
    for name, ask in (
        ("nothing new", lambda page: page.ask()),
        ("nothing new, mark forgotten", lambda page: page.ask(forget=True)),
        ("a new message", lambda page: page.ask(new=True)),
    ):
        with CaptureQueriesContext(connection) as captured:
            status = ask(pages[0])
        # Now: the next request empties the list.
        queries = len(captured)
        for page in pages[: number // 10]:
            ask(page)
        started, before = time.perf_counter(), _cpu()
        times = []
        for _round in range(rounds):
            for page in pages:
                moment = time.perf_counter()
                assert ask(page) == status
                times.append(time.perf_counter() - moment)
        cpu, wall = _cpu() - before, time.perf_counter() - started
        times.sort()
        results[name] = {
            "status": status,
            "queries": queries,
            "cpu": cpu / len(times) * 1000,
            "p95": times[int(len(times) * 0.95)] * 1000,
            "rate": len(times) / wall,
        }
    print(
        json.dumps(
            {
                "states": results,
                "software": software(),
                "database": connection.vendor,
                "cache": type(caches["default"]).__name__,
                "shared": is_shared(),
            }
        )
    )


class _Page:
    """A conversation that is open in somebody's browser."""

    def __init__(self, client, path, person) -> None:
        self.client, self.path, self.person = client, path, person
        self.tag = client.get(path)["ETag"]

    def ask(self, *, forget: bool = False, new: bool = False) -> int:

        if forget:
            cache.delete(f"mentorpro:inbox:{self.person.pk}")
        if new:
            announce(self.person.pk)
        response = self.client.get(self.path, headers={"If-None-Match": '"stale"' if new else self.tag})
        self.tag = response["ETag"]
        return response.status_code


def _open_pages(number: int) -> list[_Page]:
    """Somebody's message in each of `number` conversations, and the page of whoever reads it."""

    assignments = (
        Assignment._base_manager.filter(ended_at=None, person__role="mentee", lead__isnull=False)
        .exclude(person__status="deactivated")
        .exclude(lead__status="deactivated")
        .select_related("person__user", "person__organization", "lead")
        .order_by("person", "pk")
    )
    pages, seen = [], set()
    for assignment in assignments.iterator():
        person, lead = assignment.person, assignment.lead
        if person.pk in seen:
            continue
        seen.add(person.pk)
        # Past the welcome, as everybody is after the first log-in.
        type(person)._base_manager.filter(pk=person.pk).update(welcomed_at=timezone.now())
        if terms := current_terms():
            agree(person, terms.version, by=person.user)
        with scope_of(reach_of(person.user)):
            write_message(author=person, to=lead, text="Hello!", by=person.user)
        client = Client()
        client.force_login(person.user)
        pages.append(_Page(client, f"/mentee/messages/{lead.pk}/news/?after=0", person))
        if len(pages) == number:
            return pages
    raise ValueError(f"There are only {len(pages)} matched mentees; take more people.")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
