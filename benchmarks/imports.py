"""Imports the same rosters by ImportExportModelAdmin and by ours, each in a process of its own: see README.md in this folder."""

import argparse
import datetime
import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .databases import EmptyDatabase, folder
from .measuring import markdown_table

SIZES = (10_000, 100_000)
STOCK_SIZES = (2_000, 10_000)
ROUNDS = 3
#: What has to hold: rows a second as a ratio to the peer's and as a share of the limit's, memory in MiB.
FASTER, SHARE, MEMORY = 25, 0.1, 64


class ImportsDatabase(EmptyDatabase):
    """A database with nothing in it but an organization, its programs, and their manager."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "DJANGO_SETTINGS_MODULE": "benchmarks.stock_settings"}

    def prepare(self) -> None:
        super().prepare()
        self.call("benchmarks.imports_scene.prepare")


@dataclass
class Line:
    """What was measured of one thing, at one size."""

    what: str
    rows: int
    #: Rows a second, each time.
    rates: list[float]
    #: Seconds of each step, the median of all times.
    steps: dict[str, float]
    memory: float | None = None

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


class Measuring:
    """Runs processes that measure, each on people of their own."""

    def __init__(self, database: ImportsDatabase) -> None:
        self._database = database
        self._turn = 0

    def turn(self) -> int:
        """Return a number for people whom nobody else has; the one after it is for warming up."""
        self._turn += 2
        return self._turn

    def call(self, function: str, *arguments: Any) -> dict[str, Any]:
        print(f"{function} {arguments}...", file=sys.stderr)
        said = self._database.call(f"benchmarks.imports_scene.{function}", *arguments)
        return json.loads(said.splitlines()[-1])


def measure(
    database: ImportsDatabase, *, sizes: list[int], stock_sizes: list[int], rounds: int
) -> list[Line]:
    """Measure all, taking turns, so that whatever else the machine does falls on all alike."""
    measuring = Measuring(database)
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}

    def note(what: str, result: dict[str, Any]) -> None:
        found.setdefault((what, result["rows"]), []).append(result)

    for _round in range(rounds):
        for size in stock_sizes:
            note("stock", measuring.call("stock", size, measuring.turn()))
        for size in sizes:
            note("ours", measuring.call("ours", size, measuring.turn()))
        for what, result in measuring.call("bare", sizes[0], measuring.turn()).items():
            note(what, result)
    for size in sizes:
        turn = measuring.turn()
        note("realistic", measuring.call("ours", size, turn, "realistic"))
        note("again", measuring.call("again", size, turn))
        note("changed", measuring.call("changed", size, turn))
    return [_line(what, rows, results) for (what, rows), results in found.items()]


def _line(what: str, rows: int, results: list[dict[str, Any]]) -> Line:
    steps = results[0]["seconds"]
    return Line(
        what,
        rows,
        rates=[rows / sum(result["seconds"].values()) for result in results],
        steps={step: statistics.median(result["seconds"][step] for result in results) for step in steps},
        memory=max((result["memory"] for result in results if "memory" in result), default=None),
    )


_NAMES = {
    "stock": "ImportExportModelAdmin",
    "ours": "ours",
    "bulk_create": "bare `bulk_create`",
    "raw": "bare COPY, on SQLite `executemany`",
    "realistic": "ours, a cohort with programs, leads and a grade",
    "again": "ours, the same cohort again: unchanged",
    "changed": "ours, again with other names and addresses",
}


def report(lines: list[Line], about: dict[str, str], *, command: str) -> str:
    """Return Markdown: one table of rates, one of what should hold."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    head = ["what", "rows", "reading, s", "preview, s", "storing, s", "rows/s (from – to)", "memory, MiB"]
    return "\n".join(
        [
            f"### {about['database']}",
            "",
            f"{today}, {about['software']}.",
            "",
            f"    {command}",
            "",
            markdown_table(head, map(_cells, sorted(lines, key=_place)), words=1),
            "",
            markdown_table(["target", "limit", "measured", "met"], _targets(lines), words=1),
            "",
        ]
    )


def _place(line: Line) -> tuple[int, int]:
    return list(_NAMES).index(line.what), line.rows


def _cells(line: Line) -> list[str]:
    steps = [f"{line.steps[step]:.2f}" if step in line.steps else "" for step in ("read", "preview", "store")]
    rate = f"{line.rate:,.0f}"
    if len(line.rates) > 1:
        rate += f" ({min(line.rates):,.0f} – {max(line.rates):,.0f})"
    memory = "" if line.memory is None else f"+{line.memory:.0f}"
    return [_NAMES[line.what], f"{line.rows:,}", *steps, rate, memory]


def _targets(lines: list[Line]) -> Iterator[list[str]]:
    """What guards the speed of imports, with what was found."""

    def of(what: str) -> list[Line]:
        return [line for line in lines if line.what == what]

    def row(name: str, limit: str, value: str, *, holds: bool) -> list[str]:
        return [name, limit, value, "yes" if holds else "**no**"]

    [bulk_create] = of("bulk_create")
    for line in of("ours"):
        # The size at which the peer is at its best.
        ratio = line.rate / max(peer.rate for peer in of("stock"))
        yield row(f"{line.rows:,} rows, ours / stock", f"{FASTER}", f"{ratio:.1f}", holds=ratio >= FASTER)
        share = line.rate / bulk_create.rate
        name = f"{line.rows:,} rows, ours / bare `bulk_create`"
        yield row(name, f"{SHARE:.0%}", f"{share:.0%}", holds=share >= SHARE)
        memory = line.memory or 0
        yield row(f"{line.rows:,} rows, MiB more", f"{MEMORY}", f"{memory:.0f}", holds=memory <= MEMORY)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="How many rows ours imports.")
    parser.add_argument(
        "--stock-sizes", type=int, nargs="+", default=STOCK_SIZES, help="And how many the peer."
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="Imports of each size; the median counts.")
    parser.add_argument("--output", type=Path, help="Write the report to this file too.")
    options = parser.parse_args()
    with folder(None) as directory:
        database = ImportsDatabase("imports", directory)
        database.prepare()
        try:
            about = json.loads(database.call("benchmarks.imports_scene.about"))
            lines = measure(
                database, sizes=options.sizes, stock_sizes=options.stock_sizes, rounds=options.rounds
            )
        finally:
            database.remove()
    sizes, stock_sizes = (" ".join(map(str, numbers)) for numbers in (options.sizes, options.stock_sizes))
    command = (
        f"python -m benchmarks.imports --sizes {sizes} --stock-sizes {stock_sizes} --rounds {options.rounds}"
    )
    text = report(lines, about, command=command)
    print(text)
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
