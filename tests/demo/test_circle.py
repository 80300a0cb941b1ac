"""The demo's people with names and numbers of their own: matched, with a past that fits together."""

import phonenumbers
import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.conversations.actions import may_write
from mentorpro_plugin.demo.building import Demo, build
from mentorpro_plugin.demo.circle import AIKO, CIRCLE, IDRIS, JONAS, MAYA, ROSA
from mentorpro_plugin.demo.numbers import AREA_CODES
from mentorpro_plugin.models import (
    Assignment,
    CatalogueGoal,
    Goal,
    GoalComment,
    GoalStep,
    Message,
    Participation,
    Person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def all_scopes():
    with scopes_disabled():
        yield


@pytest.fixture
def people():
    build(Demo(log_ins=True))
    return {named: Person._base_manager.get(phone=named.phone) for named in CIRCLE}


def test_numbers_are_fiction_and_nobody_elses():
    for named in CIRCLE:
        assert phonenumbers.is_valid_number(named.phone)
        assert str(named.phone.national_number)[3:8] == "55501"
        assert named.phone.national_number // 10_000_000 not in AREA_CODES
    assert len({named.phone.as_e164 for named in CIRCLE}) == len(CIRCLE)


def test_they_are_matched_in_a_program_of_the_demos_manager(people):
    manager = Person._base_manager.get(email="pm@demo.test")
    programs = set(manager.assignments.filter(ended_at=None).values_list("program", flat=True))

    matches = Assignment._base_manager.filter(person__in=people.values(), ended_at=None)

    assert {match.program_id for match in matches} <= programs
    assert {(match.person_id, match.lead_id, match.is_primary) for match in matches} == {
        (people[ROSA].pk, manager.pk, False),
        (people[IDRIS].pk, manager.pk, False),
        (people[MAYA].pk, people[ROSA].pk, True),
        (people[MAYA].pk, people[IDRIS].pk, False),
        (people[JONAS].pk, people[ROSA].pk, True),
        (people[AIKO].pk, people[IDRIS].pk, True),
    }


def test_each_is_valid_and_wrote_to_their_matches_only(people):
    for named, person in people.items():
        person.full_clean(exclude=["user"])
        assert person.user.is_active
        assert (person.role, person.is_assigned) == (named.role, True)
    for side in Participation._base_manager.select_related("person__user", "other__user"):
        with scope_of(reach_of(side.person.user)):
            assert may_write(side.person.user, side.person, side.other)


def test_unread_messages_are_counted_as_they_are(people):
    sides = list(Participation._base_manager.select_related("conversation"))

    for side in sides:
        messages = Message._base_manager.filter(conversation=side.conversation)
        unread = messages.filter(pk__gt=side.read_up_to, author=side.other_id).order_by("pk")
        assert side.unread_count == unread.count()
        assert side.unread_since == unread.values_list("sent_at", flat=True).first()
        assert side.last_message_at == messages.order_by("-pk").first().sent_at
        assert side.conversation.started_at == messages.order_by("pk").first().sent_at
        moments = list(messages.order_by("pk").values_list("sent_at", flat=True))
        assert moments == sorted(moments)
    assert {side.person_id for side in sides if side.unread_count} == {people[MAYA].pk, people[ROSA].pk}


def test_goals_are_in_every_state_and_from_the_catalogue(people):
    goals = Goal._base_manager.filter(mentee__in=people.values())

    assert {goal.state for goal in goals} == {"open", "done", "proposed"}
    for goal in goals:
        goal.full_clean()
        steps = GoalStep._base_manager.filter(goal=goal)
        done = steps.exclude(done_at=None).count()
        assert goal.progress == (100 * done // len(steps) if steps else 0)
        assert goal.created_at <= goal.changed_at <= timezone.now()
    assert goals.exclude(catalogue_goal=None).count() == 3
    assert CatalogueGoal._base_manager.filter(is_offered=True).count() == 4
    assert GoalComment._base_manager.get().author == people[ROSA]


def test_last_activity_is_the_last_thing_that_they_did(people):
    for person in people.values():
        done = {
            "message": list(Message._base_manager.filter(author=person).values_list("sent_at", flat=True)),
            "goal": [
                *GoalComment._base_manager.filter(author=person).values_list("written_at", flat=True),
                *GoalStep._base_manager.filter(goal__mentee=person, done_at__isnull=False).values_list(
                    "done_at", flat=True
                ),
                *HistoryEntry._base_manager.filter(
                    actor=person.user_id, action__startswith="goal_"
                ).values_list("at", flat=True),
            ],
        }
        last = max(((at, kind) for kind, moments in done.items() for at in moments), default=(None, ""))

        assert (person.last_activity_at, person.last_activity_kind) == last
        log_ins = HistoryEntry._base_manager.filter(person=person, action="logged_in")
        assert log_ins.exists() is (person.last_activity_at is not None)
    assert people[AIKO].never_logged_in
    assert people[AIKO].welcomed_at is None


def test_without_log_ins_there_is_no_circle():
    build(Demo())

    assert not Person._base_manager.filter(phone__in=[named.phone for named in CIRCLE]).exists()
    assert not Message._base_manager.exists()


def test_an_organization_alone_has_no_circle():
    build(Demo(people=40, organizations=1, log_ins=True))

    assert Person._base_manager.filter(role=Role.SUPER_ADMIN).exists()
    assert not Message._base_manager.exists()
