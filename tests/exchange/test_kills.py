"""The worker killed at random points, again and again: the same end. `benchmarks/import_kills.py` has the full figure."""

import random

from benchmarks.import_kills import measure
from tests.outbox.test_processes import server


def test_killed_workers_end_as_if_nobody_had_been_killed(tmp_path):
    seed = random.randrange(10**6)

    result = measure(tmp_path, rows=120, kills=14, seed=seed, server=server())

    # What was taken back before a kill isn't done again: so the last of the kills may come too late.
    assert result.kills >= 11, seed
    assert set(result.statements) == {"uploaded", "planning", "storing", "undoing"}
    assert result.killed == result.unharmed, seed
    stored, undone = (result.killed[when]["counts"] for when in ("stored", "undone"))
    assert (stored["new"], stored["changed"], stored["endings"]) == (100, 20, 20)
    assert [undone[what] for what in ("removed", "restored", "kept")] == [100, 20, 0]
