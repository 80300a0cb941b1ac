"""Reading the tables that people send: CSV in UTF-8, and XLSX. What can't be read is refused in a sentence."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO

from django.utils.translation import gettext as _

from .text import clean, unescaped

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 200


class FileRefused(Exception):
    """The file as a whole can't be used; the message is a sentence for whoever sent it."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row below the headings, cleaned, with the number of the line where it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text: headings, and rows with at least as many cells. Blank rows are left out."""

    headings: tuple[str, ...]
    rows: list[SourceRow] = field(default_factory=list)


def read_table(stream: BinaryIO, *, name: str) -> Table:
    """Read the file in `stream`; `name` says by its ending what it is. Raises FileRefused."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise FileRefused(_("Only CSV and XLSX files can be read."))
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FileRefused(
            _("The file is larger than %(megabytes)d MB. Divide it into several files.")
            % {"megabytes": MOST_BYTES // 1024**2}
        )
    if suffix == ".xlsx":
        # Here, not at the top: only those who read workbooks need the library.
        from .workbooks import workbook_rows  # noqa: PLC0415

        return _table(workbook_rows(content))
    return _table(_csv_rows(content))


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            _("The file isn't encoded in UTF-8: see line %(line)d. Save it as “CSV UTF-8”.") % {"line": line}
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 0
    try:
        for cells in reader:
            yield line + 1, cells
            line = reader.line_num
    except csv.Error as error:
        raise FileRefused(
            _(
                "The file can't be read from line %(line)d on: a cell there is too long, or a quote isn't closed."
            )
            % {"line": line + 1}
        ) from error


def _table(numbered: Iterable[tuple[int, list[str]]]) -> Table:
    rows = iter(numbered)
    headings = _headings(next(rows, (1, []))[1])
    table = Table(headings)
    for read, (line, cells) in enumerate(rows, 1):
        if read > MOST_ROWS:
            raise FileRefused(
                _("The file has more than %(count)d rows. Divide it into several files.")
                % {"count": MOST_ROWS}
            )
        cleaned = [unescaped(clean(cell)) for cell in cells]
        while len(cleaned) > len(headings) and not cleaned[-1]:
            cleaned.pop()
        if any(cleaned):
            cleaned += [""] * (len(headings) - len(cleaned))
            table.rows.append(SourceRow(line, tuple(cleaned)))
    return table


def _headings(cells: list[str]) -> tuple[str, ...]:
    headings = [clean(cell) for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise FileRefused(_("The first line of the file has no headings."))
    if len(headings) > MOST_COLUMNS:
        raise FileRefused(_("The file has more than %(count)d columns.") % {"count": MOST_COLUMNS})
    if len(headings) == 1 and (";" in headings[0] or "\t" in cells[0]):
        raise FileRefused(_("The columns of the file aren't separated by commas. Save it as “CSV UTF-8”."))
    named = [heading.casefold() for heading in headings if heading]
    if twice := next((heading for heading in headings if named.count(heading.casefold()) > 1), None):
        raise FileRefused(_("The heading “%(heading)s” stands twice in the first line.") % {"heading": twice})
    return tuple(headings)
