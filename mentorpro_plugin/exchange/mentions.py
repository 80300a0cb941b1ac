"""Whether a file of an import mentions somebody: their ID, number, e-mail address or name. In doubt, it does."""

import codecs
import html
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import phonenumbers
from django.db.models import Q

from ..people.search import folded
from .delimited import encoding_of
from .plan import PlanRow
from .planfile import PlanFile
from .unreadable import Unreadable
from .wordings import letters_of

Beat = Callable[[], object]

#: An ID shorter than this stands in many cells that aren't about the person: it has to be the whole cell.
_TELLING = 6
#: A workbook that unpacks to more, or has a longer cell, is a trap, and isn't looked through.
_UNPACKED = 300 * 1024 * 1024
_LONGEST = 8 * 1024 * 1024

_BLOCK = 1024 * 1024
_ROWS = 1_000
_SEPARATORS = re.compile(r'[,;|"]')
_END_OF_CELL = re.compile(r"</(?:\w+:)?(?:si|is|v|c)>")
_TAG = re.compile(r"<[^>]*>")
# What sheets are called stands in an attribute.
_NAME = re.compile(r'\bname="([^"]*)"')
_SHEETS = "xl/workbook.xml"


class Mentions:
    """What tells that a text is about `person`."""

    def __init__(self, person: Any) -> None:
        self._pk = person.pk
        self._words = folded(person.full_name).split()
        self._names = {folded(name) for name in (person.first_name, person.last_name) if name}
        self._email = folded(person.email)
        self._id = folded(person.id_number)
        phone = person.phone
        self._digits = phonenumbers.national_significant_number(phone) if phone else ""
        self._spelled_names = [name for name in (person.first_name, person.last_name) if name]
        self._spelled = [text for text in (person.email, person.id_number) if len(text) >= _TELLING]

    def in_file(self, name: str, file: IO[bytes], beat: Beat) -> bool:
        """Whether the file of an import, which `name` tells for a plan, a workbook or text, mentions the person."""
        try:
            if name.rpartition("/")[2].startswith("plan"):
                return self._in_plan(PlanFile(file), beat)
            if zipfile.is_zipfile(file):
                return self._in_workbook(file, beat)
        except (ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
            # What can't be read can't be said to be free of them.
            return True
        return self._in_text(_lines_of(file), beat)

    def in_columns(self, *columns: str) -> Q:
        """Return a condition for rows of a table that mention the person in one of these columns."""
        found = Q(pk__in=())
        for column in columns:
            if len(self._spelled_names) > 1:
                found |= Q(*[(f"{column}__icontains", name) for name in self._spelled_names])
            for text in self._spelled:
                found |= Q(**{f"{column}__icontains": text})
            if self._digits:
                found |= Q(**{f"{column}__contains": self._digits})
        return found

    def letters(self) -> set[str]:
        """Return what a heading would be remembered by that isn't one, but the person's."""
        texts = {*self._names, *self._words, " ".join(self._words), self._email, self._id, self._digits}
        return {letters_of(text) for text in texts if text}

    def in_row(self, text: str) -> bool:
        """Whether cells that stand beside each other, with a separator between them, mention the person."""
        cells = [cell.strip() for cell in _SEPARATORS.split(_fold(text)) if cell]
        if any(map(self._in_cell, cells)):
            return True
        words = {word for cell in cells for word in cell.split()}
        return len(self._words) > 1 and words.issuperset(self._words)

    def _in_cell(self, cell: str) -> bool:
        if cell and cell in (self._id, " ".join(self._words)):
            return True
        if self._email and self._email in cell:
            return True
        if len(self._id) >= _TELLING and self._id in cell:
            return True
        return bool(self._digits) and self._digits in re.sub(r"\D", "", cell)

    def _in_plan(self, plan: PlanFile, beat: Beat) -> bool:
        with plan:
            for number, row in enumerate(plan.rows()):
                if number % _ROWS == 0:
                    beat()
                is_about = row.person == self._pk or any(opening.lead == self._pk for opening in row.openings)
                if is_about or self.in_row("|".join(_texts_of(row))):
                    return True
        return False

    def _in_text(self, lines: Iterable[str], beat: Beat) -> bool:
        for number, line in enumerate(lines):
            if number % _ROWS == 0:
                beat()
            if self.in_row(line):
                return True
        return False

    def _in_workbook(self, file: IO[bytes], beat: Beat) -> bool:
        """Cells of a workbook don't stand beside each other: first and last name are looked for each by itself."""
        left = set(self._names)
        with zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
                return True
            for entry in archive.infolist():
                if entry.filename == _SHEETS and self._in_names_of_sheets(archive.read(entry)):
                    return True
                with archive.open(entry) as member:
                    for cell in _cells_of(member):
                        beat()
                        if self.in_row(cell):
                            return True
                        left.discard(_fold(cell))
        return len(self._names) > 1 and not left

    def _in_names_of_sheets(self, member: bytes) -> bool:
        names = _NAME.findall(member.decode(errors="replace"))
        return any(self.in_row(html.unescape(name)) for name in names)


def _texts_of(row: PlanRow) -> Iterator[str]:
    yield row.name
    yield from row.cells
    yield from map(str, row.values.values())
    for change in row.changes:
        yield from change
    for remark in (*row.refusals, *row.notes):
        yield remark.sentence


def _fold(text: str) -> str:
    """Return `text` as people are searched by, with a separator for each tab; fast for plain letters."""
    text = text.replace("\t", "|")
    return " ".join(text.lower().split()) if text.isascii() else folded(text)


def _lines_of(file: IO[bytes]) -> Iterator[str]:
    """Yield the lines of a text, whatever it is encoded in."""
    try:
        encoding = encoding_of(file)
    except Unreadable:
        encoding = ""
    file.seek(0)
    if encoding.startswith(("utf-16", "utf-32")):
        yield from codecs.getreader(encoding)(file, errors="replace")
        return
    for line in file:
        try:
            yield line.decode()
        except UnicodeDecodeError:
            yield line.decode("cp1252", errors="replace")


def _cells_of(member: IO[bytes]) -> Iterator[str]:
    """Yield the texts of cells in a part of a workbook. Raises ValueError for one that is too long."""
    rest = ""
    while block := member.read(_BLOCK):
        *cells, rest = _END_OF_CELL.split(rest + block.decode("utf-8", errors="replace"))
        if len(rest) > _LONGEST:
            raise ValueError("A cell is too long.")
        yield from (html.unescape(_TAG.sub("", cell)).strip() for cell in cells)
    yield html.unescape(_TAG.sub(" ", rest))
