"""Rosters as files: whoever stands on the screen, in its order, and nothing of anybody else."""

from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exports import rosters
from mentorpro_plugin.exports.columns import RosterColumns
from mentorpro_plugin.exports.rosters import ExportStopped
from mentorpro_plugin.models import Person
from mentorpro_plugin.people.lifecycle import deactivate
from mentorpro_plugin.people.orders import ORDERINGS, in_chunks
from tests.factories import AssignmentFactory, IdentifierFactory
from tests.world import add, assign

from .reading import body, sheet, table

READ = [
    "Role",
    "First Name",
    "Last Name",
    "Phone Number",
    "ID",
    "E-mail",
    "Organization",
    "Program",
    "Program Manager",
    "Mentor",
    "Primary Mentor",
]
SHOWN = ["Status", "Last Activity Date", "Last Activity"]


def export(client, screen="mentees:index", **query):
    return client.get(reverse(screen), {"export": "csv", **query})


def rows(client, screen="mentees:index", **query):
    return table(body(export(client, screen, **query)))


def ids(found):
    return {row["ID"] for row in found}


def test_a_roster_is_what_an_import_reads_and_the_screen_shows(world, client_of):
    person = world.people["first_year_mentee"]
    Person._base_manager.filter(pk=person.pk).update(
        last_activity_at=datetime(2026, 3, 1, 15, 4, tzinfo=timezone.get_current_timezone()),
        last_activity_kind="goal",
    )

    found = rows(client_of("first_year_pm"), q=person.id_number)

    assert found == [
        {
            "Role": "Mentee",
            "First Name": "First Year Mentee",
            "Last Name": "Enginmark",
            "Phone Number": person.phone.as_e164,
            "ID": "FIRST_YEAR_MENTEE-ENGINMARK",
            "E-mail": "first_year_mentee@example.org",
            "Organization": "Enginmark Organization",
            "Program": "First Year Enginmark",
            "Program Manager": "",
            "Mentor": "FIRST_YEAR_MENTOR-ENGINMARK",
            "Primary Mentor": "",
            "Grade Riverside": "Freshmark",
            "Status": "Enabled",
            "Last Activity Date": "2026-03-01 15:04",
            "Last Activity": "changed a goal",
        }
    ]


def test_workbook_says_the_same(world, client_of):
    client = client_of("engineering_child")

    workbook = sheet(body(export(client, "mentors:index", export="xlsx")))

    assert workbook == rows(client, "mentors:index")
    assert len(workbook) == 3


@pytest.mark.parametrize(
    ("screen", "name"),
    [
        ("mentors:index", "mentors"),
        ("mentees:index_results", "mentees"),
        ("program-managers:unassigned", "unassigned-program-managers"),
        ("success-coordinators:unassigned_results", "unassigned-success-coordinators"),
    ],
)
def test_every_list_has_a_file_of_its_name(world, client_of, screen, name):
    response = export(client_of("riverside_parent"), screen)

    day = timezone.localdate().isoformat()
    assert response["Content-Disposition"] == f'attachment; filename="{name}-{day}.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


def test_reach_is_the_own_programs_and_the_unassigned_of_the_organization(world, client_of):
    assert ids(rows(client_of("first_year_pm"))) == {
        "FIRST_YEAR_MENTEE-ENGINMARK",
        "ENGINEERING_FREE_MENTEE-ENGINMARK",
        "ENGINEERING_LEFT_MENTEE-ENGINMARK",
    }
    assert ids(rows(client_of("first_year_pm"), "mentees:unassigned")) == {
        "ENGINEERING_FREE_MENTEE-ENGINMARK"
    }


def test_search_filters_and_order_are_those_of_the_screen(world, client_of):
    client = client_of("riverside_parent")
    program = world.programs["first_year"].pk

    filtered = rows(client, program=program)
    found = rows(client, q="transfer")
    ordered = [row["First Name"] for row in rows(client, ordering="-first_name")]

    assert ids(filtered) == {"FIRST_YEAR_MENTEE-ENGINMARK", "ENGINEERING_LEFT_MENTEE-ENGINMARK"}
    assert ids(found) == {"TRANSFER_MENTEE-ENGINMARK"}
    assert ordered == sorted(ordered, reverse=True)
    assert len(ordered) == 8


def test_the_deactivated_say_so(world, client_of):
    found = rows(client_of("engineering_child"), status="deactivated")

    assert [(row["ID"], row["Status"]) for row in found] == [
        ("ENGINEERING_LEFT_MENTEE-ENGINMARK", "Deactivated")
    ]


@pytest.mark.parametrize("query", [{}, {"ordering": "first_name"}, {"q": "mentee"}])
def test_buttons_lead_to_the_list_as_it_stands(world, client_of, query):
    page = client_of("first_year_pm").get(reverse("mentees:index_results"), {**query, "p": "1"})

    listing = page.context["view"]
    joined = "".join(f"{name}={value}&" for name, value in query.items())
    assert listing.csv_export_url == f"/admin/mentees/?{joined}export=csv"
    assert listing.xlsx_export_url == f"/admin/mentees/?{joined}export=xlsx"


def test_buttons_stand_where_wagtail_has_them(world, client_of):
    assert "Download XLSX" in client_of("first_year_pm").get("/admin/mentees/").content.decode()
    assert "Download XLSX" not in client_of("first_year_sc").get("/admin/mentees/").content.decode()


def test_a_success_coordinator_exports_nothing(world, client_of):
    response = export(client_of("first_year_sc"))

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert not HistoryEntry._base_manager.filter(action="exported").exists()


@pytest.mark.parametrize("given", ["", "json", "csv.exe"])
def test_other_formats_are_not_there(world, client_of, given):
    assert export(client_of("engineering_child"), export=given).status_code == 404


def test_accounts_of_organizations_are_no_roster(world, client_of):
    assert export(client_of("riverside_parent"), "organization-accounts:index").status_code == 404


def test_several_programs_stand_in_one_cell_with_the_leads_of_each(world, client_of):
    add(world, "second_mentor", Role.MENTOR, "engineering")
    assign(world, "second_mentor", "first_year", "first_year_pm")
    assign(world, "first_year_mentee", "first_year", "second_mentor", is_primary=True)
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")

    [row] = rows(client_of("engineering_child"), q="FIRST_YEAR_MENTEE-")

    assert row["Program"] == "First Year Enginmark | Transfer Enginmark"
    assert row["Mentor"] == (
        "SECOND_MENTOR-ENGINMARK; FIRST_YEAR_MENTOR-ENGINMARK | TRANSFER_MENTOR-ENGINMARK"
    )
    assert row["Primary Mentor"] == "SECOND_MENTOR-ENGINMARK |"


def test_what_is_beyond_reach_is_left_out(world, client_of):
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")
    # A lead who has left the program since.
    AssignmentFactory._meta.model._base_manager.filter(person=world.people["first_year_mentor"]).update(
        ended_at=timezone.now()
    )

    [row] = rows(client_of("first_year_pm"), q="FIRST_YEAR_MENTEE-")

    assert (row["Program"], row["Mentor"]) == ("First Year Enginmark", "")


def test_leads_whose_id_could_not_stand_in_a_list_are_named_otherwise(world, client_of):
    mentor = world.people["first_year_mentor"]
    Person._base_manager.filter(pk=mentor.pk).update(id_number="A; B")

    [row] = rows(client_of("first_year_pm"), q="FIRST_YEAR_MENTEE-")

    assert row["Mentor"] == mentor.phone.as_e164


def headings(role=Role.MENTEE, tree=None):
    with scope_of(EVERYTHING):
        return RosterColumns(role, tree=tree).headings()


def test_identifiers_are_those_of_the_tree(world):
    assert headings(tree=world.organizations["riverside"].pk) == [*READ, "Grade Riverside", *SHOWN]
    assert headings() == [*READ, "Grade Hillmark", "Grade Riverside", *SHOWN]


def test_a_super_admin_chooses_a_tree_by_its_organization(world, client_of):
    [first, *_others] = rows(client_of("super_admin"), organization=world.organizations["law"].pk)

    assert "Grade Hillmark" in first
    assert "Grade Riverside" not in first


def test_identifiers_that_are_called_like_a_column_are_told_apart(world):
    tree = world.organizations["riverside"]
    for name in ("Mentor", "Teléfono", "Status", "Grade!", "Grade?"):
        IdentifierFactory(organization=tree, name=name, values=["Yes"])

    assert headings(tree=tree.pk) == [
        *READ,
        "Grade Riverside",
        "Identifier: Grade!",
        "Identifier: Grade?",
        "Identifier: Mentor",
        "Status",
        "Identifier: Teléfono",
        "Status (as shown)",
        "Last Activity Date",
        "Last Activity",
    ]


def test_identifiers_of_too_many_trees_stand_together(world, client_of, monkeypatch):
    monkeypatch.setattr("mentorpro_plugin.exports.columns.MOST_IDENTIFIERS", 1)

    [row] = rows(client_of("super_admin"), q="FIRST_YEAR_MENTEE-")

    assert row["Identifiers"] == "Grade Riverside: Freshmark"
    assert "Grade Riverside" not in row


def test_an_export_is_written_down_without_what_was_looked_for(world, client_of):
    client = client_of("first_year_pm")
    rows(client, q="first", program=world.programs["first_year"].pk)

    [entry] = HistoryEntry._base_manager.filter(action="exported")
    assert (entry.actor_id, entry.organization_id, entry.person_id) == (
        world.people["first_year_pm"].user_id,
        world.organizations["engineering"].pk,
        None,
    )
    assert entry.changes == {"roster": "mentee", "rows": 1, "filters": ["program", "q"]}
    assert "exported a roster: Mentee (1 rows)" in client.get("/admin/history/").content.decode()


@pytest.mark.parametrize("change", ["deactivate", "unassign", "delete"])
def test_an_export_stops_once_its_user_reaches_less_far(world, client_of, monkeypatch, change):
    monkeypatch.setattr(rosters, "CHUNK", 1)
    pieces = iter(export(client_of("first_year_pm")).streaming_content)
    headings, first = next(pieces), next(pieces)
    manager = world.people["first_year_pm"]

    if change == "deactivate":
        with scope_of(EVERYTHING):
            deactivate(manager, by=world.user("riverside_parent"))
    elif change == "unassign":
        manager.assignments.model._base_manager.filter(person=manager).update(ended_at=timezone.now())
    else:
        manager.assignments.model._base_manager.filter(person=manager).delete()
        manager.assignments.model._base_manager.filter(lead=manager).delete()
        manager.delete()
        manager.user.delete()

    assert (headings.startswith(b"\xef\xbb\xbfRole,"), first.count(b"\n")) == (True, 1)
    with pytest.raises(ExportStopped):
        next(pieces)


def test_nothing_leaves_before_it_is_written_down(world, client_of):
    pieces = iter(export(client_of("first_year_pm")).streaming_content)

    assert next(pieces).count(b"\n") == 1
    assert not HistoryEntry._base_manager.filter(action="exported").exists()
    next(pieces)
    assert HistoryEntry._base_manager.filter(action="exported").exists()


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_going_in_chunks_keeps_the_order(world, ordering, size):
    people = list(Person._base_manager.order_by("pk"))
    for number, person in enumerate(people):
        moment = datetime(2026, 1, 1 + number % 4, tzinfo=timezone.get_current_timezone())
        Person._base_manager.filter(pk=person.pk).update(
            first_name=f"Name{number % 3}",
            last_name=f"Last{number % 2}",
            last_activity_at=moment if number % 5 else None,
        )
    fields = ("pk", "first_name", "last_name", "last_activity_at")

    chunks = list(in_chunks(Person._base_manager.all, ordering, fields, size=size))

    assert [row["pk"] for chunk in chunks for row in chunk] == list(
        Person._base_manager.order_by(*ORDERINGS[ordering]).values_list("pk", flat=True)
    )
    assert all(len(chunk) <= size for chunk in chunks)


@pytest.mark.parametrize(
    ("by", "number"), [("first_year_pm", 10), ("riverside_parent", 10), ("super_admin", 8)]
)
def test_a_chunk_takes_as_many_queries_for_many_as_for_few(
    world, client_of, django_assert_num_queries, by, number
):
    def take():
        pieces = iter(export(client_of(by)).streaming_content)
        next(pieces)
        with django_assert_num_queries(number):
            list(pieces)

    take()
    for name in map("many_{}".format, range(20)):
        add(world, name, Role.MENTEE, "engineering")
        assign(world, name, "first_year", "first_year_mentor")
    take()


def test_headings_leave_before_anybody_is_looked_for(client_of, django_assert_num_queries):
    pieces = iter(export(client_of("riverside_parent")).streaming_content)

    with django_assert_num_queries(0):
        first = next(pieces)

    assert first.decode("utf-8-sig").startswith(",".join(READ))


def test_a_roster_of_nobody_is_its_headings(world, client_of):
    content = body(export(client_of("first_year_pm"), q="nobody at all"))

    assert content.decode("utf-8-sig").splitlines() == [",".join([*READ, "Grade Riverside", *SHOWN])]
