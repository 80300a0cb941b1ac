"""Removing what has had its time: exports of deletions, and files that no row knows any more."""

from collections.abc import Iterator

from django.core.files.storage import Storage
from django.utils import timezone

from ..conversations.models import Attachment, private_storage
from ..purging import folders_in, names_in, remove_settled
from .exporting import folder_of
from .models import Deletion

_NAMES = 500


def purge_exports() -> int:
    """Remove exports past their time; return how many."""
    storage, count = private_storage(), 0
    for deletion in Deletion._base_manager.exclude(export="").filter(export_expires_at__lte=timezone.now()):
        storage.delete(deletion.export)
        Deletion._base_manager.filter(pk=deletion.pk, export=deletion.export).update(export="")
        count += 1
    return count


def purge_orphans() -> int:
    """Remove files that a process left which was killed after it had stored them; return how many."""
    storage, count = private_storage(), 0
    for names in _in_batches(_names_below(storage, "attachments")):
        known = set(Attachment._base_manager.filter(file__in=names).values_list("file", flat=True))
        count += remove_settled(storage, [name for name in names if name not in known])
    for folder in folders_in(storage, "deletions"):
        deletion = Deletion._base_manager.filter(pk=folder).first() if folder.isdecimal() else None
        if deletion is None or not deletion.is_open:
            kept = deletion.export if deletion else ""
            names = names_in(storage, folder_of(deletion) if deletion else f"deletions/{folder}")
            count += remove_settled(storage, [name for name in names if name != kept])
    return count


def _names_below(storage: Storage, folder: str) -> Iterator[str]:
    yield from names_in(storage, folder)
    for name in folders_in(storage, folder):
        yield from _names_below(storage, f"{folder}/{name}")


def _in_batches(names: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == _NAMES:
            yield batch
            batch = []
    if batch:
        yield batch
