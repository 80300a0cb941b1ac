"""Tables as files, CSV and XLSX: in pieces, so in constant memory, and every cell so that no program trips over it."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from .formulas import escaped

Row = Iterable[str]

#: By it spreadsheets know the encoding: Excel takes a file without for Windows-1252.
BYTE_ORDER_MARK = "\ufeff"

#: What XML, and so a workbook, can't hold: control characters, halves of characters, two that are none.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def cell(text: str) -> str:
    """Return `text` as a cell of a file: no formula, and nothing that couldn't be written."""
    if not text.isprintable():
        text = _UNFIT.sub("\ufffd", text)
    return escaped(text)


def text_of(value: Any) -> str:
    """Return a value of a table as text that means the same everywhere."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def csv_pieces(chunks: Iterable[Iterable[Row]]) -> Iterator[str]:
    """Yield a CSV file, one piece for each of `chunks`, which are lists of rows."""
    buffer = io.StringIO(newline="")
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    for rows in chunks:
        writer.writerows(map(cell, row) for row in rows)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


# What workbooks write for a character that they can't hold: as the text of a name, it has to be written so itself.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

#: Rows that fit on a sheet.
MOST_ROWS = 1_048_576
#: Characters that fit into a cell of a workbook; what is longer is cut.
_LONGEST = 32_767

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# The first row stays in view, and all columns are text, so that an ID typed into an empty cell keeps its zeros.
_SHEET_HEAD = (
    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<cols><col min="1" max="16384" width="20" style="1" customWidth="1"/></cols><sheetData>'
)
_SHEET_TAIL = "</sheetData></worksheet>"
_PLAIN = 'numFmtId="0" fontId="0" fillId="0" borderId="0"'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    f'<cellStyleXfs count="1"><xf {_PLAIN}/></cellStyleXfs><cellXfs count="2"><xf {_PLAIN} xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def xlsx_pieces(chunks: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    """Yield an XLSX workbook, one piece for each of `chunks` and one for the rest. The first row is the heading.

    Not by openpyxl, which hands a workbook out when it is whole: by then, a proxy has given up on a long one. All cells
    are text. What is more than a sheet holds stands on further ones, under the same heading.
    """
    sink = _Sink()
    sheets = 1
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        sheet = _begin_sheet(archive, sheets)
        try:
            heading: Row = ()
            number = 0
            for rows in chunks:
                lines = []
                for row in rows:
                    if number == 0:
                        heading = row
                    elif number == MOST_ROWS:
                        sheet.write("".join(lines).encode())
                        _end_sheet(sheet)
                        sheets += 1
                        sheet = _begin_sheet(archive, sheets)
                        lines = [_line(1, heading)]
                        number = 1
                    number += 1
                    lines.append(_line(number, row))
                sheet.write("".join(lines).encode())
                yield sink.taken()
            sheet.write(_SHEET_TAIL.encode())
        finally:
            # Or the archive would complain of it, in place of what broke off the rows.
            sheet.close()
        for name, text in _frame(sheets).items():
            archive.writestr(name, text)
    yield sink.taken()


class _Sink:
    """What an archive is written to: keeps it until it is taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _begin_sheet(archive: zipfile.ZipFile, number: int) -> zipfile.ZipExtFile:
    sheet = archive.open(f"xl/worksheets/sheet{number}.xml", "w")
    sheet.write(_SHEET_HEAD.encode())
    return sheet


def _end_sheet(sheet: zipfile.ZipExtFile) -> None:
    sheet.write(_SHEET_TAIL.encode())
    sheet.close()


def _line(number: int, row: Row) -> str:
    cells = "".join(
        f'<c r="{_letters(column)}{number}" s="1" t="inlineStr"><is><t xml:space="preserve">'
        f"{escape(_ESCAPE.sub('_x005F_', cell(text)[:_LONGEST]))}</t></is></c>"
        for column, text in enumerate(row)
        if text
    )
    return f'<row r="{number}">{cells}</row>'


@cache
def _letters(column: int) -> str:
    """Return what a column is called, from 0 on: A, B, …, Z, AA."""
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters


def _frame(sheets: int) -> dict[str, str]:
    """Return the files around the sheets."""
    numbers = range(1, sheets + 1)
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'spreadsheetml.{kind}+xml"/>'
        for name, kind in [
            ("workbook", "sheet.main"),
            ("styles", "styles"),
            *((f"worksheets/sheet{number}", "worksheet") for number in numbers),
        ]
    )
    listed = "".join(f'<sheet name="{number}" sheetId="{number}" r:id="rId{number}"/>' for number in numbers)
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, kind, target in [
            *((number, "worksheet", f"worksheets/sheet{number}.xml") for number in numbers),
            (sheets + 1, "styles", "styles.xml"),
        ]
    )
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
            f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
        ),
    }
