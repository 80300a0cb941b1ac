"""Imports people, their assignments and identifiers from a file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...exchange.importers import staff_user
from ...exchange.plan import Kind
from ...exchange.reading import FileRefused, read_table
from ...exchange.refused import open_for_the_owner, write_refused
from ...exchange.rosters import Import, import_roster, importable_organizations
from ...exchange.staleness import Stale
from ...organizations.models import Organization


class Command(BaseCommand):
    help = (
        "Import the people in FILE (CSV, TSV or XLSX), with their programs, leads and identifiers, as a member of staff may"
        " on the screens. People are found by ID, then by phone number; the same file again changes nothing. Empty"
        " cells leave things as they are; assignments end only where a cell says “end”. If any row is refused, nothing is"
        " stored and the exit status is 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="The member of staff who does this.")
        parser.add_argument(
            "--organization",
            metavar="NAME",
            help="Whom rows belong to that name no organization. No other but its children may be named then.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")
        parser.add_argument(
            "--only-valid", action="store_true", help="Store the valid rows even if others are refused."
        )
        parser.add_argument(
            "--result",
            type=Path,
            metavar="FILE",
            help="Write the refused rows to this CSV file, with the reasons in a column of their own.",
        )

    def handle(
        self,
        *,
        file: Path,
        by: str,
        organization: str | None,
        dry_run: bool,
        only_valid: bool,
        result: Path | None,
        **options: Any,
    ) -> None:
        user = staff_user(by)
        if user is None:
            raise CommandError("No active member of staff has that e-mail address.", returncode=2)
        if result is not None:
            _check_writable(result, file)
        try:
            with file.open("rb") as stream:
                done = import_roster(
                    read_table(stream, name=file.name),
                    by=user,
                    organization=_organization(user, organization),
                    dry_run=dry_run,
                    only_valid=only_valid,
                    command="import_roster",
                )
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.", returncode=2) from error
        except FileRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except Stale as error:
            raise CommandError(
                "Somebody changed the roster meanwhile. Nothing was stored; run the command again."
            ) from error
        try:
            if result is not None:
                with open_for_the_owner(result) as stream:
                    write_refused(done.plan, stream, rows=done.refused)
        except OSError as error:
            # What was stored is stored, and said all the same.
            self.stderr.write(f"{result} couldn't be written: {error.strerror}.")
        self._say(done)

    def _say(self, done: Import) -> None:
        for sentence in done.notes:
            self.stdout.write(sentence)
        counts = ", ".join(f"{done.count(kind)} {kind}" for kind in Kind)
        self.stdout.write(
            f"Done: {counts}." if done.is_stored else f"Nothing was stored. It would be: {counts}."
        )
        if done.count(Kind.REFUSED):
            for sentence in done.refusals:
                self.stderr.write(sentence)
            kept = "the others are stored" if done.is_stored else "nothing was stored"
            raise CommandError(f"Rows refused: {done.count(Kind.REFUSED)}; {kept}.")


def _organization(user: Any, name: str | None) -> Organization | None:
    if name is None:
        return None
    found = importable_organizations(user, name)
    if len(found) != 1:
        several = "There are several organizations" if found else "There is no organization"
        raise CommandError(f"{several} “{name}” into which you may import.", returncode=2)
    return found[0]


def _check_writable(result: Path, file: Path) -> None:
    """Refuse before anything is stored what could only fail afterwards."""
    try:
        # Resolved: a link, or a path with dots in it, may lead to the roster itself.
        target = result.resolve()
        is_writable = target != file.resolve() and not result.is_dir() and os.access(target.parent, os.W_OK)
    except OSError:
        is_writable = False
    if not is_writable:
        raise CommandError(f"{result} can't be written.", returncode=2)
