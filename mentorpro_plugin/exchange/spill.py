"""Rows put aside until others have been looked at, in nameless temporary files: in memory they would be many."""

import json
import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import Any, Self

from .planfile import RANKS
from .register import BATCH


class Spill:
    """What is to be planned later, by rank: of each in the order in which it was put aside."""

    def __init__(self) -> None:
        self._files = [tempfile.TemporaryFile(prefix="rows-") for _rank in RANKS]  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        for file in self._files:
            file.close()

    def put(self, rank: int, row: dict[str, Any]) -> None:
        self._files[rank].write(json.dumps(row).encode() + b"\n")

    def batches(self, rank: int) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of a rank, `BATCH` at a time."""
        file = self._files[rank]
        file.seek(0)
        while lines := list(islice(file, BATCH)):
            yield [json.loads(line) for line in lines]
