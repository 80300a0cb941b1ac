"""Imports at once, with each other and with what else goes on: locks and constraints in the database decide. Nobody is
there twice, nobody comes back, nobody is led by somebody who is gone.
"""

import threading
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.assignments.actions import assign
from mentorpro_plugin.exchange import actions, pulse
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.models import Assignment, Deletion, HistoryEntry, OutboxMessage, Person
from mentorpro_plugin.people.activity import note_first_log_in
from mentorpro_plugin.removal.actions import request_deletion
from mentorpro_plugin.removal.working import DeletionJob
from tests.racing import at_once

from .helpers import mentee
from .steps import confirmed, csv_of, do, files_of, kept, mapped, uploaded, work

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("import_files", "no_worker"),
]

State = RosterImport.State
ROUNDS = 3

PROGRAM, MENTOR = "First Year Enginmark", "FIRST_YEAR_MENTOR-ENGINMARK"
ANA = mentee(Program=PROGRAM, Mentor=MENTOR) | {"E-mail": "ana@example.org"}
BEN = mentee(First_Name="Ben", ID="N2", Phone_Number="907 555 0143", Program=PROGRAM, Mentor=MENTOR)
TWO = csv_of(ANA, BEN)


@pytest.fixture
def world(transactional_db):
    from tests.world import make_world

    return make_world()


def ready(content, by, **options):
    """An import that waits for a worker to store it."""
    return confirmed(work(mapped(work(uploaded(content, by=by, **options)), by=by)), by=by)


def settle(*imports):
    """Have a worker come by until there is nothing to do."""
    for _ in range(10):
        waiting = RosterImport._base_manager.filter(state__in=RosterImport.OPEN)
        waiting.update(due_at=timezone.now())
        for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
            work(RosterImport(pk=pk))
    return [kept(roster_import) for roster_import in imports]


def counted(roster_import):
    return [roster_import.counts[kind] for kind in Kind]


def test_two_managers_with_the_same_file_add_everybody_once(world):
    imports = [ready(TWO, world.user("first_year_pm")), ready(TWO, world.user("engineering_child"))]

    outcomes = at_once(*[lambda one=one: work(one) for one in imports])

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    ended = settle(*imports)
    assert sorted(one.state for one in ended) == [State.DONE, State.PREVIEW]
    done, shown = sorted(ended, key=lambda one: one.state)
    assert (counted(done), counted(shown)) == ([2, 0, 0, 0], [0, 0, 2, 0])
    assert "changed meanwhile" in shown.error
    assert Person._base_manager.filter(first_name__in=("Ana", "Ben")).count() == 2
    assert Assignment._base_manager.filter(person__first_name__in=("Ana", "Ben")).count() == 2
    assert OutboxMessage._base_manager.filter(recipient="ana@example.org", kind="welcome").count() == 1
    assert HistoryEntry._base_manager.filter(action="imported").count() == 1
    [again] = settle(confirmed(shown, by=shown.by))
    assert (again.state, counted(again)) == (State.DONE, [0, 0, 2, 0])


def test_many_workers_at_one_import_store_it_once(world):
    roster_import = ready(TWO, world.user("engineering_child"))

    at_once(*[lambda: work(roster_import)] * 4)

    [done] = settle(roster_import)
    assert (done.state, counted(done)) == (State.DONE, [2, 0, 0, 0])
    assert ImportedPerson._base_manager.count() == 2
    assert Person._base_manager.filter(first_name__in=("Ana", "Ben")).count() == 2


def test_imports_into_other_trees_wait_for_nobody(world):
    into = {"engineering_child": "Enginmark Organization", "law_child": "Lawmark Organization"}
    imports = [
        ready(csv_of(mentee(ID=who, Phone_Number=f"907 555 016{n}", Organization=name)), world.user(who))
        for n, (who, name) in enumerate(into.items())
    ]

    outcomes = at_once(*[lambda one=one: work(one) for one in imports])

    assert [one.state for one in outcomes] == [State.DONE, State.DONE]


def test_imports_into_one_tree_wait_in_line(world):
    first, second, other = (
        ready(csv_of(mentee(ID=f"L{n}", Phone_Number=f"907 555 017{n}", Organization="")), world.user(who))
        for n, who in enumerate(("engineering_child", "nursing_child", "law_child"))
    )

    waiting = work(second)

    assert (waiting.state, waiting.lease, waiting.attempts) == (State.STORING, None, 0)
    assert waiting.due_at > timezone.now()
    assert work(other).state == State.DONE
    assert work(first).state == State.DONE
    # Called when the one before was done.
    assert work(second).state in (State.DONE, State.PREVIEW)


@pytest.mark.postgres
def test_while_one_import_is_stored_its_tree_waits_and_others_don_t(world):
    """Two managers of one program, two of other trees, and one whose file says itself into which trees it goes."""
    into = {
        "engineering_child": ("Enginmark Organization", 0),
        "first_year_pm": ("", 1),
        "law_child": ("Lawmark Organization", 2),
        "moot_pm": ("", 3),
        "super_admin": ("Enginmark Organization", 4),
    }
    first, second, other, another, everywhere = (
        ready(csv_of(mentee(ID=who, Phone_Number=f"907 555 016{n}", Organization=name)), world.user(who))
        for who, (name, n) in into.items()
    )
    begun, ended = threading.Event(), threading.Event()

    def pause(execute, sql, *arguments):
        if sql.startswith('INSERT INTO "mentorpro_plugin_importedperson"'):
            begun.set()
            assert ended.wait(20)
        return execute(sql, *arguments)

    def store():
        with connection.execute_wrapper(pause):
            return work(first)

    def others():
        assert begun.wait(20)
        try:
            seen = [work(other), work(another), work(second), kept(first)]
        finally:
            ended.set()
        return seen

    def wait_for_the_lock():
        assert begun.wait(20)
        return work(everywhere)

    stored, seen, last = at_once(store, others, wait_for_the_lock)

    assert [one.state for one in seen] == [State.DONE, State.DONE, State.STORING, State.STORING]
    waiting = seen[2]
    assert (waiting.lease, waiting.attempts, waiting.rows_done) == (None, 0, 0)
    assert (stored.state, last.state) == (State.DONE, State.DONE)
    # Its turn, and planned again: by then more people are there, and it does what was confirmed.
    [done] = settle(second)
    assert (done.state, counted(done)) == (State.DONE, [1, 0, 0, 0])
    people = Person._base_manager.filter(id_number__in=into).values_list("id_number", flat=True)
    assert sorted(people) == sorted(into)


def test_one_mentee_assigned_by_many_imports_is_assigned_once(world):
    person = world.people["engineering_free_mentee"]
    row = {"ID": person.id_number, "Program": PROGRAM, "Mentor": MENTOR}
    users = ("first_year_pm", "engineering_child", "riverside_parent", "super_admin")
    engineering = world.organizations["engineering"]
    imports = [ready(csv_of(row), world.user(who), organization=engineering) for who in users]

    at_once(*[lambda one=one: work(one) for one in imports])

    ended = settle(*imports)
    assert sorted(one.state for one in ended) == [State.DONE, *[State.PREVIEW] * 3]
    assert Assignment._base_manager.filter(person=person).count() == 1
    assert Person._base_manager.get(pk=person.pk).is_assigned


def test_import_against_deletion_brings_nobody_back(world):
    parent = world.user("riverside_parent")
    for number in range(ROUNDS):
        key = ("engineering_free_mentee", "transfer_mentee", "first_year_mentee")[number]
        person = world.people[key]
        row = {"ID": person.id_number, "First Name": "Changed", "Program": PROGRAM, "Mentor": MENTOR}
        roster_import = ready(
            csv_of(row, mentee(ID=f"B{number}", Phone_Number=f"907 555 018{number}")), parent
        )

        def delete(person=person):
            deletion = request_deletion(person, wants_export=False, by=world.user("riverside_parent"))
            DeletionJob.work_on(deletion.pk)

        outcomes = at_once(lambda one=roster_import: work(one), delete)

        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
        Deletion._base_manager.filter(state__in=Deletion.OPEN).update(due_at=timezone.now())
        for pk in Deletion._base_manager.values_list("pk", flat=True):
            DeletionJob.work_on(pk)
        [ended] = settle(roster_import)
        assert Deletion._base_manager.get(person_pk=person.pk).state == Deletion.State.DONE
        assert not Person._base_manager.filter(pk=person.pk).exists()
        assert not Person._base_manager.filter(first_name="Changed").exists()
        assert not Assignment._base_manager.filter(person_id=person.pk).exists()
        assert not ImportedPerson._base_manager.filter(person_id=person.pk).exists()
        is_stored = Person._base_manager.filter(id_number=f"B{number}").exists()
        assert (ended.state == State.DONE) == is_stored
        assert ended.state in (State.DONE, State.CANCELLED, State.PREVIEW)
        if ended.state != State.PREVIEW:
            assert files_of(ended) == []


def test_confirmed_twice_at_once_is_stored_once(world):
    by = world.user("engineering_child")
    shown = work(mapped(work(uploaded(TWO, by=by)), by=by))

    outcomes = at_once(*[lambda: confirmed(shown, by=world.user("engineering_child"))] * 3)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "RosterImport",
        "ValidationError",
        "ValidationError",
    ]
    [done] = settle(shown)
    assert counted(done) == [2, 0, 0, 0]


def test_stopping_against_storing_is_one_or_the_other(world):
    for number in range(ROUNDS):
        by = world.user("engineering_child")
        roster_import = ready(csv_of(mentee(ID=f"S{number}", Phone_Number=f"907 555 019{number}")), by)

        _worked, stopped = at_once(
            lambda one=roster_import: work(one),
            lambda one=roster_import: do(actions.cancel, one, by=world.user("engineering_child")),
        )

        [ended] = settle(roster_import)
        is_stored = Person._base_manager.filter(id_number=f"S{number}").exists()
        assert ended.state == (State.DONE if is_stored else State.CANCELLED)
        assert isinstance(stopped, ValidationError) == is_stored


@pytest.mark.postgres
def test_storing_says_that_it_goes_on_and_ends_when_it_is_stopped(world, monkeypatch):
    """What no other connection sees of the transaction, a pulse beside it tells. SQLite lets nobody else write."""
    monkeypatch.setattr(pulse, "EVERY", 0.05)
    by = world.user("engineering_child")
    roster_import = ready(TWO, by)
    begun, stopped = threading.Event(), threading.Event()

    def pause(execute, sql, *arguments):
        if sql.startswith('INSERT INTO "mentorpro_plugin_importedperson"') and not begun.is_set():
            begun.set()
            assert stopped.wait(20)
            time.sleep(0.2)
        return execute(sql, *arguments)

    def store():
        with connection.execute_wrapper(pause):
            return work(roster_import)

    def stop():
        assert begun.wait(20)
        first = kept(roster_import)
        time.sleep(0.3)
        later = kept(roster_import)
        do(actions.cancel, roster_import, by=world.user("engineering_child"))
        stopped.set()
        return first, later

    ended, (first, later) = at_once(store, stop)

    assert (first.state, later.state) == (State.STORING, State.STORING)
    assert later.lease == first.lease is not None
    assert later.due_at > first.due_at
    assert ended.state == State.CANCELLED
    assert not Person._base_manager.filter(id_number__in=("N1", "N2")).exists()
    assert not ImportedPerson._base_manager.exists()


def test_undoing_against_a_first_log_in_is_one_or_the_other(world):
    for number in range(ROUNDS):
        by = world.user("engineering_child")
        [done] = settle(ready(csv_of(mentee(ID=f"U{number}", Phone_Number=f"907 555 015{number}")), by))
        do(actions.undo, done, by=by)
        person = Person._base_manager.get(id_number=f"U{number}")

        at_once(lambda one=done: work(one), lambda pk=person.pk: note_first_log_in(pk))

        [undone] = settle(done)
        left = Person._base_manager.filter(pk=person.pk).first()
        assert undone.state == State.UNDONE
        assert (undone.counts["removed"], undone.counts["kept"]) == ((1, 0) if left is None else (0, 1))
        assert left is None or left.first_login_at is not None


def test_undoing_against_giving_somebody_to_a_new_mentor_leaves_nobody_alone(world):
    for number in range(ROUNDS):
        by = world.user("engineering_child")
        row = mentee(Role="Mentor", ID=f"M{number}", Phone_Number=f"907 555 014{number}", Program=PROGRAM)
        [done] = settle(ready(csv_of(row | {"Program Manager": "FIRST_YEAR_PM-ENGINMARK"}), by))
        do(actions.undo, done, by=by)
        mentor = Person._base_manager.get(id_number=f"M{number}")

        def give(mentor=mentor):
            mentee, program = world.people["engineering_free_mentee"], world.programs["first_year"]
            return assign(person=mentee, program=program, lead=mentor, by=world.user("super_admin"))

        _undone, assigned = at_once(lambda one=done: work(one), give)

        settle(done)
        is_there = Person._base_manager.filter(pk=mentor.pk).exists()
        assert is_there == isinstance(assigned, Assignment), assigned
        with scope_of(EVERYTHING):
            assert Assignment._base_manager.filter(lead_id=mentor.pk).exists() == is_there


def test_undoing_twice_at_once_is_done_once(world):
    [done] = settle(ready(TWO, world.user("engineering_child")))

    outcomes = at_once(
        *[
            lambda who=who: do(actions.undo, done, by=world.user(who))
            for who in ("engineering_child", "riverside_parent")
        ]
    )
    at_once(*[lambda: work(done)] * 3)

    [undone] = settle(done)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RosterImport", "ValidationError"]
    assert (undone.state, undone.counts["removed"]) == (State.UNDONE, 2)
    assert HistoryEntry._base_manager.filter(action="removed").count() == 2
    assert HistoryEntry._base_manager.filter(action="undone").count() == 1
