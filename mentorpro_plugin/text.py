"""Text as it comes from keyboards, spreadsheets and other programs."""

import re
import unicodedata

# They turn the text that follows them around, so that a name could pretend to be another. The invisible letters that
# Arabic, Persian and Indic names are written with stay.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# What readers, XML or comparisons trip over, beyond what no text holds: non-characters, marks of direction, invisible
# spaces. Joiners stay: Persian names and emoji are written with them.
_INVISIBLE = re.compile("[\ufdd0-\ufdef\ufffe\uffff\u061c\u200b\u200e\u200f\u2060\ufeff]")


def clean_name(text: str) -> str:
    """Return `text` in one line and one Unicode form, without invisible characters and space around it.

    What is typed and what stands in a file come out the same, so that the one is found by the other.
    """
    if text.isascii() and text.isprintable():
        # Most names; they are many.
        return text.strip()
    return unicodedata.normalize("NFC", clean_text(_INVISIBLE.sub("", text)))


def clean_text(text: str) -> str:
    """Return `text` without what no name holds: control characters, halves of characters, turned writing.

    Line breaks and tabs become spaces, and spaces at the ends go.
    """
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in "\t\r\n\x0b\x0c\x85\u2028\u2029":
            kept.append(" ")
        elif category not in ("Cc", "Cs") and char not in _TURNING:
            kept.append(char)
    return "".join(kept).strip()


def clean_lines(text: str) -> str:
    """Return `text` of several lines, each clean as `clean_text` leaves it, with at most one empty line in between."""
    lines = [clean_text(line) for line in text.splitlines()]
    kept = [line for position, line in enumerate(lines) if line or (position and lines[position - 1])]
    return "\n".join(kept).strip()


def is_blank(text: str) -> bool:
    """Whether nobody would see anything of `text`."""
    return all(char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text)
