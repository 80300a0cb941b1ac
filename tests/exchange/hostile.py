"""Files made to hurt whoever reads them, most of them small to send; and what reading one costs."""

import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import NamedTuple

from mentorpro_plugin.exchange.unreadable import Why

_MEGABYTE = 1024**2
_SHEET = "xl/worksheets/sheet1.xml"
_STRINGS = "xl/sharedStrings.xml"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_START = f'<worksheet {_MAIN}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>ID</t></is></c></row>'
_END = "</sheetData></worksheet>"
_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{f"&{of};" * 10}">' for of, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
)
_FOREIGN_ENTITY = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'

#: A part of a workbook: its text, or blocks of bytes.
Part = str | Iterable[bytes]


class Hostile(NamedTuple):
    """A file, and what comes of it: why it is refused, or the number of rows that are read."""

    suffix: str
    content: Callable[[], bytes]
    outcome: Why | int


class Cost(NamedTuple):
    """What came of reading a file, and what the process took that read it."""

    outcome: Why | int
    cpu: float
    megabytes: int


def _workbook(sheet: Part, *, strings: Part = "", sheets: Sequence[str] = ("S1",), **others: Part) -> bytes:
    """The smallest workbook that is one; `others` are parts by name, with __ for a slash."""
    named = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId1"/>' for number, name in enumerate(sheets, 1)
    )
    parts: dict[str, Part] = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_CONTENT}.sharedStrings+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        ),
        _SHEET: sheet,
        _STRINGS: strings or f"<sst {_MAIN}/>",
    }
    return _archive(parts | {name.replace("__", "/"): part for name, part in others.items()})


def workbook_of_sheets(names: Sequence[str]) -> bytes:
    """A workbook with sheets of those names, all of the same content."""
    return _workbook(_START + _END, sheets=names)


def _archive(parts: dict[str, Part], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive:
        for name, content in parts.items():
            with archive.open(name, "w") as part:
                for block in [content.encode()] if isinstance(content, str) else content:
                    part.write(block)
    return stream.getvalue()


def _repeated(start: str, text: str, megabytes: int, end: str) -> Iterable[bytes]:
    yield start.encode()
    block = text.encode() * (_MEGABYTE // len(text))
    for _block in range(megabytes):
        yield block
    yield end.encode()


def _rows(text: str, megabytes: int) -> bytes:
    return _workbook(_repeated(_START, text, megabytes, _END))


def _cells(*places: str) -> bytes:
    """A workbook with something in those cells."""
    rows = "".join(
        f'<row r="{place.lstrip(ascii_uppercase)}"><c r="{place}"><v>1</v></c></row>' for place in places
    )
    return _workbook(_START + rows + _END)


def _lying_bomb() -> bytes:
    """Its directory says that the sheet unpacks to 99 bytes."""
    content = bytearray(_rows('<row r="2"/>', 600))
    for mark, name_at, size_at in ((b"PK\x03\x04", 30, 22), (b"PK\x01\x02", 46, 24)):
        header = content.find(mark)
        while content[header + name_at : header + name_at + len(_SHEET)] != _SHEET.encode():
            header = content.find(mark, header + 1)
        content[header + size_at : header + size_at + 4] = struct.pack("<I", 99)
    return bytes(content)


def _overlapping_bomb() -> bytes:
    """A hundred entries of the directory, all of which are the same hundred megabytes."""
    stream = io.BytesIO(_workbook(_START + _END, xl__media=_repeated("", " ", 100, "")))
    with zipfile.ZipFile(stream, "a") as archive:
        (entry,) = (entry for entry in archive.infolist() if entry.filename == "xl/media")
        archive.filelist += [entry] * 99
        archive._didModify = True
    return stream.getvalue()


def _shared(string: str, of: int) -> bytes:
    """A string that `of` cells in 100 columns share."""
    row = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    strings = f"<sst {_MAIN}><si><t>{string}</t></si></sst>"
    return _workbook([_START.encode(), (row * (of // 100)).encode(), _END.encode()], strings=strings)


def _damaged() -> bytes:
    content = bytearray(_workbook(_START + "<row><c><v>1</v></c></row>" * 1_000 + _END))
    place = content.find(_SHEET.encode()) + len(_SHEET)
    content[place + 20 : place + 60] = bytes(40)
    return bytes(content)


def _packed_otherwise() -> bytes:
    return _archive({"xl/workbook.xml": "<workbook/>", _SHEET: _START + _END}, zipfile.ZIP_LZMA)


def _random(size: int) -> bytes:
    return random.Random(5).randbytes(size)


def _marks(size: int) -> str:
    """Combining marks in the order in which it takes longest to sort them."""
    return "a" + "\u0301\u0323" * (size // 2)


WORKBOOKS = {
    "a cell far below": Hostile(".xlsx", lambda: _cells("A2", "M1048576"), Why.COSTLY),
    "a cell far to the right": Hostile(".xlsx", lambda: _cells("A2", "XFD9"), 1),
    "a cell in the last corner": Hostile(".xlsx", lambda: _cells("A2", "XFD1048576"), Why.COSTLY),
    "nothing but the last corner": Hostile(
        ".xlsx",
        lambda: _workbook(_START.replace('r="1"', 'r="1048576"').replace("A1", "XFD1048576") + _END),
        Why.COSTLY,
    ),
    "cells beyond all sheets": Hostile(".xlsx", lambda: _cells("A2", "ZZZZZZ99999999999"), Why.NO_WORKBOOK),
    "cells without sense": Hostile(".xlsx", lambda: _cells("-1", "A0", "0A", "\u00e4"), Why.NO_WORKBOOK),
    "a row of numbers beyond all": Hostile(
        ".xlsx",
        lambda: _workbook(_START + '<row r="99999999999999999999"><c><v>1</v></c></row>' + _END),
        Why.COSTLY,
    ),
    "ten million empty rows": Hostile(".xlsx", lambda: _rows('<row r="2"/>', 150), 0),
    "three million rows": Hostile(".xlsx", lambda: _rows("<row><c><v>1</v></c></row>", 150), Why.COSTLY),
    "unpacks to a gigabyte": Hostile(".xlsx", lambda: _rows(" ", 1_000), Why.UNPACKS_TO_MUCH),
    "lies about what it unpacks to": Hostile(".xlsx", _lying_bomb, Why.NO_WORKBOOK),
    "one part a hundred times": Hostile(".xlsx", _overlapping_bomb, Why.UNPACKS_TO_MUCH),
    "two thousand parts": Hostile(
        ".xlsx",
        lambda: _workbook(_START + _END, **{f"part{number}": "" for number in range(2_000)}),
        Why.UNPACKS_TO_MUCH,
    ),
    "parts outside": Hostile(
        ".xlsx", lambda: _workbook(_START + _END, **{"..__..__etc__passwd": "x", "__tmp__x": "x"}), 0
    ),
    "ten million elements deep": Hostile(".xlsx", lambda: _rows("<row><c><v>", 150), Why.COSTLY),
    "deep strings": Hostile(
        ".xlsx",
        lambda: _workbook(_START + _END, strings=_repeated(f"<sst {_MAIN}>", "<si><r>", 150, "")),
        Why.COSTLY,
    ),
    "one long attribute": Hostile(
        ".xlsx", lambda: _workbook(_repeated(_START + '<row r="', "1", 190, "")), Why.COSTLY
    ),
    "a billion laughs in the sheet": Hostile(
        ".xlsx",
        lambda: _workbook(_ENTITIES + _START + '<row><c t="str"><v>&j;</v></c></row>' + _END),
        Why.NO_WORKBOOK,
    ),
    "a billion laughs in the strings": Hostile(
        ".xlsx",
        lambda: _workbook(_START + _END, strings=f"{_ENTITIES}<sst {_MAIN}><si><t>&j;</t></si></sst>"),
        Why.NO_WORKBOOK,
    ),
    "a file of the machine in the strings": Hostile(
        ".xlsx",
        lambda: _workbook(
            _START + '<row><c t="s"><v>0</v></c></row>' + _END,
            strings=f"{_FOREIGN_ENTITY}<sst {_MAIN}><si><t>&j;</t></si></sst>",
        ),
        Why.NO_WORKBOOK,
    ),
    "ten million strings": Hostile(
        ".xlsx",
        lambda: _workbook(
            _START + _END, strings=_repeated(f"<sst {_MAIN}>", "<si><t>x</t></si>", 150, "</sst>")
        ),
        Why.COSTLY,
    ),
    "one string of 150 megabytes": Hostile(
        ".xlsx",
        lambda: _workbook(
            _START + '<row><c t="s"><v>0</v></c></row>' + _END,
            strings=_repeated(f"<sst {_MAIN}><si><t>", "x", 150, "</t></si></sst>"),
        ),
        Why.COSTLY,
    ),
    "a long string in a million cells": Hostile(
        ".xlsx", lambda: _shared("x" * 30_000, 1_000_000), Why.COSTLY
    ),
    "a string that takes long to clean": Hostile(
        ".xlsx", lambda: _shared(_marks(60_000), 100_000), Why.COSTLY
    ),
    "cells of strings that aren't there": Hostile(
        ".xlsx", lambda: _workbook(_START + '<row><c t="s"><v>7</v></c></row>' + _END), Why.NO_WORKBOOK
    ),
    "numbers that are none": Hostile(
        ".xlsx",
        lambda: _workbook(
            _START
            + "".join(f"<row><c><v>{text}</v></c></row>" for text in ("1e999", "NaN", "-inf", "x"))
            + _END
        ),
        Why.NO_WORKBOOK,
    ),
    "ten thousand sheets": Hostile(
        ".xlsx", lambda: _workbook(_START + _END, sheets=[f"S{number}" for number in range(10_000)]), 0
    ),
    "a damaged sheet": Hostile(".xlsx", _damaged, Why.NO_WORKBOOK),
    "cut off": Hostile(".xlsx", lambda: _cells("A2")[:-40], Why.NO_WORKBOOK),
    "packed otherwise": Hostile(".xlsx", _packed_otherwise, Why.NO_WORKBOOK),
    "an archive of something else": Hostile(
        ".xlsx", lambda: _archive({"content.xml": "<office:document/>", "mimetype": "x"}), Why.NO_WORKBOOK
    ),
    "a program": Hostile(".xlsx", lambda: b"\x7fELF" + _random(_MEGABYTE), Why.NO_WORKBOOK),
    "an old workbook": Hostile(".xlsx", lambda: _OLE + _random(_MEGABYTE), Why.OLD_WORKBOOK),
    "a locked workbook": Hostile(
        ".xlsx", lambda: _OLE + bytes(1016) + "EncryptedPackage".encode("utf-16-le"), Why.LOCKED_WORKBOOK
    ),
    "an old workbook as text": Hostile(".csv", lambda: _OLE + _random(_MEGABYTE), Why.OLD_WORKBOOK),
}

_MOST = 49 * _MEGABYTE
TEXTS = {
    "one line": Hostile(".csv", lambda: b"x" * _MOST, Why.NO_CELLS),
    "one line of commas": Hostile(".csv", lambda: b"," * _MOST, Why.NO_CELLS),
    "one line of many scripts": Hostile(".csv", lambda: "\U0001f469".encode() * (_MOST // 4), Why.NO_CELLS),
    "line breaks": Hostile(".csv", lambda: b"ID\n" + b"\n" * _MOST, Why.COSTLY),
    "quotes": Hostile(".csv", lambda: b'"' * _MOST, Why.NO_CELLS),
    "a quote that stays open": Hostile(".csv", lambda: b'ID\n"' + b"x\n" * (_MOST // 2), Why.NO_CELLS),
    "quotes on every line": Hostile(".csv", lambda: b'ID\n"x""\n' * (_MOST // 8), Why.NO_CELLS),
    "short lines": Hostile(".csv", lambda: b"ID\n" + b"1\n" * (_MOST // 2), Why.MANY_ROWS),
    "lines of commas": Hostile(".csv", lambda: b"ID\n" + (b"," * 1023 + b"\n") * (_MOST // 1024), 0),
    "wide lines": Hostile(
        ".csv", lambda: b"ID\n" + (b"x," * 511 + b"x\n") * (_MOST // 1024), Why.MANY_COLUMNS
    ),
    "zeros": Hostile(".csv", lambda: bytes(_MOST), Why.NO_TEXT),
    "noise": Hostile(".csv", lambda: _random(_MOST), Why.NO_TEXT),
    "half UTF-16": Hostile(".csv", lambda: b"\xff\xfe" + b"\x00\xd8" * 100, Why.NO_TEXT),
    "invisible letters": Hostile(".csv", lambda: b"ID\n" + ("\u200b" * 1_000 + "\n").encode() * 16_000, 0),
    "marks that take long to sort": Hostile(
        ".csv", lambda: b"ID\n" + (_marks(60_000) + "\n").encode() * 400, Why.COSTLY
    ),
    "a picture": Hostile(".csv", lambda: b"\x89PNG\r\n\x1a\n" + _random(_MEGABYTE), Why.NO_TEXT),
    "a program": Hostile(".csv", lambda: b"\x7fELF" + _random(_MEGABYTE), Why.NO_TEXT),
    "a page of the web": Hostile(".csv", lambda: b"<html><body><table><tr><td>ID" * 100_000, Why.NO_CELLS),
}

HOSTILE = {f"workbook: {name}": file for name, file in WORKBOOKS.items()} | {
    f"text: {name}": file for name, file in TEXTS.items()
}

# Run in a process of its own, without Django: what is measured of children begins with the size of their parent.
_MEASURE = """
import json, resource, sys
from mentorpro_plugin.exchange.confined import read_confined
from mentorpro_plugin.exchange.unreadable import Unreadable
with open(sys.argv[1], "rb") as source:
    try:
        kept, glance = read_confined(source, suffix=sys.argv[2], sheet="", heading_line=0)
        outcome = glance["rows"]
    except Unreadable as reason:
        outcome = str(reason.why)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([outcome, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024]))
"""


def python_environment() -> dict[str, str]:
    """What a process needs to find this project, and nothing else."""
    return {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}


def cost_of(path: Path, suffix: str) -> Cost:
    """Read the file at `path` as one that ends with `suffix`, and return what came of it and what it took."""
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE, path, suffix],
        env=python_environment(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    outcome, cpu, megabytes = json.loads(ran.stdout)
    return Cost(Why(outcome) if isinstance(outcome, str) else outcome, cpu, megabytes)
