"""An import reaches as far as the importer does on the screens, and tells nothing of what lies beyond."""

import pytest

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.people.models import Person

from ..factories import OrganizationFactory
from ..world import add, assign
from .helpers import Ran, changed_tables, checksums, email_of, import_, mentee, roster

pytestmark = pytest.mark.django_db

BEYOND = "can't be used here. Somebody who answers for more of the organization can say why."
#: Where it is counted and written down that somebody was come upon whom the importer doesn't see.
COUNTED = {"mentorpro_plugin_historyentry", "mentorpro_plugin_reachbudget"}


@pytest.fixture
def refused(world, tmp_path):
    """Import one row, which has to be refused and to change nothing but the counts of such; return why."""

    def refused(by, **cells):
        before, noted = checksums(), HistoryEntry._base_manager.count()
        ran = import_(roster(tmp_path, mentee(**cells)), email_of(world, by))
        assert ran.status == 1
        is_beyond = BEYOND in ran.complained[0]
        # Of several at once, the later ones are neither news nor written down again.
        assert changed_tables(before) <= (COUNTED if is_beyond else set())
        assert set(HistoryEntry._base_manager.order_by("pk")[noted:].values_list("action", flat=True)) <= {
            "access_denied"
        }
        return ran.complained[:-1]

    return refused


def test_a_program_manager_imports_mentors_and_mentees_into_own_programs(world, tmp_path):
    own = {"Program": "First Year Enginmark"}
    file = roster(
        tmp_path,
        mentee(**own, Mentor="N2"),
        mentee(
            **own,
            Role="Mentor",
            ID="N2",
            Phone_Number="907 555 0143",
            Program_Manager="FIRST_YEAR_PM-ENGINMARK",
        ),
    )

    ran = import_(file, email_of(world, "first_year_pm"))

    assert (ran.status, ran.counts) == (0, (2, 0, 0, 0))
    opened = Assignment._base_manager.filter(person__id_number__in=("N1", "N2")).order_by("person__id_number")
    assert list(opened.values_list("person__id_number", "program", "lead__id_number")) == [
        ("N1", world.programs["first_year"].pk, "N2"),
        ("N2", world.programs["first_year"].pk, "FIRST_YEAR_PM-ENGINMARK"),
    ]


def test_a_lead_who_stands_in_the_file_beyond_reach_is_nobody_else(world, tmp_path):
    """As in a roster of everybody, of which a Program Manager imports the own part."""
    manager = world.people["first_year_pm"]
    file = roster(
        tmp_path,
        mentee(Role="Program Manager", ID=manager.id_number, First_Name=manager.first_name),
        mentee(
            Role="Mentor",
            ID="N2",
            Phone_Number="907 555 0143",
            Program="First Year Enginmark",
            Program_Manager=manager.id_number,
        ),
    )

    ran = import_(file, email_of(world, "first_year_pm"), only_valid=True)

    assert ran.counts == (1, 0, 0, 1)
    assert Assignment._base_manager.get(person__id_number="N2").lead == manager


def test_an_organization_need_not_be_named_by_somebody_who_has_one(world, tmp_path):
    ran = import_(roster(tmp_path, mentee(Organization="")), email_of(world, "first_year_pm"))

    assert ran.counts == (1, 0, 0, 0)
    assert Person._base_manager.get(id_number="N1").organization == world.organizations["engineering"]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            {"Program": "Transfer Enginmark"},
            "Line 2, Program: There is no program “Transfer Enginmark” that you may use here.",
        ),
        (
            {"Program": "Unheard-of"},
            "Line 2, Program: There is no program “Unheard-of” that you may use here.",
        ),
        (
            {"Organization": "Nursmark Organization"},
            "Line 2, Organization: There is no organization “Nursmark Organization” that you may use here.",
        ),
        (
            {"Organization": "Unheard-of"},
            "Line 2, Organization: There is no organization “Unheard-of” that you may use here.",
        ),
        (
            {"Program": "First Year Enginmark", "Mentor": "TRANSFER_MENTOR-ENGINMARK"},
            "Line 2, Mentor: There is no Mentor “TRANSFER_MENTOR-ENGINMARK” whom you may choose.",
        ),
        (
            {"Program": "First Year Enginmark", "Mentor": "MOOT_MENTOR-LAWMARK"},
            "Line 2, Mentor: There is no Mentor “MOOT_MENTOR-LAWMARK” whom you may choose.",
        ),
        (
            {"Program": "First Year Enginmark", "Mentor": "nobody@example.org"},
            "Line 2, Mentor: There is no Mentor “nobody@example.org” whom you may choose.",
        ),
        (
            {"Role": "Program Manager", "E-mail": "new@example.org"},
            "Line 2, Role: You may not import a Program Manager.",
        ),
        (
            {"Role": "Success Coordinator", "E-mail": "new@example.org"},
            "Line 2, Role: You may not import a Success Coordinator.",
        ),
    ],
)
def test_a_program_manager_is_refused_what_belongs_to_others(refused, cells, sentence):
    assert refused("first_year_pm", **cells) == [sentence]


@pytest.mark.parametrize("role", ["Program Manager", "Success Coordinator"])
def test_a_role_that_a_program_manager_may_not_import_is_the_only_reason(refused, role):
    cells = {
        "Role": role,
        "First Name": "",
        "Phone Number": "12",
        "ID": "TRANSFER_PM-ENGINMARK",
        "E-mail": "no address",
        "Organization": "Nursmark Organization",
        "Program": "Transfer Enginmark",
        "Mentor": "nobody",
        "End": "maybe",
    }

    assert refused("first_year_pm", **cells) == [f"Line 2, Role: You may not import a {role}."]


@pytest.mark.parametrize("role", [Role.PROGRAM_MANAGER, Role.SUCCESS_COORDINATOR])
def test_exported_staff_are_refused_to_a_program_manager_for_one_reason_each(world, tmp_path, role):
    file = tmp_path / "staff.csv"
    exported = Ran("export_roster", by=email_of(world, "riverside_parent"), role=role.value, output=file)
    [count] = exported.counts

    ran = import_(file, email_of(world, "first_year_pm"))

    assert count > 1
    assert ran.counts == (0, 0, 0, count)
    reasons = [sentence.partition(", ")[2] for sentence in ran.complained[:-1]]
    assert reasons == [f"Role: You may not import a {role.label}."] * count


@pytest.mark.parametrize("by", ["first_year_pm", "engineering_child", "riverside_parent"])
def test_the_phone_of_a_person_beyond_reach_is_refused_in_one_sentence(world, refused, by):
    phone = world.people["moot_mentee"].phone.as_e164

    assert refused(by, Phone_Number=phone) == [f"Line 2, Phone Number: “{phone}” {BEYOND}"]
    assert refused(by, Phone_Number=phone, ID="") == [f"Line 2, Phone Number: “{phone}” {BEYOND}"]
    assert refused(by, Phone_Number=phone, ID="MOOT_MENTEE-LAWMARK") == [
        f"Line 2, Phone Number: “{phone}” {BEYOND}"
    ]


@pytest.mark.parametrize("by", ["first_year_pm", "engineering_child"])
def test_the_id_of_a_person_beyond_reach_is_refused_in_one_sentence(refused, by):
    assert refused(by, ID="cohort_mentee-nursmark") == [f"Line 2, ID: “cohort_mentee-nursmark” {BEYOND}"]


def test_the_address_of_staff_beyond_reach_is_refused_in_one_sentence(refused):
    cells = {"Role": "Program Manager", "E-mail": "Moot_PM@example.org"}

    assert refused("engineering_child", **cells) == [f"Line 2, E-mail: “Moot_PM@example.org” {BEYOND}"]


def test_a_colleague_s_mentee_is_beyond_a_program_manager_s_reach(world, refused):
    phone = world.people["transfer_mentee"].phone.as_e164

    assert refused("first_year_pm", Phone_Number=phone, ID="") == [
        f"Line 2, Phone Number: “{phone}” {BEYOND}"
    ]


def test_the_same_id_in_another_tree_is_another_person(world, tmp_path):
    file = roster(tmp_path, mentee(ID="MOOT_MENTEE-LAWMARK"))

    ran = import_(file, email_of(world, "riverside_parent"))

    assert ran.counts == (1, 0, 0, 0)
    assert Person._base_manager.filter(id_number="MOOT_MENTEE-LAWMARK").count() == 2


@pytest.mark.parametrize("by", ["first_year_sc", "first_year_mentor", "first_year_mentee"])
def test_others_may_not_import_at_all(world, tmp_path, by):
    ran = import_(roster(tmp_path, mentee()), email_of(world, by))

    assert ran.status == (1 if by == "first_year_sc" else 2)
    assert not Person._base_manager.filter(id_number="N1").exists()


def test_a_deactivated_member_of_staff_imports_nothing(world, tmp_path):
    assert import_(roster(tmp_path, mentee()), email_of(world, "engineering_left_pm")).status == 2


def test_an_import_for_one_organization_touches_no_other(world, tmp_path):
    add(world, "twin", Role.MENTEE, "law", id_number="TWIN")
    file = roster(
        tmp_path, mentee(), mentee(Organization="Lawmark Organization", Phone_Number="907 555 0144", ID="N3")
    )

    ran = import_(file, email_of(world, "super_admin"), organization="Riverside Organization")

    assert ran.complained[:-1] == [
        "Line 3, Organization: There is no organization “Lawmark Organization” that you may use here."
    ]
    by_phone = mentee(Organization="", ID="", Phone_Number=world.people["moot_mentee"].phone.as_e164)
    ran = import_(
        roster(tmp_path, by_phone), email_of(world, "super_admin"), organization="Enginmark Organization"
    )
    assert ran.complained[:-1] == [
        "Line 2, Organization: Moot Mentee Lawmark belongs to “Lawmark Organization”. Nobody changes organization by import."
    ]


def test_organizations_of_one_name_are_told_apart_by_the_option(world, tmp_path):
    for parent in ("riverside", "hillside"):
        OrganizationFactory(name="School of Music", parent=world.organizations[parent])
    file = roster(tmp_path, mentee(Organization="School of Music"))

    unsure = import_(file, email_of(world, "super_admin"))
    sure = import_(file, email_of(world, "super_admin"), organization="Hillmark Organization")

    assert unsure.complained[0] == (
        "Line 2, Organization: There are several organizations “School of Music”."
        " Import into one of them at a time."
    )
    assert sure.counts == (1, 0, 0, 0)


def test_a_mentee_in_a_second_program_stays_within_reach(world, tmp_path):
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")
    person = world.people["first_year_mentee"]
    file = roster(tmp_path, mentee(ID=person.id_number, Phone_Number="", First_Name="Anna"))

    assert import_(file, email_of(world, "first_year_pm")).counts == (0, 1, 0, 0)
    person.refresh_from_db()
    assert person.first_name == "Anna"
