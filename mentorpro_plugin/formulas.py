"""Cells that no spreadsheet takes for a formula. Every file that leaves the project as a table is written through here."""

import re

# What a spreadsheet takes for a formula, full-width signs included; and numbers in E.164, which may stay.
_LIVE = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_INTERNATIONAL_NUMBER = re.compile(r"\+\d{6,15}")


def escaped(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula. Telephone numbers in E.164 stay as they are."""
    if _LIVE.match(cell) and not _INTERNATIONAL_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def unescaped(cell: str) -> str:
    """Take back what `escaped` did, so that what was exported can be imported unchanged."""
    return cell[1:] if cell.startswith("'") and _LIVE.match(cell) else cell
