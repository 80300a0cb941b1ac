"""Imports taken step by step, as the screens do: for tests of what lies between the upload and the roster."""

import csv
import io
from typing import Any

from django.core.files.base import ContentFile

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.conversations.models import private_storage
from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.mapping import Mapping
from mentorpro_plugin.exchange.models import RosterImport
from mentorpro_plugin.exchange.working import ImportJob

from .helpers import HEADINGS

State = RosterImport.State


def csv_of(*rows: dict[str, str]) -> bytes:
    """A roster with `rows`, as {heading: cell}; headings that rows add stand at the end."""
    headings = [*HEADINGS, *dict.fromkeys(key for row in rows for key in row if key not in HEADINGS)]
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def kept(roster_import: RosterImport) -> RosterImport:
    """The import as the database has it."""
    return RosterImport._base_manager.get(pk=roster_import.pk)


def do(action: Any, roster_import: RosterImport, *args: Any, by: Any, **options: Any) -> Any:
    """Take a step within the scope of `by`, as a request does; the import as it is afterwards, where it returns one."""
    with scope_of(reach_of(by)):
        result = action(roster_import, *args, by=by, **options)
    return kept(result) if isinstance(result, RosterImport) else result


def uploaded(content: bytes, *, by: Any, organization: Any = None, name: str = "roster.csv") -> RosterImport:
    with scope_of(reach_of(by)):
        return kept(
            actions.upload(ContentFile(content, name=name), name=name, organization=organization, by=by)
        )


def mapped(roster_import: RosterImport, *, by: Any) -> RosterImport:
    """Say that the columns mean what was guessed."""
    return do(actions.set_mapping, roster_import, Mapping.from_json(roster_import.mapping), by=by)


def previewed(content: bytes, *, by: Any, **options: Any) -> RosterImport:
    return mapped(uploaded(content, by=by, **options), by=by)


def confirmed(roster_import: RosterImport, *, by: Any, only_valid: bool = False) -> RosterImport:
    return do(actions.confirm, roster_import, only_valid=only_valid, by=by)


def stored(content: bytes, *, by: Any, only_valid: bool = False, **options: Any) -> RosterImport:
    return confirmed(previewed(content, by=by, **options), by=by, only_valid=only_valid)


def undone(roster_import: RosterImport, *, by: Any) -> RosterImport:
    return do(actions.undo, roster_import, by=by)


def files_of(roster_import: RosterImport) -> list[str]:
    """Names of the files that the storage has of an import, without its folder."""
    storage, folder = private_storage(), f"imports/{roster_import.pk}"
    return sorted(storage.listdir(folder)[1]) if storage.exists(folder) else []


def work(roster_import: RosterImport) -> RosterImport:
    """Do what a worker does that comes by; the import as it is afterwards."""
    ImportJob.work_on(roster_import.pk)
    return kept(roster_import)
