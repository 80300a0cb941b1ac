"""Reading the tables that people send: CSV and the like, and XLSX. What can't be read is refused in a sentence."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import PurePath
from typing import IO, Any, BinaryIO, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .confined import read_confined
from .limits import MOST_BYTES
from .rows import Rows, SourceRow, StoredRows
from .unreadable import Unreadable, Why

__all__ = ["SUFFIXES", "FileRefused", "Glance", "SourceRow", "Table", "read_table", "source_of"]

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
_BLOCK = 256 * 1024

_SENTENCES = {
    Why.EMPTY: gettext_lazy("There is nothing in the file."),
    Why.NO_HEADINGS: gettext_lazy("There are no headings on line %(line)d."),
    Why.NO_SHEET: gettext_lazy("The workbook has no sheet “%(sheet)s”."),
    Why.MANY_COLUMNS: gettext_lazy("The file has more than %(count)d columns."),
    Why.MANY_ROWS: gettext_lazy("The file has more than %(count)d rows. Divide it into several files."),
    Why.NO_TEXT: gettext_lazy("The file isn't text that can be read. Save it as “CSV UTF-8”, or as XLSX."),
    Why.DAMAGED_TEXT: gettext_lazy(
        "Some letters of the file are damaged: see line %(line)d. Save it anew as “CSV UTF-8”."
    ),
    Why.NO_CELLS: gettext_lazy(
        "The file can't be read from line %(line)d on: a cell there is too long, or a quote isn't closed."
    ),
    Why.NO_WORKBOOK: gettext_lazy("The file isn't a workbook that can be read. Save it anew as XLSX."),
    Why.OLD_WORKBOOK: gettext_lazy("The workbook has the format of Excel before 2007. Save it anew as XLSX."),
    Why.LOCKED_WORKBOOK: gettext_lazy("The workbook asks for a password. Save it without one."),
    Why.UNPACKS_TO_MUCH: gettext_lazy(
        "The workbook unpacks to more than can be read. Save its table as CSV."
    ),
    Why.COSTLY: gettext_lazy(
        "Reading the file takes more time or memory than there is for one: it is too large, or a cell stands far away"
        " from the others. Save its table alone as CSV, or divide it."
    ),
    Why.BROKEN: gettext_lazy("Files can't be read at present. Tell whoever runs the site."),
}


class FileRefused(Exception):
    """The file as a whole can't be used; the message is a sentence for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What there is to see of a file before its rows: enough to say what its columns mean, or to choose another sheet."""

    #: Names of the sheets of a workbook, and of the one that was read; nothing for text.
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    #: How the text is encoded, and what separates its columns; nothing for a workbook.
    encoding: str = ""
    separator: str = ""
    #: The line of the headings, counted from 1.
    heading_line: int = 1
    headings: tuple[str, ...] = ()
    #: The first rows below the headings.
    samples: tuple[tuple[str, ...], ...] = ()
    #: How many rows there are below the headings, blank ones left out.
    rows: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as RosterImport.glance keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `as_json` made, of which JSON has made lists."""
        return cls(
            **{
                **kept,
                "sheets": tuple(kept.get("sheets", ())),
                "headings": tuple(kept.get("headings", ())),
                "samples": tuple(map(tuple, kept.get("samples", ()))),
            }
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text: headings, and rows with at least as many cells. Blank rows are left out.

    The rows of a file lie on disk; whoever read it closes it, or leaves that to the `with` of Python.
    """

    headings: tuple[str, ...]
    rows: Rows = ()
    # SHA-256 of the file it was read from; empty for one that was made otherwise.
    digest: str = field(default="", compare=False)
    glance: Glance = field(default_factory=Glance, compare=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        if isinstance(self.rows, StoredRows):
            self.rows.close()


def read_table(stream: BinaryIO, *, name: str, sheet: str = "", heading_line: int = 0) -> Table:
    """Read the file in `stream`; `name` says by its ending what it is. A confined process does it: see `child`.

    Of a workbook, the sheet that looks most like a roster is read unless `sheet` names another. The headings are
    looked for, unless `heading_line` says on which line they stand, counted from 1. Raises FileRefused.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise FileRefused(_("Only CSV, TSV and XLSX files can be read."))
    with tempfile.TemporaryFile() as copy:
        digest = _copy(stream, copy)
        try:
            file, glance = read_confined(copy, suffix=suffix, sheet=sheet, heading_line=heading_line)
        except Unreadable as reason:
            raise FileRefused(_SENTENCES[reason.why] % reason.facts) from reason
    seen = Glance.from_json(glance)
    return Table(seen.headings, StoredRows(file, seen.rows), digest, seen)


def too_large() -> str:
    """Say of a file that it has too many bytes."""
    facts = {"megabytes": MOST_BYTES // 1024**2}
    return _("The file is larger than %(megabytes)d MB. Divide it into several files.") % facts


def _copy(stream: BinaryIO, copy: IO[bytes]) -> str:
    """Copy `stream`, which may be anywhere, to a file on disk, and return its SHA-256. Raises FileRefused."""
    digest = hashlib.sha256()
    size = 0
    for block in iter(partial(stream.read, _BLOCK), b""):
        size += len(block)
        if size > MOST_BYTES:
            raise FileRefused(too_large())
        digest.update(block)
        copy.write(block)
    copy.flush()
    return digest.hexdigest()


def source_of(table: Table, command: str = "") -> dict[str, str]:
    """What history keeps of where `table` came from."""
    source = {"sha256": table.digest, "command": command}
    return {name: value for name, value in source.items() if value}
