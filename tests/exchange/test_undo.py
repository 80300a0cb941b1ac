"""Taking an import back: who goes, who gets back what, who stays and why; and the preview says so before."""

from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, reach_of, scope_of
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.actions import assign, unassign
from mentorpro_plugin.exchange import actions, foretelling, judging
from mentorpro_plugin.exchange.judging import Kept
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.working import ImportJob
from mentorpro_plugin.letters.writing import write_letter
from mentorpro_plugin.models import Assignment, Deletion, GivenIdentifier, Goal, OutboxMessage, Person
from mentorpro_plugin.outbox.refusals import Unwanted
from mentorpro_plugin.people.actions import change_person
from mentorpro_plugin.people.lifecycle import deactivate
from mentorpro_plugin.programs.models import Program
from tests.factories import PersonFactory
from tests.lives import converse

from .helpers import changed_tables, checksums, mentee
from .steps import csv_of, do, kept, stored, undone, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]

State = RosterImport.State

PROGRAM = "First Year Enginmark"
PM = mentee(Role="Program Manager", First_Name="Pia", ID="P1", Phone_Number="", Program=PROGRAM) | {
    "E-mail": "pia@example.org"
}
MENTOR = mentee(Role="Mentor", First_Name="Mo", ID="M1", Phone_Number="907 555 0150", Program=PROGRAM) | {
    "E-mail": "mo@example.org",
    "Program Manager": "P1",
}
MENTEE = mentee(Program=PROGRAM, Mentor="M1") | {"E-mail": "ana@example.org", "Grade Riverside": "Freshmark"}
FREE = mentee(First_Name="Ben", ID="N2", Phone_Number="907 555 0143")
ASSIGNED = {"Program": PROGRAM, "Mentor": "M1"}
#: Somebody there already, who gets another name, an identifier and a new mentor.
KNOWN = {
    "ID": "ENGINEERING_FREE_MENTEE-ENGINMARK",
    "First Name": "Renamed",
    "Program": PROGRAM,
    "Mentor": "M1",
    "Primary Mentor": "M1",
    "Grade Riverside": "Seniormark",
}
ALL = csv_of(PM, MENTOR, MENTEE, FREE, KNOWN)

#: What an import and its undoing leave: themselves, their history, and the headings.
TRACES = {
    "mentorpro_plugin_rosterimport",
    "mentorpro_plugin_historyentry",
    "mentorpro_plugin_rememberedheading",
    "mentorpro_plugin_importedperson",
}


@pytest.fixture
def by(world):
    return world.user("engineering_child")


def person(number):
    return Person._base_manager.filter(id_number=number).first()


def ids(*numbers):
    found = Person._base_manager.filter(id_number__in=numbers).values_list("id_number", flat=True)
    return sorted(found)


def rough_preview(roster_import, by):
    """The preview as it is of a large import."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foretelling, "MOST_JUDGED", 0)
        return do(actions.undo_preview, roster_import, by=by)


def _check_rough(roster_import, exact, by):
    """What is counted without a look at each counts all, and nobody as staying who doesn't."""
    rough = rough_preview(roster_import, by)
    assert (rough.is_rough, exact.is_rough) == (True, False)
    assert rough.kept <= exact.kept
    assert all(getattr(rough, name) >= getattr(exact, name) for name in ("removed", "told", "restored"))
    assert rough.removed + rough.restored + rough.kept.total() == (
        exact.removed + exact.restored + exact.kept.total()
    )


def undo_as_foretold(roster_import, by):
    """Undo the import; the preview has said before what came of it."""
    foretold = do(actions.undo_preview, roster_import, by=by)
    _check_rough(roster_import, foretold, by)
    done = undone(roster_import, by=by)
    assert (done.state, done.error) == (State.UNDONE, "")
    reasons = (
        ImportedPerson._base_manager.filter(roster_import=done)
        .exclude(kept="")
        .values_list("kept", flat=True)
    )
    assert Counter(reasons) == foretold.kept
    assert (done.counts["removed"], done.counts["restored"], done.counts["kept"]) == (
        foretold.removed,
        foretold.restored,
        foretold.kept.total(),
    )
    assert not ImportedPerson._base_manager.filter(roster_import=done, is_undone=False).exists()
    return done


def test_all_is_as_before_but_for_what_was_written_down(by):
    before = checksums()
    roster_import = stored(ALL, by=by)
    assert [roster_import.counts[kind] for kind in Kind] == [4, 1, 0, 0]
    assert {"auth_user", "mentorpro_plugin_person", "mentorpro_plugin_outboxmessage"} <= changed_tables(
        before
    )

    done = undo_as_foretold(roster_import, by)

    assert changed_tables(before) == TRACES | {"mentorpro_plugin_outboxmessage"}
    # What is written while it is sent, and then has nothing to say.
    [notice] = OutboxMessage._base_manager.all()
    with pytest.raises(Unwanted):
        write_letter(notice)
    assert [done.counts[what] for what in ("removed", "restored", "kept")] == [4, 1, 0]
    assert [done.counts[kind] for kind in Kind] == [4, 1, 0, 0]
    assert (done.rows_done, done.rows_total) == (5, 5)


def test_history_says_who_took_back_what(world, by):
    roster_import = stored(ALL, by=by)
    parent = world.user("riverside_parent")
    numbers = {row.person_id: row.is_new for row in ImportedPerson._base_manager.all()}
    last = HistoryEntry._base_manager.latest("pk").pk

    undone(roster_import, by=parent)

    entries = HistoryEntry._base_manager.filter(pk__gt=last)
    assert {(entry.actor_id, entry.via) for entry in entries} == {(parent.pk, "import")}
    assert entries.values("batch").distinct().count() == 1
    removed = entries.filter(action="removed").values_list("person", flat=True)
    assert sorted(removed) == sorted(pk for pk, is_new in numbers.items() if is_new)
    [known] = [pk for pk, is_new in numbers.items() if not is_new]
    actions_on_known = list(entries.filter(person=known).values_list("action", flat=True))
    assert sorted(actions_on_known) == ["changed", "identifiers_given", "unassigned"]
    undone_entry = entries.get(action="undone")
    assert (undone_entry.subject_type, undone_entry.subject_id) == ("rosterimport", roster_import.pk)
    assert undone_entry.organization_id == world.organizations["engineering"].pk
    assert undone_entry.changes == {"removed": 4, "restored": 1, "kept": 0}
    assert kept(roster_import).undone_by == parent


def test_same_file_can_be_imported_again(by):
    first = stored(ALL, by=by)
    undone(first, by=by)

    again = stored(ALL, by=by)

    # The notice of the first time still waits, and tells of this one too.
    assert again.counts == {**first.counts, "notices": 0}
    assert ids("P1", "M1", "N1", "N2") == ["M1", "N1", "N2", "P1"]


def test_imports_are_undone_one_after_the_other(by):
    before = checksums()
    first = stored(csv_of(PM, MENTOR, MENTEE), by=by)
    second = stored(
        csv_of(MENTEE | {"First Name": "Anna", "Grade Riverside": "Seniormark"}, FREE | ASSIGNED), by=by
    )
    third = stored(csv_of(MENTOR | {"First Name": "Moe"}), by=by)
    foretold = do(actions.undo_preview, first, by=by)
    assert (foretold.removed, foretold.kept) == (0, {Kept.CHANGED: 2, Kept.LEADS: 1})

    for roster_import, removed in ((third, 0), (second, 1), (first, 3)):
        done = undo_as_foretold(roster_import, by)
        assert (done.counts["removed"], done.counts["kept"]) == (removed, 0)

    assert changed_tables(before) == TRACES - {"mentorpro_plugin_importedperson"}


@pytest.mark.parametrize("state", [State.MAPPING, State.PREVIEW, State.CANCELLED, State.FAILED, State.UNDONE])
def test_only_what_is_done_can_be_undone(by, state):
    roster_import = stored(ALL, by=by)
    RosterImport._base_manager.update(state=state)

    with pytest.raises(ValidationError):
        undone(roster_import, by=by)

    assert ids("N1") == ["N1"]


# People who stay


def log_in(world, number):
    Person._base_manager.filter(id_number=number).update(first_login_at=timezone.now())


def change(world, number):
    one = Person._base_manager.select_related("organization", "user").get(id_number=number)
    one.first_name = "Changed"
    with scope_of(EVERYTHING):
        change_person(one, by=world.user("super_admin"))


def switch_off(world, number):
    with scope_of(EVERYTHING):
        deactivate(person(number), by=world.user("super_admin"))


def write(world, number):
    world.people[number] = person(number)
    converse(world, number, "transfer_sc")


def plan_goal(world, number):
    Goal(mentee=person(number), title="Goal").save()


def lead_another(world, number):
    with scope_of(EVERYTHING):
        assign(
            person=world.people["engineering_free_mentee"],
            program=world.programs["first_year"],
            lead=person(number),
            by=world.user("super_admin"),
        )


def lead_another_for_a_while(world, number):
    lead_another(world, number)
    with scope_of(EVERYTHING):
        unassign(Assignment._base_manager.latest("pk"), by=world.user("super_admin"))


def move_away(world, number):
    Person._base_manager.filter(id_number=number).update(organization=world.organizations["nursing"])


def begin_to_delete(world, number):
    Deletion(person_pk=person(number).pk, organization=world.organizations["engineering"]).save()


TWO = csv_of(MENTOR | {"Program Manager": "FIRST_YEAR_PM-ENGINMARK"}, FREE)


@pytest.mark.parametrize(
    ("happened", "number", "reason"),
    [
        (log_in, "N2", Kept.LOGGED_IN),
        (change, "N2", Kept.CHANGED),
        (switch_off, "N2", Kept.CHANGED),
        (write, "N2", Kept.USED),
        (plan_goal, "N2", Kept.USED),
        (lead_another, "M1", Kept.LEADS),
        (lead_another_for_a_while, "M1", Kept.LEADS),
        (move_away, "N2", Kept.BEYOND),
        (begin_to_delete, "N2", Kept.LEAVING),
    ],
)
def test_whoever_was_used_since_stays_and_the_others_go(world, by, happened, number, reason):
    roster_import = stored(TWO, by=by)
    happened(world, number)

    done = undo_as_foretold(roster_import, by)

    assert ids("M1", "N2") == [number]
    assert ImportedPerson._base_manager.get(person=person(number)).kept == reason
    assert (done.counts["removed"], done.counts["kept"]) == (1, 1)


def test_who_stays_keeps_their_leads(world, by):
    roster_import = stored(ALL, by=by)
    log_in(world, "N1")

    undo_as_foretold(roster_import, by)

    assert ids("P1", "M1", "N1", "N2") == ["M1", "N1", "P1"]
    reasons = {
        row.person.id_number: row.kept for row in ImportedPerson._base_manager.select_related("person")
    }
    assert reasons == {"N1": "logged_in", "M1": "leads", "P1": "leads", KNOWN["ID"]: ""}
    assert Assignment._base_manager.filter(person=person("N1"), lead=person("M1"), ended_at=None).exists()


def test_welcomes_that_wait_are_withdrawn_and_those_sent_are_told(world, by):
    roster_import = stored(ALL, by=by)
    welcomes = OutboxMessage._base_manager.filter(
        kind=OutboxMessage.Kind.WELCOME, person__in=[person("N1"), person("M1")]
    )
    assert welcomes.count() == 2
    welcomes.filter(person=person("N1")).update(state=OutboxMessage.State.SENT, due_at=None)

    foretold = do(actions.undo_preview, roster_import, by=by)
    undone(roster_import, by=by)

    assert (foretold.removed, foretold.told) == (4, 1)
    assert ids("N1", "M1") == []
    assert not OutboxMessage._base_manager.filter(
        recipient__in=["ana@example.org", "mo@example.org"]
    ).exists()


def test_letters_to_people_do_not_hold_them(world, by):
    roster_import = stored(csv_of(FREE), by=by)
    one = person("N2")
    HistoryEntry._base_manager.create(
        action="sent_again",
        organization=one.organization,
        person=one,
        subject_type="person",
        subject_id=one.pk,
    )

    assert undo_as_foretold(roster_import, by).counts["removed"] == 1


# People who get back what they had


@pytest.fixture
def known(world):
    """Somebody with a mentor of their own, whom an import then gives another name, number, mentor and identifier."""
    one = PersonFactory(
        organization=world.organizations["engineering"],
        first_name="Old",
        last_name="Name",
        phone="+19075550101",
        id_number="K1",
        email="old@example.org",
    )
    with scope_of(EVERYTHING):
        assign(
            person=one,
            program=world.programs["first_year"],
            lead=world.people["first_year_mentor"],
            by=world.user("super_admin"),
        )
    OutboxMessage._base_manager.all().delete()
    GivenIdentifier(
        person=one, identifier=world.identifiers["riverside"], value=world.value("Freshmark")
    ).save()
    return one


CHANGES = {
    "ID": "K1",
    "First Name": "New",
    "Phone Number": "907 555 0102",
    "E-mail": "new@example.org",
    "Grade Riverside": "Seniormark",
    "Program": PROGRAM,
    "End": "end",
}


def test_changed_people_get_back_all_they_had(known, by):
    before = checksums()
    roster_import = stored(csv_of(CHANGES), by=by)
    assert roster_import.counts["changed"] == 1
    one = person("K1")
    assert (one.first_name, one.is_assigned, one.session_epoch) == ("New", False, known.session_epoch + 1)

    done = undo_as_foretold(roster_import, by)

    assert done.counts["restored"] == 1
    one.refresh_from_db()
    assert (one.first_name, one.phone.as_e164, one.email) == ("Old", "+19075550101", "old@example.org")
    assert (one.is_assigned, one.search_text) == (True, known.search_text)
    # Whoever logged in with the number of the import is logged out.
    assert one.session_epoch == known.session_epoch + 2
    Person._base_manager.update(session_epoch=known.session_epoch)
    assert changed_tables(before) == TRACES


def test_what_was_changed_since_stays_and_the_rest_comes_back(world, known, by):
    roster_import = stored(csv_of(CHANGES), by=by)
    one = person("K1")
    one.first_name = "Newest"
    with scope_of(EVERYTHING):
        change_person(one, by=world.user("super_admin"))

    undo_as_foretold(roster_import, by)

    one.refresh_from_db()
    assert (one.first_name, one.phone.as_e164) == ("Newest", "+19075550101")
    assert ImportedPerson._base_manager.get(person=one).kept == Kept.CHANGED


def test_number_that_somebody_else_has_by_now_does_not_come_back(world, known, by):
    other = PersonFactory(
        organization=world.organizations["engineering"], id_number="K2", phone="+19075550103"
    )
    changes = csv_of(CHANGES, {"ID": "K2", "First Name": "New"})
    roster_import = stored(changes, by=by)
    PersonFactory(phone="+19075550101", organization=world.organizations["law"])

    done = undone(roster_import, by=by)

    one = person("K1")
    assert (one.first_name, one.phone.as_e164) == ("New", "+19075550102")
    assert one.is_assigned
    assert ImportedPerson._base_manager.get(person=one).kept == Kept.TAKEN
    other.refresh_from_db()
    assert other.first_name != "New"
    assert (done.counts["restored"], done.counts["kept"]) == (1, 1)


def archive_program(world):
    Program._base_manager.filter(pk=world.programs["first_year"].pk).update(archived_at=timezone.now())


def switch_mentor_off(world):
    mentor = world.people["first_year_mentor"]
    Person._base_manager.filter(pk=mentor.pk).update(status=Person.Status.DEACTIVATED)


def take_mentor_out(world):
    Assignment._base_manager.filter(person=world.people["first_year_mentor"]).update(ended_at=timezone.now())


@pytest.mark.parametrize("happened", [archive_program, switch_mentor_off, take_mentor_out])
def test_assignment_that_is_not_possible_any_more_stays_ended(world, known, by, happened):
    roster_import = stored(csv_of(CHANGES), by=by)
    happened(world)

    undo_as_foretold(roster_import, by)

    one = person("K1")
    assert (one.first_name, one.is_assigned) == ("Old", False)
    assert ImportedPerson._base_manager.get(person=one).kept == Kept.NOT_ASSIGNABLE


def test_assignment_opened_again_by_somebody_is_left_alone(world, known, by):
    roster_import = stored(csv_of(CHANGES), by=by)
    with scope_of(EVERYTHING):
        assign(
            person=person("K1"),
            program=world.programs["first_year"],
            lead=world.people["first_year_mentor"],
            by=world.user("super_admin"),
        )

    undo_as_foretold(roster_import, by)

    assert Assignment._base_manager.filter(person=person("K1"), ended_at=None).count() == 1


def test_mentor_who_leads_in_the_program_stays_there(world, by):
    mentor = world.people["engineering_free_mentor"]
    row = {"ID": mentor.id_number, "Program": PROGRAM, "Program Manager": "FIRST_YEAR_PM-ENGINMARK"}
    roster_import = stored(csv_of(row), by=by)
    with scope_of(EVERYTHING):
        assign(
            person=world.people["engineering_free_mentee"],
            program=world.programs["first_year"],
            lead=mentor,
            by=world.user("super_admin"),
        )

    undo_as_foretold(roster_import, by)

    assert ImportedPerson._base_manager.get(person=mentor).kept == Kept.LEADS
    assert Assignment._base_manager.filter(person=mentor, ended_at=None).exists()


def test_mentor_leaves_the_program_with_the_mentees_of_the_same_import(world, by):
    mentor = world.people["engineering_free_mentor"]
    row = {"ID": mentor.id_number, "Program": PROGRAM, "Program Manager": "FIRST_YEAR_PM-ENGINMARK"}
    roster_import = stored(csv_of(row, mentee(Program=PROGRAM, Mentor=mentor.id_number)), by=by)

    done = undo_as_foretold(roster_import, by)

    assert (done.counts["removed"], done.counts["restored"], done.counts["kept"]) == (1, 1, 0)
    mentor.refresh_from_db()
    assert not mentor.is_assigned


def test_primary_mentor_is_primary_no_more(world, by):
    row = {
        "ID": world.people["first_year_mentee"].id_number,
        "Program": PROGRAM,
        "Primary Mentor": "FIRST_YEAR_MENTOR-ENGINMARK",
    }
    before = checksums()
    roster_import = stored(csv_of(row), by=by)
    assert world.assignments["first_year_mentee@first_year/first_year_mentor"].pk in list(
        Assignment._base_manager.filter(is_primary=True).values_list("pk", flat=True)
    )

    undo_as_foretold(roster_import, by)

    assert changed_tables(before) == TRACES


def test_staff_get_back_the_address_they_log_in_with(world, by):
    pm = world.people["first_year_pm"]
    row = {"ID": pm.id_number, "First Name": "New", "E-mail": "new@example.org"}
    roster_import = stored(csv_of(row), by=by)
    assert get_user_model().objects.get(pk=pm.user_id).email == "new@example.org"

    undo_as_foretold(roster_import, by)

    user = get_user_model().objects.get(pk=pm.user_id)
    assert (user.email, user.first_name) == ("first_year_pm@example.org", "First Year Pm")
    pm.refresh_from_db()
    assert pm.email == "first_year_pm@example.org"


# On the way


@pytest.mark.usefixtures("no_worker")
def test_undoing_goes_on_where_it_was_left(world, known, by, monkeypatch):
    before = checksums()
    roster_import = _stored_by_hand(csv_of(PM, MENTOR, MENTEE, FREE, KNOWN, CHANGES), by)
    do(actions.undo, roster_import, by=by)
    monkeypatch.setattr(judging, "BATCH", 1)
    keep = ImportJob.keep
    beats = []

    def break_off_once(job, **values):
        keep(job, **values)
        beats.append(values)
        if len(beats) % 2 == 0:
            raise ConnectionError

    monkeypatch.setattr(ImportJob, "keep", break_off_once)
    ends = []
    while kept(roster_import).state == State.UNDOING:
        RosterImport._base_manager.update(due_at=timezone.now())
        ends.append(work(roster_import).state)

    done = kept(roster_import)
    assert (done.state, len(ends) > 3) == (State.UNDONE, True)
    assert [done.counts[what] for what in ("removed", "restored", "kept")] == [4, 2, 0]
    Person._base_manager.filter(pk=known.pk).update(session_epoch=known.session_epoch)
    assert changed_tables(before) == TRACES | {"mentorpro_plugin_outboxmessage"}
    assert HistoryEntry._base_manager.filter(action="removed").count() == 4
    assert HistoryEntry._base_manager.filter(action="undone").count() == 1


def _stored_by_hand(content, by):
    from .steps import confirmed, mapped, uploaded

    return work(confirmed(work(mapped(work(uploaded(content, by=by)), by=by)), by=by))


@pytest.mark.usefixtures("no_worker")
def test_whoever_may_not_import_any_more_does_not_undo(world):
    pm = world.user("first_year_pm")
    roster_import = _stored_by_hand(csv_of(FREE), pm)
    do(actions.undo, roster_import, by=pm)
    switch_off(world, "FIRST_YEAR_PM-ENGINMARK")

    left = work(roster_import)

    assert (left.state, left.error) == (State.DONE, "Whoever asked for it may not import here any more.")
    assert ids("N2") == ["N2"]
    do(actions.undo, left, by=world.user("engineering_child"))
    assert work(left).state == State.UNDONE


@pytest.mark.usefixtures("no_worker")
def test_queries_grow_with_batches_and_not_with_people(by, django_assert_num_queries):
    counts = []
    for number in (30, 60):
        rows = [
            mentee(ID=f"Q{number}-{n}", Phone_Number=f"907 555 01{n:02}", Program=PROGRAM)
            | {"Mentor": "FIRST_YEAR_MENTOR-ENGINMARK"}
            for n in range(number)
        ]
        roster_import = _stored_by_hand(csv_of(*rows), by)
        assert roster_import.counts["new"] == number
        with CaptureQueriesContext(
            connection,
        ) as foretelling:
            do(actions.undo_preview, roster_import, by=by)
        do(actions.undo, roster_import, by=by)
        with CaptureQueriesContext(connection) as undoing_:
            assert work(roster_import).state == State.UNDONE
        counts.append((len(foretelling), len(undoing_)))

    assert counts[0] == counts[1]


@pytest.mark.usefixtures("no_worker")
def test_preview_of_a_large_import_takes_as_many_queries_as_any(by):
    counts = []
    for number in (1, 40):
        rows = [mentee(ID=f"Q{number}-{n}", Phone_Number=f"907 555 01{n:02}") for n in range(number)]
        roster_import = _stored_by_hand(csv_of(*rows), by)
        with CaptureQueriesContext(connection) as captured:
            assert rough_preview(roster_import, by).removed == number
        do(actions.undo, roster_import, by=by)
        assert work(roster_import).state == State.UNDONE
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_preview_writes_nothing(world, known, by):
    roster_import = stored(csv_of(PM, MENTOR, MENTEE, FREE, KNOWN, CHANGES), by=by)
    before = checksums()

    with scope_of(reach_of(by)):
        foretelling.preview(roster_import, by=by)

    assert changed_tables(before) == set()
