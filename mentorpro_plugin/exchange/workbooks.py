"""Rows of the first sheet of an XLSX workbook, as text."""

import io
import warnings
import zipfile
from datetime import datetime, time
from typing import Any

import openpyxl
from django.utils.translation import gettext as _

from .reading import MOST_COLUMNS, MOST_ROWS, FileRefused

# An XLSX file is an archive, which can unpack to thousands of times its size.
MOST_UNPACKED_BYTES = 100 * 1024 * 1024
MOST_ENTRIES = 1_000

#: From here on, a number in a workbook has lost digits.
_FIRST_INEXACT = 10**15


def workbook_rows(content: bytes) -> list[tuple[int, list[str]]]:
    """Return line number and cells of each row. Raises FileRefused for what isn't a workbook of a bearable size."""
    _check_archive(content)
    try:
        with warnings.catch_warnings():
            # About styles, dates and extensions, none of which matters here.
            warnings.simplefilter("ignore")
            return _read(content)
    except Exception as error:  # whatever breaks inside a stranger's file is a refusal
        raise FileRefused(_("The file isn't a workbook that can be read. Save it anew as XLSX.")) from error


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise FileRefused(_("The file isn't a workbook that can be read. Save it anew as XLSX.")) from error
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise FileRefused(_("The workbook unpacks to more than can be read. Save its table as CSV."))


def _read(content: bytes) -> list[tuple[int, list[str]]]:
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheet = workbook.worksheets[0]
    # What the sheet says of its own size may be wrong.
    sheet.reset_dimensions()
    numbered = []
    # Headings, and one more of each than is allowed, so that whoever counts notices.
    rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True)
    for line, values in enumerate(rows, 1):
        # Rows that the sheet skips come as rows of nothing, each as wide as allowed.
        is_blank = values.count(None) == len(values)
        cells = [] if is_blank else [_as_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        numbered.append((line, cells))
    workbook.close()
    return numbered


def _as_text(value: Any) -> str:
    """Return what a cell shows, as far as numbers go: 2125550171 and not 2125550171.0."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if abs(value) >= _FIRST_INEXACT:
        return f"{value:E}"
    return str(int(value)) if value == int(value) else str(value)
