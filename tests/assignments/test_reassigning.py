"""Giving the people of one lead to another, all at once."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments import reassigning
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.assignments.reassigning import plan_reassignment, reassign
from mentorpro_plugin.assignments.signals import assignments_opened
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program
from tests.world import add, assign

from .test_screens import messages_of


@pytest.fixture
def school(world):
    """Robin is a second mentor in First-year, where the first one has three mentees: one of them primary."""
    Assignment._base_manager.filter(person=world.people["engineering_left_mentee"]).delete()
    add(world, "robin", Role.MENTOR, "engineering", first_name="Robin")
    assign(world, "robin", "first_year", "first_year_pm")
    for name in ("ann", "ben"):
        add(world, name, Role.MENTEE, "engineering", first_name=name.title())
    assign(world, "ann", "first_year", "first_year_mentor", is_primary=True)
    assign(world, "ben", "first_year", "first_year_mentor")
    return world


def arguments(world, *, new="robin", by="first_year_pm", **others):
    return {
        "lead": world.people["first_year_mentor"],
        "new_lead": world.people[new] if new else None,
        "programs": [world.programs["first_year"]],
        "by": world.user(by),
        **others,
    }


def run(world, **options):
    with scope_of(EVERYTHING):
        return reassign(**arguments(world, **options))


def leads(world, name):
    """Names of the open leads of somebody, the primary ones with a star."""
    rows = Assignment._base_manager.filter(person=world.people[name], ended_at=None).select_related("lead")
    return sorted(f"{row.lead and row.lead.first_name}{'*' * row.is_primary}" for row in rows)


def url(world, name):
    return f"/admin/assignments/reassign/{world.people[name].pk}/"


def test_everybody_goes_to_the_new_lead_and_primary_stays_primary(school):
    (plan,) = run(school)

    assert (plan.moved, plan.ended, plan.refused) == (3, 0, [])
    assert leads(school, "ann") == ["Robin*"]
    assert leads(school, "ben") == leads(school, "first_year_mentee") == ["Robin"]
    assert Person._base_manager.get(pk=school.people["ben"].pk).is_assigned
    history = HistoryEntry._base_manager.filter(person=school.people["ann"]).order_by("pk")
    old, new = school.people["first_year_mentor"].pk, school.people["robin"].pk
    assert [(entry.action, entry.changes["lead_id"], entry.actor_id) for entry in history][-3:] == [
        ("unassigned", [old, None], school.people["first_year_pm"].user_id),
        ("assigned", [None, new], school.people["first_year_pm"].user_id),
        ("primary_set", [new, new], school.people["first_year_pm"].user_id),
    ]
    ended = Assignment._base_manager.get(person=school.people["ann"], lead=old)
    assert ended.ended_by_id == school.people["first_year_pm"].user_id


def test_whoever_has_the_new_lead_already_only_loses_the_old_one(school):
    assign(school, "ann", "first_year", "robin")

    (plan,) = run(school)

    assert (plan.moved, plan.ended) == (2, 1)
    assert leads(school, "ann") == ["Robin*"]
    rows = Assignment._base_manager.filter(person=school.people["ann"], lead=school.people["robin"])
    assert rows.count() == 1


def test_only_those_chosen_go(school):
    run(school, people=[school.people["ben"].pk])

    assert leads(school, "ben") == ["Robin"]
    assert leads(school, "ann") != ["Robin*"]


def test_deactivated_people_stay_and_are_named(school):
    Person._base_manager.filter(pk=school.people["ben"].pk).update(status=Person.Status.DEACTIVATED)
    before = leads(school, "ben")

    (plan,) = run(school)

    assert plan.moved == 2
    (sentence,) = plan.refused
    assert sentence == (
        f"1 person in “{school.programs['first_year']}” is deactivated and stays: {school.people['ben']}. "
        "Reactivate the person first, or end the assignment on the profile."
    )
    assert leads(school, "ben") == before


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("transfer_mentor", "isn't assigned to"),
        ("first_year_pm", "is not a Mentor"),
        ("first_year_mentor", "leads them already"),
        (None, "needs a Mentor here"),
    ],
)
def test_nobody_goes_to_somebody_who_cannot_lead_there(school, new, sentence):
    Program._base_manager.update(flash_mentoring=False)

    (plan,) = run(school, new=new, by="engineering_child")

    assert (plan.moved, plan.ended) == (0, 0)
    assert sentence in plan.refused[0]
    assert not Assignment._base_manager.exclude(ended_at=None).exists()


def test_with_flash_mentoring_mentees_may_go_without_a_mentor(school):
    Program._base_manager.filter(pk=school.programs["first_year"].pk).update(flash_mentoring=True)
    assign(school, "ben", "first_year", "robin")

    (plan,) = run(school, new=None)

    assert (plan.moved, plan.ended) == (2, 1)
    assert leads(school, "ann") == ["None"]
    assert leads(school, "ben") == ["Robin"]


@pytest.mark.parametrize("by", ["transfer_pm", "nursing_child", "moot_pm"])
def test_whoever_may_not_assign_there_reassigns_nobody(school, by):
    with pytest.raises(PermissionDenied):
        run(school, by=by)

    assert not Assignment._base_manager.exclude(ended_at=None).exists()


def test_mentors_of_a_program_manager_go_to_another(school):
    add(school, "dana", Role.PROGRAM_MANAGER, "engineering", first_name="Dana")
    assign(school, "dana", "first_year")

    with scope_of(EVERYTHING):
        (plan,) = reassign(
            lead=school.people["first_year_pm"],
            new_lead=school.people["dana"],
            programs=[school.programs["first_year"]],
            by=school.user("engineering_child"),
        )

    assert plan.moved == 2
    assert leads(school, "robin") == ["Dana"]


def test_a_batch_costs_the_same_for_few_and_for_many(school, monkeypatch):
    # What others do about each new assignment, such as writing to people, is theirs to measure.
    monkeypatch.setattr(assignments_opened, "receivers", [])
    user = school.user("engineering_child")

    def queries(**options):
        given = arguments(school, **options) | {"by": user}
        with scope_of(EVERYTHING), CaptureQueriesContext(connection) as captured:
            reassign(**given)
        return len(captured)

    queries(people=[school.people["ben"].pk])
    few = queries(people=[school.people["ann"].pk])
    for number in range(20):
        add(school, f"m{number}", Role.MENTEE, "engineering")
        assign(school, f"m{number}", "first_year", "first_year_mentor", is_primary=True)
    many = queries()
    assert many == few


def test_batches_move_everybody(school, monkeypatch):
    monkeypatch.setattr(reassigning, "BATCH", 2)

    run(school)

    assert leads(school, "ann") == ["Robin*"]
    assert leads(school, "ben") == leads(school, "first_year_mentee") == ["Robin"]


def test_plan_says_what_would_happen_and_changes_nothing(school):
    with scope_of(EVERYTHING):
        (plan,) = plan_reassignment(**arguments(school))

    assert (plan.moved, plan.ended, plan.refused) == (3, 0, [])
    assert not Assignment._base_manager.exclude(ended_at=None).exists()


def test_screen_asks_before_it_reassigns(school, client_of):
    client = client_of("first_year_pm")
    sent = {"program": school.programs["first_year"].pk, "lead": school.people["robin"].pk}

    asked = client.post(url(school, "first_year_mentor"), sent)
    assert "3 people go to" in asked.content.decode()
    assert leads(school, "ben") != ["Robin"]

    done = client.post(url(school, "first_year_mentor"), sent | {"confirm": "1"})
    assert done.url == f"/admin/mentors/{school.people['first_year_mentor'].pk}/"
    assert messages_of(done) == [
        f"3 assignments went from {school.people['first_year_mentor']} to {school.people['robin']}."
    ]
    assert leads(school, "ben") == ["Robin"]
    assert (
        "leads nobody whom you could reassign"
        in client.get(url(school, "first_year_mentor")).content.decode()
    )


def test_screen_says_what_is_missing_and_offers_only_who_fits(school, client_of):
    client = client_of("first_year_pm")

    page = client.get(url(school, "first_year_mentor"))
    assert [person.pk for person in page.context["leads"]["people"]] == [school.people["robin"].pk]
    assert len(page.context["people"]["people"]) == 3

    nothing = client.post(url(school, "first_year_mentor"), {"program": "", "confirm": "1"})
    assert "Choose who leads them from now on." in nothing.content.decode()
    stranger = {"lead": school.people["moot_mentor"].pk, "confirm": "1"}
    assert (
        "This person can&#x27;t lead there."
        in client.post(url(school, "first_year_mentor"), stranger).content.decode()
    )
    odd = {"lead": "x" * 40, "people": ["\x00", str(10**30)], "program": "9" * 30, "confirm": "1"}
    assert client.post(url(school, "first_year_mentor"), odd).status_code == 200
    assert not Assignment._base_manager.exclude(ended_at=None).exists()


def test_lists_are_searched_and_bounded(school, client_of, django_assert_max_num_queries):
    for number in range(60):
        add(school, f"m{number}", Role.MENTEE, "engineering", first_name=f"Zed{number}")
        assign(school, f"m{number}", "first_year", "first_year_mentor")
    client = client_of("first_year_pm")

    with django_assert_max_num_queries(25):
        page = client.get(url(school, "first_year_mentor"))
    assert len(page.context["people"]["people"]) == 40
    assert "There are more: search to find them." in page.content.decode()
    part = client.post(url(school, "first_year_mentor") + "part/?list=people", {"led_q": "Zed59"})
    assert [person.first_name for person in part.context["picks"]["people"]] == ["Zed59"]


def test_profile_and_refusal_lead_to_the_screen(school, client_of):
    client = client_of("first_year_pm")
    mentor = school.people["first_year_mentor"]
    own = Assignment._base_manager.get(person=mentor, ended_at=None)

    profile = client.get(f"/admin/mentors/{mentor.pk}/").content.decode()
    refused = client.post(f"/admin/assignments/{own.pk}/unassign/", follow=True).content.decode()

    assert profile.count(url(school, "first_year_mentor")) == 1
    assert refused.count(url(school, "first_year_mentor")) == 2
    assert "still leads 3 people" in refused
