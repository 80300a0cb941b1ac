"""Home and my people: whom mentors and mentees see behind their doors, and what of them."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.models import Organization, Participation, Person
from mentorpro_plugin.people.lifecycle import deactivate
from tests.factories import AssignmentFactory, PersonFactory
from tests.lives import converse
from tests.world import add, assign

PARTICIPANT = "mentorpro_plugin.access.backends.ParticipantBackend"
#: Queries of a page, whatever the number of people.
HOME_QUERIES = 10
PEOPLE_QUERIES = 11


def page_of(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response


def shown(response, *keys):
    """First names in the lists of people, list by list."""
    return [[companion.person.first_name for companion in response.context[key]] for key in keys]


def text_of(response):
    """The words of a page, one space between them."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


@pytest.fixture
def crowd(world):
    """Nineteen more mentees of one mentor, all of whom wrote to her."""
    for number in range(19):
        mentee = PersonFactory(organization=world.organizations["engineering"], first_name=f"Kim {number}")
        world.people[f"kim_{number}"] = mentee
        AssignmentFactory(
            person=mentee, program=world.programs["first_year"], lead=world.people["first_year_mentor"]
        )
        converse(world, f"kim_{number}", "first_year_mentor")
    return world


def test_mentee_sees_mentors_with_the_primary_one_first(world, client_of):
    add(world, "abel", Role.MENTOR, "engineering")
    add(world, "zoe", Role.MENTOR, "engineering")
    assign(world, "first_year_mentee", "first_year", "abel")
    assign(world, "first_year_mentee", "transfer", "zoe", is_primary=True)

    response = page_of(client_of("first_year_mentee"), "/mentee/people/")

    assert shown(response, "people", "leads") == [["Zoe", "Abel", "First Year Mentor"], []]
    assert [companion.is_primary for companion in response.context["people"]] == [True, False, False]
    assert text_of(response).count("Primary mentor") == 1


def test_somebody_shared_twice_stands_once_with_both_programs(world, client_of):
    assign(world, "first_year_mentee", "transfer", "first_year_mentor", is_primary=True)

    [companion] = page_of(client_of("first_year_mentee"), "/mentee/people/").context["people"]

    assert [program.name for program in companion.programs] == ["First Year Enginmark", "Transfer Enginmark"]
    assert companion.is_primary


def test_programs_are_those_that_both_share(world, client_of):
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")

    people = page_of(client_of("first_year_mentee"), "/mentee/people/").context["people"]

    assert {companion.person.first_name: [str(program) for program in companion.programs] for companion in people} == {
        "First Year Mentor": ["First Year Enginmark"],
        "Transfer Mentor": ["Transfer Enginmark"],
    }  # fmt: skip


def test_mentor_sees_mentees_with_their_last_activity_and_own_program_managers(world, client_of):
    Person._base_manager.filter(pk=world.people["first_year_mentee"].pk).update(
        last_activity_at=timezone.now() - timedelta(days=16, hours=1)
    )

    response = page_of(client_of("first_year_mentor"), "/mentor/people/")

    assert shown(response, "people", "leads") == [
        ["Engineering Left Mentee", "First Year Mentee"],
        ["First Year Pm"],
    ]
    assert "First Year Mentee Enginmark First Year Enginmark Last active 2 weeks ago" in text_of(response)


def test_activity_of_less_than_a_minute_ago_is_now(world, client_of):
    Person._base_manager.filter(pk=world.people["first_year_mentee"].pk).update(
        last_activity_at=timezone.now()
    )

    response = page_of(client_of("first_year_mentor"), "/mentor/people/")

    assert "Last active just now" in text_of(response)
    assert "0 minutes" not in text_of(response)


def test_mentee_is_not_told_when_a_mentor_was_last_active(world, client_of):
    Person._base_manager.filter(role=Role.MENTOR).update(last_activity_at=timezone.now())
    mentor = world.people["first_year_mentor"]
    client = client_of("first_year_mentee")

    pages = [
        page_of(client, path) for path in ("/mentee/", "/mentee/people/", f"/mentee/people/{mentor.pk}/")
    ]

    assert [page for page in pages if "Last active" in text_of(page)] == []


def test_deactivated_people_stay_with_that_label(world, client_of):
    left = world.people["engineering_left_mentee"]
    client = client_of("first_year_mentor")

    in_the_list = text_of(page_of(client, "/mentor/people/"))
    profile = text_of(page_of(client, f"/mentor/people/{left.pk}/"))

    assert "Engineering Left Mentee Enginmark Deactivated" in in_the_list
    assert "is deactivated at the moment" in profile


def test_unread_messages_stand_beside_who_wrote_them(world, client_of):
    converse(world, "first_year_mentee", "first_year_mentor")
    mentor = world.people["first_year_mentor"]
    Participation._base_manager.filter(person=world.people["first_year_mentee"]).update(unread_count=120)

    response = page_of(client_of("first_year_mentee"), "/mentee/people/")

    [companion] = response.context["people"]
    assert (companion.person, companion.unread) == (mentor, 120)
    assert "99+ 120 new" in text_of(response)


def test_home_says_who_wrote(world, client_of):
    for key in ("first_year_mentor", "first_year_pm"):
        converse(world, "first_year_mentee", key)
    mine = Participation._base_manager.filter(person=world.people["first_year_mentee"])
    mine.filter(other=world.people["first_year_mentor"]).update(unread_count=0)
    mine.filter(other=world.people["first_year_pm"]).update(unread_count=2)

    home = page_of(client_of("first_year_mentee"), "/mentee/")

    [(news, address)] = home.context["news"]
    assert (news.who, news.count) == ("First Year Pm Enginmark", 2)
    assert address == f"/mentee/messages/{world.people['first_year_pm'].pk}/"
    assert "First Year Pm Enginmark wrote to you several times 2" in text_of(home)


def test_home_says_that_nothing_is_new(client_of):
    assert "Nothing new." in text_of(page_of(client_of("first_year_mentee"), "/mentee/"))


@pytest.mark.parametrize(("is_matched", "words"), [(True, ["Write"]), (False, ["Read your messages"])])
def test_profile_leads_to_the_conversation(world, client_of, is_matched, words):
    mentor = world.people["first_year_mentor"]
    if not is_matched:
        Person._base_manager.filter(pk=mentor.pk).update(status=Person.Status.DEACTIVATED)

    page = page_of(client_of("first_year_mentee"), f"/mentee/people/{mentor.pk}/").content.decode()

    found = re.findall(rf'href="/mentee/messages/{mentor.pk}/">(.*?)</a>', page, flags=re.DOTALL)
    assert [re.sub(r"<[^>]+>", "", link).strip() for link in found] == words


def test_profile_of_a_mentee_leads_a_mentor_to_the_goals(world, client_of):
    mentee, manager = world.people["first_year_mentee"], world.people["first_year_pm"]
    client = client_of("first_year_mentor")

    profiles = [
        page_of(client, f"/mentor/people/{other.pk}/").content.decode() for other in (mentee, manager)
    ]

    links = [re.findall(r'href="(/mentor/goals/of/\d+/)"', profile) for profile in profiles]
    assert links == [[f"/mentor/goals/of/{mentee.pk}/"], []]
    assert page_of(client, links[0][0]).status_code == 200


def test_after_an_unassignment_somebody_is_gone_from_the_people(world, client_of):
    mentor = world.people["first_year_mentor"]
    Assignment._base_manager.filter(person=world.people["first_year_mentee"]).update(ended_at=timezone.now())
    client = client_of("first_year_mentee")

    response = page_of(client, "/mentee/people/")

    assert shown(response, "people") == [[]]
    assert "You have no mentor yet." in text_of(response)
    assert client.get(f"/mentee/people/{mentor.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("viewer", "door", "seen"),
    [
        ("first_year_mentee", "mentee", {"first_year_mentor"}),
        ("first_year_mentor", "mentor", {"first_year_mentee", "engineering_left_mentee", "first_year_pm"}),
        ("engineering_free_mentee", "mentee", set()),
        ("engineering_free_mentor", "mentor", set()),
        ("drop_in_mentor", "mentor", {"drop_in_mentee", "drop_in_pm"}),
    ],
)
def test_profiles_of_all_others_are_not_there(world, client_of, viewer, door, seen):
    client = client_of(viewer)

    answers = {
        name: client.get(reverse(f"{door}:person", args=[person.pk])).status_code
        for name, person in world.people.items()
    }

    assert {name for name, status in answers.items() if status == 200} == seen
    assert set(answers.values()) == ({200, 404} if seen else {404})


@pytest.mark.parametrize("path", ["/mentor/", "/mentor/people/", "/mentor/people/{pk}/"])
def test_no_page_shows_address_number_or_id(world, client_of, path):
    mentee = world.people["first_year_mentee"]

    page = page_of(client_of("first_year_mentor"), path.format(pk=mentee.pk)).content.decode()

    assert mentee.last_name in page
    number = mentee.phone.as_e164
    secrets = [mentee.email, mentee.id_number, number, number[2:], mentee.phone.as_national]
    assert [secret for secret in secrets if secret in page] == []


def test_what_people_say_of_themselves_is_text_and_no_markup(world, client_of):
    mentor = world.people["first_year_mentor"]
    Person._base_manager.filter(pk=mentor.pk).update(about="I teach.\n\n<script>alert(1)</script> <b>Hi</b>")

    page = page_of(client_of("first_year_mentee"), f"/mentee/people/{mentor.pk}/").content.decode()

    assert "<p>I teach.</p>" in page
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;Hi&lt;/b&gt;</p>" in page


@pytest.mark.parametrize(
    ("viewer", "door", "sentence"),
    [
        ("engineering_free_mentee", "mentee", "You have no mentor yet."),
        ("engineering_free_mentor", "mentor", "You have no mentee yet."),
    ],
)
def test_people_without_a_match_are_told_so(client_of, viewer, door, sentence):
    client = client_of(viewer)

    assert sentence in text_of(page_of(client, f"/{door}/"))
    assert sentence in text_of(page_of(client, f"/{door}/people/"))


def test_program_is_reached_by_what_the_organization_says(world, client_of):
    engineering = world.organizations["engineering"]
    Organization._base_manager.filter(pk=engineering.pk).update(
        contact_email="help@engineering.example.org", contact_phone="+12015550123", contact_note="Room 12."
    )

    for path in ("/mentee/", "/mentee/people/"):
        page = page_of(client_of("first_year_mentee"), path)
        assert "Reach your program Room 12. +1 201-555-0123 help@engineering.example.org" in text_of(page)
        assert 'href="tel:+12015550123"' in page.content.decode()


def test_a_childs_people_reach_its_parent_where_it_says_nothing_itself(world, client_of):
    Organization._base_manager.filter(pk=world.organizations["riverside"].pk).update(contact_note="Ask Sam.")
    client = client_of("first_year_mentee")

    page = text_of(page_of(client, "/mentee/"))

    assert "Reach your program Ask Sam." in page
    assert world.organizations["riverside"].name not in page


def test_without_a_contact_nothing_is_said_of_one(client_of):
    assert "Reach your program" not in text_of(page_of(client_of("first_year_mentee"), "/mentee/"))


def test_home_shows_some_people_and_leads_to_all(crowd, client_of):
    client = client_of("first_year_mentor")

    home = page_of(client, "/mentor/")

    assert len(home.context["people"]) == 5
    assert home.context["has_more_people"]
    assert 'href="/mentor/people/"' in home.content.decode()
    assert len(page_of(client, "/mentor/people/").context["people"]) == 21


@pytest.mark.parametrize(
    ("path", "expected"), [("/mentor/", HOME_QUERIES), ("/mentor/people/", PEOPLE_QUERIES)]
)
def test_pages_take_as_many_queries_for_twenty_people_as_for_one(
    world, request, django_assert_num_queries, path, expected
):
    client = Client()
    client.force_login(world.user("transfer_mentor"), backend=PARTICIPANT)
    converse(world, "transfer_mentee", "transfer_mentor")
    with django_assert_num_queries(expected):
        page_of(client, path)

    request.getfixturevalue("crowd")
    client.force_login(world.user("first_year_mentor"), backend=PARTICIPANT)
    with django_assert_num_queries(expected):
        page_of(client, path)


def test_long_lists_come_in_pages(crowd, client_of, monkeypatch):
    monkeypatch.setattr("mentorpro_plugin.portal.people.PAGE", 8)
    client = client_of("first_year_mentor")

    pages = [page_of(client, f"/mentor/people/?page={number}") for number in (1, 2, 3)]

    found = [companion.person for page in pages for companion in page.context["people"]]
    assert [len(page.context["people"]) for page in pages] == [8, 8, 5]
    assert len(set(found)) == 21
    assert page_of(client, "/mentor/people/?page=nonsense").context["page"].number == 1


def test_deactivated_people_are_out_at_the_next_request(world, client_of):
    client = client_of("first_year_mentor")
    page_of(client, "/mentor/people/")

    from mentorpro_plugin.access.reach import reach_of, scope_of

    by = world.user("first_year_pm")
    with scope_of(reach_of(by)):
        deactivate(world.people["first_year_mentor"], by=by)
    response = client.get("/mentor/people/")

    assert (response.status_code, response["Location"]) == (302, "/mentor/log-in/?next=/mentor/people/")
    assert response["X-Offline"] == "forget"
