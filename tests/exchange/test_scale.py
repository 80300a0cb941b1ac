"""What imports and exports cost as they grow: queries by the batch, and no memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorpro_plugin.exchange.models import RosterImport
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.planfile import PlanFile
from mentorpro_plugin.exchange.rosters import plan_roster, store_roster
from mentorpro_plugin.people.models import Person

from ..world import make_world
from . import cohorts

#: Queries more for a thousand rows more, in planning and storing people who are new, get another program as well, get
#: another name, or stay as they are.
MOST_QUERIES = {
    "new, planned": 3,
    "new, stored": 136,
    "assigned, planned": 19,
    "assigned, stored": 64,
    "changed, planned": 18,
    "changed, stored": 50,
    "unchanged, planned": 18,
    "unchanged, stored": 0,
}
SMALL, LARGE = 2_000, 12_000
#: MiB more for ten thousand rows more: it takes 7. If the rows were kept until the end, it would be 30.
MOST_MORE = 12


def cost(table, by, organization, *, kind=Kind.NEW):
    """Queries of planning and of storing `table`, of whose rows all are of `kind`."""
    roster_import = RosterImport(organization=organization, by=by, file_name="roster.csv")
    roster_import.save()
    with CaptureQueriesContext(connection) as planning:
        planned = plan_roster(table, by=by, organization=organization)
    with PlanFile(planned.file) as plan, CaptureQueriesContext(connection) as storing:
        stored = store_roster(plan, by=by, organization=organization, roster_import=roster_import)
    assert (stored.is_stored, stored.counts[kind]) == (True, len(table.rows))
    return len(planning), len(storing)


@pytest.mark.django_db
def test_queries_grow_by_the_batch(world):
    by, organization = world.user("riverside_parent"), world.organizations["engineering"]
    queries = {what: [] for what in MOST_QUERIES}
    for size, area in ((1_000, 415), (2_000, 503), (3_000, 617)):
        for what, kind, *details in (
            ("new", Kind.NEW, "first_year"),
            ("assigned", Kind.CHANGED, "transfer"),
            ("changed", Kind.CHANGED, "transfer", "Changed"),
            ("unchanged", Kind.UNCHANGED, "transfer", "Changed"),
        ):
            roster = cohorts.table(f"Q{area}-", size, area, *details)
            planned, stored = cost(roster, by, organization, kind=kind)
            queries[f"{what}, planned"].append(planned)
            queries[f"{what}, stored"].append(stored)

    more = {what: max(second - first, third - second) for what, (first, second, third) in queries.items()}
    assert {what: number for what, number in more.items() if number > MOST_QUERIES[what]} == {}


@pytest.fixture
def committed_world(transactional_db):
    return make_world()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process in /proc")
def test_memory_does_not_grow_with_the_rows(committed_world, tmp_path):
    people, organizations = committed_world.people, committed_world.organizations
    by = people["riverside_parent"].user_id
    small = cohorts.written(tmp_path / "small.csv", "small-", SMALL, 415)
    large = cohorts.written(tmp_path / "large.csv", "large-", LARGE, 503)
    exports = [{"export": ending, "q": name} for ending in ("csv", "xlsx") for name in ("small-", "large-")]

    imported = in_a_process(
        tmp_path, "import_each", by, organizations["engineering"].pk, str(small), str(large)
    )
    exported = in_a_process(tmp_path, "export_each", by, *exports)

    (csv_small, csv_large, xlsx_small, xlsx_large), sizes = zip(*exported, strict=True)
    assert Person._base_manager.filter(id_number__startswith="large-").count() == LARGE
    assert sizes[1] > 5 * sizes[0]
    grown = [imported[1] - imported[0], csv_large - csv_small, xlsx_large - xlsx_small]
    assert [mebibytes for mebibytes in grown if mebibytes > MOST_MORE] == []


def in_a_process(folder, function, *arguments):
    """Call a function of `growing` in a process of its own, on the tests' database; what it returns."""
    database = f"sqlite:///{connection.settings_dict['NAME']}"
    if connection.vendor != "sqlite":
        server = urlsplit(os.environ["DATABASE_URL"])
        database = server._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "DATA_DIR": str(folder),
        "DATABASE_URL": database,
    }
    code = (
        "import json, django; django.setup(); from tests.exchange import growing;"
        f"print(json.dumps(growing.{function}(*{arguments!r})))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
