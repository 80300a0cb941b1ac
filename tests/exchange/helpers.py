"""Rosters written by tests, run through the commands; and what the database holds, as one value."""

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

ROSTERS = Path(__file__).parents[1] / "rosters"

HEADINGS = (
    "Role",
    "First Name",
    "Last Name",
    "Phone Number",
    "ID",
    "E-mail",
    "Organization",
    "Program",
    "Program Manager",
    "Mentor",
    "Primary Mentor",
)


class Ran:
    """A command that ran: its exit status, and the lines it said."""

    def __init__(self, command: str, *arguments: Any, **options: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.status = 0
        try:
            call_command(command, *map(str, arguments), stdout=out, stderr=err, **options)
        except CommandError as error:
            self.status = error.returncode
            err.write(f"{error}\n")
        self.said = out.getvalue().splitlines()
        self.complained = err.getvalue().splitlines()

    @property
    def counts(self) -> tuple[int, ...]:
        """New, changed, unchanged, refused: from the last line on standard output."""
        return tuple(int(word) for word in self.said[-1].replace(":", " ").split() if word.isdigit())


def load(file: Any, **options: Any) -> Ran:
    return Ran("load_structure", file, **options)


def import_(file: Any, by: str, **options: Any) -> Ran:
    return Ran("import_roster", file, by=by, **options)


def roster(folder: Path, *rows: dict[str, str], name: str = "roster.csv", headings: Any = HEADINGS) -> Path:
    """Write a roster with `rows`, as {heading: cell}; headings that rows add stand at the end."""
    headings = [*headings, *dict.fromkeys(key for row in rows for key in row if key not in headings)]
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def checksums() -> dict[str, str]:
    """A checksum of every table, by name."""
    tables = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if not model._meta.proxy and table not in tables:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                rows = sorted(map(repr, cursor.fetchall()))
                tables[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return tables


def changed_tables(before: dict[str, str]) -> set[str]:
    """Names of the tables that differ from `before`."""
    now = checksums()
    return {table for table in now if now[table] != before[table]}


def email_of(world: Any, name: str) -> str:
    """The e-mail address with which a person of the world runs a command."""
    return world.people[name].email


def mentee(**cells: str) -> dict[str, str]:
    """A row for a new mentee of the world's School of Engineering; `cells` by heading, with _ for a space."""
    row = {
        "Role": "Mentee",
        "First Name": "Ana",
        "Last Name": "Ruiz",
        "Phone Number": "(907) 555-0142",
        "ID": "N1",
        "Organization": "Enginmark Organization",
    }
    return row | {key.replace("_", " "): text for key, text in cells.items()}


def of(person: Any, **cells: str) -> dict[str, str]:
    """A row about somebody who is there, found by ID; with no other cell filled."""
    empty = {"Role": "", "First Name": "", "Last Name": "", "Phone Number": "", "Organization": ""}
    return mentee(
        **(empty | {"ID": person.id_number} | {key.replace("_", " "): text for key, text in cells.items()})
    )
