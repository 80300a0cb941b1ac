"""Adds organizations, programs and identifiers from a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...exchange.importers import Installation, staff_user
from ...exchange.reading import FileRefused, read_table
from ...exchange.structure import Loaded, load_structure


class Command(BaseCommand):
    help = (
        "Add the organizations, programs and identifiers that FILE (CSV or XLSX) names and that aren't there yet. Its"
        " columns are kind (organization, program or identifier), name, parent (the organization it belongs to), flash"
        " (yes or no, for programs), identifier_values (divided by |) and, if wanted, region (a country code such as"
        " US, for organizations). All or nothing; the same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--by", metavar="EMAIL", help="Do only what this member of staff may; otherwise everything."
        )

    def handle(self, *, file: Path, by: str | None, **options: Any) -> None:
        user = Installation() if by is None else staff_user(by)
        if user is None:
            raise CommandError("No active member of staff has that e-mail address.", returncode=2)
        try:
            with file.open("rb") as stream:
                loaded = load_structure(read_table(stream, name=file.name), by=user)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.", returncode=2) from error
        except FileRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if loaded.refusals:
            for sentence in loaded.refusals:
                self.stderr.write(sentence)
            raise CommandError("Nothing was stored.")
        self._say(loaded)

    def _say(self, loaded: Loaded) -> None:
        for kind in loaded.new:
            self.stdout.write(
                f"{kind.capitalize()}s: {loaded.new[kind]} new, {loaded.changed[kind]} changed,"
                f" {loaded.unchanged[kind]} unchanged."
            )
        if not loaded.has_changes:
            self.stdout.write("Nothing was changed.")
