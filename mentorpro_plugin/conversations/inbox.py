"""A mark in the cache for each person that changes with whatever happens in their conversations.

Open pages ask every few seconds whether anything is new. The mark answers them without the database.
"""

import logging
from uuid import uuid4

from django.core.cache import cache, caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.db.models import Max, Q, Sum

from ..people.models import Person
from .models import Participation

logger = logging.getLogger(__name__)

#: Seconds after which a mark is forgotten, and the database asked again: as long as a writer that died between its
#: commit and its announcement can keep a message back.
LIFETIME = 60


def announce(*people: int) -> None:
    """Give the people with these primary keys new marks. For after the commit."""
    if is_shared():
        # Drawn anew, not counted: so it doesn't matter who of two writers comes last.
        cache.set_many({_key(person): uuid4().hex for person in people}, LIFETIME)


def mark_of(person: Person) -> str:
    """Return what changes with whatever happens in the conversations of `person`.

    Read it before the rows that it is to stand for: what happens in between then changes it.
    """
    return _mark_in_cache(person.pk) or _mark_of_rows(person.pk)


def _mark_in_cache(person: int) -> str:
    if not is_shared():
        return ""
    try:
        # `get_or_set` adds, and so never overwrites the mark of a writer who was faster.
        return cache.get_or_set(_key(person), lambda: uuid4().hex, LIFETIME) or ""
    except Exception:
        logger.warning("The cache doesn't answer; the database is asked for new messages.", exc_info=True)
        return ""


def _mark_of_rows(person: int) -> str:
    """The same from the database, in one query: each sum and moment only ever grows, but for the number of unread."""
    own, others = Q(person=person), Q(other=person)
    facts = Participation._base_manager.filter(own | others).aggregate(
        last=Max("last_message_at", filter=own),
        unread=Sum("unread_count", filter=own),
        own_read=Sum("read_up_to", filter=own),
        others_read=Sum("read_up_to", filter=others),
    )
    last = facts["last"].timestamp() if facts["last"] else 0
    return f"{last}-{facts['unread'] or 0}-{facts['own_read'] or 0}-{facts['others_read'] or 0}"


def is_shared() -> bool:
    """Whether the cache is one for all processes, and cheaper than the query it saves."""
    return not isinstance(caches["default"], (LocMemCache, DummyCache, BaseDatabaseCache))


def _key(person: int) -> str:
    return f"mentorpro:inbox:{person}"
