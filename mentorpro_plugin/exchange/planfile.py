"""The plan of an import as a file: what the preview shows, and what is carried out once somebody has said yes.

A ZIP archive of plain JSON. `plan.json` is the head; each other entry is a list of some rows of one kind and rank, in
the order of the file. So it is written while the rows are planned, a page is shown and a batch stored
by reading the few entries it needs, and whoever opens the archive sees what is going to happen.
"""

import contextlib
import heapq
import json
import tempfile
import weakref
import zipfile
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any, BinaryIO, Self

from django.core.files import File

from ..access.roles import Role
from .headings import Column
from .plan import Kind, PlanRow
from .plan import rank as rank_of

_VERSION = 1
_HEAD = "plan.json"
#: Rows of an entry: few enough for a page, enough for a batch of the database.
CHUNK = 500
#: Ranks that there are: staff, mentors, mentees. See `plan.rank`.
RANKS = (0, 1, 2)

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class PlanFile:
    """A plan that is read. Closes its stream when it is closed itself, or goes. Raises ValueError for no plan."""

    def __init__(self, stream: IO[bytes] | File) -> None:
        self._closing = weakref.finalize(self, stream.close)
        try:
            self._archive = zipfile.ZipFile(stream)  # type: ignore[arg-type]
            head = json.loads(self._archive.read(_HEAD))
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise ValueError("This is no plan of an import.") from error
        if head["version"] != _VERSION:
            raise ValueError("This is the plan of another version.")
        self.head: dict[str, Any] = head
        #: Headings of the file, by position.
        self.headings: tuple[str, ...] = tuple(head["headings"])
        self._columns: dict[str, int] = head["columns"]
        #: Positions of the cells that came back with a reason beside them, and are left out of the next such file.
        self.left_out: frozenset[int] = frozenset(head["left_out"])
        #: Rows by kind; and "welcomes", "notices", "openings", "endings".
        self.counts: dict[str, int] = head["counts"]
        #: Sentences on the file as a whole.
        self.notes: list[str] = head["notes"]
        #: SHA-256 of the file that was planned.
        self.digest: str = head["digest"]
        #: Primary keys of the parent organizations, and of the programs, in which it changes something.
        self.trees: list[int] = head["trees"]
        self.programs: list[int] = head["programs"]
        #: How the roster was: `staleness.mark_of`.
        self.mark: str = head["mark"]
        self._chunks: list[_Chunk] = [_Chunk(*chunk) for chunk in head["chunks"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._closing()

    def count(self, kind: Kind) -> int:
        return self.counts[kind]

    def heading(self, column: str) -> str:
        """Return the heading of a column, as the file words it."""
        position = self._columns.get(column)
        return str(Column(column).label) if position is None else self.headings[position]

    def page(self, kind: Kind, number: int, size: int = 50) -> list[PlanRow]:
        """Return the rows of one page, the first of which is number 1, in the order of the file."""
        start = (number - 1) * size
        lines = self._lines(kind)
        wanted = lines[start : start + size]
        rows: list[PlanRow] = []
        for rank in RANKS:
            places = [line for line in wanted if line % len(RANKS) == rank]
            if places:
                before = sum(line % len(RANKS) == rank for line in lines[:start])
                rows += self._slice(kind, rank, before, len(places))
        return sorted(rows, key=lambda row: row.line)

    def rows(self, *kinds: Kind) -> Iterator[PlanRow]:
        """Yield the rows of these kinds, of all if none is named, in the order of the file."""
        found = [self.in_rank(rank, kind) for kind in kinds or Kind for rank in RANKS]
        return heapq.merge(*found, key=lambda row: row.line)

    def in_rank(self, rank: int, *kinds: Kind) -> Iterator[PlanRow]:
        """Yield the rows of these kinds and of one rank, kind after kind."""
        for kind in kinds:
            for chunk in self._chunks_of(kind, rank):
                yield from self._read(chunk)

    def _chunks_of(self, kind: Kind, rank: int) -> list["_Chunk"]:
        return [chunk for chunk in self._chunks if (chunk.kind, chunk.rank) == (kind, rank)]

    def _slice(self, kind: Kind, rank: int, start: int, length: int) -> list[PlanRow]:
        rows: list[PlanRow] = []
        for chunk in self._chunks_of(kind, rank):
            if start < chunk.rows and length > 0:
                found = list(self._read(chunk))[start : start + length]
                rows += found
                length -= len(found)
            start = max(start - chunk.rows, 0)
        return rows

    def _read(self, chunk: "_Chunk") -> Iterator[PlanRow]:
        kind = Kind(chunk.kind)
        for row in json.loads(self._archive.read(chunk.name)):
            yield PlanRow.from_json(row, kind)

    def _lines(self, kind: Kind) -> array:
        """Return lines and ranks of all rows of a kind, as written by `PlanWriter`."""
        lines = array("Q")
        lines.frombytes(self._archive.read(_lines_name(kind)))
        return lines


class _Chunk:
    """An entry of the archive."""

    __slots__ = ("kind", "name", "rank", "rows")

    def __init__(self, kind: str, rank: int, name: str, rows: int) -> None:
        self.kind, self.rank, self.name, self.rows = kind, rank, name, rows


class PlanWriter:
    """Writes a plan into a temporary file, row by row. Of each kind and rank, rows come in the order of the file.

    As a context, it closes the file if something goes wrong; else that is up to whoever gets it.
    """

    def __init__(self) -> None:
        self._file: Any = tempfile.TemporaryFile(prefix="plan-", suffix=".zip")  # noqa: SIM115
        self._archive = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._waiting: dict[tuple[Kind, int], list[dict[str, Any]]] = defaultdict(list)
        self._chunks: list[tuple[str, int, str, int]] = []
        self._lines: dict[Kind, array] = {kind: array("Q") for kind in Kind}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *details: object) -> None:
        if error is not None:
            # First the archive, which writes something at its end.
            with contextlib.suppress(OSError):
                self._archive.close()
            self._file.close()

    def add(self, kind: Kind, rank: int, line: int, row: dict[str, Any]) -> None:
        """Write a row, as `PlanRow.as_json` has it."""
        waiting = self._waiting[kind, rank]
        waiting.append(row)
        self._lines[kind].append(line * len(RANKS) + rank)
        if len(waiting) == CHUNK:
            self._write(kind, rank)

    def finish(self, head: Mapping[str, Any]) -> BinaryIO:
        """Write what is left, and the head; return the file, open at its beginning."""
        for kind, rank in sorted(self._waiting):
            self._write(kind, rank)
        for kind, lines in self._lines.items():
            self._archive.writestr(_lines_name(kind), array("Q", sorted(lines)).tobytes())
        self._archive.writestr(_HEAD, json.dumps({**head, "version": _VERSION, "chunks": self._chunks}))
        self._archive.close()
        self._file.seek(0)
        return self._file

    def _write(self, kind: Kind, rank: int) -> None:
        waiting = self._waiting[kind, rank]
        if waiting:
            name = f"rows/{kind}-{rank}-{len(self._chunks)}.json"
            self._archive.writestr(name, _encode(waiting))
            self._chunks.append((str(kind), rank, name, len(waiting)))
            waiting.clear()


def with_refused(plan: PlanFile, refused: Iterable[PlanRow], counts: Mapping[str, int]) -> BinaryIO:
    """Return `plan` with these rows, which were to be written, among the refused; and with `counts`."""
    by_line = {row.line: row for row in refused}
    with PlanWriter() as writer:
        for number in RANKS:
            for kind in Kind:
                rows = (row for row in plan.in_rank(number, kind) if row.line not in by_line)
                if kind == Kind.REFUSED:
                    among = [row for row in by_line.values() if rank_of(Role(row.role_value)) == number]
                    rows = heapq.merge(rows, sorted(among, key=_line), key=_line)  # type: ignore[assignment]
                for row in rows:
                    writer.add(kind, number, row.line, row.as_json())
        return writer.finish({**plan.head, "counts": dict(counts)})


def _line(row: PlanRow) -> int:
    return row.line


def _lines_name(kind: Kind) -> str:
    return f"lines/{kind}"


def in_chunks(rows: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Yield `rows`, at most `size` at a time."""
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk
