"""Which column of a roster is which, by its heading."""

import re
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .reading import FileRefused, SourceRow, Table


class Column(models.TextChoices):
    """What a roster says of a person. Any other column is an identifier, by its name."""

    ROLE = "role", gettext_lazy("Role")
    FIRST_NAME = "first_name", gettext_lazy("First Name")
    LAST_NAME = "last_name", gettext_lazy("Last Name")
    PHONE = "phone", gettext_lazy("Phone Number")
    ID = "id_number", gettext_lazy("ID")
    EMAIL = "email", gettext_lazy("E-mail")
    ORGANIZATION = "organization", gettext_lazy("Organization")
    PROGRAM = "program", gettext_lazy("Program")
    PROGRAM_MANAGER = "program_manager", gettext_lazy("Program Manager")
    MENTOR = "mentor", gettext_lazy("Mentor")
    PRIMARY_MENTOR = "primary_mentor", gettext_lazy("Primary Mentor")
    #: Written by us beside refused rows, and passed over when they come back mended.
    REASON = "reason", gettext_lazy("Reason")


_ALSO_CALLED = {
    "phone": Column.PHONE,
    "phonenumber": Column.PHONE,
    "id": Column.ID,
    "email": Column.EMAIL,
    "firstname": Column.FIRST_NAME,
    "lastname": Column.LAST_NAME,
    "programmanager": Column.PROGRAM_MANAGER,
    "primarymentor": Column.PRIMARY_MENTOR,
    "reason": Column.REASON,
}


@dataclass(frozen=True, slots=True)
class Headings:
    """Positions of the columns in a table."""

    texts: tuple[str, ...]
    columns: dict[Column, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)

    def text(self, row: SourceRow, column: Column) -> str:
        """Return what `row` says in `column`; nothing where the file has no such column."""
        position = self.columns.get(column)
        return "" if position is None else row.cells[position]

    def name(self, column: Column) -> str:
        """Return the heading of `column`, as the file words it."""
        position = self.columns.get(column)
        return str(column.label) if position is None else self.texts[position]


def headings_of(table: Table) -> Headings:
    """Return where each column of a roster stands. Raises FileRefused if the people in it can't be told apart."""
    known = _known()
    headings = Headings(table.headings)
    for position, text in enumerate(table.headings):
        column = known.get(_letters(text))
        if column is None:
            if text:
                headings.others[text] = position
        elif column in headings.columns:
            raise FileRefused(
                _("The columns “%(first)s” and “%(second)s” mean the same.")
                % {"first": headings.name(column), "second": text}
            )
        else:
            headings.columns[column] = position
    if Column.ID not in headings.columns and Column.PHONE not in headings.columns:
        raise FileRefused(
            _("The first line has to name the columns; there has to be one “%(id)s” or “%(phone)s”.")
            % {"id": Column.ID.label, "phone": Column.PHONE.label}
        )
    return headings


def _known() -> dict[str, Column]:
    """Return the columns by the letters of their headings: in English, and in the language in use."""
    return {
        **_ALSO_CALLED,
        **{_letters(text): column for column in Column for text in (column.value, str(column.label))},
    }


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
