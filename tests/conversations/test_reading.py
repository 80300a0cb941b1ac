"""How far somebody has read: never back, never past what is there, and counted to the message."""

import pytest

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.conversations.actions import conversation_between, mark_read
from mentorpro_plugin.conversations.queries import (
    PAGE,
    conversations_of,
    messages_after,
    messages_before,
    older_than,
    unread_total,
)
from mentorpro_plugin.models import Message, Participation

MENTOR, MENTEE, PM = "first_year_mentor", "first_year_mentee", "first_year_pm"


@pytest.fixture
def three(world, write):
    return [write(MENTEE, MENTOR, text) for text in ("One", "Two", "Three")]


def side_of(person):
    return Participation._base_manager.get(person=person)


def test_reading_some_leaves_the_rest_unread(world, three):
    mentor = world.people[MENTOR]

    mark_read(three[0].conversation, mentor, up_to=three[1].pk)

    side = side_of(mentor)
    assert (side.read_up_to, side.unread_count, side.unread_since) == (three[1].pk, 1, three[2].sent_at)


def test_reading_never_goes_back(world, three):
    mentor = world.people[MENTOR]
    mark_read(three[0].conversation, mentor, up_to=three[2].pk)

    mark_read(three[0].conversation, mentor, up_to=three[0].pk)

    side = side_of(mentor)
    assert (side.read_up_to, side.unread_count, side.unread_since) == (three[2].pk, 0, None)


@pytest.mark.parametrize("number", [10**18, -1, 0])
def test_numbers_out_of_the_blue_swallow_nothing(world, write, three, number):
    mentor = world.people[MENTOR]

    mark_read(three[0].conversation, mentor, up_to=number)
    later = write(MENTEE, MENTOR, "Four")

    side = side_of(mentor)
    assert side.read_up_to == (three[2].pk if number > 0 else 0)
    assert side.unread_count == (1 if number > 0 else 4)
    assert side.unread_since == (later if number > 0 else three[0]).sent_at


def test_own_messages_are_never_unread(world, write, three):
    write(MENTOR, MENTEE, "Answer")

    mark_read(three[0].conversation, world.people[MENTOR], up_to=three[0].pk)

    assert side_of(world.people[MENTOR]).unread_count == 2


def test_nobody_else_reads(world, three):
    with pytest.raises(Participation.DoesNotExist):
        mark_read(three[0].conversation, world.people[PM], up_to=three[2].pk)


def test_conversations_come_latest_first_with_their_last_words(world, write, three):
    write(PM, MENTOR, "From the manager")
    mentor = world.people[MENTOR]

    with scope_of(EVERYTHING):
        rows = list(conversations_of(mentor))
        rest = list(older_than(conversations_of(mentor), rows[0].last_message_at, rows[0].pk))

    assert [(row.other_id, row.last_text, row.unread_count) for row in rows] == [
        (world.people[PM].pk, "From the manager", 1),
        (world.people[MENTEE].pk, "Three", 3),
    ]
    assert [row.last_author_id for row in rows] == [world.people[PM].pk, world.people[MENTEE].pk]
    assert rest == rows[1:]
    assert unread_total(mentor) == 4
    assert unread_total(world.people[MENTEE]) == 0


def test_pages_meet_without_a_gap_or_a_repetition(world, write):
    write(MENTEE, MENTOR, "0")
    conversation = conversation_between(world.people[MENTEE], world.people[MENTOR])
    Message._base_manager.bulk_create(
        Message(conversation=conversation, author=world.people[MENTEE], text=str(number))
        for number in range(1, 2 * PAGE + 5)
    )

    texts, before, has_older = [], None, True
    while has_older:
        page, has_older = messages_before(conversation, before)
        texts = [message.text for message in page] + texts
        before = page[0].pk

    assert texts == [str(number) for number in range(2 * PAGE + 5)]
    assert [message.text for message in messages_after(conversation, page[-1].pk)] == [
        str(number) for number in range(5, PAGE + 5)
    ]
