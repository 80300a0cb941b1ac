"""What undoing an import would do, in numbers: for the question that comes before. Bounded, however large the import is."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from ..outbox.models import OutboxMessage
from ..people.leaving import is_leaving
from ..people.models import Person
from .judging import Judge, Kept, batches, is_used
from .models import ImportedPerson, RosterImport

#: People who are judged one by one, as undoing does. Of more, it is counted what the database can tell.
MOST_JUDGED = 2_000


@dataclass(slots=True)
class Preview:
    """What undoing would do, in numbers of people."""

    #: People whom the import added, and who go.
    removed: int = 0
    #: Of those, people to whom an e-mail was sent already, such as the welcome.
    told: int = 0
    #: People whom it changed, and who get back what they had.
    restored: int = 0
    #: People who stay as they are, or with a part of what they got: why, and how many.
    kept: Counter[Kept] = field(default_factory=Counter)
    #: Whether more of them may stay, of whom one by one alone could tell: who lead somebody who stays, or were changed again.
    is_rough: bool = False


def preview(roster_import: RosterImport, *, by: Any) -> Preview:
    """Return what undoing the import as the user `by` would do, as things are. Within the scope of `by`."""
    left = ImportedPerson._base_manager.filter(roster_import=roster_import, is_undone=False)
    is_large = left.order_by()[: MOST_JUDGED + 1].count() > MOST_JUDGED
    return _counted(left, Judge(roster_import, by), by) if is_large else _judged(roster_import, by)


def _judged(roster_import: RosterImport, by: Any) -> Preview:
    judge, found = Judge(roster_import, by), Preview()
    unopened: dict[int, str] = {}
    for rows in batches(roster_import, leads_first=True, before__has_key="ended"):
        verdicts = judge.reopenings(rows)
        judge.assume(verdicts)
        unopened.update((verdict.imported.pk, verdict.kept) for verdict in verdicts if verdict.kept)
    for rows in batches(roster_import):
        verdicts = judge.verdicts(rows)
        judge.assume(verdicts)
        for verdict in verdicts:
            if kept := verdict.kept or unopened.get(verdict.imported.pk, ""):
                found.kept[Kept(kept)] += 1
        found.removed += sum(verdict.goes for verdict in verdicts)
        found.restored += sum(
            verdict.is_restored and verdict.imported.pk not in unopened for verdict in verdicts
        )
        gone = [verdict.person.pk for verdict in verdicts if verdict.goes]
        sent = OutboxMessage._base_manager.filter(person__in=gone, state=OutboxMessage.State.SENT)
        found.told += sent.order_by().values("person").distinct().count()
    return found


def _counted(left: Any, judge: Judge, by: Any) -> Preview:
    """Count in one query, by the reasons that a person alone gives, in the order in which they are judged."""
    has_logged_in = Q(person__first_login_at__isnull=False) | Q(person__user__last_login__isnull=False)
    reason = Case(
        When(is_leaving("person"), then=Value(Kept.LEAVING)),
        When(~Q(person__in=Person.objects.managed_by(by).order_by()), then=Value(Kept.BEYOND)),
        When(has_logged_in, is_new=True, then=Value(Kept.LOGGED_IN)),
        When(Exists(judge.later_entries(person=OuterRef("person"))), is_new=True, then=Value(Kept.CHANGED)),
        When(is_used("person", "person__user"), is_new=True, then=Value(Kept.USED)),
        default=Value(""),
    )
    sent = OutboxMessage._base_manager.filter(person=OuterRef("person"), state=OutboxMessage.State.SENT)
    groups = left.order_by().annotate(reason=reason, is_told=Exists(sent))
    found = Preview(is_rough=True)
    for is_new, kept, is_told, count in (
        groups.values("is_new", "reason", "is_told")
        .annotate(count=Count("pk"))
        .values_list("is_new", "reason", "is_told", "count")
    ):
        if kept:
            found.kept[Kept(kept)] += count
        elif is_new:
            found.removed += count
            found.told += count if is_told else 0
        else:
            found.restored += count
    return found
