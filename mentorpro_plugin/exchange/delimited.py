"""Text with separated columns, as office programs save it. Knows nothing of Django: the process that reads uses it."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import IO, BinaryIO

from .layout import Line, is_blank, known_columns
from .limits import LINES_TO_LOOK_AT, LONGEST_CELL, LONGEST_LINE
from .unreadable import Unreadable, Why

SEPARATORS = (",", ";", "\t", "|")
_BLOCK = 1024**2
#: Characters from whose lines the separator is told.
_LOOKED_AT = 64 * 1024

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark it begins with.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NOT_IN_TEXT_EITHER = re.compile(_NOT_IN_TEXT.pattern.decode("latin-1"))
# In UTF-16, every other byte of plain text is one. Without its mark it is believed if a fifth of those are, which
# separators, digits and ends of lines make in any script, and a tenth as many at most between them.
_MOST_ZEROS = 0.1
_FEWEST_IN_UTF_16 = 0.2
_MOST_BETWEEN = 0.1
_HIGH = re.compile(rb"[\x80-\xff]")
_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# A first line by which Excel is told the separator.
_SAID = re.compile(r"sep=([,;\t|:^~])\s*", re.IGNORECASE)


class DelimitedText:
    """How a file of text is encoded, what separates its columns, and its lines."""

    def __init__(self, stream: BinaryIO, *, suffix: str) -> None:
        """Raises Unreadable for what isn't text."""
        self.encoding = encoding_of(stream)
        stream.seek(0)
        self._text = io.TextIOWrapper(stream, self.encoding, newline="")
        beginning = self._text.read(_LOOKED_AT)
        self._text.seek(0)
        lines = list(io.StringIO(beginning, newline=""))
        if len(beginning) == _LOOKED_AT and len(lines) > 1:
            lines.pop()
        said = _SAID.fullmatch(lines[0]) if lines else None
        self._skipped = 1 if said else 0
        self.separator = said[1] if said else _separator(lines, "\t" if suffix == ".tsv" else ",")

    def lines(self) -> Iterator[Line]:
        """Yield each line; one with line breaks in its cells is numbered where it begins. Raises Unreadable."""
        csv.field_size_limit(LONGEST_CELL)
        reader = csv.reader(_bounded(self._text), delimiter=self.separator, strict=True)
        read = 0
        try:
            for cells in reader:
                if read >= self._skipped:
                    yield read + 1, cells
                read = reader.line_num
        except csv.Error as error:
            raise Unreadable(Why.NO_CELLS, line=read + 1) from error


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines of `text`, none of which takes all memory."""
    for number, line in enumerate(iter(partial(text.readline, LONGEST_LINE), ""), 1):
        if len(line) == LONGEST_LINE:
            raise Unreadable(Why.NO_CELLS, line=number)
        yield line


def encoding_of(stream: IO[bytes]) -> str:
    """Return the encoding that fits all bytes of `stream`. Raises Unreadable if none does.

    UTF-16 without its mark is taken for what it is where the zeros in it leave no doubt. UTF-8 seldom fits what isn't. Windows-1252 fits nearly everything, so it is taken for text without control
    characters only, and not for UTF-8 with a few bytes that are damaged.
    """
    stream.seek(0)
    beginning = stream.read(4)
    marked = next((encoding for mark, encoding in _MARKS if beginning.startswith(mark)), None)
    if marked is None and (unmarked := _utf_16_without_mark(stream)):
        return unmarked
    misfit = _misfit(stream, marked or "utf-8")
    if misfit is None:
        if marked is None and _share_of_zeros(stream) > _MOST_ZEROS:
            raise Unreadable(Why.NO_TEXT)
        return marked or "utf-8"
    if marked not in (None, "utf-8-sig") or any(map(_NOT_IN_TEXT.search, _blocks(stream))):
        raise Unreadable(Why.NO_TEXT)
    if marked or _is_mostly_utf_8(stream):
        raise Unreadable(Why.DAMAGED_TEXT, line=misfit)
    if _misfit(stream, "cp1252") is not None:
        raise Unreadable(Why.NO_TEXT)
    return "cp1252"


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    return iter(partial(stream.read, _BLOCK), b"")


def _utf_16_without_mark(stream: IO[bytes]) -> str | None:
    """Return the kind of UTF-16 that the file certainly is, if it is any."""
    even = odd = size = 0
    for block in _blocks(stream):
        # Blocks are even, so what is even in one is so in the file.
        even, odd, size = even + block[::2].count(0), odd + block[1::2].count(0), size + len(block)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    fewer, more = sorted((even, odd))
    if size % 2 or more <= _FEWEST_IN_UTF_16 * size / 2 or fewer > _MOST_BETWEEN * more:
        return None
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        is_text = not any(_NOT_IN_TEXT_EITHER.search(decoder.decode(block)) for block in _blocks(stream))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return encoding if is_text else None


def _misfit(stream: IO[bytes], encoding: str) -> int | None:
    """Return the line with the first bytes that `encoding` doesn't have; None if it has all."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    pending = b""
    for block in _blocks(stream):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return line + error.object.count(b"\n", 0, error.start) - pending.count(b"\n")
        line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None


def _share_of_zeros(stream: IO[bytes]) -> float:
    sizes = [(block.count(0), len(block)) for block in _blocks(stream)]
    return sum(zeros for zeros, _size in sizes) / max(1, sum(size for _zeros, size in sizes))


def _is_mostly_utf_8(stream: IO[bytes]) -> bool:
    """Whether most bytes beyond ASCII are in sequences of UTF-8: in other encodings, hardly any are."""
    high = covered = 0
    for block in _blocks(stream):
        high += len(_HIGH.findall(block))
        covered += sum(map(len, _UTF_8.findall(block)))
    return covered * 2 > high


def _separator(lines: Iterable[str], usual: str) -> str:
    """Return what separates columns in `lines`: what makes headings that are known, and else lines of one width."""
    lines = list(lines)
    scores = {separator: _score(lines, separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: (scores[separator], separator == usual))
    return best if scores[best][-1] > 1 else usual


def _score(lines: list[str], separator: str) -> tuple[int, int, int]:
    """Return how many headings are known, how many lines are equally wide, and how wide."""
    try:
        reader = csv.reader(lines, delimiter=separator)
        rows = list(islice((cells for cells in reader if not is_blank(cells)), LINES_TO_LOOK_AT))
    except csv.Error:
        return 0, 0, 0
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    width, agreeing = widths.most_common(1)[0] if widths else (0, 0)
    known = max((len(known_columns(cells)) for cells in rows), default=0)
    # A single one may be a word of a title.
    return (known if known > 1 else 0), agreeing, width
