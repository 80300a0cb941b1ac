"""What of an import can be taken back, and what can't, and why. Reads only; a batch takes a fixed number of queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ..access.roles import PARTICIPANTS, Role
from ..activity.models import HistoryEntry
from ..assignments.fitting import LEAD_ROLE
from ..assignments.models import Assignment
from ..identifiers.models import GivenIdentifier, IdentifierValue
from ..organizations.models import Organization
from ..outbox.models import OutboxMessage
from ..people.changing import PERSONAL_FIELDS
from ..people.leaving import leaving
from ..people.models import Person
from .models import ImportedPerson, RosterImport

#: People who are looked at together.
BATCH = 500

#: Roles, those led before their leads.
_RANKS = ((Role.MENTEE,), (Role.MENTOR,), tuple(role for role in Role if role not in PARTICIPANTS))
#: What may have been written on somebody without a change: letters.
_HARMLESS = (HistoryEntry.Action.SENT_AGAIN, HistoryEntry.Action.WRITTEN_TO)
#: What an import gives people; anything else that points at them came afterwards.
_GIVEN = {
    (Assignment, "person"),
    (Assignment, "lead"),
    (GivenIdentifier, "person"),
    (OutboxMessage, "person"),
    (ImportedPerson, "person"),
    (Person, "user"),
}


class Kept(models.TextChoices):
    """Why something of an import stays though it was undone. What the person is, as a part of a sentence."""

    LOGGED_IN = "logged_in", _("has logged in")
    CHANGED = "changed", _("was changed afterwards")
    LEADS = "leads", _("leads people who stay")
    USED = "used", _("has messages, goals or something else by now")
    TAKEN = "taken", _("had something before that belongs to somebody else by now")
    NOT_ASSIGNABLE = "not_assignable", _("can't be assigned again as before")
    BEYOND = "beyond", _("is beyond the reach of whoever undoes the import")
    LEAVING = "leaving", _("is being deleted")


@dataclass(slots=True)
class Verdict:
    """What becomes of one person. `kept` says why not all that the import did is taken back; empty if it is."""

    imported: ImportedPerson
    person: Person
    kept: str = ""
    #: Whether the person goes, with all that the import gave them.
    goes: bool = False
    #: What they get back: attributes, and values by identifier.
    values: dict[str, str] = field(default_factory=dict)
    given: dict[int, int | None] = field(default_factory=dict)
    #: Assignments that end, whose mentor is primary no more, and that are opened again.
    ending: list[Assignment] = field(default_factory=list)
    clearing: list[Assignment] = field(default_factory=list)
    reopening: list[Assignment] = field(default_factory=list)

    @property
    def is_restored(self) -> bool:
        """Whether the person stays, and gets back all that the import changed."""
        return not self.goes and not self.kept


def batches(
    roster_import: RosterImport, *, leads_first: bool = False, **which: Any
) -> Iterator[list[ImportedPerson]]:
    """Yield those whom undoing isn't through with: people who are led before their leads, or the other way round."""
    rows = ImportedPerson._base_manager.filter(roster_import=roster_import, is_undone=False, **which)
    for roles in reversed(_RANKS) if leads_first else _RANKS:
        last = 0
        while batch := list(rows.filter(person__role__in=roles, pk__gt=last).order_by("pk")[:BATCH]):
            yield batch
            last = batch[-1].pk


def text_of(person: Person, name: str) -> str:
    """Return an attribute as `ImportedPerson.before` has it."""
    value = getattr(person, name)
    return value.as_e164 if value and name == "phone" else str(value or "")


class Judge:
    """Judges people of one import, as things are; or as they would be after what was judged before, for a preview."""

    def __init__(self, roster_import: RosterImport, by: Any, *, locks: bool = False) -> None:
        """`locks` keeps the people from changing until the transaction ends."""
        self._import = roster_import
        self._by = by
        self._locks = locks
        # For a preview: assignments that would have ended, and who would be in which program again.
        self._ended: set[int] = set()
        self._back: set[tuple[int, int]] = set()

    @property
    def _is_taken_back(self) -> Q:
        """True of history entries that this import wrote, or that came and went with a later one that was undone."""
        undone = RosterImport._base_manager.filter(state=RosterImport.State.UNDONE, batch__isnull=False)
        return Q(batch=self._import.batch) | Q(batch__in=undone.values("batch"))

    def assume(self, verdicts: Iterable[Verdict]) -> None:
        """Judge from here on as if these verdicts had been carried out."""
        gone = [verdict.person.pk for verdict in verdicts if verdict.goes]
        self._ended.update(Assignment._base_manager.filter(person__in=gone).values_list("pk", flat=True))
        for verdict in verdicts:
            self._ended.update(assignment.pk for assignment in verdict.ending)
            self._back.update((verdict.person.pk, assignment.program_id) for assignment in verdict.reopening)

    def reopenings(self, rows: list[ImportedPerson]) -> list[Verdict]:
        """Say which assignments that the import ended can be opened again; leads are judged before those led."""
        verdicts = self._begin(rows)
        ended = self._assignments(verdicts, "ended")
        in_use = self._open_of(lead for lead in (row.lead_id for row in ended.values()) if lead)
        taken = set(
            Assignment._base_manager.filter(person__in=[verdict.person.pk for verdict in verdicts], ended_at=None)
            .values_list("person_id", "program_id", "lead_id")
        )  # fmt: skip
        for verdict in verdicts:
            for assignment in self._of(verdict, "ended", ended):
                if (assignment.person_id, assignment.program_id, assignment.lead_id) in taken:
                    # Somebody did it already.
                    continue
                if assignment.ended_at is None:
                    continue
                if self._was_ended_again(assignment) or not self._fits(verdict.person, assignment, in_use):
                    verdict.kept = verdict.kept or Kept.NOT_ASSIGNABLE
                else:
                    verdict.reopening.append(assignment)
        return verdicts

    def verdicts(self, rows: list[ImportedPerson]) -> list[Verdict]:
        """Say of each row what else is taken back; those led are judged before their leads."""
        verdicts = self._begin(rows)
        self._judge_new([verdict for verdict in verdicts if verdict.imported.is_new])
        self._judge_changed([verdict for verdict in verdicts if not verdict.imported.is_new])
        return verdicts

    def _begin(self, rows: list[ImportedPerson]) -> list[Verdict]:
        people = self._people([row.person_id for row in rows])
        managed = set(
            Person.objects.managed_by(self._by).filter(pk__in=people).order_by().values_list("pk", flat=True)
        )
        going = leaving(people)
        verdicts = []
        for row in rows:
            # Who was deleted meanwhile has left nothing to judge.
            if row.person_id in people:
                verdict = Verdict(row, people[row.person_id], row.kept)
                if row.person_id in going:
                    verdict.kept = Kept.LEAVING
                elif row.person_id not in managed:
                    verdict.kept = Kept.BEYOND
                verdicts.append(verdict)
        return verdicts

    def _people(self, keys: list[int]) -> dict[int, Person]:
        people = Person._base_manager.filter(pk__in=keys).order_by("pk")
        users = get_user_model()._base_manager.filter(pk__in=people.order_by().values("user")).order_by("pk")
        if self._locks:
            # One after the other: joined, PostgreSQL would give the users as they were before the wait.
            people, users = people.select_for_update(), users.select_for_update()
        found = {person.pk: person for person in people}
        users_by_key = {user.pk: user for user in users}
        organizations = Organization._base_manager.in_bulk(
            {person.organization_id for person in found.values()}
        )
        for person in found.values():
            person.user = users_by_key[person.user_id]
            person.organization = organizations.get(person.organization_id)
        return found

    # People whom the import added.

    def _judge_new(self, verdicts: list[Verdict]) -> None:
        keys = [verdict.person.pk for verdict in verdicts]
        changed, used, leads = self._changed(keys), self._used(keys), self._leads(keys)
        for verdict in verdicts:
            person = verdict.person
            if person.first_login_at or person.user.last_login:
                verdict.kept = verdict.kept or Kept.LOGGED_IN
            elif person.pk in changed:
                verdict.kept = verdict.kept or Kept.CHANGED
            elif person.pk in used:
                verdict.kept = verdict.kept or Kept.USED
            elif person.pk in leads:
                verdict.kept = verdict.kept or Kept.LEADS
            verdict.goes = not verdict.kept

    def _changed(self, keys: list[int]) -> set[int]:
        """Those on whom history has more than what the import wrote."""
        return set(self.later_entries(person__in=keys).order_by().values_list("person_id", flat=True))

    def later_entries(self, **of: Any) -> models.QuerySet:
        """Return entries that weren't written by the import, nor by a later one that was undone, nor for a letter."""
        entries = HistoryEntry._base_manager.filter(**of).exclude(self._is_taken_back)
        return entries.exclude(action__in=_HARMLESS)

    def _used(self, keys: list[int]) -> set[int]:
        """Those at whom something points that no import gives."""
        used = Person._base_manager.filter(is_used("pk", "user"), pk__in=keys)
        return set(used.order_by().values_list("pk", flat=True))

    def _leads(self, keys: list[int]) -> set[int]:
        """Those who lead somebody who stays, or were given somebody by others."""
        led = Assignment._base_manager.filter(lead__in=keys).order_by()
        opened = self._opened_by_import(led)
        return {
            lead
            for pk, lead, ended_at in led.values_list("pk", "lead_id", "ended_at")
            if pk not in opened or (ended_at is None and pk not in self._ended)
        }

    def _opened_by_import(self, assignments: models.QuerySet) -> set[int]:
        """Return which of `assignments` this import opened, or a later one that was undone.

        By what history has on their people, and no further: an import may have written a hundred thousand entries.
        """
        # An expression, or SQLite would look through all that was ever assigned.
        done = HistoryEntry._base_manager.alias(done=Coalesce("action", Value("")))
        assigned = done.filter(
            done=HistoryEntry.Action.ASSIGNED,
            subject_type="assignment",
            person__in=assignments.values("person"),
            batch__isnull=False,
        )
        found = list(assigned.order_by().values_list("subject_id", "batch"))
        undone = RosterImport._base_manager.filter(
            state=RosterImport.State.UNDONE, batch__in={batch for _subject, batch in found}
        )
        taken_back = {self._import.batch, *undone.values_list("batch", flat=True)}
        return {subject for subject, batch in found if batch in taken_back}

    # People whom it changed.

    def _judge_changed(self, verdicts: list[Verdict]) -> None:
        opened, primary = self._assignments(verdicts, "opened"), self._assignments(verdicts, "primary")
        given = self._given(verdicts)
        values = self._values_there(verdicts)
        busy = self._busy([assignment for assignment in opened.values() if assignment.is_open])
        for verdict in verdicts:
            if verdict.kept in (Kept.LEAVING, Kept.BEYOND):
                continue
            self._judge_fields(verdict)
            for identifier, (had, got) in verdict.imported.before.get("identifiers", {}).items():
                if given.get((verdict.person.pk, int(identifier))) != got or (had and had not in values):
                    verdict.kept = verdict.kept or Kept.CHANGED
                else:
                    verdict.given[int(identifier)] = had
            for assignment in self._of(verdict, "opened", opened):
                if assignment.pk in busy:
                    verdict.kept = verdict.kept or Kept.LEADS
                elif assignment.is_open:
                    verdict.ending.append(assignment)
            for assignment in self._of(verdict, "primary", primary):
                if assignment.is_open and assignment.is_primary:
                    verdict.clearing.append(assignment)

    @staticmethod
    def _judge_fields(verdict: Verdict) -> None:
        for name in PERSONAL_FIELDS:
            if name in verdict.imported.before:
                had, got = verdict.imported.before[name]
                if text_of(verdict.person, name) == got:
                    verdict.values[name] = had
                else:
                    verdict.kept = verdict.kept or Kept.CHANGED

    def _busy(self, assignments: list[Assignment]) -> set[int]:
        """Those of the assignments without which their person would lead people in a program they aren't in."""
        pairs = {(assignment.person_id, assignment.program_id) for assignment in assignments}
        led = Assignment._base_manager.filter(lead__in={person for person, _program in pairs}, ended_at=None)
        leading = {
            (lead, program)
            for pk, lead, program in led.values_list("pk", "lead_id", "program_id")
            if pk not in self._ended
        }
        going = {assignment.pk for assignment in assignments}
        others = Assignment._base_manager.filter(
            person__in={person for person, _program in pairs}, ended_at=None
        )
        staying = {
            (person, program)
            for pk, person, program in others.values_list("pk", "person_id", "program_id")
            if pk not in going
        } | self._back
        return {
            assignment.pk
            for assignment in assignments
            if (pair := (assignment.person_id, assignment.program_id)) in leading and pair not in staying
        }

    def _given(self, verdicts: list[Verdict]) -> dict[tuple[int, int], int]:
        rows = GivenIdentifier._base_manager.filter(person__in=[verdict.person.pk for verdict in verdicts])
        return {
            (person, identifier): value
            for person, identifier, value in rows.values_list("person_id", "identifier_id", "value_id")
        }

    @staticmethod
    def _values_there(verdicts: list[Verdict]) -> set[int]:
        """Values of identifiers that people had, and that are still there."""
        had = {
            value
            for verdict in verdicts
            for value, _got in verdict.imported.before.get("identifiers", {}).values()
        }
        return set(IdentifierValue._base_manager.filter(pk__in=had - {None}).values_list("pk", flat=True))

    # Assignments.

    def _assignments(self, verdicts: list[Verdict], kind: str) -> dict[int, Assignment]:
        keys = {pk for verdict in verdicts for pk in verdict.imported.before.get(kind, ())}
        rows = Assignment._base_manager.filter(pk__in=keys).select_related("program", "lead")
        return {row.pk: row for row in rows}

    @staticmethod
    def _of(verdict: Verdict, kind: str, found: dict[int, Assignment]) -> list[Assignment]:
        if verdict.kept in (Kept.LEAVING, Kept.BEYOND):
            return []
        return [found[pk] for pk in verdict.imported.before.get(kind, ()) if pk in found]

    def _open_of(self, people: Iterable[int]) -> set[tuple[int, int]]:
        """Who of these is in which program."""
        rows = Assignment._base_manager.filter(person__in=set(people), ended_at=None)
        return set(rows.values_list("person_id", "program_id")) | self._back

    def _was_ended_again(self, assignment: Assignment) -> bool:
        """Whether somebody opened it after the import had ended it, and ended it once more."""
        done_at = self._import.finished_at
        return done_at is not None and assignment.ended_at is not None and assignment.ended_at > done_at

    @staticmethod
    def _fits(person: Person, assignment: Assignment, in_program: set[tuple[int, int]]) -> bool:
        """Whether an ended assignment can be opened again: as `assignments.actions.reopen` asks."""
        if person.is_deactivated or assignment.program.is_archived:
            return False
        lead, lead_role = assignment.lead, LEAD_ROLE.get(Role(person.role))
        if lead is None:
            return lead_role is None or (person.role == Role.MENTEE and assignment.program.flash_mentoring)
        return (
            lead.role == lead_role
            and not lead.is_deactivated
            and (lead.pk, assignment.program_id) in in_program
        )


def is_used(person: str, user: str) -> Q:
    """Return a condition for rows with the keys of a person and their user, to whom something points that no import gives."""
    used = Q(pk__in=())
    for model, name, is_user in _later_belongings():
        used |= Q(Exists(model._base_manager.filter(**{name: OuterRef(user if is_user else person)})))
    return used


@cache
def _later_belongings() -> list[tuple[type[models.Model], str, bool]]:
    """Keys that no import writes: model, field, and whether it holds a user, not a person."""
    found = []
    for target, is_user in ((Person, False), (get_user_model(), True)):
        for relation in target._meta.get_fields(include_hidden=True):
            if not relation.auto_created or relation.concrete or relation.many_to_many:
                continue
            keeper, name = relation.related_model, relation.field.name
            is_bound = relation.field.db_constraint and not keeper._meta.auto_created
            if is_bound and (keeper, name) not in _GIVEN:
                found.append((keeper, name, is_user))
    return found
