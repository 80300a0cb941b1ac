"""The process that reads a file: confined, without Django, without secrets. `reading.read_table` starts it.

It finds the file on standard input and what to read of it in its one argument, a JSON object. On standard output it
writes the rows as `rows.StoredRows` reads them, and then one line more: a JSON object, which says what there is to see
of the file, or why it can't be read.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from ..formulas import unescaped
from .delimited import DelimitedText
from .layout import Line, headings_among, is_blank
from .limits import LINES_TO_LOOK_AT, MOST_COLUMNS, MOST_ROWS, confine
from .rows import dumped
from .text import clean
from .unreadable import Unreadable, Why

#: Rows that a glance shows, and characters of a cell or heading in it.
SAMPLES = 5
LONGEST_SAMPLE = 200

# How archives begin, and the files of Excel before 2007.
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LONGEST_MARK = 4


def main() -> None:
    request = json.loads(sys.argv[1])
    confine(request.pop("parent"))
    try:
        verdict = {"glance": write_rows(sys.stdin.buffer, sys.stdout.buffer, **request)}
    except Unreadable as refusal:
        verdict = {"why": refusal.why, "facts": refusal.facts}
    except MemoryError:
        verdict = {"why": Why.COSTLY, "facts": {}}
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n")
    sys.stdout.buffer.flush()


def write_rows(
    source: BinaryIO, target: BinaryIO, *, suffix: str, sheet: str, heading_line: int
) -> dict[str, Any]:
    """Write the rows of the file `source` to `target`, and return what `reading.Glance` keeps. Raises Unreadable."""
    glance, lines = _opened(source, suffix, sheet)
    number, texts, lines = _headings(lines, heading_line)
    headings = _cleaned_headings(texts)
    samples = []
    count = 0
    for line, cells in lines:
        cleaned = [unescaped(clean(cell)) if cell else "" for cell in cells]
        if "sheet" in glance:
            # What stands beside a table in a sheet is no part of it; in text, a separator in a cell moves the others.
            del cleaned[len(headings) :]
        while len(cleaned) > len(headings) and not cleaned[-1]:
            cleaned.pop()
        if not any(cleaned):
            continue
        cleaned += [""] * (len(headings) - len(cleaned))
        count += 1
        if count > MOST_ROWS:
            raise Unreadable(Why.MANY_ROWS, count=MOST_ROWS)
        if count <= SAMPLES:
            samples.append([cell[:LONGEST_SAMPLE] for cell in cleaned[: len(headings)]])
        target.write(dumped(line, cleaned))
    return {**glance, "heading_line": number, "headings": headings, "samples": samples, "rows": count}


def _opened(source: BinaryIO, suffix: str, sheet: str) -> tuple[dict[str, Any], Iterator[Line]]:
    """Return the beginnings of a glance, and the lines of the file. What it begins with says more than its name."""
    if suffix == ".xlsx" or source.read(_LONGEST_MARK).startswith(_WORKBOOK_MARKS):
        # Here, not at the top: only those who read workbooks need the library.
        from .workbooks import Workbook  # noqa: PLC0415

        workbook = Workbook(source, sheet=sheet)
        return {"sheets": workbook.sheets, "sheet": workbook.sheet}, workbook.lines()
    text = DelimitedText(source, suffix=suffix)
    return {"encoding": text.encoding, "separator": text.separator}, text.lines()


def _headings(lines: Iterator[Line], wanted: int) -> tuple[int, Sequence[str], Iterator[Line]]:
    """Return number and cells of the line `wanted`, or of the one that looks like headings, and the lines below."""
    if wanted:
        number, cells = next((line for line in lines if line[0] >= wanted), (0, []))
        if number != wanted or is_blank(cells):
            raise Unreadable(Why.NO_HEADINGS, line=wanted)
        return number, cells, lines
    looked_at = list(islice((line for line in lines if not is_blank(line[1])), LINES_TO_LOOK_AT))
    found = headings_among(looked_at)
    if found is None:
        raise Unreadable(Why.EMPTY)
    return *found, chain(looked_at[looked_at.index(found) + 1 :], lines)


def _cleaned_headings(texts: Sequence[str]) -> list[str]:
    headings = [unescaped(clean(text))[:LONGEST_SAMPLE] for text in texts]
    while not headings[-1]:
        headings.pop()
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(Why.MANY_COLUMNS, count=MOST_COLUMNS)
    return headings


if __name__ == "__main__":
    main()
