"""Rows of a table, kept in a nameless temporary file: a hundred thousand of them cost no memory."""

import weakref
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple, Protocol

#: Bytes that are read ahead.
_BLOCK = 256 * 1024


class SourceRow(NamedTuple):
    """One row below the headings, cleaned, with the number of the line where it begins."""

    line: int
    cells: tuple[str, ...]


class Rows(Protocol):
    """Rows that can be gone through any number of times: a list, or a file on disk."""

    def __iter__(self) -> Iterator[SourceRow]: ...

    def __len__(self) -> int: ...


class StoredRows:
    """Rows on disk, one a line: its number and its cells, with tabs in between. The file goes with the object."""

    def __init__(self, file: IO[bytes], count: int) -> None:
        """Read the `count` rows with which `file` begins."""
        self._file = file
        self._count = count
        weakref.finalize(self, file.close)

    def __iter__(self) -> Iterator[SourceRow]:
        # Each that goes through keeps its own place, so that several can at a time.
        position = 0
        left = self._count
        while left > 0:
            self._file.seek(position)
            lines = self._file.readlines(_BLOCK)[:left]
            if not lines:
                return
            position = self._file.tell()
            left -= len(lines)
            yield from map(_loaded, lines)

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        self._file.close()


def dumped(line: int, cells: Iterable[str]) -> bytes:
    """Return a row as `StoredRows` reads it. Cells that are clean hold neither tabs nor line breaks."""
    return "\t".join((str(line), *cells)).encode() + b"\n"


def _loaded(text: bytes) -> SourceRow:
    line, *cells = text[:-1].decode().split("\t")
    return SourceRow(int(line), tuple(cells))
