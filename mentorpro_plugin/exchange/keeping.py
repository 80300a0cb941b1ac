"""Files of imports: kept in the private storage for as long as they are of use, and no longer."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePath
from typing import IO, Any

from django.core.files import File
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..conf import setting
from ..conversations.models import private_storage
from ..people.languages import language_of
from ..purging import folders_in, names_in, remove_settled
from .models import RosterImport

#: How long an import waits for somebody to go on with it.
UNCONFIRMED = timedelta(days=2)

_FOLDER = "imports"
_BYTES = 256 * 1024

State = RosterImport.State


def kept_for() -> timedelta:
    """How long the files of an import are kept after it has ended."""
    return timedelta(days=setting("IMPORTS_KEPT_DAYS"))


def folder_of(pk: int) -> str:
    return f"{_FOLDER}/{pk}"


def keep_upload(roster_import: RosterImport, file: File) -> str:
    """Store the uploaded file, and return its name in the private storage. Raises OSError."""
    # Under a name of ours: what it was called may say things of people, and has no place in logs and backups.
    suffix = PurePath(roster_import.file_name).suffix.lower()
    file.seek(0)
    return private_storage().save(f"{folder_of(roster_import.pk)}/upload{suffix}", file)


def keep_plan(roster_import: RosterImport, plan: IO[bytes]) -> str:
    """Store a plan beside the upload, and return its name. Raises OSError."""
    plan.seek(0)
    return private_storage().save(f"{folder_of(roster_import.pk)}/plan.zip", File(plan, name="plan.zip"))


def digest_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of `file`, read from its beginning."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def remove_files(names: Iterable[str]) -> None:
    """Remove these files from the private storage, those that are there. Raises OSError."""
    storage = private_storage()
    for name in names:
        if name:
            storage.delete(name)


def folders() -> list[int]:
    """Return the primary keys of imports that have, or had, files in the storage."""
    return sorted(int(name) for name in folders_in(private_storage(), _FOLDER) if name.isdecimal())


def files_of(pk: int) -> list[str]:
    """Return the names of all files of an import, those that a killed worker left as well."""
    return names_in(private_storage(), folder_of(pk))


def forget_files(roster_import: RosterImport) -> None:
    """Remove the files of an import, what was shown of them, and what was said of them. Raises OSError."""
    # Before their names: if it ends here, the names still say which files there are.
    remove_files(files_of(roster_import.pk))
    RosterImport._base_manager.filter(pk=roster_import.pk).update(
        file="", plan="", files_expire_at=None, glance={}, mapping={}, sheet=""
    )


def cancel_unconfirmed() -> int:
    """Cancel imports that nobody went on with for two days; return how many."""
    count, now = 0, timezone.now()
    waiting = RosterImport._base_manager.filter(
        state__in=RosterImport.WAITING, state_since__lte=now - UNCONFIRMED
    )
    for roster_import in waiting.select_related("by"):
        by: Any = roster_import.by
        with translation.override(language_of(by, getattr(by, "mentorpro_person", None))):
            reason = _("Nobody went on with it for two days. Upload the file again.")
        # Unless somebody goes on with it at this very moment.
        count += waiting.filter(pk=roster_import.pk).update(
            state=State.CANCELLED, state_since=now, finished_at=now, files_expire_at=now, error=reason
        )
    return count


def remove_expired() -> int:
    """Remove files of imports past their time, and files that no import knows; return how many imports had any."""
    ended = RosterImport._base_manager.exclude(state__in=(*RosterImport.OPEN, *RosterImport.WAITING))
    count = 0
    for roster_import in ended.filter(files_expire_at__lte=timezone.now()):
        forget_files(roster_import)
        count += 1
    storage = private_storage()
    for pk in folders():
        roster_import = RosterImport._base_manager.filter(pk=pk).first()
        known = (roster_import.file, roster_import.plan) if roster_import else ()
        count += bool(remove_settled(storage, [name for name in files_of(pk) if name not in known]))
    return count
