"""The history of one person, for their timeline."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from ..access.roles import PARTICIPANTS
from .models import HistoryEntry
from .names import Names
from .sentences import Sentences
from .timeline import Happening

#: What participants do to others, and what therefore stands in their own timeline as well.
_DONE_TO_OTHERS = [action for action in HistoryEntry.Action.values if action.startswith("goal_")]


def history_of(person: Any, viewer: Any, *, before: datetime | None, limit: int) -> list[Happening]:
    """What history says of `person`: what happened to them and, of mentors and mentees, what they did to others.

    A source of the timeline. At most seven queries.
    """
    entries = _newest(HistoryEntry.objects.filter(person=person.pk), viewer, before, limit)
    if person.role in PARTICIPANTS:
        # Asked apart: each goes along an index of its own, where together they would go along neither.
        people = apps.get_model("mentorpro_plugin", "Person").objects.visible_to(viewer).exclude(pk=person.pk)
        done = HistoryEntry.objects.filter(
            actor=person.user_id, action__in=_DONE_TO_OTHERS, person__in=people
        )
        entries += _newest(done, viewer, before, limit)
        entries = sorted(entries, key=lambda entry: (entry.at, entry.pk), reverse=True)[:limit]
    names = Names(entries, viewer)
    sentences = Sentences(entries, viewer=viewer, told_of=person.pk, names=names)
    return [
        Happening(
            entry.at,
            sentences.sentence(entry),
            str(names.actor(entry.actor_id) or ""),
            via_of(entry),
            str(entry.batch or ""),
        )
        for entry in entries
    ]


def _newest(
    entries: QuerySet[HistoryEntry], viewer: Any, before: datetime | None, limit: int
) -> list[HistoryEntry]:
    entries = entries.visible_to(viewer)  # type: ignore[attr-defined]
    if before is not None:
        entries = entries.filter(at__lt=before)
    return list(entries[:limit])


def via_of(entry: HistoryEntry) -> str:
    """By what way it came about, if not on a screen."""
    return "" if entry.via == HistoryEntry.Via.SCREEN else entry.get_via_display()
