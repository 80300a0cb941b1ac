"""The column End: which assignments end, which don't, and what is refused instead. And several programs in one cell."""

import pytest

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.people.models import Person

from ..world import add, assign
from .helpers import changed_tables, checksums, email_of, import_, mentee, of, roster
from .steps import confirmed, csv_of, do, previewed

pytestmark = pytest.mark.django_db

FIRST, TRANSFER = "First Year Enginmark", "Transfer Enginmark"


@pytest.fixture
def many(world):
    """Somebody with two mentors in the one program, and one in the other."""
    add(world, "second_mentor", Role.MENTOR, "engineering", id_number="SECOND")
    assign(world, "second_mentor", "first_year", "first_year_pm")
    assign(world, "first_year_mentee", "first_year", "second_mentor")
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")
    return world.people["first_year_mentee"]


@pytest.fixture
def run(world, tmp_path):
    """Import rows as the Parent account of Riverside."""

    def run(*rows, **options):
        return import_(roster(tmp_path, *rows), email_of(world, "riverside_parent"), **options)

    return run


def opened(person):
    """Programs and leads of the open assignments, each by its first word."""
    rows = Assignment._base_manager.filter(person=person, ended_at=None)
    names = rows.values_list("program__name", "lead__id_number")
    return sorted(f"{program.split()[0]} {(lead or 'nobody').split('-')[0]}" for program, lead in names)


ALL = ["First FIRST_YEAR_MENTOR", "First SECOND", "Transfer TRANSFER_MENTOR"]


@pytest.mark.parametrize(
    ("program", "mentor", "end", "ended"),
    [
        (FIRST, "second", "end", ALL[1:2]),
        (FIRST, "SECOND", " END ", ALL[1:2]),
        (FIRST, "", "end", ALL[:2]),
        (FIRST, "FIRST_YEAR_MENTOR-ENGINMARK; second", "end", ALL[:2]),
        (f"{FIRST} | {TRANSFER}", "", "end | end", ALL),
        (f"{FIRST}|{TRANSFER}", "", "|end", ALL[2:]),
        (f"{FIRST} | {TRANSFER}", "", "end |", ALL[:2]),
        (f"{TRANSFER} | {FIRST}", "| second", "end | end", ALL[1:]),
        (f"{FIRST} | {TRANSFER}", "second |", "end |", ALL[1:2]),
    ],
)
def test_what_ends_is_the_program_and_the_lead_that_the_row_names(many, run, program, mentor, end, ended):
    row = of(many, Program=program, Mentor=mentor, End=end)

    assert (run(row).counts, opened(many)) == ((0, 1, 0, 0), [one for one in ALL if one not in ended])
    many.refresh_from_db()
    assert many.is_assigned is (ended != ALL)
    assert HistoryEntry._base_manager.filter(action="unassigned", via="import").count() == len(ended)
    assert run(row).counts == (0, 0, 1, 0)


@pytest.mark.parametrize("between", ["; ", ";", ", ", " / ", " | ", "|", " & ", " + ", " "])
def test_leads_are_told_apart_whatever_stands_between_them(many, run, between):
    row = of(many, Program=FIRST, Mentor=f"SECOND{between}first_year_mentor-enginmark")

    there, ended = run(row), run(row | {"End": "end"})

    assert (there.complained, there.counts) == ([], (0, 0, 1, 0))
    assert (ended.complained, ended.counts, opened(many)) == ([], (0, 1, 0, 0), ALL[2:])


@pytest.mark.parametrize("between", ["; ", ", ", " / ", " & ", " + "])
def test_several_programs_have_their_leads_in_parts(world, many, run, between):
    person = world.people["engineering_free_mentee"]
    leads = between.join(["SECOND", "FIRST_YEAR_MENTOR-ENGINMARK"])

    ran = run(of(person, Program=f"{TRANSFER} | {FIRST}", Mentor=f"TRANSFER_MENTOR-ENGINMARK | {leads}"))

    assert (ran.complained, ran.counts, opened(person)) == ([], (0, 1, 0, 0), ALL)


def test_one_program_ends_and_another_begins_in_one_row(world, run):
    person = world.people["first_year_mentee"]

    ran = run(
        of(
            person,
            Program=f"{FIRST} | {TRANSFER}",
            Mentor="| TRANSFER_MENTOR-ENGINMARK",
            Primary_Mentor="| TRANSFER_MENTOR-ENGINMARK",
            End="end |",
        )
    )

    assert (ran.counts, opened(person)) == ((0, 1, 0, 0), ["Transfer TRANSFER_MENTOR"])
    person.refresh_from_db()
    assert person.is_assigned
    assert Assignment._base_manager.get(person=person, ended_at=None).is_primary


def test_the_same_program_twice_in_a_row_gives_somebody_another_lead(world, run):
    person, lead = world.people["first_year_mentee"], world.people["first_year_mentor"]
    for key, role in {"other_pm": Role.PROGRAM_MANAGER, "other_mentor": Role.MENTOR}.items():
        add(world, key, role, "engineering", id_number=key)
    assign(world, "other_pm", "first_year")
    assign(world, "other_mentor", "first_year", "other_pm")
    twice = {"Program": f"{FIRST} | {FIRST}", "End": "end |"}
    # Whoever leads others may change the own lead: they stay in the program.
    rows = (
        of(person, Mentor=f"{lead.id_number} | other_mentor", **twice),
        of(lead, Program_Manager="| other_pm", **twice),
        of(world.people["engineering_free_mentee"], Program=FIRST, Mentor=lead.id_number),
    )

    assert run(*rows).counts == (0, 3, 0, 0)
    assert (opened(person), opened(lead)) == (["First other_mentor"], ["First other_pm"])


@pytest.mark.parametrize("mentors", ["| SECOND", "SECOND | SECOND", "FIRST_YEAR_MENTOR-ENGINMARK | SECOND"])
def test_what_a_row_ends_and_names_again_goes_on_however_often_it_comes(many, run, mentors):
    row = of(many, Program=f"{FIRST} | {FIRST}", Mentor=mentors, End="end |")

    first, *later = run(row), run(row), run(row)

    assert [ran.complained for ran in (first, *later)] == [[], [], []]
    assert opened(many) == (ALL if mentors.startswith("SECOND") else ALL[1:])
    assert [ran.counts for ran in later] == [(0, 0, 1, 0)] * 2


def test_a_coordinator_whose_program_ends_and_goes_on_stays(world, run):
    person = world.people["first_year_sc"]
    before = checksums()

    assert run(of(person, Program=f"{FIRST} | {FIRST}", End="end |")).counts == (0, 0, 1, 0)
    assert changed_tables(before) == set()


def test_somebody_stays_without_a_mentor_where_none_is_needed(world, run):
    person = world.people["drop_in_mentee"]
    drop_in = world.programs["drop_in"].name
    row = of(
        person,
        Program=f"{drop_in} | {drop_in}",
        Mentor=f"{world.people['drop_in_mentor'].id_number} |",
        End="end |",
    )

    counts = [run(row).counts for _time in range(3)]

    assert counts == [(0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 1, 0)]
    assert opened(person) == ["Drop nobody"]


def test_two_rows_on_one_person_are_refused_though_one_only_ends(world, run):
    person = world.people["first_year_mentee"]

    ran = run(ends(person), of(person, Program=TRANSFER, Mentor="TRANSFER_MENTOR-ENGINMARK"), only_valid=True)

    assert (ran.complained[0], ran.counts) == ("Line 3, ID: The same ID stands on line 2.", (0, 1, 0, 1))


@pytest.mark.parametrize(
    ("cells", "refusal"),
    [
        ({"End": "end"}, "Line 2, Program: Name the program in which this ends."),
        (
            {"Program": FIRST, "End": "no"},
            "Line 2, End: “no” means nothing here. Write “end” to end the assignment, or nothing.",
        ),
        (
            {"Program": f"{FIRST} | {TRANSFER}", "End": "end"},
            "Line 2, End: There are 2 programs in this row: separate what goes with each by “ | ”.",
        ),
        (
            {"Program": f"{FIRST} | {TRANSFER}", "Mentor": "SECOND", "End": "end | end"},
            "Line 2, Mentor: There are 2 programs in this row: separate what goes with each by “ | ”.",
        ),
        (
            {"Program": f"{FIRST} | Nothing", "End": "end | end"},
            "Line 2, Program: There is no program “Nothing” that you may use here.",
        ),
        (
            {"Program": FIRST, "Mentor": "NOBODY", "End": "end"},
            "Line 2, Mentor: There is no Mentor “NOBODY” whom you may choose.",
        ),
        (
            {"Program": "Cohort Nursmark", "End": "end"},
            "Line 2, Program: The program “Cohort Nursmark” belongs to another organization than “Enginmark Organization”.",
        ),
    ],
)
def test_what_can_t_be_understood_is_refused_and_ends_nothing(many, run, cells, refusal):
    before = checksums()

    ran = run(of(many, First_Name="Changed", **cells), only_valid=True)

    assert (ran.complained[0], ran.counts) == (refusal, (0, 0, 0, 1))
    assert changed_tables(before) == set()


def test_somebody_new_has_nothing_to_end(run):
    ran = run(mentee(Program=FIRST, End="end"))

    assert ran.complained[0] == "Line 2, End: This person isn't there yet, so there is nothing to end."


def test_where_nothing_is_open_nothing_ends(world, run):
    before = checksums()

    assert run(of(world.people["first_year_mentee"], Program=TRANSFER, End="end")).counts == (0, 0, 1, 0)
    assert changed_tables(before) == set()


# Who is deactivated


@pytest.fixture
def left(world):
    """A mentor who was deactivated, and still leads somebody in the program."""
    lead = world.people["first_year_mentor"]
    Person._base_manager.filter(pk=lead.pk).update(status=Person.Status.DEACTIVATED)
    return lead


def test_a_deactivated_lead_who_leads_already_goes_on(world, left, run):
    person = world.people["first_year_mentee"]
    before = checksums()

    ran = run(of(person, Program=FIRST, Mentor=left.id_number))

    assert (ran.status, ran.counts) == (0, (0, 0, 1, 0))
    assert changed_tables(before) == set()


def test_a_deactivated_lead_gets_nobody_new_beside_whom_they_lead(world, left, run):
    row = of(world.people["engineering_free_mentee"], Program=FIRST, Mentor=left.id_number)

    ran = run(of(world.people["first_year_mentee"], Program=FIRST, Mentor=left.id_number), row)

    assert ran.complained[0] == f"Line 3, Mentor: {left} is deactivated, and can't be chosen."


def test_what_a_deactivated_lead_leads_can_end(world, left, run):
    person = world.people["first_year_mentee"]

    assert run(of(person, Program=FIRST, Mentor=left.id_number, End="end")).counts == (0, 1, 0, 0)
    assert opened(person) == []


def test_of_a_deactivated_person_nothing_ends(world, run):
    person = world.people["engineering_left_mentee"]
    before = checksums()

    ran = run(of(person, Program=FIRST, End="end"))

    assert ran.said == [
        f"Line 2: {person} is deactivated, and was left as is.",
        "Done: 0 new, 0 changed, 1 unchanged, 0 refused.",
    ]
    assert changed_tables(before) == set()


# Who leads somebody


@pytest.fixture
def leading(world):
    """A mentor and the two whom they lead in the program."""
    assign(world, "engineering_free_mentee", "first_year", "first_year_mentor")
    # One who is deactivated counts too, and would only be left as is.
    Assignment._base_manager.filter(person=world.people["engineering_left_mentee"]).delete()
    keys = ("first_year_mentor", "first_year_mentee", "engineering_free_mentee")
    return [world.people[key] for key in keys]


def ends(person, **cells):
    return of(person, Program=FIRST, End="end", **cells)


def test_a_lead_ends_with_all_whom_they_lead_wherever_they_stand(leading, run):
    lead, one, other = leading

    ran = run(ends(one), ends(lead), ends(other))

    assert (ran.complained, ran.counts) == ([], (0, 3, 0, 0))
    assert [opened(person) for person in leading] == [[], [], []]
    assert not Person._base_manager.filter(pk__in=[one.pk for one in leading], is_assigned=True).exists()


def test_a_whole_program_ends_in_one_file(world, leading, run):
    people = [*leading, world.people["first_year_pm"], world.people["first_year_sc"]]
    before = Assignment._base_manager.filter(person__in=people, ended_at=None).count()

    assert run(*map(ends, people)).counts == (0, 5, 0, 0)

    assert before == 5
    assert not Assignment._base_manager.filter(person__in=people, ended_at=None).exists()


@pytest.mark.parametrize(
    ("others", "left"),
    [
        (0, "2 people in “First Year Enginmark”. Assign them"),
        (1, "1 person in “First Year Enginmark”. Assign that person"),
    ],
)
@pytest.mark.parametrize("only_valid", [False, True])
def test_a_lead_who_would_leave_somebody_is_refused(leading, run, others, left, only_valid):
    lead = leading[0]
    rows = [ends(lead, First_Name="Changed"), *map(ends, leading[1 : 1 + others])]
    before = checksums()

    ran = run(*rows, only_valid=only_valid)

    assert ran.complained[0] == f"Line 2, End: {lead} still leads {left} to somebody else first."
    assert ran.counts == (0, others, 0, 1)
    lead.refresh_from_db()
    assert (lead.first_name, opened(lead)) == ("First Year Mentor", ["First FIRST_YEAR_PM"])
    if only_valid:
        assert [opened(person) for person in leading[1 : 1 + others]] == [[]] * others
    else:
        assert changed_tables(before) == set()


def test_the_same_end_twice_in_a_row_counts_once(leading, run):
    lead, one, _other = leading

    ran = run(ends(lead), of(one, Program=f"{FIRST} | {FIRST}", End="end | end"))

    assert ran.complained[0].startswith(f"Line 2, End: {lead} still leads 1 person in")


def test_a_lead_with_another_assignment_in_the_program_may_leave_one(world, leading, run):
    lead = leading[0]
    add(world, "other_pm", Role.PROGRAM_MANAGER, "engineering", id_number="OTHER")
    assign(world, "other_pm", "first_year")
    assign(world, "first_year_mentor", "first_year", "other_pm")

    assert run(ends(lead, Program_Manager="OTHER")).counts == (0, 1, 0, 0)
    assert opened(lead) == ["First FIRST_YEAR_PM"]


def test_nobody_is_given_to_a_lead_who_ends(world, leading, run):
    lead = leading[0]
    row = of(world.people["transfer_mentee"], Program=FIRST, Mentor=lead.id_number)

    ran = run(row, *map(ends, leading), only_valid=True)

    assert ran.complained[0] == f"Line 2, Mentor: “{lead.id_number}” isn't assigned to “{FIRST}”."
    assert ran.counts == (0, 3, 0, 1)


@pytest.mark.parametrize("only_valid", [False, True])
def test_a_lead_stays_with_whom_a_refused_row_would_have_ended(leading, run, only_valid):
    """What is wrong with one row is found only after its end was counted: so the lead is refused while storing."""
    lead, one, other = leading
    wrong = of(other, Program=f"{FIRST} | {TRANSFER}", Mentor="| NOBODY", End="end |")
    before = checksums()

    ran = run(ends(lead, First_Name="Changed"), ends(one), wrong, only_valid=only_valid)

    lead.refresh_from_db()
    assert lead.first_name == "First Year Mentor"
    assert opened(other) == ["First FIRST_YEAR_MENTOR"]
    if only_valid:
        assert (ran.counts, opened(one)) == ((0, 1, 0, 2), [])
        assert "Line 2: Changed Enginmark still leads 1 person in" in ran.complained[0]
    else:
        assert changed_tables(before) == set()


@pytest.mark.usefixtures("import_files")
@pytest.mark.parametrize("only_valid", [False, True])
def test_whom_a_lead_got_meanwhile_keeps_them_and_nothing_is_torn(world, leading, only_valid):
    """The row of the lead is written up to its end when that is refused: then not even its beginning stays."""
    lead, one, other = leading
    by = world.user("riverside_parent")
    rows = [ends(lead, First_Name="Changed", Phone_Number="907 555 0191"), ends(one), ends(other)]
    roster_import = previewed(csv_of(*rows, mentee()), by=by)
    assert (roster_import.counts["changed"], roster_import.counts["endings"]) == (3, 3)
    # Past the actions, so that no history tells of it.
    assign(world, "transfer_mentee", "first_year", "first_year_mentor")
    before = {person.pk: opened(person) for person in leading}

    done = confirmed(roster_import, by=by, only_valid=only_valid)

    refusal = f"still leads 1 person in “{FIRST}”. Assign that person to somebody else first."
    lead.refresh_from_db()
    assert (lead.first_name, opened(lead)) == ("First Year Mentor", ["First FIRST_YEAR_PM"])
    written = HistoryEntry._base_manager.filter(via="import")
    assert not written.filter(person=lead.pk).exists()
    if only_valid:
        assert done.state == RosterImport.State.DONE
        assert [done.counts[what] for what in ("new", "changed", "refused", "endings")] == [1, 2, 1, 2]
        assert [opened(one), opened(other)] == [[], []]
        assert ImportedPerson._base_manager.filter(roster_import=done).count() == 3
        with do(actions.refused_rows, done, by=by) as stream:
            assert refusal in stream.read().decode("utf-8-sig")
    else:
        assert done.state == RosterImport.State.PREVIEW
        assert refusal in done.error
        assert {person.pk: opened(person) for person in leading} == before
        assert not written.exists()
        assert not Person._base_manager.filter(id_number="N1").exists()
