"""Kills the processes that deliver the outbox, again and again while they work, and counts what is lost or doubled."""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.outbox.servers import MailServer, running

from .databases import ROOT, Database

JOBS, KILLS, PROCESSES = 5_000, 50, 2
#: Seconds that the mail server takes for each line it says: a mail takes some 70 ms, as over the internet.
SLOWNESS = 0.01


@dataclass
class Result:
    database: str
    jobs: int
    kills: int
    lease: int
    sent: int
    lost: int
    doubled: int
    #: Rows that are not SENT, or still leased, at the end.
    stuck: int
    #: Seconds from the last kill until the last message had arrived.
    recovery: float
    seconds: float


class OutboxDatabase(Database):
    """A database with nothing in it but the outbox, and the environment of processes that deliver it."""

    def __init__(self, directory: Path, *, lease: int, port: int) -> None:
        super().__init__(0, directory)
        self.name = "mentorpro_benchmark_outbox"
        self.lease, self.port = lease, port

    @property
    def environment(self) -> dict[str, str]:
        return {
            **super().environment,
            "DJANGO_SETTINGS_MODULE": "benchmarks.outbox_settings",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "OUTBOX_LEASE": str(self.lease),
            "PYTHONUNBUFFERED": "1",
        }

    def prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.server:
            self._on_server("DROP DATABASE IF EXISTS")
            self._on_server("CREATE DATABASE")
        self._manage("migrate", "--verbosity", "0")


class Deliverer:
    """One process of `deliver_outbox`."""

    def __init__(self, database: OutboxDatabase) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "deliver_outbox", "--skip-checks"],
            env=database.environment,
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    @property
    def is_at_work(self) -> bool:
        self.log.seek(0)
        return b"Delivering" in self.log.read()

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        status = self.process.wait(timeout=60)
        self.log.close()
        return status


def measure(
    directory: Path,
    *,
    jobs: int = JOBS,
    kills: int = KILLS,
    processes: int = PROCESSES,
    lease: int = 45,
    server: str | None = None,
) -> Result:
    """Queue `jobs` mails, kill a process `kills` times while they are delivered, and count. `server` overrides DATABASE_URL."""
    with running(MailServer()) as mail_server:
        mail_server.mood, mail_server.slowness = "slow", SLOWNESS
        database = OutboxDatabase(directory, lease=lease, port=mail_server.port)
        if server is not None:
            database.server = server
        try:
            database.prepare()
            name = json.loads(database.call("benchmarks.outbox_scene.queue", jobs))
            began = time.monotonic()
            killed_at = _deliver(database, mail_server, jobs, kills, processes)
            ended = time.monotonic()
            states = Counter(json.loads(database.call("benchmarks.outbox_scene.states")))
        finally:
            database.remove()
        arrived = Counter(mail_server.message_ids())
    return Result(
        database=name,
        jobs=jobs,
        kills=kills,
        lease=lease,
        sent=states["sent"],
        lost=jobs - len(arrived),
        doubled=arrived.total() - len(arrived),
        stuck=states.total() - states["sent"],
        recovery=ended - killed_at,
        seconds=ended - began,
    )


def _deliver(
    database: OutboxDatabase, mail_server: MailServer, jobs: int, kills: int, processes: int
) -> float:
    """Kill at even distances on the way; return when it was done last."""
    deliverers = [Deliverer(database) for _ in range(processes)]
    killed_at = time.monotonic()
    try:
        for number in range(1, kills + 1):
            _wait(lambda goal=number * jobs // (kills + 1): len(set(mail_server.message_ids())) >= goal)
            _wait(lambda: any(deliverer.is_at_work for deliverer in deliverers))
            victim = random.choice([deliverer for deliverer in deliverers if deliverer.is_at_work])
            # Anywhere in the some 70 ms of a mail, the moment after the server's yes included.
            time.sleep(random.uniform(0, 0.1))
            victim.end(signal.SIGKILL)
            killed_at = time.monotonic()
            deliverers[deliverers.index(victim)] = Deliverer(database)
        _wait(lambda: len(set(mail_server.message_ids())) >= jobs, patience=4 * database.lease + 60)
        # Asked while it is still starting, a process would end as any that knows no signals.
        _wait(lambda: all(deliverer.is_at_work for deliverer in deliverers))
    finally:
        statuses = [deliverer.end(signal.SIGTERM) for deliverer in deliverers]
    assert statuses == [0] * processes, "asked to stop, they end without an error"
    return killed_at


def _wait(is_done, patience: float = 300) -> None:
    deadline = time.monotonic() + patience
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outbox_kills", description=__doc__)
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--lease", type=int, default=45)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mentorpro-benchmark-") as directory:
        result = measure(
            Path(directory),
            jobs=options.jobs,
            kills=options.kills,
            processes=options.processes,
            lease=options.lease,
        )
    print(
        f"| {result.database} | {result.jobs:,} | {result.kills} | {result.lost} | {result.stuck}"
        f" | {result.doubled} | {result.recovery:.0f} s | {result.seconds:.0f} s |"
    )


if __name__ == "__main__":
    main()
