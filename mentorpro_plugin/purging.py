"""What has had its time: each domain says how its own is removed; a command and the deliverer have all of it done."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.storage import Storage
from django.utils import timezone

#: A file younger than this may belong to a row that isn't committed yet.
SETTLED = timedelta(days=1)

_purges: dict[str, tuple[Any, Callable[[], int]]] = {}


def register_purge(name: str, label: Any, function: Callable[[], int]) -> None:
    """Have `function` called each hour, to remove things past their time and return how many: "3 exports".

    `label` says what things, in the plural. It may be called at any time, and by several processes at once.
    """
    _purges[name] = (label, function)


def purge_expired() -> dict[str, int]:
    """Remove all that has had its time; return how many of each, by the name it was registered under."""
    return {name: function() for name, (_label, function) in _purges.items()}


def label_of(name: str) -> str:
    return str(_purges[name][0])


def remove_settled(storage: Storage, names: list[str]) -> int:
    """Remove those of the files `names`, which no row knows, that are old enough; return how many."""
    count = 0
    for name in names:
        if storage.get_modified_time(name) < timezone.now() - SETTLED:
            storage.delete(name)
            count += 1
    return count


def names_in(storage: Storage, folder: str) -> list[str]:
    """Return the names of the files directly in `folder`; none where there is no such folder."""
    try:
        return [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
    except FileNotFoundError:
        return []


def folders_in(storage: Storage, folder: str) -> list[str]:
    """Return the names of the folders directly in `folder`, without its own."""
    try:
        return list(storage.listdir(folder)[0])
    except FileNotFoundError:
        return []
