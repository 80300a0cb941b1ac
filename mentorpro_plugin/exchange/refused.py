"""Refused rows as a file, to be mended and imported again."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ..sheets import csv_pieces
from .headings import Column
from .plan import Kind, PlanRow, Remark
from .planfile import PlanFile


def write_refused(plan: PlanFile, stream: BinaryIO, *, rows: Iterable[PlanRow] | None = None) -> None:
    """Write the refused rows of `plan`, or `rows`, as CSV: as they were, with the reasons in a column of their own.

    No cell is a formula to whatever opens the file. Raises OSError.
    """
    refused = plan.rows(Kind.REFUSED) if rows is None else rows
    stream.writelines(piece.encode() for piece in csv_pieces(_rows(plan, refused)))


def _rows(plan: PlanFile, refused: Iterable[PlanRow]) -> Iterator[list[list[str]]]:
    """Yield the heading, then each row, as `csv_pieces` takes them."""
    kept = [position for position in range(len(plan.headings)) if position not in plan.left_out]
    yield [[*(plan.headings[position] for position in kept), str(Column.REASON.label)]]
    for row in refused:
        reason = " ".join(_reason(refusal) for refusal in row.refusals)
        yield [[*(row.cells[position] for position in kept), reason]]


def open_for_the_owner(path: Path) -> BinaryIO:
    """Open a file of people's data for writing, so that nobody else on the machine reads it. Raises OSError."""
    return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _reason(refusal: Remark) -> str:
    return f"{refusal.column}: {refusal.sentence}" if refusal.column else refusal.sentence
