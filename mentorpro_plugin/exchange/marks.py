"""Where something stood first: for each of a hundred thousand lines, in some 25 bytes a thing and not a hundred."""

from array import array
from collections.abc import Hashable

_FEWEST = 1 << 10
_BITS = (1 << 64) - 1


class Marks:
    """Lines by the 64-bit hashes of what stands on them.

    That two things of one file have the same hash doesn't happen: among a million, once in 37 million files. Nor can it
    be brought about, since Python salts the hashes of text anew in each process.
    """

    def __init__(self) -> None:
        self._count = 0
        self._empty(_FEWEST)

    def _empty(self, size: int) -> None:
        # As a table with open addressing; a hash of 0 is an empty place.
        self._hashes = array("Q", bytes(8 * size))
        self._lines = array("I", bytes(4 * size))
        self._mask = size - 1

    def __len__(self) -> int:
        return self._count

    def first(self, thing: Hashable, line: int) -> int:
        """Return the line on which `thing` stood first: an earlier one, or else `line`."""
        return self._first(hash(thing) & _BITS or 1, line)

    def _first(self, mark: int, line: int) -> int:
        hashes, mask = self._hashes, self._mask
        place = mark & mask
        while found := hashes[place]:
            if found == mark:
                return self._lines[place]
            place = (place + 1) & mask
        hashes[place], self._lines[place] = mark, line
        self._count += 1
        if 2 * self._count > mask:
            self._grow()
        return line

    def _grow(self) -> None:
        before = zip(self._hashes, self._lines, strict=True)
        self._count = 0
        self._empty(2 * (self._mask + 1))
        for mark, line in before:
            if mark:
                self._first(mark, line)
