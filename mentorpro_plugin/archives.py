"""ZIP files of tables, as exports leave the project: stored whole and checked, or not at all."""

import contextlib
import errno
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import Storage
from django.utils import timezone

from .purging import names_in
from .sheets import Row, csv_pieces

_BYTES = 256 * 1024

#: Called every now and then while something goes on for long.
Beat = Callable[[], object]

#: Why there is no archive: no room is left; the storage failed; it lacks a file that belongs into the archive.
DISK_FULL, STORAGE, FILE_MISSING = "disk_full", "storage", "file_missing"


class ArchiveFailed(Exception):
    """The archive couldn't be written whole. `reason` is one of the above, or the caller's own."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Archive:
    """A ZIP file that is being filled."""

    def __init__(self, file: zipfile.ZipFile, beat: Beat) -> None:
        self._file = file
        self._beat = beat

    def add_text(self, name: str, text: str) -> None:
        with self._entry(name) as target:
            target.write(text.encode())

    def add_table(self, name: str, chunks: Iterable[Iterable[Row]]) -> None:
        """Write rows, which come in chunks, as CSV; the first row is the heading."""
        with self._entry(name) as target:
            for piece in csv_pieces(chunks):
                self._beat()
                target.write(piece.encode())

    def add_file(self, name: str, storage: Storage, source: str) -> None:
        """Copy the file `source` of `storage`. Raises ArchiveFailed if it isn't there."""
        try:
            opened = storage.open(source)
        except FileNotFoundError as error:
            raise ArchiveFailed(FILE_MISSING) from error
        # Pictures and the like, which are compressed already.
        with opened, self._entry(name, compress_type=zipfile.ZIP_STORED) as target:
            while chunk := opened.read(_BYTES):
                self._beat()
                target.write(chunk)

    def _entry(self, name: str, *, compress_type: int = zipfile.ZIP_DEFLATED) -> IO[bytes]:
        entry = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
        entry.compress_type = compress_type
        return self._file.open(entry, "w", force_zip64=True)


def write_archive(target: IO[bytes], fill: Callable[[Archive], object], *, beat: Beat) -> None:
    """Have `fill` fill an archive in the file `target`. Raises ArchiveFailed."""
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
            fill(Archive(file, beat))
    except OSError as error:
        raise ArchiveFailed(_reason_of(error)) from error


def store_archive(
    storage: Storage, folder: str, name: str, fill: Callable[[Archive], object], *, beat: Beat
) -> str:
    """Have `fill` fill an archive, store it in `folder`, check what was stored, and return its name.

    `name` is this attempt's alone. What else is in `folder` goes: an attempt that was killed may have left it. Raises
    ArchiveFailed, and leaves nothing behind.
    """
    path = f"{folder}/{name}.zip"
    try:
        for left in names_in(storage, folder):
            storage.delete(left)
        # On the disk: the storage wants a file from its beginning, and may be elsewhere.
        with tempfile.TemporaryFile() as file:
            write_archive(file, fill, beat=beat)
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            storage.save(path, _Beating(file, beat))
        _check(storage, path, size, beat)
    except BaseException as error:
        with contextlib.suppress(OSError):
            storage.delete(path)
        if isinstance(error, OSError):
            raise ArchiveFailed(_reason_of(error)) from error
        if isinstance(error, zipfile.BadZipFile | zlib.error):
            raise ArchiveFailed(STORAGE) from error
        raise
    return path


class _Beating(File):
    """A file that says it is alive while somebody reads it."""

    def __init__(self, file: Any, beat: Beat) -> None:
        super().__init__(file, name="export.zip")
        self._beat = beat

    def read(self, *args: Any) -> bytes:
        self._beat()
        return self.file.read(*args)


def _check(storage: Storage, name: str, size: int, beat: Beat) -> None:
    """Read back what was stored, to the last byte. Raises OSError or BadZipFile if it isn't what was written."""
    if storage.size(name) != size:
        raise OSError(errno.EIO, "The stored archive has another size.")
    with storage.open(name) as stored, zipfile.ZipFile(stored) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as content:
                # At its end, `zipfile` compares the checksum.
                while content.read(_BYTES):
                    beat()
    # Storages elsewhere have no path, and are as safe as they say.
    with contextlib.suppress(NotImplementedError):
        _sync(Path(storage.path(name)))


def _sync(path: Path) -> None:
    """Have the disk keep the file, and that it is there."""
    for kept in (path, path.parent):
        descriptor = os.open(kept, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason_of(error: OSError) -> str:
    return DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else STORAGE
