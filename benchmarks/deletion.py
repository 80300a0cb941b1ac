"""Deletes a mentee with many messages in a process of its own: time, memory, queries; and whole, however often it is
killed on the way.
"""

import argparse
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .databases import EmptyDatabase, folder


@dataclass
class Result:
    database: str
    messages: int
    kills: int
    seconds: float
    queries: int
    #: What the worker took at most, before it began and in all, in MB.
    before: float
    peak: float
    #: What there was at the end: see `deletion_scene.look`.
    end: dict[str, Any]
    #: Files of SQLite in which the person's name is still to be read, freed pages and log included.
    traces: list[str]


def measure(
    directory: Path,
    *,
    messages: int,
    attachments: int = 0,
    megabytes: int = 1,
    kill_at: tuple[int, ...] = (),
    server: str | None = None,
) -> Result:
    """Have the deletion killed at each of these statements, counted anew each time, and then done."""
    database = EmptyDatabase("deletion", directory, server=server)
    database.prepare()
    scene = "benchmarks.deletion_scene"
    database.call(f"{scene}.prepare", messages, attachments, megabytes)
    kills = 0
    for statement in kill_at:
        try:
            database.call(f"{scene}.work", statement)
        except subprocess.CalledProcessError:
            kills += 1
    worked = json.loads(database.call(f"{scene}.work", 0).splitlines()[-1])
    end = json.loads(database.call(f"{scene}.look").splitlines()[-1])
    traces = [path.name for path in database.directory.glob("*.sqlite3*") if b"Zyxquort" in path.read_bytes()]
    if database.server:
        database.remove()
    return Result(
        database="PostgreSQL" if database.server else "SQLite",
        messages=messages,
        kills=kills,
        end=end,
        traces=traces,
        **worked,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--attachments", type=int, default=20, help="Files, sent with the first messages.")
    parser.add_argument("--megabytes", type=int, default=10, help="Size of each file.")
    parser.add_argument(
        "--kill-at", type=int, nargs="*", default=[], help="Statements at which to kill the worker."
    )
    options = parser.parse_args()
    with folder(None) as directory:
        result = measure(
            directory,
            messages=options.messages,
            attachments=options.attachments,
            megabytes=options.megabytes,
            kill_at=tuple(options.kill_at),
        )
    print(
        f"{result.database}: {result.messages} messages, {options.attachments} files of {options.megabytes} MB,"
        f" {result.kills} kills: {result.seconds:.1f} s, {result.queries} queries, {result.before:.0f} MB before,"
        f" {result.peak:.0f} MB at most, export {result.end['bytes'] / 1e6:.0f} MB"
    )
    print(json.dumps(result.end))
    print("Still to be read in:", ", ".join(result.traces) or "nothing")


if __name__ == "__main__":
    main()
