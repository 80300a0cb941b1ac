"""Which column of a roster is which, by its heading."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .reading import FileRefused, Table
from .rows import SourceRow
from .wordings import COLUMNS_BY_LETTERS, NAME_LETTERS, letters_of

if TYPE_CHECKING:
    from .mapping import Mapping

#: What stands before the name of an identifier where a meaning is written down.
IDENTIFIER = "identifier:"


class Column(models.TextChoices):
    """What a roster says of a person. Any other column is an identifier, by its name."""

    ROLE = "role", gettext_lazy("Role")
    FIRST_NAME = "first_name", gettext_lazy("First Name")
    LAST_NAME = "last_name", gettext_lazy("Last Name")
    #: First and last name in one, read as both.
    FULL_NAME = "full_name", gettext_lazy("Full Name")
    PHONE = "phone", gettext_lazy("Phone Number")
    ID = "id_number", gettext_lazy("ID")
    EMAIL = "email", gettext_lazy("E-mail")
    ORGANIZATION = "organization", gettext_lazy("Organization")
    PROGRAM = "program", gettext_lazy("Program")
    PROGRAM_MANAGER = "program_manager", gettext_lazy("Program Manager")
    MENTOR = "mentor", gettext_lazy("Mentor")
    PRIMARY_MENTOR = "primary_mentor", gettext_lazy("Primary Mentor")
    #: A cell that says `end` closes the assignment in the row's program.
    END = "end", gettext_lazy("End")
    #: Written by us beside refused rows, and passed over when they come back mended.
    REASON = "reason", gettext_lazy("Reason")


_NAMES = (Column.FIRST_NAME, Column.LAST_NAME)


@dataclass(frozen=True, slots=True)
class Headings:
    """Positions of the columns in a table, and what is said for all rows instead of a column."""

    texts: tuple[str, ...]
    columns: dict[Column, int] = field(default_factory=dict)
    #: Positions by the name of an identifier; without a mapping, by each heading that means no column.
    others: dict[str, int] = field(default_factory=dict)
    constants: dict[Column, str] = field(default_factory=dict)

    def text(self, row: SourceRow, column: Column) -> str:
        """Return what `row` says in `column`; where the file has no such column, what was said for all rows."""
        position = self.columns.get(column)
        if position is not None:
            return row.cells[position]
        if column in _NAMES and (position := self.columns.get(Column.FULL_NAME)) is not None:
            return split_name(row.cells[position])[_NAMES.index(column)]
        return self.constants.get(column, "")

    def name(self, column: Column) -> str:
        """Return the heading of `column`, as the file words it."""
        position = self.columns.get(column)
        if position is None and column in _NAMES:
            position = self.columns.get(Column.FULL_NAME)
        return str(column.label) if position is None else self.texts[position]


def headings_of(table: Table, mapping: "Mapping | None" = None) -> Headings:
    """Return where each column of a roster stands: as `mapping` says, or as the headings let guess.

    Raises FileRefused if two columns mean the same, or the people in the table can't be told apart.
    """
    return read_headings(table.headings, mapping)


def read_headings(texts: tuple[str, ...], mapping: "Mapping | None" = None) -> Headings:
    """Return what `headings_of` does, from the headings alone."""
    headings = Headings(texts, constants=dict(mapping.constants) if mapping else {})
    meanings = mapping.meanings if mapping else guessed_meanings(texts)
    if len(meanings) != len(texts):
        raise FileRefused(_("The columns of the file aren't those that were chosen."))
    for position, (text, meaning) in enumerate(zip(texts, meanings, strict=True)):
        if meaning in Column.values:
            _place(headings, Column(meaning), position)
        elif meaning.startswith(IDENTIFIER):
            _place_other(headings, meaning.removeprefix(IDENTIFIER), position)
        elif text and mapping is None:
            _place_other(headings, text, position)
    _check(headings)
    return headings


def _place(headings: Headings, column: Column, position: int) -> None:
    if column in headings.columns:
        raise _same(headings.texts[headings.columns[column]], headings.texts[position])
    headings.columns[column] = position


def _place_other(headings: Headings, name: str, position: int) -> None:
    if name in headings.others:
        raise _same(headings.texts[headings.others[name]], headings.texts[position])
    headings.others[name] = position


def _same(first: str, second: str) -> FileRefused:
    if first == second:
        return FileRefused(_("Two columns are called “%(heading)s”.") % {"heading": first})
    return FileRefused(
        _("The columns “%(first)s” and “%(second)s” mean the same.") % {"first": first, "second": second}
    )


def _check(headings: Headings) -> None:
    if Column.FULL_NAME in headings.columns:
        for column in _NAMES:
            if column in headings.columns:
                raise _same(headings.name(Column.FULL_NAME), headings.name(column))
    if Column.ID not in headings.columns and Column.PHONE not in headings.columns:
        raise FileRefused(
            _("One of the columns has to be “%(id)s” or “%(phone)s”: they tell people apart.")
            % {"id": Column.ID.label, "phone": Column.PHONE.label}
        )


def guessed_meanings(texts: Sequence[str]) -> list[str]:
    """Return what each heading means by its words: the value of a Column, or "" for none."""
    labels = {letters_of(str(column.label)): column.value for column in Column}
    meanings = []
    for text in texts:
        letters = letters_of(text)
        # In the language in use, whatever it is; and as the columns are called here.
        meaning = COLUMNS_BY_LETTERS.get(letters) or labels.get(letters)
        if meaning is None and letters in {letters_of(value) for value in Column.values}:
            meaning = next(value for value in Column.values if letters_of(value) == letters)
        meanings.append("" if letters in NAME_LETTERS else meaning or "")
    for position, text in enumerate(texts):
        if letters_of(text) in NAME_LETTERS:
            meanings[position] = _meaning_of_name(meanings)
    return meanings


def _meaning_of_name(others: Collection[str]) -> str:
    """Return what “Name” means beside columns of those meanings. In English it is all of it, in German the last one."""
    if Column.FIRST_NAME not in others:
        return Column.FIRST_NAME.value if Column.LAST_NAME in others else Column.FULL_NAME.value
    return "" if Column.LAST_NAME in others else Column.LAST_NAME.value


def split_name(text: str) -> tuple[str, str]:
    """Return first and last name: of “Ruiz, Ana” or “Ana Ruiz”, with the small words before a last name in it."""
    last, comma, first = text.partition(",")
    if comma:
        return first.strip(), last.strip()
    words = text.split()
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    return (" ".join(words[:start]), " ".join(words[start:])) if start > 0 else (text, "")
