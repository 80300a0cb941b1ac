"""Writes a roster into a file, as the screens offer it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from ...access.reach import reach_of, scope_of
from ...access.roles import Role
from ...activity.history import history_through
from ...activity.models import HistoryEntry
from ...exchange.cells import read_role
from ...exchange.importers import staff_user
from ...exports.rosters import CSV, XLSX, ExportStopped, RosterExport
from ...files import written_whole
from ...people.models import codename_of


class Command(BaseCommand):
    help = (
        "Write the roster of one role into FILE (CSV or XLSX), with the people whom a member of staff may export on the"
        " screens. The columns are those that import_roster reads, so that importing FILE again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="EMAIL", help="The member of staff who does this.")
        parser.add_argument(
            "--role",
            required=True,
            metavar="ROLE",
            help="mentor, mentee, program_manager or success_coordinator.",
        )
        parser.add_argument(
            "--output",
            required=True,
            type=Path,
            metavar="FILE",
            help="Only whoever runs the command can read it.",
        )

    def handle(self, *, by: str, role: str, output: Path, **options: Any) -> None:
        file_format = output.suffix.lower().lstrip(".")
        if file_format not in (CSV, XLSX):
            raise CommandError("FILE has to end in .csv or .xlsx.", returncode=2)
        user = staff_user(by)
        if user is None:
            raise CommandError("No active member of staff has that e-mail address.", returncode=2)
        try:
            export = _export(user, read_role(role.replace("_", " ")))
            with written_whole(output) as file, history_through(HistoryEntry.Via.COMMAND):
                for piece in export.written(file_format):
                    file.write(piece)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages), returncode=2) from refusal
        except PermissionDenied as refusal:
            raise CommandError("They may not export rosters.") from refusal
        except ExportStopped as stop:
            raise CommandError(
                "They may see less by now than at the beginning. Nothing was written."
            ) from stop
        except OSError as error:
            raise CommandError(f"{output} can't be written: {error.strerror}.", returncode=2) from error
        self.stdout.write(f"Done: {export.count} people.")


def _export(user: Any, role: Role) -> RosterExport:
    model = apps.get_model("mentorpro_plugin", codename_of(role))
    with scope_of(reach_of(user)):
        return RosterExport(model.objects.visible_to(user), role=role, by=user)
