"""Assigning, ending that, reopening, and choosing the primary mentor."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign, reopen, set_primary, unassign
from mentorpro_plugin.models import Assignment, HistoryEntry, Person
from tests.factories import AssignmentFactory
from tests.world import add


@pytest.fixture
def by(world):
    """The Child account of Engineering, within her scope."""
    user = world.user("engineering_child")
    with scope_of(reach_of(user)):
        yield user


@pytest.fixture
def refuses(by):
    """Return the only sentence, with its field, that an action is refused with: `refuses(assign, ...)`."""

    def refuses(action, *args, **kwargs):
        rows = list(Assignment._base_manager.order_by("pk").values())
        entries = HistoryEntry._base_manager.count()
        with pytest.raises(ValidationError) as refusal:
            action(*args, by=by, **kwargs)
        assert list(Assignment._base_manager.order_by("pk").values()) == rows
        assert HistoryEntry._base_manager.count() == entries
        if not hasattr(refusal.value, "error_dict"):
            [sentence] = refusal.value.messages
            return sentence
        [(field, [sentence])] = refusal.value.message_dict.items()
        return f"{field}: {sentence}"

    return refuses


def history():
    """What happened, in order: action, person, program, changes."""
    entries = HistoryEntry._base_manager.order_by("pk")
    return list(entries.values_list("action", "person", "program", "changes"))


def is_assigned(person):
    return Person._base_manager.get(pk=person.pk).is_assigned


def test_assign_opens_an_assignment_and_says_so_in_the_history(world, by):
    mentee, mentor = world.people["engineering_free_mentee"], world.people["first_year_mentor"]
    program = world.programs["first_year"]
    earliest = timezone.now()

    opened = assign(person=mentee, program=program, lead=mentor, by=by)

    kept = Assignment._base_manager.get(pk=opened.pk)
    assert (kept.person, kept.program, kept.lead) == (mentee, program, mentor)
    assert (kept.is_open, kept.is_primary, kept.started_by, kept.ended_by) == (True, False, by, None)
    assert earliest <= kept.started_at <= timezone.now()
    assert is_assigned(mentee)
    assert history() == [("assigned", mentee.pk, program.pk, {"lead_id": [None, mentor.pk]})]


@pytest.mark.parametrize(
    ("person", "lead"),
    [
        ("engineering_free_mentee", "first_year_mentor"),
        ("engineering_free_mentor", "first_year_pm"),
        ("engineering_free_pm", None),
    ],
)
def test_each_role_is_assigned_under_the_lead_that_fits_it(world, by, person, lead):
    lead = world.people.get(lead)

    opened = assign(person=world.people[person], program=world.programs["first_year"], lead=lead, by=by)

    assert opened.lead == lead


def test_mentee_has_several_mentors_at_once(world, by):
    mentee, program = world.people["first_year_mentee"], world.programs["first_year"]
    second = world.people["engineering_free_mentor"]
    assign(person=second, program=program, lead=world.people["first_year_pm"], by=by)

    assign(person=mentee, program=program, lead=second, by=by)

    leads = Assignment._base_manager.filter(person=mentee, ended_at=None).values_list("lead", flat=True)
    assert set(leads) == {world.people["first_year_mentor"].pk, second.pk}


def test_mentee_without_a_mentor_is_refused(world, refuses):
    assert (
        refuses(assign, person=world.people["engineering_free_mentee"], program=world.programs["first_year"])
        == "lead: “First Year Enginmark” needs a Mentor here."
    )


def test_mentor_without_a_program_manager_is_refused(world, refuses):
    assert (
        refuses(assign, person=world.people["engineering_free_mentor"], program=world.programs["first_year"])
        == "lead: “First Year Enginmark” needs a Program Manager here."
    )


@pytest.fixture
def flash(world):
    program = world.programs["transfer"]
    program.flash_mentoring = True
    program.save()
    return program


def test_mentee_needs_no_mentor_with_flash_mentoring(world, by, flash):
    mentee = world.people["engineering_free_mentee"]

    opened = assign(person=mentee, program=flash, by=by)

    assert (opened.lead, opened.is_open, is_assigned(mentee)) == (None, True, True)


def test_mentor_needs_a_program_manager_with_flash_mentoring_too(world, refuses, flash):
    assert (
        refuses(assign, person=world.people["engineering_free_mentor"], program=flash)
        == "lead: “Transfer Enginmark” needs a Program Manager here."
    )


def test_same_assignment_twice_is_refused(world, refuses):
    assert (
        refuses(
            assign,
            person=world.people["first_year_mentee"],
            program=world.programs["first_year"],
            lead=world.people["first_year_mentor"],
        )
        == "__all__: This person is already assigned so."
    )


def test_same_assignment_without_a_mentor_twice_is_refused(world, by, refuses, flash):
    mentee = world.people["engineering_free_mentee"]
    assign(person=mentee, program=flash, by=by)

    assert refuses(assign, person=mentee, program=flash) == (
        "__all__: This person is already assigned to this program."
    )


def test_coordinator_twice_in_a_program_is_refused(world, refuses):
    assert (
        refuses(assign, person=world.people["first_year_sc"], program=world.programs["first_year"])
        == "__all__: This person is already assigned to this program."
    )


@pytest.mark.parametrize("role", ["pm", "sc"])
def test_coordinator_with_a_lead_is_refused(world, refuses, role):
    label = {"pm": "Program Manager", "sc": "Success Coordinator"}[role]

    sentence = refuses(
        assign,
        person=world.people[f"transfer_{role}"],
        program=world.programs["first_year"],
        lead=world.people["first_year_pm"],
    )

    assert sentence == f"lead: A {label} has no lead."


@pytest.mark.parametrize(
    ("person", "lead", "sentence"),
    [
        ("engineering_free_mentee", "first_year_pm", "First Year Pm Enginmark is not a Mentor."),
        ("engineering_free_mentee", "first_year_mentee", "First Year Mentee Enginmark is not a Mentor."),
        ("engineering_free_mentor", "first_year_sc", "First Year Sc Enginmark is not a Program Manager."),
        (
            "engineering_free_mentor",
            "engineering_child",
            "Engineering Child Enginmark is not a Program Manager.",
        ),
    ],
)
def test_lead_of_another_role_is_refused(world, refuses, person, lead, sentence):
    assert (
        refuses(
            assign, person=world.people[person], program=world.programs["first_year"], lead=world.people[lead]
        )
        == f"lead: {sentence}"
    )


@pytest.mark.parametrize("lead", ["transfer_mentor", "engineering_free_mentor", "moot_mentor"])
def test_lead_who_is_not_in_the_program_is_refused(world, refuses, lead):
    lead = world.people[lead]

    sentence = refuses(
        assign,
        person=world.people["engineering_free_mentee"],
        program=world.programs["first_year"],
        lead=lead,
    )

    assert sentence == f"lead: {lead} isn't assigned to “First Year Enginmark”."


def test_lead_who_left_the_program_is_refused(world, refuses):
    former = add(world, "former_mentor", Role.MENTOR, "engineering")
    AssignmentFactory(
        person=former,
        program=world.programs["first_year"],
        lead=world.people["first_year_pm"],
        started_at="2024-01-01T00:00Z",
        ended_at="2024-02-01T00:00Z",
    )

    assert (
        refuses(
            assign,
            person=world.people["engineering_free_mentee"],
            program=world.programs["first_year"],
            lead=former,
        )
        == "lead: Former Mentor Enginmark isn't assigned to “First Year Enginmark”."
    )


def deactivate(person):
    Person._base_manager.filter(pk=person.pk).update(status=Person.Status.DEACTIVATED)


def test_deactivated_lead_is_refused_even_if_deactivated_a_moment_ago(world, refuses):
    lead = world.people["first_year_mentor"]
    deactivate(lead)

    sentence = refuses(
        assign,
        person=world.people["engineering_free_mentee"],
        program=world.programs["first_year"],
        lead=lead,
    )

    assert sentence == "lead: First Year Mentor Enginmark is deactivated, and can't be chosen."


def test_deactivated_person_is_refused_even_if_deactivated_a_moment_ago(world, refuses):
    person = world.people["engineering_free_mentee"]
    deactivate(person)

    sentence = refuses(
        assign, person=person, program=world.programs["first_year"], lead=world.people["first_year_mentor"]
    )

    assert sentence == (
        "Engineering Free Mentee Enginmark is deactivated, and can't be assigned until reactivated."
    )


def test_program_of_another_organization_is_refused(world):
    by = world.user("riverside_parent")

    with scope_of(reach_of(by)), pytest.raises(ValidationError) as refusal:
        assign(
            person=world.people["engineering_free_mentee"],
            program=world.programs["cohort"],
            lead=world.people["cohort_mentor"],
            by=by,
        )

    assert refusal.value.message_dict == {"program": ["This program belongs to another organization."]}


@pytest.mark.parametrize(
    ("name", "role"), [("riverside_parent", "Parent account"), ("engineering_child", "Child account")]
)
def test_account_is_assigned_to_no_program(world, name, role):
    person, by = world.people[name], world.user("super_admin")

    with scope_of(reach_of(by)), pytest.raises(ValidationError) as refusal:
        assign(person=person, program=world.programs["first_year"], by=by)

    assert refusal.value.messages == [f"{person} is a {role}, and takes part in no program."]


def test_unassign_closes_the_assignment_and_keeps_it(world, by):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]
    earliest = timezone.now()

    unassign(assignment, by=by)

    kept = Assignment._base_manager.get(pk=assignment.pk)
    assert (kept.is_open, kept.ended_by, kept.lead, kept.started_at) == (
        False,
        by,
        mentor,
        assignment.started_at,
    )
    assert earliest <= kept.ended_at <= timezone.now()
    assert not is_assigned(mentee)
    assert history() == [("unassigned", mentee.pk, assignment.program_id, {"lead_id": [mentor.pk, None]})]


def test_person_with_another_open_assignment_stays_assigned(world, by):
    first = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    mentee = world.people["first_year_mentee"]
    second = assign(
        person=mentee, program=world.programs["transfer"], lead=world.people["transfer_mentor"], by=by
    )

    unassign(first, by=by)
    assigned_with_one_left = is_assigned(mentee)
    unassign(second, by=by)

    assert (assigned_with_one_left, is_assigned(mentee)) == (True, False)


def test_closing_a_closed_assignment_changes_nothing(world, by):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    closed = unassign(assignment, by=by)
    before = history()

    again = unassign(assignment, by=world.user("riverside_parent"))

    assert (again.ended_at, again.ended_by) == (closed.ended_at, by)
    assert history() == before


def test_assignment_that_starts_later_ends_when_it_starts(world, by):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    tomorrow = timezone.now() + timedelta(days=1)
    Assignment._base_manager.filter(pk=assignment.pk).update(started_at=tomorrow)

    closed = unassign(assignment, by=by)

    assert closed.ended_at == tomorrow


def test_mentor_who_leads_somebody_stays(world, refuses):
    assignment = world.assignments["first_year_mentor@first_year/first_year_pm"]

    sentence = refuses(unassign, assignment)

    # The deactivated mentee counts as well: their assignment is open.
    assert sentence == (
        "First Year Mentor Enginmark still leads 2 people in “First Year Enginmark”. "
        "Assign them to somebody else first."
    )


def test_program_manager_who_leads_one_mentor_stays(world, refuses):
    sentence = refuses(unassign, world.assignments["first_year_pm@first_year"])

    assert sentence == (
        "First Year Pm Enginmark still leads 1 person in “First Year Enginmark”. "
        "Assign that person to somebody else first."
    )


def test_mentor_under_two_program_managers_leaves_one_of_them(world, by):
    mentor, program = world.people["first_year_mentor"], world.programs["first_year"]
    second = world.people["engineering_free_pm"]
    assign(person=second, program=program, by=by)
    assign(person=mentor, program=program, lead=second, by=by)

    closed = unassign(world.assignments["first_year_mentor@first_year/first_year_pm"], by=by)

    assert not closed.is_open
    assert is_assigned(mentor)


def test_leading_in_another_program_keeps_nobody(world, by):
    mentor = world.people["first_year_mentor"]
    elsewhere = assign(
        person=mentor, program=world.programs["transfer"], lead=world.people["transfer_pm"], by=by
    )

    closed = unassign(elsewhere, by=by)

    assert not closed.is_open


def test_reopen_opens_the_same_row_and_keeps_the_past_in_the_history(world, by):
    assignment = unassign(world.assignments["first_year_mentee@first_year/first_year_mentor"], by=by)
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]

    reopen(assignment, by=by)

    kept = Assignment._base_manager.get(pk=assignment.pk)
    assert (kept.ended_at, kept.ended_by, kept.lead) == (None, None, mentor)
    assert is_assigned(mentee)
    assert [(entry[0], entry[3]) for entry in history()] == [
        ("unassigned", {"lead_id": [mentor.pk, None]}),
        ("reopened", {"lead_id": [None, mentor.pk]}),
    ]


def test_reopening_an_open_assignment_changes_nothing(world, by):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]

    again = reopen(assignment, by=by)

    assert again.is_open
    assert history() == []


def test_reopen_under_a_lead_who_left_is_refused(world, by, refuses):
    mentee = unassign(world.assignments["first_year_mentee@first_year/first_year_mentor"], by=by)
    Assignment._base_manager.filter(person=world.people["engineering_left_mentee"]).delete()
    unassign(world.assignments["first_year_mentor@first_year/first_year_pm"], by=by)

    assert refuses(reopen, mentee) == (
        "lead: First Year Mentor Enginmark isn't assigned to “First Year Enginmark”."
    )


def test_reopen_beside_its_own_successor_is_refused(world, by, refuses):
    first = unassign(world.assignments["first_year_mentee@first_year/first_year_mentor"], by=by)
    assign(
        person=world.people["first_year_mentee"],
        program=world.programs["first_year"],
        lead=world.people["first_year_mentor"],
        by=by,
    )

    assert refuses(reopen, first) == "__all__: This person is already assigned so."


def test_reopen_for_somebody_deactivated_is_refused(world, by, refuses):
    assignment = unassign(world.assignments["first_year_mentee@first_year/first_year_mentor"], by=by)
    deactivate(world.people["first_year_mentee"])

    assert refuses(reopen, assignment) == (
        "First Year Mentee Enginmark is deactivated, and can't be assigned until reactivated."
    )


def test_reopen_without_a_mentor_after_flash_mentoring_ended_is_refused(world, by, refuses, flash):
    assignment = unassign(assign(person=world.people["engineering_free_mentee"], program=flash, by=by), by=by)
    flash.flash_mentoring = False
    flash.save()

    assert refuses(reopen, assignment) == "lead: “Transfer Enginmark” needs a Mentor here."


def test_reopen_of_what_nobody_is_known_to_have_started(world, by):
    assignment = unassign(world.assignments["first_year_mentee@first_year/first_year_mentor"], by=by)
    Assignment._base_manager.filter(pk=assignment.pk).update(started_by=None)

    assert reopen(assignment, by=by).is_open


def test_primary_mentor_is_set_and_cleared_once_each(world, by):
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]

    for is_primary in (True, True, False, False):
        set_primary(assignment, is_primary=is_primary, by=by)

    assert Assignment._base_manager.get(pk=assignment.pk).is_primary is False
    assert [entry[0] for entry in history()] == ["primary_set", "primary_cleared"]


def test_more_than_one_mentor_can_be_primary(world, by):
    mentee, program = world.people["first_year_mentee"], world.programs["first_year"]
    second = world.people["engineering_free_mentor"]
    assign(person=second, program=program, lead=world.people["first_year_pm"], by=by)

    set_primary(world.assignments["first_year_mentee@first_year/first_year_mentor"], is_primary=True, by=by)
    assign(person=mentee, program=program, lead=second, is_primary=True, by=by)

    primaries = Assignment._base_manager.filter(person=mentee, is_primary=True)
    assert primaries.count() == 2
    assert [entry[0] for entry in history()][-2:] == ["assigned", "primary_set"]


def test_mentor_of_a_closed_assignment_is_not_made_primary(world, by, refuses):
    assignment = unassign(world.assignments["first_year_mentee@first_year/first_year_mentor"], by=by)

    sentence = refuses(set_primary, assignment, is_primary=True)

    assert sentence == "Only the mentor of an open assignment can be primary."


def test_nobody_is_primary_where_there_is_no_mentor(world, by, refuses, flash):
    mentee = world.people["engineering_free_mentee"]
    assignment = assign(person=mentee, program=flash, by=by)

    sentence = refuses(set_primary, assignment, is_primary=True)

    assert sentence == "Only the mentor of an open assignment can be primary."


def test_program_manager_of_a_mentor_is_not_primary(world, refuses):
    sentence = "Only the mentor of an open assignment can be primary."

    assert sentence == refuses(
        set_primary, world.assignments["first_year_mentor@first_year/first_year_pm"], is_primary=True
    )
    assert sentence == refuses(
        assign,
        person=world.people["engineering_free_mentor"],
        program=world.programs["first_year"],
        lead=world.people["first_year_pm"],
        is_primary=True,
    )
