"""Text in spreadsheets: cleaned on the way in, harmless on the way out."""

import re
import unicodedata

from ..people.text import clean_text

#: Longest piece of a cell that a sentence quotes.
LONGEST_QUOTE = 60

# Characters that readers, XML or comparisons trip over, beyond those that no name holds: non-characters, marks of
# direction, invisible spaces. Joiners stay: Persian names and emoji are written with them.
_INVISIBLE = re.compile("[\ufdd0-\ufdef\ufffe\uffff\u061c\u200b\u200e\u200f\u2060\ufeff]")

# What a spreadsheet takes for a formula, full-width signs included; and numbers in E.164, which may stay.
_LIVE = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_INTERNATIONAL_NUMBER = re.compile(r"\+\d{6,15}")


def clean(text: str) -> str:
    """Return `text` in one line and one Unicode form, without invisible characters and space around it."""
    if text.isascii() and text.isprintable():
        # Most cells; they are many.
        return text.strip()
    return unicodedata.normalize("NFC", clean_text(_INVISIBLE.sub("", text)))


def shortened(text: str) -> str:
    """Return `text` as a sentence may quote it."""
    text = clean(text)
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def escaped(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula. Telephone numbers in E.164 stay as they are."""
    if _LIVE.match(cell) and not _INTERNATIONAL_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def unescaped(cell: str) -> str:
    """Take back what `escaped` did, so that what was exported can be imported unchanged."""
    return cell[1:] if cell.startswith("'") and _LIVE.match(cell) else cell


def spellings(text: str) -> set[str]:
    """Return what the database's LOWER may have made of `text`: SQLite's knows the letters from A to Z only."""
    ascii_lower = "".join(char.lower() if char.isascii() else char for char in text)
    return {text, text.lower(), ascii_lower}


def folded(text: str) -> str:
    """Return `text` for comparison of names and IDs, whatever their case."""
    return clean(text).casefold()
