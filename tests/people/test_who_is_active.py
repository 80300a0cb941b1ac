"""The buttons above a roster: who is active, with numbers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentorpro_plugin.access.pagination import BoundedPaginator
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.people.filters import STATUSES, status_condition, statuses_of
from mentorpro_plugin.people.models import Person
from tests.factories import AssignmentFactory, PersonFactory
from tests.world import add, assign

MOST_QUERIES = 15
EMAIL = "lives@example.net"


@pytest.fixture
def lives(world):
    """Mentors of a school in every state: two never logged in, one busy, two long gone, one deactivated."""
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=15, seconds=5)
    for key, fields in {
        "never_one": {},
        "never_two": {},
        "busy": {"first_login_at": long_ago, "last_activity_at": now},
        "gone_one": {"first_login_at": long_ago, "last_activity_at": long_ago},
        "gone_two": {"first_login_at": long_ago, "last_activity_at": long_ago},
        "off": {"status": Person.Status.DEACTIVATED, "first_login_at": long_ago},
    }.items():
        add(world, key, Role.MENTOR, "engineering", email=EMAIL, **fields)
    assign(world, "never_one", "first_year", "first_year_pm")
    assign(world, "gone_one", "first_year", "first_year_pm")
    return world


def buttons(response):
    return {link["label"]: link["count"] for link in response.context["status_links"]}


def current(response):
    return [link["label"] for link in response.context["status_links"] if link["is_current"]]


ALL = {"All": "6", "Active": "3", "Never logged in": "2", "Inactive over 15 days": "2", "Deactivated": "1"}


@pytest.mark.parametrize("status", ["", *STATUSES])
@pytest.mark.parametrize("per_page", [2, 20])
@pytest.mark.parametrize("who", ["engineering_child", "super_admin"])
def test_buttons_count_everybody_whatever_status_is_chosen(
    lives, client_of, monkeypatch, status, per_page, who
):
    monkeypatch.setattr("mentorpro_plugin.people.viewsets.MentorViewSet.list_per_page", per_page)

    response = client_of(who).get("/admin/mentors/", {"q": EMAIL, "status": status})

    assert buttons(response) == ALL
    assert len(current(response)) == 1
    assert response.context["paginator"].count == int(buttons(response)[current(response)[0]])


def test_buttons_count_within_the_reach_and_the_other_filters(lives, client_of):
    program = lives.programs["first_year"].pk
    of_pm = buttons(client_of("first_year_pm").get("/admin/mentors/"))
    of_stranger = buttons(client_of("law_child").get("/admin/mentors/"))
    in_program = buttons(
        client_of("engineering_child").get("/admin/mentors/", {"program": program, "status": "never"})
    )
    unassigned = buttons(client_of("engineering_child").get("/admin/mentors/unassigned/"))

    # Four of the six have no program yet, beside whom the world has there anyhow.
    assert of_pm == {**ALL, "All": "8", "Never logged in": "4"}
    assert of_stranger["All"] == "3"
    assert in_program == {**ALL, "All": "3", "Active": "1", "Inactive over 15 days": "1", "Deactivated": "0"}
    assert unassigned == {**ALL, "All": "5", "Active": "2", "Inactive over 15 days": "1"}


def test_button_keeps_the_other_filters_and_begins_at_the_first_page(lives, client_of):
    program = lives.programs["first_year"].pk
    response = client_of("engineering_child").get(
        "/admin/mentors/",
        {"program": program, "q": "mark", "ordering": "first_name", "status": "never", "p": "1"},
    )
    urls = {link["label"]: link["url"] for link in response.context["status_links"]}

    kept = f"/admin/mentors/?program={program}&q=mark&ordering=first_name"
    assert (urls["All"], urls["Deactivated"]) == (kept, f"{kept}&status=deactivated")
    assert current(response) == ["Never logged in"]


def test_current_button_is_marked_for_those_who_do_not_see_it(lives, client_of):
    html = client_of("engineering_child").get("/admin/mentors/?status=never").content.decode()

    assert html.count('aria-current="true"') == 1
    assert 'href="/admin/mentors/?status=never" aria-current="true"' in html


def test_part_that_is_fetched_anew_brings_the_buttons_along(lives, client_of):
    response = client_of("engineering_child").get("/admin/mentors/results/", {"q": EMAIL})

    assert buttons(response) == ALL
    assert "/admin/mentors/?q=" in response.context["status_links"][0]["url"]


@pytest.mark.parametrize("who", ["engineering_child", "super_admin"])
@pytest.mark.parametrize("query", [{}, {"q": "engin"}])
def test_buttons_count_no_further_than_they_must(lives, client_of, monkeypatch, who, query):
    monkeypatch.setattr(BoundedPaginator, "COUNT_LIMIT", 3)
    monkeypatch.setattr("mentorpro_plugin.people.viewsets.MentorViewSet.list_per_page", 2)

    response = client_of(who).get("/admin/mentors/", query)

    assert buttons(response)["All"] == "3+"
    assert buttons(response)["Inactive over 15 days"] == "2"
    assert response.context["paginator"].is_bounded


def test_days_of_the_button_are_the_settings(lives, client_of, settings):
    settings.MENTORPRO = {**getattr(settings, "MENTORPRO", {}), "INACTIVE_AFTER_DAYS": 30}

    counts = buttons(client_of("engineering_child").get("/admin/mentors/", {"q": EMAIL}))

    assert counts["Inactive over 30 days"] == "0"


def test_status_that_does_not_exist_filters_nothing_and_marks_all(lives, client_of):
    response = client_of("engineering_child").get("/admin/mentors/", {"q": EMAIL, "status": "nothing"})

    assert (buttons(response), current(response)) == (ALL, ["All"])


def test_status_of_a_row_is_that_of_the_query(lives):
    people = Person._base_manager.all()

    for status in STATUSES:
        by_query = set(people.filter(status_condition(status)))
        assert by_query == {person for person in people if status in statuses_of(person)}


@pytest.mark.parametrize("who", ["first_year_pm", "riverside_parent", "super_admin"])
@pytest.mark.parametrize("query", [{}, {"status": "never"}, {"q": "mark"}, {"q": "mark", "status": "active"}])
def test_roster_with_numbers_stays_within_its_queries(world, client_of, monkeypatch, who, query):
    for _number in range(30):
        person = PersonFactory(organization=world.organizations["engineering"], last_name="Mark")
        AssignmentFactory(
            person=person, program=world.programs["first_year"], lead=world.people["first_year_mentor"]
        )
    # The dearest case: more people than are counted, so that each status is counted by itself.
    monkeypatch.setattr(BoundedPaginator, "COUNT_LIMIT", 25)
    client = client_of(who)
    client.get("/admin/mentees/")

    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/mentees/", query)

    assert len(queries) <= MOST_QUERIES
