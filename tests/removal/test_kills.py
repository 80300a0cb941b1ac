"""The worker killed on the way, again and again: the same end. `benchmarks/deletion.py` has the full figure."""

from benchmarks.deletion import measure
from tests.outbox.test_processes import server


def test_killed_workers_end_at_the_same_and_leave_nothing_behind(tmp_path):
    result = measure(
        tmp_path, messages=200, attachments=2, megabytes=0, kill_at=(30, 40, 20), server=server()
    )

    assert (result.kills, result.end["state"], result.end["exports"]) == (3, "done", 1)
    assert result.end["histories"] == ["exported", "deleted"]
    assert result.end["deleted"] == result.end["counts"]
    assert (result.end["left"], result.traces) == ([0, 0, 0], [])
