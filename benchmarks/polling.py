"""What a thousand open conversations cost: each asks for news every few seconds. See README.md in this folder."""

import argparse
import json
import os
from pathlib import Path

from .databases import Database, folder
from .measuring import markdown_table

#: Seconds between two questions of a page on which something happened in the last two minutes.
ACTIVE = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--open", type=int, default=1_000, help="conversations open at the same time")
    parser.add_argument("--rounds", type=int, default=3, help="questions of each")
    parser.add_argument("--keep", type=Path, help="keep the database in this folder")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with folder(options.keep) as place:
        database = Database(options.people, place)
        try:
            database.prepare()
            found = json.loads(
                database.call("benchmarks.open_pages.measure", options.open, options.rounds).splitlines()[-1]
            )
        finally:
            if options.keep is None:
                database.remove()
    report = _report(found, options.open)
    print(report)
    if options.output:
        options.output.write_text(report + "\n", encoding="utf-8")


def _report(found: dict, number: int) -> str:
    rows = []
    for name, state in found["states"].items():
        share = number / ACTIVE * state["cpu"] / 1000
        rows.append(
            [
                name,
                str(state["status"]),
                str(state["queries"]),
                f"{state['cpu']:.2f} ms",
                f"{state['p95']:.2f} ms",
                f"{state['rate']:,.0f}",
                f"{share:.0%}",
            ]
        )
    head = [
        "state",
        "answer",
        "queries",
        "CPU",
        "p95",
        "requests/s",
        f"{number:,} open, asking every {ACTIVE} s",
    ]
    redis = ", Redis" if os.environ.get("REDIS_URL") else ""
    return "\n".join(
        [
            f"{found['software']}, {found['database']}{redis}, cache {found['cache']}",
            "",
            markdown_table(head, rows, words=2),
        ]
    )


if __name__ == "__main__":
    main()
