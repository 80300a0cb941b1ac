"""Imports a roster and takes it back, killing the worker again and again at random statements: each ends as if nobody
had been killed.
"""

import argparse
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .databases import EmptyDatabase, folder

ROWS, KILLS = 2_000, 20


@dataclass
class Result:
    database: str
    rows: int
    kills: int
    #: Statements that the worker makes in each state, without a kill.
    statements: dict[str, int]
    #: What there is after storing and after undoing: without a kill, and with all of them.
    unharmed: dict[str, Any]
    killed: dict[str, Any]

    @property
    def is_same(self) -> bool:
        return self.unharmed == self.killed


def measure(directory: Path, *, rows: int, kills: int, seed: int, server: str | None = None) -> Result:
    """Go the whole way once undisturbed, and once with `kills` kills, at statements chosen by `seed`."""
    database = EmptyDatabase("import_kills", directory, server=server)
    database.prepare()
    try:
        said = database.call("benchmarks.import_kills_scene.run", rows, kills, seed)
    finally:
        database.remove()
    return Result(
        database="PostgreSQL" if database.server else "SQLite", rows=rows, **json.loads(said.splitlines()[-1])
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_kills", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="Says where it is killed.")
    options = parser.parse_args()
    with folder(None) as directory:
        result = measure(directory, rows=options.rows, kills=options.kills, seed=options.seed)
    same = "the same" if result.is_same else "NOT the same"
    print(
        f"{result.database}: {result.rows:,} rows, {result.kills} kills, seed {options.seed}: {same} in the end."
    )
    print("Statements:", json.dumps(result.statements))
    if not result.is_same:
        print(json.dumps(result.unharmed), json.dumps(result.killed), sep="\n")


if __name__ == "__main__":
    main()
