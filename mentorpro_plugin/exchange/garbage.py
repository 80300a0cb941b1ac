"""Fewer searches for garbage while many rows are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Objects more than before, until Python looks whether some hold each other in circles. It does so for 700.
_MANY = 10_000


@contextmanager
def fewer_searches() -> Iterator[None]:
    """Let Python look for circles of garbage less often: in a batch of rows there are none, and thousands of objects.

    Otherwise a sixth of the time goes into it, since every so often it looks through all that Django keeps.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(_MANY, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
