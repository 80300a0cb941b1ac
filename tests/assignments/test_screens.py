"""The screens of assigning, from the profile's side and from the program's."""

from bs4 import BeautifulSoup
from django.contrib.messages import get_messages

from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.people.models import Person


def messages_of(response) -> list[str]:
    return [str(message).strip() for message in get_messages(response.wsgi_request)]


def assign_url(world, person):
    return f"/admin/assignments/person/{world.people[person].pk}/"


def open_leads(world, person) -> set[str]:
    rows = Assignment._base_manager.filter(person=world.people[person], ended_at=None)
    return {str(row.lead) for row in rows}


def test_ending_an_assignment_leads_back_to_the_profile(world, client_of):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]

    response = client_of("first_year_pm").post(f"/admin/assignments/{assignment.pk}/unassign/")

    assert response.url == f"/admin/mentees/{assignment.person_id}/"


def test_ending_the_last_assignment_leads_a_coordinator_to_the_roster(world, client_of):
    """Somebody unassigned is out of a Success Coordinator's reach, so the profile would answer 404."""
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]

    response = client_of("first_year_sc").post(f"/admin/assignments/{assignment.pk}/unassign/")

    assert response.url == "/admin/mentees/"
    assert Person._base_manager.get(pk=assignment.person_id).is_assigned is False


def test_ending_an_assignment_twice_does_no_harm(world, client_of):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    client = client_of("first_year_pm")

    client.post(f"/admin/assignments/{assignment.pk}/unassign/")
    ended_at = Assignment._base_manager.get(pk=assignment.pk).ended_at
    response = client.post(f"/admin/assignments/{assignment.pk}/unassign/")

    assert response.status_code == 302
    assert Assignment._base_manager.get(pk=assignment.pk).ended_at == ended_at


def test_assign_lists_programs_and_leads_that_fit(world, client_of):
    response = client_of("engineering_child").get(
        assign_url(world, "engineering_free_mentee"), {"program": world.programs["first_year"].pk}
    )

    form = response.context["form"]
    assert list(form.fields["organization"].queryset) == [world.organizations["engineering"]]
    assert set(form.fields["program"].queryset) == {world.programs["first_year"], world.programs["transfer"]}
    assert [person.pk for person in response.context["shown"]] == [world.people["first_year_mentor"].pk]


def test_assign_offers_nobody_deactivated(world, client_of):
    Person._base_manager.filter(pk=world.people["first_year_mentor"].pk).update(
        status=Person.Status.DEACTIVATED
    )

    response = client_of("engineering_child").get(
        assign_url(world, "engineering_free_mentee"), {"program": world.programs["first_year"].pk}
    )

    assert response.context["shown"] == []


def test_assign_refuses_a_mentee_without_a_mentor(world, client_of):
    response = client_of("first_year_pm").post(
        assign_url(world, "engineering_free_mentee"),
        {"organization": world.organizations["engineering"].pk, "program": world.programs["first_year"].pk},
    )

    assert response.context["form"].errors == {"leads": ["Choose at least one Mentor."]}
    assert open_leads(world, "engineering_free_mentee") == set()


def test_assign_needs_no_mentor_with_flash_mentoring(world, client_of):
    response = client_of("drop_in_pm").post(
        assign_url(world, "nursing_free_mentee"),
        {"organization": world.organizations["nursing"].pk, "program": world.programs["drop_in"].pk},
    )

    assert messages_of(response) == ["Nursing Free Mentee Nursmark was assigned to “Drop In Nursmark”."]
    assert open_leads(world, "nursing_free_mentee") == {"None"}


def test_assign_gives_identifiers_too(world, client_of):
    value = world.value("Seniormark")

    client_of("first_year_pm").post(
        assign_url(world, "engineering_free_mentee"),
        {
            "organization": world.organizations["engineering"].pk,
            "program": world.programs["first_year"].pk,
            "leads": [world.people["first_year_mentor"].pk],
            f"identifier_{value.identifier_id}": value.pk,
        },
    )

    given = world.people["engineering_free_mentee"].given_identifiers.model._base_manager
    assert list(
        given.filter(person=world.people["engineering_free_mentee"]).values_list("value", flat=True)
    ) == [value.pk]


def test_assign_in_program_takes_several_people_at_once(world, client_of):
    people = [world.people["engineering_free_mentee"], world.people["transfer_mentee"]]

    response = client_of("engineering_child").post(
        f"/admin/assignments/program/{world.programs['first_year'].pk}/mentee/",
        {"people": [person.pk for person in people], "lead": world.people["first_year_mentor"].pk},
    )

    assert messages_of(response) == ["2 people were assigned to “First Year Enginmark”."]
    assert open_leads(world, "engineering_free_mentee") == {"First Year Mentor Enginmark"}


def test_search_in_the_list_keeps_who_is_ticked(world, client_of):
    ticked, found = world.people["engineering_free_mentee"], world.people["transfer_mentee"]

    response = client_of("engineering_child").post(
        f"/admin/assignments/program/{world.programs['first_year'].pk}/mentee/people/?list=1",
        {"people": [ticked.pk], "q": "transfer"},
    )

    assert [person.pk for person in response.context["shown"]] == [ticked.pk, found.pk]
    soup = BeautifulSoup(response.content, "html.parser")
    assert [box["value"] for box in soup.select("input[checked]")] == [str(ticked.pk)]


def test_a_number_that_no_database_holds_is_no_choice(world, client_of):
    client = client_of("engineering_child")
    huge = "9" * 30
    data = {"organization": world.organizations["engineering"].pk, "program": world.programs["first_year"].pk}

    by_lead = client.post(assign_url(world, "engineering_free_mentee"), {**data, "leads": [huge]})
    by_program = client.post(assign_url(world, "engineering_free_mentee"), {**data, "program": huge})
    shown = client.post(
        assign_url(world, "engineering_free_mentee") + "leads/?list=1", {**data, "leads": [huge]}
    )

    assert [by_lead.status_code, by_program.status_code, shown.status_code] == [200, 200, 200]
    assert by_lead.context["form"].errors.keys() == {"leads"}
