"""Taking an import back, as far as nothing has come of it since. In batches, each whole or not at all.

It isn't the deletion of people: only accounts go that the import made, and that nobody has used. Nobody is written to;
who was welcomed already isn't told that it was a mistake.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from ..access.roles import PARTICIPANTS, STAFF
from ..activity.history import entry, record
from ..activity.models import HistoryEntry
from ..assignments.many import refresh_is_assigned
from ..assignments.models import Assignment
from ..identifiers.models import GivenIdentifier
from ..inserting import insert, update
from ..organizations.models import Organization
from ..outbox.actions import withdraw
from ..outbox.models import OutboxMessage
from ..people.models import Person
from ..people.users import delete_users, follow_person
from ..programs.models import Program
from .judging import BATCH, Judge, Kept, Verdict, batches, text_of
from .models import ImportedPerson, RosterImport

Action = HistoryEntry.Action


def undo_import(roster_import: RosterImport, *, by: Any, keep: Callable[..., object]) -> None:
    """Take the import back, as the user `by`; go on where it was left. Within the scope of `by`.

    `keep` writes values to the import within the transaction of each batch, and raises if another worker is at it.
    """
    undoing = _Undoing(roster_import, by, keep)
    # Leads have to be in a program before those whom they lead are in it again.
    for rows in batches(roster_import, leads_first=True, before__has_key="ended"):
        undoing.reopen(rows)
    for rows in batches(roster_import):
        undoing.take_back(rows)


def note_undone(roster_import: RosterImport, *, by: Any) -> None:
    """Write the entry on the import itself, once undoing is through, beside the one with which it was stored."""
    stored = HistoryEntry._base_manager.filter(batch=roster_import.batch, action=Action.IMPORTED).first()
    counts = {name: roster_import.counts.get(name, 0) for name in ("removed", "restored", "kept")}
    record(
        roster_import,
        Action.UNDONE,
        by=by,
        organization=stored.organization_id if stored else roster_import.organization_id,
        changes=counts,
    )


class _Undoing:
    def __init__(self, roster_import: RosterImport, by: Any, keep: Callable[..., object]) -> None:
        self._import = roster_import
        self._by = by
        self._keep = keep
        self._entries: list[HistoryEntry] = []

    def reopen(self, rows: list[ImportedPerson]) -> None:
        """Open again what the import ended."""
        with transaction.atomic():
            self._lock(rows, "ended")
            verdicts = Judge(self._import, self._by, locks=True).reopenings(rows)
            opened = [assignment for verdict in verdicts for assignment in verdict.reopening]
            Assignment._base_manager.filter(pk__in=[row.pk for row in opened]).update(
                ended_at=None, ended_by=None
            )
            self._note_assignments(Action.REOPENED, opened)
            refresh_is_assigned(*(assignment.person_id for assignment in opened))
            for verdict in verdicts:
                verdict.imported.before = {
                    name: value for name, value in verdict.imported.before.items() if name != "ended"
                }
                verdict.imported.kept = verdict.kept
            self._write(verdicts, ["before", "kept"])
            self._keep()

    def take_back(self, rows: list[ImportedPerson]) -> None:
        """Take back all else, and be through with these people."""
        with transaction.atomic():
            self._lock(rows)
            verdicts = Judge(self._import, self._by, locks=True).verdicts(rows)
            changed = [verdict for verdict in verdicts if not verdict.imported.is_new]
            self._restore([verdict for verdict in changed if verdict.values])
            self._give_back([verdict for verdict in changed if verdict.given])
            self._end([assignment for verdict in changed for assignment in verdict.ending])
            self._clear([assignment for verdict in changed for assignment in verdict.clearing])
            self._remove([verdict.person for verdict in verdicts if verdict.goes])
            staying = [verdict for verdict in verdicts if not verdict.goes]
            for verdict in staying:
                verdict.imported.is_undone, verdict.imported.kept = True, verdict.kept
            self._write(staying, ["is_undone", "kept"])
            counts = Counter(self._import.counts)
            counts["removed"] += len(verdicts) - len(staying)
            counts["restored"] += sum(verdict.is_restored for verdict in staying)
            counts["kept"] += sum(bool(verdict.kept) for verdict in staying)
            self._keep(counts=dict(counts), rows_done=self._import.rows_done + len(rows))

    def _lock(self, rows: list[ImportedPerson], kind: str = "") -> None:
        """Wait in line with imports into the same trees; keep programs from being archived. Those first, everywhere."""
        people = Person._base_manager.filter(pk__in=[row.person_id for row in rows])
        trees = Organization._base_manager.filter(pk__in=people.order_by().values("tree")).order_by("pk")
        list(trees.select_for_update(no_key=True).values_list("pk", flat=True))
        if kind:
            ended = Assignment._base_manager.filter(pk__in=[pk for row in rows for pk in row.before[kind]])
            programs = Program._base_manager.filter(pk__in=ended.order_by().values("program")).order_by("pk")
            list(programs.select_for_update().values_list("pk", flat=True))

    def _write(self, verdicts: list[Verdict], fields: list[str]) -> None:
        update((verdict.imported for verdict in verdicts), fields)
        insert(self._entries)
        self._entries.clear()

    # People whom the import changed.

    def _restore(self, verdicts: list[Verdict]) -> None:
        """Give back names, numbers and addresses; those of somebody whose are taken by now stay."""
        try:
            self._save(verdicts)
        except IntegrityError:
            for verdict in verdicts:
                try:
                    self._save([verdict])
                except IntegrityError:
                    verdict.kept = verdict.kept or Kept.TAKEN
                    verdict.values = {}
        verdicts = [verdict for verdict in verdicts if verdict.values]
        for verdict in verdicts:
            self._note(verdict.person, Action.CHANGED, dict.fromkeys(verdict.values))
        # As with any other number: what the one before opened is shut.
        moved = [
            verdict.person.pk
            for verdict in verdicts
            if "phone" in verdict.values and verdict.person.role in PARTICIPANTS
        ]
        if moved:
            Person._base_manager.filter(pk__in=moved).update(session_epoch=F("session_epoch") + 1)
            withdraw(*moved)

    def _save(self, verdicts: list[Verdict]) -> None:
        """Save what people get back, and what their users repeat of it. Raises IntegrityError; then nothing is saved."""
        people, users, fields = [], [], {"search_text"}
        for verdict in verdicts:
            person = verdict.person
            fields.update(verdict.values)
            repeats = person.id_number == text_of(person, "phone")
            if repeats and "phone" in verdict.values and "id_number" not in verdict.values:
                # An ID that merely repeats the number goes with it.
                person.id_number = ""
                fields.add("id_number")
            for name, value in verdict.values.items():
                setattr(person, name, value or None if name == "phone" else value)
            person.complete()
            people.append(person)
            if person.role in STAFF:
                follow_person(person.user, person)
                users.append(person.user)
        with transaction.atomic():
            update(people, sorted(fields))
            user_model = get_user_model()
            names = {user_model.get_email_field_name(), "first_name", "last_name"}
            kept = [field.name for field in user_model._meta.concrete_fields if field.name in names]
            update(users, kept)

    def _give_back(self, verdicts: list[Verdict]) -> None:
        """Give people back the values of identifiers that they had."""
        rows, lost = [], set()
        for verdict in verdicts:
            changes = {}
            for identifier, had in verdict.given.items():
                got = verdict.imported.before["identifiers"][str(identifier)][1]
                changes[f"identifier_{identifier}"] = [got, had]
                if had is None:
                    lost.add((verdict.person.pk, identifier))
                else:
                    rows.append(
                        GivenIdentifier(person=verdict.person, identifier_id=identifier, value_id=had)
                    )
            self._note(verdict.person, Action.IDENTIFIERS_GIVEN, changes)
        theirs = GivenIdentifier._base_manager.filter(person__in={person for person, _identifier in lost})
        given = theirs.values_list("pk", "person_id", "identifier_id")
        _delete(GivenIdentifier, models.Q(pk__in=[pk for pk, *pair in given if tuple(pair) in lost]))
        GivenIdentifier._base_manager.bulk_create(
            rows,
            BATCH,
            update_conflicts=True,
            unique_fields=["person", "identifier"],
            update_fields=["value"],
        )

    def _end(self, assignments: list[Assignment]) -> None:
        """End what the import opened. The rows stay, as they always do."""
        Assignment._base_manager.filter(pk__in=[row.pk for row in assignments]).update(
            ended_at=Greatest(F("started_at"), Value(timezone.now())), ended_by=self._by
        )
        self._note_assignments(Action.UNASSIGNED, assignments)
        refresh_is_assigned(*(row.person_id for row in assignments))

    def _clear(self, assignments: list[Assignment]) -> None:
        Assignment._base_manager.filter(pk__in=[row.pk for row in assignments]).update(is_primary=False)
        self._note_assignments(Action.PRIMARY_CLEARED, assignments)

    # People whom it added.

    def _remove(self, people: list[Person]) -> None:
        """Remove people whom nobody has used, with all that the import gave them, and waiting letters."""
        keys, users = [person.pk for person in people], [person.user_id for person in people]
        for person in people:
            self._note(person, Action.REMOVED, {"role": [person.role, None]})
        theirs = models.Q(person__in=keys)
        _delete(Assignment, theirs | models.Q(lead__in=keys))
        for model in (GivenIdentifier, OutboxMessage, ImportedPerson):
            _delete(model, theirs)
        _delete(Person, models.Q(pk__in=keys))
        delete_users(users)

    # History.

    def _note(self, person: Person, action: HistoryEntry.Action, changes: dict[str, Any]) -> None:
        self._entries.append(
            entry(
                person,
                action,
                by=self._by,
                organization=person.organization_id,
                person=person.pk,
                changes=changes,
            )
        )

    def _note_assignments(self, action: HistoryEntry.Action, assignments: Iterable[Assignment]) -> None:
        leads = {
            Action.REOPENED: lambda lead: [None, lead],
            Action.UNASSIGNED: lambda lead: [lead, None],
            Action.PRIMARY_CLEARED: lambda lead: [lead, lead],
        }
        for row in assignments:
            self._entries.append(
                entry(
                    row,
                    action,
                    by=self._by,
                    organization=row.program.organization_id,
                    person=row.person_id,
                    program=row.program_id,
                    changes={"lead_id": leads[action](row.lead_id)},
                )
            )


def _delete(model: type[models.Model], which: models.Q) -> None:
    """Delete rows to which nothing points that isn't deleted as well; without a query for each."""
    rows = model._base_manager.filter(which)
    rows._raw_delete(rows.db)
