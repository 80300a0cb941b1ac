"""The history report as a file: streamed, in constant memory, however many entries there are."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..access.reach import reach_of, scope_of
from ..sheets import csv_pieces
from .models import HistoryEntry
from .names import Named, Names
from .sentences import Sentences

#: Entries that are fetched, and named, at once.
CHUNK = 1_000


def csv_of(entries_for: Callable[[Any], QuerySet], *, user_pk: int) -> Iterator[str]:
    """Yield the lines of a CSV file with what `entries_for(user)` holds, newest first.

    It is read long after the request's scope is closed. So each chunk opens its own, of the user as they are by then:
    somebody who was deactivated in between gets no more.
    """
    return csv_pieces(_chunks(entries_for, user_pk))


def _chunks(entries_for: Callable[[Any], QuerySet], user_pk: int) -> Iterator[list[list[str]]]:
    language = translation.get_language()
    zone = timezone.get_current_timezone()
    yield [_headings()]
    before = Q()
    while True:
        user = get_user_model()._base_manager.get(pk=user_pk)
        reach = reach_of(user)
        with scope_of(reach), translation.override(language), timezone.override(zone):
            chunk = list(entries_for(user).filter(before)[:CHUNK])
            rows = list(_rows(chunk, user))
        yield rows
        if len(chunk) < CHUNK:
            return
        before = Q(at__lt=chunk[-1].at) | Q(at=chunk[-1].at, pk__lt=chunk[-1].pk)


def _headings() -> list[str]:
    return [
        _("When"),
        _("What"),
        _("Action"),
        _("About"),
        _("Status"),
        _("Person (key)"),
        _("By"),
        _("Status of who did it"),
        _("User (key)"),
        _("Organization"),
        _("Organization (key)"),
        _("Program"),
        _("Program (key)"),
        _("Through"),
        _("Import (key)"),
        _("Changes in keys"),
    ]


def _rows(entries: list[HistoryEntry], viewer: Any) -> Iterator[list[str]]:
    names = Names(entries, viewer)
    sentences = Sentences(entries, viewer=viewer, names=names)
    for entry in entries:
        about, by = names.person(entry.person_id), names.actor(entry.actor_id)
        yield [
            timezone.localtime(entry.at).isoformat(timespec="seconds"),
            sentences.sentence(entry),
            entry.action,
            about.name if about else "",
            _status(about),
            _key(entry.person_id),
            by.name if by else "",
            _status(by),
            _key(entry.actor_id),
            names.organization(entry.organization_id),
            _key(entry.organization_id),
            names.program(entry.program_id),
            _key(entry.program_id),
            str(entry.get_via_display()),
            _key(entry.batch),
            json.dumps(entry.changes, ensure_ascii=False) if entry.changes else "",
        ]


def _status(named: Named | None) -> str:
    return str(named.person.get_status_display()) if named and named.person is not None else ""


def _key(value: Any) -> str:
    return "" if value is None else str(value)
