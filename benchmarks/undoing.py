"""Takes imports back, each in a process of its own: see README.md in this folder."""

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .databases import folder
from .imports import ImportsDatabase
from .measuring import markdown_table

SIZES = (1_000, 10_000, 100_000)


def measure(database: ImportsDatabase, sizes: list[int]) -> Iterator[dict[str, Any]]:
    """Yield what was found for each size."""
    for turn, size in enumerate(sizes):
        print(f"{size} rows...", file=sys.stderr)
        yield json.loads(database.call("benchmarks.undoing_scene.run", size, 2 * turn).splitlines()[-1])


def report(found: list[dict[str, Any]], about: dict[str, str], *, command: str) -> str:
    """Return Markdown."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    head = [
        "what the import did",
        "rows",
        "the question, s",
        "queries",
        "MiB",
        "undone, s",
        "people/s",
        "queries",
        "longest batch, s",
        "MiB",
    ]
    rows = (_cells(name, result["rows"], result[key]) for name, key in _KINDS.items() for result in found)
    return "\n".join(
        [
            f"### {about['database']}",
            "",
            f"{today}, {about['software']}.",
            "",
            f"    {command}",
            "",
            markdown_table(head, rows, words=1),
            "",
        ]
    )


_KINDS = {"added all": "added", "gave all another first name": "changed"}


def _cells(name: str, rows: int, result: dict[str, Any]) -> list[str]:
    asked, worked = result["asked"], result["worked"]
    return [
        name,
        f"{rows:,}",
        f"{asked['seconds']:.2f}",
        f"{asked['queries']:,}",
        f"+{asked['memory']:.0f}",
        f"{worked['seconds']:.1f}",
        f"{rows / worked['seconds']:,.0f}",
        f"{worked['queries']:,}",
        f"{worked['longest']:.2f}",
        f"+{worked['memory']:.0f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.undoing", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="Rows of the imports.")
    parser.add_argument("--output", type=Path, help="Write the report to this file too.")
    options = parser.parse_args()
    with folder(None) as directory:
        database = ImportsDatabase("undoing", directory)
        database.prepare()
        try:
            about = json.loads(database.call("benchmarks.imports_scene.about"))
            found = list(measure(database, options.sizes))
        finally:
            database.remove()
    command = f"python -m benchmarks.undoing --sizes {' '.join(map(str, options.sizes))}"
    text = report(found, about, command=command)
    print(text)
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
