"""The real process: quick, stopped cleanly, and killed while it works. `benchmarks/outbox_kills.py` has the full figure."""

import os
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from benchmarks.outbox_kills import measure

LEASE = 3
#: Threads of a process that send e-mail: the window in which a kill may double one message each.
SENDERS = 2


def server():
    """The server of the tests' database, by a database that is there; empty for SQLite."""
    if connection.vendor == "sqlite":
        return ""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres"))


def test_killed_processes_lose_nothing_and_leave_nothing_behind(tmp_path):
    result = measure(tmp_path, jobs=150, kills=5, lease=LEASE, server=server())

    assert (result.sent, result.lost, result.stuck) == (150, 0, 0)
    assert result.doubled <= result.kills * SENDERS
