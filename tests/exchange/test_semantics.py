"""What the rows of a roster mean: who they are about, whom they name, and what they leave alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import unassign
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.exchange.planning import write_plan
from mentorpro_plugin.exchange.reading import SourceRow, Table
from mentorpro_plugin.identifiers.models import GivenIdentifier
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.removal.models import Deletion

from ..world import add, assign
from .helpers import HEADINGS, changed_tables, checksums, email_of, import_, mentee, of, roster

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(world, tmp_path):
    """Import rows as the Parent account of Riverside."""

    def run(*rows, **options):
        return import_(roster(tmp_path, *rows), email_of(world, "riverside_parent"), **options)

    return run


def mentor(**cells):
    return mentee(
        **{
            "Role": "Mentor",
            "First Name": "Berta",
            "Phone Number": "907 555 0150",
            "ID": "M1",
            "E-mail": "berta@example.org",
            "Program": "First Year Enginmark",
            "Program Manager": "FIRST_YEAR_PM-ENGINMARK",
        }
        | {key.replace("_", " "): text for key, text in cells.items()}
    )


def leads(person):
    return sorted(
        Assignment._base_manager.filter(person=person, ended_at=None).values_list(
            "lead__id_number", "is_primary"
        )
    )


def test_people_are_found_by_id_whatever_its_case_then_by_phone(world, run):
    first, second = world.people["first_year_mentee"], world.people["transfer_mentee"]

    ran = run(
        of(first, ID=first.id_number.lower(), First_Name="One"),
        of(second, ID="", Phone_Number=second.phone.as_national, First_Name="Two"),
    )

    assert ran.counts == (0, 2, 0, 0)
    assert [Person._base_manager.get(pk=person.pk).first_name for person in (first, second)] == ["One", "Two"]
    assert Person._base_manager.get(pk=first.pk).id_number == first.id_number


def test_somebody_without_an_id_of_their_own_can_get_one(world, run):
    person = add(world, "plain", Role.MENTEE, "engineering", id_number="", phone="+19075550190")

    ran = run(of(person, ID="P-77", Phone_Number="907 555 0190"))

    assert ran.counts == (0, 1, 0, 0)
    person.refresh_from_db()
    assert person.id_number == "P-77"


def test_an_id_and_a_number_of_two_people_are_refused(world, run):
    first, second = world.people["first_year_mentee"], world.people["transfer_mentee"]

    ran = run(of(first, Phone_Number=second.phone.as_e164))

    assert ran.complained[0] == (
        f"Line 2, Phone Number: “{second.phone.as_e164}” belongs to another ID, {second.id_number}."
    )


def test_a_new_number_is_a_change(world, run):
    person = world.people["first_year_mentee"]

    assert run(of(person, Phone_Number="907.555.0191")).counts == (0, 1, 0, 0)
    person.refresh_from_db()
    assert person.phone.as_e164 == "+19075550191"


def test_without_an_id_the_number_is_one(run):
    assert run(mentee(ID="")).counts == (1, 0, 0, 0)
    assert run(mentee(ID="")).counts == (0, 0, 1, 0)
    assert Person._base_manager.get(phone="+19075550142").id_number == "+19075550142"


def test_staff_without_id_and_number_are_known_by_their_address(run):
    row = mentee(**{"Role": "Program Manager", "ID": "", "Phone Number": "", "E-mail": "new@example.org"})

    assert run(row).counts == (1, 0, 0, 0)
    assert run(row).counts == (0, 0, 1, 0)


def test_empty_cells_leave_things_as_they_are(world, run):
    before = checksums()

    ran = run(of(world.people["first_year_mentee"]), of(world.people["first_year_pm"]))

    assert ran.counts == (0, 0, 2, 0)
    assert changed_tables(before) == set()


@pytest.mark.parametrize(
    "named", ["M1", "m1", "907 555 0150", "+1 (907) 555-0150", "Berta@example.org"], ids=lambda name: name
)
def test_a_lead_may_stand_later_in_the_file_by_id_phone_or_address(run, named):
    ran = run(mentee(Program="First Year Enginmark", Mentor=named), mentor())

    assert (ran.status, ran.counts) == (0, (2, 0, 0, 0))
    assert leads(Person._base_manager.get(id_number="N1")) == [("M1", False)]


def test_a_whole_chain_may_stand_upside_down(run):
    manager = mentee(
        **{"Role": "Program Manager", "ID": "S1", "Phone Number": "", "E-mail": "s1@example.org"},
        Program="First Year Enginmark",
    )

    ran = run(mentee(Program="First Year Enginmark", Mentor="M1"), mentor(Program_Manager="S1"), manager)

    assert (ran.status, ran.counts) == (0, (3, 0, 0, 0))
    assert leads(Person._base_manager.get(id_number="M1")) == [("S1", False)]


def test_several_mentors_stand_in_one_cell_and_one_is_primary(world, run):
    other = world.people["first_year_mentor"]
    row = mentee(
        Program="First Year Enginmark",
        Mentor=f"M1; {other.id_number};M1;",
        Primary_Mentor=other.phone.as_international,
    )

    assert run(row, mentor()).counts == (2, 0, 0, 0)
    assert leads(Person._base_manager.get(id_number="N1")) == [(other.id_number, True), ("M1", False)]
    assert run(row, mentor()).counts == (0, 0, 2, 0)


def test_a_mentor_there_already_is_made_primary(world, run):
    person, lead = world.people["first_year_mentee"], world.people["first_year_mentor"]
    row = of(person, Program="First Year Enginmark", Primary_Mentor=lead.id_number)

    assert run(row).counts == (0, 1, 0, 0)
    assert leads(person) == [(lead.id_number, True)]
    assert run(row).counts == (0, 0, 1, 0)


def test_a_primary_mentor_is_one_of_the_row_s_mentors(world, run):
    lead = world.people["first_year_mentor"]

    ran = run(mentee(Program="First Year Enginmark", Mentor="M1", Primary_Mentor=lead.id_number), mentor())

    assert ran.complained[0] == (
        f"Line 2, Primary Mentor: “{lead.id_number}” isn't one of the mentors of this row."
    )


def test_assignments_are_added_and_never_ended(world, run):
    person, lead = world.people["first_year_mentee"], world.people["first_year_mentor"]

    assert run(of(person, Program="First Year Enginmark", Mentor="M1"), mentor()).counts == (1, 1, 0, 0)
    assert leads(person) == [(lead.id_number, False), ("M1", False)]


def test_an_assignment_that_was_ended_is_opened_anew(world, run):
    person, lead = world.people["first_year_mentee"], world.people["first_year_mentor"]
    unassign(
        world.assignments["first_year_mentee@first_year/first_year_mentor"], by=world.user("super_admin")
    )

    assert run(of(person, Program="First Year Enginmark", Mentor=lead.id_number)).counts == (0, 1, 0, 0)
    assert Assignment._base_manager.filter(person=person).count() == 2


def test_flash_mentoring_needs_no_mentor(run):
    row = mentee(Organization="Nursmark Organization", Program="Drop In Nursmark")

    assert run(row).counts == (1, 0, 0, 0)
    assert leads(Person._base_manager.get(id_number="N1")) == [(None, False)]
    assert run(row).counts == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (
            mentee(Program="First Year Enginmark"),
            "Line 2, Mentor: “First Year Enginmark” needs a Mentor here, so Ana Ruiz stays unassigned.",
        ),
        (
            mentor(Program_Manager=""),
            "Line 2, Program Manager: “First Year Enginmark” needs a Program Manager here, so Berta Ruiz stays unassigned.",
        ),
        (
            mentee(Program_Manager="S1"),
            "Line 2, Program Manager: This means nothing for a Mentee, and was passed over.",
        ),
        (
            mentee(Favourite_Colour="green"),
            "The column “Favourite Colour” means nothing here, and was passed over.",
        ),
    ],
)
def test_what_is_accepted_with_a_reservation_is_said(run, row, note):
    ran = run(row)

    assert (ran.status, ran.said) == (0, [note, "Done: 1 new, 0 changed, 0 unchanged, 0 refused."])
    assert not Person._base_manager.get(id_number=row["ID"]).is_assigned


def test_deactivated_people_are_reported_and_left_as_they_are(world, run):
    person = world.people["engineering_left_mentee"]
    row = of(
        person,
        First_Name="Changed",
        Program="First Year Enginmark",
        Mentor="M1",
        **{"Grade Riverside": "Freshmark"},
    )
    run(mentor())
    before = checksums()

    ran = run(row)

    assert ran.said[0] == f"Line 2: {person} is deactivated, and was left as is."
    assert ran.counts == (0, 0, 1, 0)
    assert changed_tables(before) == set()


def test_a_deactivated_lead_can_t_be_chosen(world, run):
    lead = add(world, "left_mentor", Role.MENTOR, "engineering", status=Person.Status.DEACTIVATED)
    assign(world, "left_mentor", "first_year", "first_year_pm")

    ran = run(mentee(Program="First Year Enginmark", Mentor=lead.id_number))

    assert ran.complained[0] == f"Line 2, Mentor: {lead} is deactivated, and can't be chosen."


def test_a_lead_has_to_be_in_the_program(world, run):
    lead = world.people["transfer_mentor"]

    ran = run(mentee(Program="First Year Enginmark", Mentor=lead.id_number))

    assert ran.complained[0] == (
        f"Line 2, Mentor: “{lead.id_number}” isn't assigned to “First Year Enginmark”."
    )


def test_a_row_whose_lead_is_refused_is_refused_as_well(run):
    rows = mentee(Program="First Year Enginmark", Mentor="M1"), mentor(**{"E-mail": "at nobody"})

    ran = run(*rows, only_valid=True)

    assert ran.complained[:-1] == [
        "Line 2, Mentor: “M1” stands on line 3, which is refused.",
        "Line 3, E-mail: “at nobody” is not an e-mail address.",
    ]
    assert ran.counts == (0, 0, 0, 2)


def test_an_address_of_several_people_names_none(run):
    second = mentor(ID="M2", Phone_Number="907 555 0151")

    ran = run(mentor(), second, mentee(Program="First Year Enginmark", Mentor="berta@example.org"))

    assert ran.complained[0] == (
        "Line 4, Mentor: “berta@example.org” may mean several people: name the Mentor by ID."
    )


def test_leads_need_a_program(run):
    ran = run(mentee(Mentor="FIRST_YEAR_MENTOR-ENGINMARK"))

    assert ran.complained[0] == (
        "Line 2, Program: Name the program in which “FIRST_YEAR_MENTOR-ENGINMARK” leads this person."
    )


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"ID": "n1", "Phone_Number": "907 555 0160"}, "ID: The same ID stands on line 2."),
        ({"ID": "N9"}, "Phone Number: The same phone number stands on line 2."),
        ({"ID": ""}, "Phone Number: The same phone number stands on line 2."),
    ],
)
def test_the_second_row_on_a_person_is_refused(run, cells, sentence):
    ran = run(mentee(), mentee(**cells), only_valid=True)

    assert ran.complained[0] == f"Line 3, {sentence}"
    assert ran.counts == (1, 0, 0, 1)


def test_a_person_known_by_id_and_again_by_number_is_one_person(world, run):
    person = world.people["first_year_mentee"]

    ran = run(of(person, First_Name="One"), of(person, ID="", Phone_Number=person.phone.as_e164))

    assert ran.complained[0] == "Line 3: Line 2 is about the same person."


def test_nobody_changes_role_or_organization_by_import(world, run):
    person = world.people["first_year_mentee"]

    ran = run(of(person, Role="Mentor", Organization="Nursmark Organization"))

    assert ran.complained[:-1] == [
        f"Line 2, Role: {person} is a Mentee. Nobody changes role by import.",
        f"Line 2, Organization: {person} belongs to “Enginmark Organization”. Nobody changes organization by import.",
    ]


def test_all_that_is_missing_is_said_at_once(run):
    ran = run({"ID": "X1"}, {"Role": "Program Manager", "ID": "X2"}, {"Role": "Mentee", "ID": "X3"})

    assert ran.complained[:-1] == [
        "Line 2, Role: Say which role this person has.",
        "Line 2, First Name: The first name is missing.",
        "Line 2, Organization: Say which organization this person belongs to.",
        "Line 3, First Name: The first name is missing.",
        "Line 3, Organization: Say which organization this person belongs to.",
        "Line 3, E-mail: Staff need an e-mail address: it is how they log in.",
        "Line 4, First Name: The first name is missing.",
        "Line 4, Organization: Say which organization this person belongs to.",
        "Line 4, Phone Number: A mentor or mentee needs a phone number: it is how they log in.",
    ]


def test_numbers_are_read_in_the_country_of_the_organization(world, run):
    world.organizations["nursing"].region = "DE"
    world.organizations["nursing"].save()

    ran = run(mentee(Organization="Nursmark Organization", Phone_Number="01512 3456700"))

    assert ran.counts == (1, 0, 0, 0)
    assert Person._base_manager.get(id_number="N1").phone.as_e164 == "+4915123456700"


def test_identifiers_are_columns_of_their_name(world, run):
    person = world.people["first_year_mentee"]
    rows = of(person, **{"grade riverside": "SENIORMARK"}), mentee(**{"grade riverside": "Freshmark"})

    assert run(*rows).counts == (1, 1, 0, 0)
    assert run(*rows).counts == (0, 0, 2, 0)
    given = GivenIdentifier._base_manager.filter(person__id_number__in=("N1", person.id_number))
    assert sorted(given.values_list("person__id_number", "value__name")) == [
        (person.id_number, "Seniormark"),
        ("N1", "Freshmark"),
    ]


def test_an_identifier_of_another_tree_is_no_identifier(world, tmp_path):
    rows = mentee(**{"Grade Hillmark": "Hillyear"})

    own_tree = import_(roster(tmp_path, rows), email_of(world, "riverside_parent"), dry_run=True)
    both_trees = import_(
        roster(
            tmp_path, rows, mentee(Organization="Lawmark Organization", ID="L1", Phone_Number="907 555 0177")
        ),
        email_of(world, "super_admin"),
    )

    assert own_tree.said[0] == "The column “Grade Hillmark” means nothing here, and was passed over."
    assert both_trees.complained[0] == "Line 2, Grade Hillmark: There is no identifier “Grade Hillmark” here."


@pytest.mark.parametrize("bad", [0, 7, 14], ids=["first", "middle", "last"])
@pytest.mark.parametrize("only_valid", [False, True])
def test_one_bad_row_keeps_all_or_only_itself_from_being_stored(run, bad, only_valid):
    rows = [mentee(ID=f"ROW{number}", Phone_Number=f"907 555 01{number:02}") for number in range(15)]
    rows[bad]["E-mail"] = "at nobody"
    before = checksums()

    ran = run(*rows, only_valid=only_valid)

    assert ran.complained[0] == f"Line {bad + 2}, E-mail: “at nobody” is not an e-mail address."
    assert (ran.status, ran.counts) == (1, (14, 0, 0, 1))
    stored = set(Person._base_manager.filter(id_number__startswith="ROW").values_list("id_number", flat=True))
    if only_valid:
        assert stored == {f"ROW{number}" for number in range(15) if number != bad}
    else:
        assert ran.said[-1].startswith("Nothing was stored.")
        assert stored == set()
        assert changed_tables(before) == set()


def test_a_dry_run_says_what_would_happen_and_stores_nothing(world, run):
    before = checksums()

    ran = run(mentee(), of(world.people["first_year_mentee"], First_Name="New"), dry_run=True)

    assert (ran.status, ran.said[-1]) == (
        0,
        "Nothing was stored. It would be: 1 new, 1 changed, 0 unchanged, 0 refused.",
    )
    assert changed_tables(before) == set()


@pytest.mark.parametrize("number", [5, 200])
def test_planning_asks_as_many_questions_for_many_rows_as_for_few(world, number):
    user = world.user("riverside_parent")
    known = world.people["first_year_mentee"]
    rows = [mentee(ID=known.id_number, Phone_Number=known.phone.as_e164, Mentor="ROW0")]
    for line in range(number):
        cells = {"ID": f"ROW{line}", "Phone_Number": f"{line}", "Mentor": f"ROW{line + 1}"}
        rows.append(mentee(**cells, Program="First Year Enginmark", **{"Grade Riverside": "Freshmark"}))
    headings = (*HEADINGS, "Grade Riverside")
    sources = [
        SourceRow(line, tuple(row.get(heading, "") for heading in headings))
        for line, row in enumerate(rows, 2)
    ]

    with CaptureQueriesContext(connection) as queries, scope_of(reach_of(user)):
        write_plan(Table(headings, sources), by=user).file.close()

    assert len(queries) == 27


def test_row_of_somebody_being_deleted_is_refused(world, run):
    person = world.people["first_year_mentee"]
    Deletion(person_pk=person.pk, role=person.role, organization=person.organization).save()
    before = checksums()

    ran = run(of(person, First_Name="New"))

    assert ran.status == 1
    assert "is being deleted, and can't be changed any more." in "\n".join([*ran.said, *ran.complained])
    assert changed_tables(before) == set()
