"""Reading a whole database as it was at one moment, whatever others write meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

#: What a reader's transaction begins with, by database. On SQLite the first query fixes the moment, with WAL as without.
_BEGIN = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "sqlite": "BEGIN"}
_ALIAS = "mentorpro_moment"


@contextmanager
def one_moment() -> Iterator[str]:
    """Yield the alias of a connection for reading (`using`) in which everything stays as it is now.

    A connection of its own, since the one in use goes on writing, such as that the work goes on. Inside of a
    transaction, where others couldn't see what it has written, it is the one in use.
    """
    own = connections[DEFAULT_DB_ALIAS]
    if own.in_atomic_block or own.vendor not in _BEGIN:
        yield DEFAULT_DB_ALIAS
        return
    reader = own.copy(_ALIAS)
    connections[_ALIAS] = reader
    try:
        with reader.cursor() as cursor:
            cursor.execute(_BEGIN[own.vendor])
        yield _ALIAS
    finally:
        reader.close()
        del connections[_ALIAS]
