"""Databases to measure on: one for each size, made by `create_demo_data`."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent

#: People of an organization, on average: a bigger site has more organizations, not bigger ones.
PEOPLE_OF_AN_ORGANIZATION = 1000


@contextmanager
def folder(kept: Path | None) -> Iterator[Path]:
    """The folder for SQLite's files: `kept`, which stays, or one that is removed afterwards."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="mentorpro-benchmark-") as temporary:
            yield Path(temporary)


class Database:
    """A database of `people`, on the server of DATABASE_URL if there is one, else a SQLite file in `directory`."""

    def __init__(self, people: int, directory: Path) -> None:
        self.people = people
        self.organizations = max(6, people // PEOPLE_OF_AN_ORGANIZATION)
        self.directory = directory / str(people)
        self.server = os.environ.get("DATABASE_URL", "")
        self.name = f"mentorpro_benchmark_{people}"

    @property
    def environment(self) -> dict[str, str]:
        """Of a process that works on this database."""
        own = {
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "site")]),
            "DATA_DIR": str(self.directory),
        }
        if self.server:
            own["DATABASE_URL"] = urlunsplit(urlsplit(self.server)._replace(path=f"/{self.name}"))
        return {**os.environ, **own}

    def prepare(self) -> None:
        """Make it, unless it is there from the last time."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.server:
            self._on_server("CREATE DATABASE", unless_error="already exists")
        self._manage("migrate", "--verbosity", "0")
        people, organizations = str(self.people), str(self.organizations)
        self._manage("create_demo_data", "--people", people, "--organizations", organizations)
        self._manage(
            "shell", "--no-imports", "--command", "from benchmarks.databases import settle; settle()"
        )

    def remove(self) -> None:
        """Drop it from the server; SQLite's file goes with its folder."""
        if self.server:
            self._on_server("DROP DATABASE IF EXISTS")

    def call(self, function: str, *arguments: object) -> str:
        """Call the function at a dotted path, in a process of its own that is set up for this database.

        Returns what it prints.
        """
        module, name = function.rsplit(".", 1)
        code = f"from {module} import {name}; {name}(*{arguments!r})"
        return self._manage("shell", "--no-imports", "--command", code)

    def _manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def _on_server(self, statement: str, *, unless_error: str = "") -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            try:
                connection.execute(f'{statement} "{self.name}"')
            except psycopg.Error as error:
                if not unless_error or unless_error not in str(error):
                    raise


class EmptyDatabase(Database):
    """A database called after `name` with nothing in it but its tables, on `server` in place of DATABASE_URL's."""

    def __init__(self, name: str, directory: Path, *, server: str | None = None) -> None:
        super().__init__(0, directory)
        self.name = f"mentorpro_benchmark_{name}"
        if server is not None:
            self.server = server

    @property
    def environment(self) -> dict[str, str]:
        environment = super().environment
        if not self.server:
            environment.pop("DATABASE_URL", None)
        return environment

    def prepare(self) -> None:
        """Make it anew."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.server:
            self._on_server("DROP DATABASE IF EXISTS")
            self._on_server("CREATE DATABASE")
        self._manage("migrate", "--verbosity", "0")


def settle() -> None:
    """Do now what PostgreSQL's autovacuum would do in the minutes after so many new rows. SQLite has no such thing."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def version() -> str:
    """Name and version of the database in use."""
    if connection.vendor == "sqlite":
        return f"SQLite {connection.Database.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
