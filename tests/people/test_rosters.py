"""The rosters as staff see them: what stands in them, in which order, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.viewsets import MenteeViewSet
from tests.factories import AssignmentFactory, PersonFactory
from tests.world import add, assign

MOST_QUERIES = 15


def names(response) -> list[str]:
    """First names of the rows, in order."""
    return [person.first_name for person in response.context["object_list"]]


@pytest.mark.parametrize(
    "who", ["first_year_pm", "first_year_sc", "engineering_child", "riverside_parent", "super_admin"]
)
def test_roster_takes_as_many_queries_for_100_rows_as_for_20(world, client_of, who):
    for _number in range(120):
        person = PersonFactory(organization=world.organizations["engineering"])
        AssignmentFactory(
            person=person, program=world.programs["first_year"], lead=world.people["first_year_mentor"]
        )
    client_of(who).get("/admin/mentees/")
    counts = {}

    for rows in (20, 100):
        request = RequestFactory().get("/admin/mentees/")
        request.user = world.user(who)
        with CaptureQueriesContext(connection) as queries, scope_of(reach_of(request.user)):
            response = MenteeViewSet(list_per_page=rows).index_view(request)
            shown = len(response.context_data["object_list"])
            response.rendered_content  # noqa: B018
        counts[rows] = len(queries)
        assert shown == rows

    assert counts[20] == counts[100]


@pytest.mark.parametrize("who", ["first_year_pm", "riverside_parent", "super_admin"])
def test_roster_page_stays_within_its_queries(world, client_of, who):
    for _number in range(30):
        person = PersonFactory(organization=world.organizations["engineering"])
        AssignmentFactory(
            person=person, program=world.programs["first_year"], lead=world.people["first_year_mentor"]
        )
    client = client_of(who)
    client.get("/admin/mentees/")

    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/mentees/")

    assert len(queries) <= MOST_QUERIES


def test_roster_is_sorted_by_each_of_its_three_orders(world, client_of):
    now = timezone.now()
    for number, first_name in enumerate(["Cora", "Abel", "Bela"]):
        add(
            world,
            f"sorted_{number}",
            Role.MENTEE,
            "engineering",
            first_name=first_name,
            last_name=["Zorn", "Young", "Xu"][number],
            last_activity_at=[now, None, now - timedelta(days=1)][number],
            first_login_at=[now, None, now][number],
            email="sorted@example.net",
        )
    client = client_of("engineering_child")

    def order(ordering):
        return names(client.get(f"/admin/mentees/?q=sorted&ordering={ordering}"))

    assert order("first_name") == ["Abel", "Bela", "Cora"]
    assert order("-first_name") == ["Cora", "Bela", "Abel"]
    assert order("last_name") == ["Bela", "Abel", "Cora"]
    assert order("-last_activity_at") == ["Cora", "Bela", "Abel"]
    assert order("last_activity_at") == ["Abel", "Bela", "Cora"]


@pytest.mark.parametrize("typed", ["(212) 555-0104", "212.555.0104", "1 212 555 0104", "+1-212-555-0104"])
def test_roster_finds_a_phone_number_as_typed_on_paper(world, client_of, typed):
    add(world, "on_paper", Role.MENTEE, "engineering", phone="+12125550104", first_name="Dustin")
    assign(world, "on_paper", "first_year", "first_year_mentor")

    found = client_of("first_year_pm").get("/admin/mentees/results/", {"q": typed})

    assert names(found) == ["Dustin"]


def test_roster_finds_a_part_of_a_phone_number(world, client_of):
    add(world, "on_paper", Role.MENTEE, "engineering", phone="+12125550104", first_name="Dustin")
    assign(world, "on_paper", "first_year", "first_year_mentor")

    found = client_of("first_year_pm").get("/admin/mentees/results/", {"q": "212 555-01"})

    assert names(found) == ["Dustin"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", ["Busy", "Long Ago"]),
        ("never", ["Never"]),
        ("inactive", ["Long Ago"]),
        ("deactivated", ["Off"]),
    ],
)
def test_roster_filters_by_status(world, client_of, status, expected):
    now = timezone.now()
    long_ago = now - timedelta(days=16)
    email = "status@example.net"
    add(
        world,
        "a",
        Role.MENTOR,
        "engineering",
        first_name="Busy",
        email=email,
        first_login_at=now,
        last_activity_at=now,
    )
    add(world, "b", Role.MENTOR, "engineering", first_name="Never", email=email)
    add(
        world,
        "c",
        Role.MENTOR,
        "engineering",
        first_name="Long Ago",
        email=email,
        first_login_at=long_ago,
        last_activity_at=long_ago,
    )
    add(
        world,
        "d",
        Role.MENTOR,
        "engineering",
        first_name="Off",
        email=email,
        status=Person.Status.DEACTIVATED,
    )

    shown = client_of("engineering_child").get(
        "/admin/mentors/", {"q": email, "status": status, "ordering": "first_name"}
    )

    assert names(shown) == expected


def test_roster_filters_by_program_and_identifier(world, client_of):
    client = client_of("engineering_child")
    program = world.programs["first_year"].pk
    value = world.value("Freshmark")

    by_program = client.get("/admin/mentors/", {"program": program})
    by_identifier = client.get("/admin/mentees/", {f"identifier_{value.identifier_id}": value.pk})

    assert names(by_program) == ["First Year Mentor"]
    assert names(by_identifier) == ["First Year Mentee"]


def test_unassigned_list_holds_a_new_person_until_assigned(world, client_of):
    client = client_of("first_year_pm")
    assert names(client.get("/admin/mentees/unassigned/")) == ["Engineering Free Mentee"]

    client.post(
        f"/admin/assignments/person/{world.people['engineering_free_mentee'].pk}/",
        {
            "organization": world.organizations["engineering"].pk,
            "program": world.programs["first_year"].pk,
            "leads": [world.people["first_year_mentor"].pk],
        },
    )

    assert names(client.get("/admin/mentees/unassigned/")) == []


def test_roster_says_how_many_are_unassigned(world, client_of):
    response = client_of("first_year_pm").get("/admin/mentees/")

    assert [(link["label"], link.get("count")) for link in response.context["roster_links"]] == [
        ("All mentees", None),
        ("Unassigned mentees", "1"),
    ]


def test_success_coordinator_sees_no_unassigned_list(world, client_of):
    response = client_of("first_year_sc").get("/admin/mentees/")

    assert response.context["roster_links"] == []


def test_roster_counts_no_further_than_it_must(world, client_of, monkeypatch):
    monkeypatch.setattr("mentorpro_plugin.access.pagination.BoundedPaginator.COUNT_LIMIT", 40)
    PersonFactory.create_batch(60, organization=world.organizations["engineering"])

    response = client_of("engineering_child").get("/admin/mentees/?p=2")

    assert response.context["paginator"].count == 40
    assert "More than 40 mentees: search or filter to see the others" in response.content.decode()


@pytest.mark.parametrize("listing", ["programs", "organizations", "organization-accounts", "identifiers"])
def test_other_listings_are_not_streamed_as_spreadsheets(world, client_of, listing):
    response = client_of("riverside_parent").get(f"/admin/{listing}/?export=csv")

    assert response.status_code == 404


@pytest.mark.parametrize(
    "query", ["?organization=x", "?program=999999", "?status=no", "?ordering=user__password", "?p=-1"]
)
def test_roster_bears_a_senseless_query(world, client_of, query):
    response = client_of("riverside_parent").get(f"/admin/mentees/{query}")

    assert response.status_code == 200


def test_roster_bears_a_search_of_a_thousand_words(world, client_of):
    response = client_of("first_year_pm").get(
        "/admin/mentees/", {"q": " ".join(f"w{number}" for number in range(1000))}
    )

    assert response.status_code == 200
    assert names(response) == []
