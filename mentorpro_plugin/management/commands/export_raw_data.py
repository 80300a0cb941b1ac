"""Writes the raw data of an organization into a file, as the screens offer them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...access.reach import reach_of, scope_of
from ...activity.history import history_through
from ...activity.models import HistoryEntry
from ...archives import Archive, ArchiveFailed, write_archive
from ...exchange.importers import staff_user
from ...exports.models import RawExport
from ...exports.package import fill_archive
from ...exports.queries import exportable_by
from ...exports.working import note_raw_export
from ...files import written_whole
from ...organizations.models import Organization
from ...people.leaving import anybody_is_leaving


class Command(BaseCommand):
    help = (
        "Write everything that is held on the people of an organization, and of its children, into FILE: a ZIP of CSV"
        " files with a dictionary, messages included. Only a Super Admin and the account of the parent organization may"
        " do so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="EMAIL", help="The member of staff who does this.")
        parser.add_argument("--organization", required=True, metavar="NAME")
        parser.add_argument(
            "--output",
            required=True,
            type=Path,
            metavar="FILE",
            help="Ends in .zip. Only whoever runs the command can read it.",
        )
        parser.add_argument(
            "--without-files", action="store_true", help="Leave out the files that were sent in messages."
        )

    def handle(
        self, *, by: str, organization: str, output: Path, without_files: bool, **options: Any
    ) -> None:
        if output.suffix.lower() != ".zip":
            raise CommandError("FILE has to end in .zip.", returncode=2)
        user = staff_user(by)
        if user is None:
            raise CommandError("No active member of staff has that e-mail address.", returncode=2)
        found = _organization(user, organization)
        if anybody_is_leaving(found):
            raise CommandError("Somebody in it is being deleted. Try again when they are gone.")
        counts: dict[str, int] = {}

        def fill(archive: Archive) -> None:
            counts.update(
                fill_archive(archive, found, with_files=not without_files, progress=lambda done, total: None)
            )

        try:
            with written_whole(output) as file:
                write_archive(file, fill, beat=lambda: None)
                # Before the file stands in its place: none leaves that isn't written down.
                with history_through(HistoryEntry.Via.COMMAND):
                    note_raw_export(found, counts, by=user)
        except ArchiveFailed as failure:
            raise CommandError(str(RawExport.Reason(failure.reason).label)) from failure
        except OSError as error:
            raise CommandError(f"{output} can't be written: {error.strerror}.", returncode=2) from error
        self.stdout.write(f"Done: {sum(counts.values())} rows.")


def _organization(user: Any, name: str) -> Organization:
    with scope_of(reach_of(user)):
        found = list(exportable_by(user).filter(name__iexact=name.strip()))
    if not found:
        raise CommandError(f"There is no organization “{name}” whose raw data they may export.")
    if len(found) > 1:
        raise CommandError(f"There are several organizations “{name}”.", returncode=2)
    return found[0]
