"""Many at once, on whatever database the tests run: numbers stay exact, nothing is there twice, nobody waits for ever."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.assignments.actions import unassign
from mentorpro_plugin.conversations.actions import mark_read, write_message
from mentorpro_plugin.models import Conversation, Message, Participation
from mentorpro_plugin.people.lifecycle import deactivate
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

MENTOR, MENTEE, PM = "first_year_mentor", "first_year_mentee", "first_year_pm"


@pytest.fixture
def world(transactional_db):
    from tests.world import make_world

    return make_world()


def writing(world, author, to, text="Hello!", key=None):
    def write():
        return write_message(
            author=world.people[author], to=world.people[to], text=text, key=key, by=world.user(author)
        )

    return write


def truth(person):
    """What the numbers of a person's sides should be, counted."""
    return {
        side.pk: Message._base_manager.filter(
            conversation=side.conversation_id, author=side.other_id, pk__gt=side.read_up_to
        ).count()
        for side in Participation._base_manager.filter(person=person)
    }


def kept(person):
    return dict(Participation._base_manager.filter(person=person).values_list("pk", "unread_count"))


def kinds(outcomes):
    return sorted({type(outcome).__name__ for outcome in outcomes})


def test_first_messages_crosswise_make_one_conversation_and_exact_numbers(world):
    calls = [writing(world, MENTEE, MENTOR)] * 4 + [writing(world, MENTOR, MENTEE)] * 4

    outcomes = at_once(*calls)

    assert kinds(outcomes) == ["Message"]
    assert Conversation._base_manager.count() == 1
    assert Message._base_manager.count() == 8
    for name in (MENTEE, MENTOR):
        assert list(kept(world.people[name]).values()) == [4]


def test_triangle_of_writers_blocks_nobody(world):
    pairs = [(MENTEE, MENTOR), (MENTOR, PM), (PM, MENTEE), (PM, MENTOR), (MENTOR, MENTEE)]

    outcomes = at_once(*(writing(world, *pair) for pair in pairs * 2))

    assert kinds(outcomes) == ["Message"]
    assert Conversation._base_manager.count() == 3
    for name in (MENTEE, MENTOR, PM):
        assert kept(world.people[name]) == truth(world.people[name])


def test_reading_while_written_to_keeps_the_number_exact(world):
    with scope_of(EVERYTHING):
        first = writing(world, MENTEE, MENTOR)()
    mentor = world.people[MENTOR]

    def read():
        for _ in range(4):
            last = Message._base_manager.filter(conversation=first.conversation).order_by("-pk").first()
            mark_read(first.conversation, mentor, up_to=last.pk)

    for _ in range(3):
        outcomes = at_once(*[writing(world, MENTEE, MENTOR)] * 4, read, read)

        assert kinds(outcomes) == ["Message", "NoneType"]
        assert kept(mentor) == truth(mentor)


def test_message_sent_again_at_the_same_moment_is_there_once(world):
    outcomes = at_once(*[writing(world, MENTEE, MENTOR, "Once", uuid4())] * 6)

    assert len({message.pk for message in outcomes}) == 1
    assert Message._base_manager.count() == 1
    assert list(kept(world.people[MENTOR]).values()) == [1]


@pytest.mark.parametrize("end", ["deactivate", "unassign"])
def test_nothing_is_written_after_the_end(world, end):
    """Each message is there in time, or refused: none comes after the end was committed."""
    by, mentor = world.user("engineering_child"), world.people[MENTOR]
    with scope_of(EVERYTHING):
        writing(world, MENTEE, MENTOR)()
    ended = []

    def finish():
        if end == "deactivate":
            deactivate(mentor, by=by)
        else:
            unassign(world.assignments[f"{MENTEE}@first_year/{MENTOR}"], by=by)
        ended.append(Message._base_manager.count())

    outcomes = at_once(*[writing(world, MENTEE, MENTOR)] * 4, finish)

    assert kinds(outcomes[:4]) in (["Message"], ["Message", "ValidationError"], ["ValidationError"])
    assert Message._base_manager.count() == ended[0]
    with scope_of(EVERYTHING), pytest.raises(ValidationError):
        writing(world, MENTEE, MENTOR)()
