"""Text in spreadsheets, cleaned on the way in."""

from ..text import clean_name as clean

#: Longest piece of a cell that a sentence quotes.
LONGEST_QUOTE = 60


def shortened(text: str) -> str:
    """Return `text` as a sentence may quote it."""
    text = clean(text)
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def spellings(text: str) -> set[str]:
    """Return what the database's LOWER may have made of `text`: SQLite's knows the letters from A to Z only."""
    ascii_lower = "".join(char.lower() if char.isascii() else char for char in text)
    return {text, text.lower(), ascii_lower}


def folded(text: str) -> str:
    """Return `text` for comparison of names and IDs, whatever their case."""
    return clean(text).casefold()
