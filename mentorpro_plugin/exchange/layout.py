"""Where the headings of a table stand. Knows nothing of Django: the process that reads uses it."""

from collections.abc import Iterable, Sequence

from .text import clean
from .wordings import COLUMNS_BY_LETTERS, NAME_LETTERS, letters_of

#: A line of text or of a sheet: its number, counted from 1, and its cells.
Line = tuple[int, Sequence[str]]

# One of them tells people apart; with so many columns that are known, it is a roster.
_KEYS = frozenset({"id_number", "phone"})
_ENOUGH = 3
#: No heading that is known is longer.
_LONGEST = 60


def known_columns(cells: Iterable[str]) -> frozenset[str]:
    """Return the columns that `cells` name, by the words for headings."""
    letters = {letters_of(clean(cell)) for cell in cells if 0 < len(cell) <= _LONGEST}
    columns = {COLUMNS_BY_LETTERS[word] for word in letters if word in COLUMNS_BY_LETTERS}
    return frozenset(columns | {"full_name"} if letters & NAME_LETTERS else columns)


def is_blank(cells: Iterable[str]) -> bool:
    return not any(cell and clean(cell) for cell in cells)


def headings_among(lines: Sequence[Line]) -> Line | None:
    """Return the one of `lines` that has the headings; None if all are blank.

    It is the one that names most of the columns that are known. Where none names two, it is the first that is half as
    wide as the widest: titles stand in single cells.
    """
    filled = [(number, cells) for number, cells in lines if not is_blank(cells)]
    if not filled:
        return None
    named = [len(known_columns(cells)) for _number, cells in filled]
    if max(named) > 1:
        return filled[named.index(max(named))]
    widths = [sum(not is_blank([cell]) for cell in cells) for _number, cells in filled]
    return next(line for line, width in zip(filled, widths, strict=True) if width * 2 >= max(widths))


def likeness(cells: Iterable[str]) -> tuple[bool, int]:
    """Return whether headings are those of a roster beyond doubt, and how many columns they name that are known."""
    columns = known_columns(cells)
    return len(columns) >= _ENOUGH and not columns.isdisjoint(_KEYS), len(columns)
