"""Text as it comes from keyboards, spreadsheets and other programs."""

import unicodedata

# They turn the text that follows them around, so that a name could pretend to be another. The invisible letters that
# Arabic, Persian and Indic names are written with stay.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
