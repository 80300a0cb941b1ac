"""Saving what changed of people, one or many at once, with all that follows from it."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F

from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS, STAFF
from ..access.table import Span, span_of
from ..activity.changes import changes_between
from ..activity.history import Fact, record_many
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..inserting import update
from ..outbox.actions import withdraw
from .many import refusals_of_users
from .models import Person
from .users import follow_person

#: Fields that say who somebody is: history keeps that they changed, not what they were.
PERSONAL_FIELDS = ("first_name", "last_name", "phone", "id_number", "email", "about")
#: Choices of a person's own: history keeps what they were.
CHOSEN_FIELDS = ("language", "notice")


def save_changes(pairs: Iterable[tuple[Person, Person]], *, by: Any) -> int:
    """Save what differs between people as they were and as they are now, which was validated; return of how many.

    Raises ValidationError for what the database refuses, PermissionDenied if they are by whoever may change nobody but
    themselves, and not that.
    """
    changed = []
    for before, person in pairs:
        changes = changes_between(before, person, plain=CHOSEN_FIELDS, personal=PERSONAL_FIELDS)
        if changes:
            _check_own_profile(before, changes, by)
            changed.append((person, changes))
    if changed:
        fields = sorted({"search_text", *(name for _person, changes in changed for name in changes)})
        with refusals_as_sentences(Person):
            _save([person for person, _changes in changed], fields)
        end_ways_in(*(person for person, changes in changed if "phone" in changes))
        _save_users(person for person, _changes in changed)
        _record(changed, by)
    return len(changed)


def _save(people: list[Person], fields: list[str]) -> None:
    if len(people) == 1:
        people[0].save(update_fields=fields)
    else:
        update(people, fields)


def _save_users(people: Iterable[Person]) -> None:
    for person in people:
        if person.role in STAFF and follow_person(person.user, person):
            with refusals_of_users():
                person.user.save()


def _record(changed: list[tuple[Person, dict[str, Any]]], by: Any) -> None:
    facts: dict[HistoryEntry.Action, list[Fact]] = {}
    for person, changes in changed:
        is_oneself = person.user_id == by.pk
        action = HistoryEntry.Action.PROFILE_CHANGED if is_oneself else HistoryEntry.Action.CHANGED
        fact = Fact(person.pk, person.organization_id, person.pk, None, changes)
        facts.setdefault(action, []).append(fact)
    for action, found in facts.items():
        record_many(Person, action, found, by=by)


def end_ways_in(*people: Person) -> None:
    """End what the old number opened, of people who log in by it: sessions, and codes, which die with the epoch."""
    participants = [person for person in people if person.role in PARTICIPANTS]
    if participants:
        end_sessions(*participants)
        withdraw(*(person.pk for person in participants))


def end_sessions(*people: Person) -> None:
    """End every session of `people`, and every code on its way to them, for good."""
    rows = Person._base_manager.filter(pk__in=[person.pk for person in people])
    rows.update(session_epoch=F("session_epoch") + 1)
    epochs = dict(rows.values_list("pk", "session_epoch"))
    for person in people:
        person.session_epoch = epochs[person.pk]


def _check_own_profile(person: Person, changes: dict[str, Any], by: Any) -> None:
    """Whoever may change nobody but themselves keeps the phone that they log in with, and the organization's ID."""
    codename = person.permission("change").split(".")[1]
    if span_of(reach_of(by), codename) == Span.OWN_PROFILE and not changes.keys().isdisjoint(
        {"phone", "id_number"}
    ):
        raise PermissionDenied
