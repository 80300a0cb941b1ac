"""XLSX workbooks, as text. Knows nothing of Django: the process that reads uses it."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from .layout import Line, headings_among, is_blank, likeness
from .limits import (
    LINES_TO_LOOK_AT,
    LONGEST_NAME,
    MOST_CELLS,
    MOST_ENTRIES,
    MOST_SHEETS,
    MOST_UNPACKED_BYTES,
)
from .text import clean
from .unreadable import Unreadable, Why

# How files of Excel before 2007 begin; and workbooks with a password, which are wrapped into one.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
#: From here on, a number in a workbook has lost digits.
_FIRST_INEXACT = 10**15


class _Sheet(NamedTuple):
    #: Among all that the library counts: charts, too.
    position: int
    #: As it can be shown and stored.
    name: str
    is_shown: bool


class Workbook:
    """The sheets of a workbook, and the lines of the one that is read."""

    def __init__(self, stream: BinaryIO, *, sheet: str = "") -> None:
        """Read the sheet named `sheet`, or the one that looks most like a roster. Raises Unreadable."""
        _check_archive(stream)
        stream.seek(0)
        with _refusing():
            self._workbook = CalamineWorkbook.from_filelike(stream)
            sheets = [
                _Sheet(position, clean(entry.name)[:LONGEST_NAME], entry.visible == SheetVisibleEnum.Visible)
                for position, entry in enumerate(self._workbook.sheets_metadata)
                if entry.typ == SheetTypeEnum.WorkSheet
            ][:MOST_SHEETS]
            named = [one for one in sheets if one.name == sheet][:1]
            if sheet and not named:
                raise Unreadable(Why.NO_SHEET, sheet=clean(sheet)[:LONGEST_NAME])
            chosen, self._content = self._chosen(named or [one for one in sheets if one.is_shown] or sheets)
            self.sheet = chosen.name
            self.sheets = tuple(one.name for one in sheets)

    def _chosen(self, sheets: list[_Sheet]) -> tuple[_Sheet, CalamineSheet]:
        """Return the first of the sheets that is a roster beyond doubt, or the one that comes nearest."""
        known: dict[_Sheet, int] = {}
        for sheet in sheets:
            content = self._workbook.get_sheet_by_index(sheet.position)
            headings = headings_among(list(islice(_lines(content), LINES_TO_LOOK_AT)))
            is_roster, known[sheet] = likeness(headings[1]) if headings else (False, -1)
            if is_roster or len(sheets) == 1:
                return sheet, content
            # Before the next one is read: memory holds a large sheet once.
            del content
        nearest = max(known, key=known.__getitem__)
        return nearest, self._workbook.get_sheet_by_index(nearest.position)

    def lines(self) -> Iterator[Line]:
        """Yield each line of the sheet that isn't blank. Raises Unreadable."""
        with _refusing():
            yield from _lines(self._content)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever breaks inside a stranger's workbook into a refusal: what the library panics with, too."""
    try:
        yield
    except (Unreadable, MemoryError, GeneratorExit):
        raise
    except BaseException as error:
        raise Unreadable(Why.NO_WORKBOOK) from error


def _check_archive(stream: BinaryIO) -> None:
    stream.seek(0)
    if stream.read(len(_OLE)) == _OLE:
        is_locked = _LOCKED in stream.read()
        raise Unreadable(Why.LOCKED_WORKBOOK if is_locked else Why.OLD_WORKBOOK)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable(Why.NO_WORKBOOK) from error
    # Of all that is in the archive: what the library opens of it is its own affair.
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise Unreadable(Why.UNPACKS_TO_MUCH)


def _lines(sheet: CalamineSheet) -> Iterator[Line]:
    if sheet.end and (sheet.end[0] + 1) * (sheet.end[1] + 1) > MOST_CELLS:
        # The library fills in all that lies between the corner and a far cell.
        raise Unreadable(Why.COSTLY)
    for number, values in enumerate(sheet.iter_rows(), 1):
        if values.count("") < len(values):
            cells = [value if isinstance(value, str) else _as_text(value) for value in values]
            if not is_blank(cells):
                yield number, cells


def _as_text(value: Any) -> str:
    """Return what a cell shows, as far as numbers go: 2125550171 and not 2125550171.0."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        if abs(value) >= _FIRST_INEXACT:
            return f"{value:E}"
        return str(int(value)) if value == int(value) else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)
