"""Exports the roster of mentees, ours and by django-import-export: rows a second, first byte, memory."""

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .databases import Database, folder
from .measuring import markdown_table

SIZES = (10_000, 100_000, 1_000_000)
PEERS = ("ours", "stock", "tuned")
#: How many rows are taken at most: the peers hold all at once, and the first makes queries for each.
MOST = {"ours": 0, "stock": 3_000, "tuned": 30_000}


def measure(database: Database, size: int, rounds: int) -> list[dict[str, Any]]:
    """Export as CSV and as XLSX, the peers in turns; of each, the round in the middle."""
    found = []
    for ending in ("csv", "xlsx"):
        taken: dict[str, list[dict[str, Any]]] = {peer: [] for peer in PEERS}
        for _round in range(rounds):
            for peer in PEERS:
                text = database.call("benchmarks.exports_scene.measure", peer, ending, MOST[peer])
                taken[peer].append({**json.loads(text), "people": size})
        middle = rounds // 2
        found += [sorted(results, key=lambda row: row["seconds"])[middle] for results in taken.values()]
    return found


def report(found: list[dict[str, Any]], *, command: str) -> str:
    first = found[0]
    day = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    head = [
        "people",
        "file",
        "peer",
        "rows",
        "seconds",
        "rows/s",
        "first byte, ms",
        "memory, +MiB",
        "ours / peer, rows/s",
    ]
    return "\n".join(
        [
            f"### On {first['database']}",
            "",
            f"{day}, {first['software']}.",
            "",
            f"    {command}",
            "",
            markdown_table(head, _rows(found), words=3),
            "",
        ]
    )


def _rows(found: list[dict[str, Any]]) -> Iterator[list[str]]:
    ours = {(row["people"], row["ending"]): _speed(row) for row in found if row["peer"] == "ours"}
    for row in found:
        ratio = ours[row["people"], row["ending"]] / _speed(row)
        yield [
            f"{row['people']:,}",
            row["ending"].upper(),
            row["peer"],
            f"{row['rows']:,}",
            f"{row['seconds']:.1f}",
            f"{_speed(row):,.0f}",
            f"{row['first_byte'] * 1000:,.0f}",
            f"{row['mebibytes']:.0f}",
            "" if row["peer"] == "ours" else f"{ratio:.1f}",
        ]


def _speed(row: dict[str, Any]) -> float:
    return row["rows"] / row["seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="How many people.")
    parser.add_argument(
        "--rounds", type=int, default=3, help="Exports of each; the one in the middle counts."
    )
    parser.add_argument("--keep", type=Path, help="Keep the databases; SQLite's files in this folder.")
    options = parser.parse_args()
    found = []
    with folder(options.keep) as directory:
        for size in options.sizes:
            print(f"{size:,} people...", file=sys.stderr)
            database = Database(size, directory)
            try:
                database.prepare()
                found += measure(database, size, options.rounds)
            finally:
                if options.keep is None:
                    database.remove()
    sizes = " ".join(map(str, options.sizes))
    print(report(found, command=f"python -m benchmarks.exports --sizes {sizes} --rounds {options.rounds}"))


if __name__ == "__main__":
    main()
