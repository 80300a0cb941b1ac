"""Measures the roster of mentees beside Wagtail's own listing of them: see README.md in this folder."""

import argparse
import json
import sys
from pathlib import Path

from . import databases
from .report import report

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roster_listing", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="How many people.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="Requests of each page.")
    parser.add_argument("--keep", type=Path, help="Keep the databases; SQLite's files in this folder.")
    parser.add_argument("--output", type=Path, help="Write the report to this file too.")
    options = parser.parse_args()
    results = []
    with databases.folder(options.keep) as directory:
        for size in options.sizes:
            print(f"{size:,} people...", file=sys.stderr)
            database = databases.Database(size, directory)
            try:
                database.prepare()
                # In a process of its own, so that no size warms up the next.
                results.append(json.loads(database.call("benchmarks.scenes.measure", size, options.rounds)))
            finally:
                if options.keep is None:
                    database.remove()
    sizes = " ".join(map(str, options.sizes))
    text = report(
        results, command=f"python -m benchmarks.roster_listing --sizes {sizes} --rounds {options.rounds}"
    )
    print(text)
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
