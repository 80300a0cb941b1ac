"""Refused rows as a file, to be mended and imported again."""

import csv
import os
from pathlib import Path

from .headings import Column
from .plan import Plan, Remark
from .text import escaped


def write_refused(plan: Plan, path: Path) -> None:
    """Write the refused rows of `plan` as CSV, as they were, with the reasons in a column of their own.

    No cell is a formula to whatever opens the file. Raises OSError.
    """
    headings = plan.headings
    kept = [
        position for position in range(len(headings.texts)) if position != headings.columns.get(Column.REASON)
    ]
    # With a byte order mark: Excel takes the file for Windows-1252 without.
    with open(path, "w", encoding="utf-8-sig", newline="", opener=_for_the_owner_alone) as stream:
        writer = csv.writer(stream)
        writer.writerow([*(escaped(headings.texts[position]) for position in kept), str(Column.REASON.label)])
        for row in plan.refused:
            cells = [row.source.cells[position] for position in kept]
            reason = " ".join(_reason(refusal) for refusal in row.refusals)
            writer.writerow(map(escaped, [*cells, reason]))


def _for_the_owner_alone(path: str, flags: int) -> int:
    """Open a file of people's data so that nobody else on the machine reads it."""
    return os.open(path, flags, 0o600)


def _reason(refusal: Remark) -> str:
    return f"{refusal.column}: {refusal.sentence}" if refusal.column else refusal.sentence
