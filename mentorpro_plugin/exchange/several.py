"""Several programs in one cell, and whoever leads in each of them: “Debate | Evening Circle” beside “S1; S2 | S7”.

Exports write cells this way, and imports read them back.
"""

import re
from collections.abc import Iterable

BETWEEN_PROGRAMS = "|"
BETWEEN_LEADS = ";"

#: A bar that stands alone; one within a name is doubled.
_ALONE = re.compile(r"(?<!\|)\|(?!\|)")


def parts_of(cell: str) -> list[str]:
    """Return what stands between the bars of `cell`, one part for each program; parts may be empty.

    Try first whether the cell as a whole is the name of a program: people who type names don't double their bars.
    """
    return [part.replace("||", "|").strip() for part in _ALONE.split(cell)]


def joined(parts: Iterable[str]) -> str:
    """Return a cell that `parts_of` takes apart again. Nothing where all parts are empty, and one part as it is."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    return " | ".join(part.replace("|", "||") for part in parts).strip() if any(parts) else ""
