"""What the database refuses, whoever writes, and the sentence each refusal has."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.constraints import refusals_as_sentences
from mentorpro_plugin.models import Assignment


def violations(world):
    """A row that each constraint refuses."""
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]
    program = world.programs["first_year"]
    now = timezone.now()
    return {
        "assignment_unique_while_open": Assignment(person=mentee, program=program, lead=mentor),
        "assignment_without_lead_unique_while_open": Assignment(
            person=world.people["first_year_pm"], program=program
        ),
        "assignment_lead_is_another": Assignment(person=mentor, program=program, lead=mentor),
        "assignment_primary_has_lead": Assignment(
            person=mentee, program=world.programs["transfer"], is_primary=True
        ),
        "assignment_ends_after_start": Assignment(
            person=mentee, program=program, lead=mentor, started_at=now, ended_at=now - timedelta(seconds=1)
        ),
    }


def test_every_constraint_is_violated_here(world):
    assert set(violations(world)) == {constraint.name for constraint in Assignment._meta.constraints}


def test_database_refuses_and_says_why(world):
    sentences = {
        constraint.name: constraint.get_violation_error_message()
        for constraint in Assignment._meta.constraints
    }

    for name, row in violations(world).items():
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
        with pytest.raises(ValidationError) as refusal, refusals_as_sentences(Assignment):
            row.save()

        assert refusal.value.messages == [sentences[name]], name


def test_model_refuses_before_the_database_has_to(world):
    with scope_of(EVERYTHING):
        for name, row in violations(world).items():
            with pytest.raises(ValidationError) as refusal:
                row.full_clean(exclude=["started_by"])

            assert len(refusal.value.messages) == 1, name


def test_closed_assignments_may_repeat(world):
    now = timezone.now()

    for _ in range(2):
        Assignment(
            person=world.people["first_year_mentee"],
            program=world.programs["first_year"],
            lead=world.people["first_year_mentor"],
            started_at=now,
            ended_at=now,
        ).save()

    assert Assignment._base_manager.filter(ended_at=now).count() == 2
