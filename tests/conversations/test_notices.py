"""Telling of unread messages: when, to whom, by which way, with which words; and by one process only."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import resolve
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.conversations.actions import mark_read, write_message
from mentorpro_plugin.conversations.notices import send_notices, stop_token
from mentorpro_plugin.models import Message, OutboxMessage, Participation, Person

MENTOR, MENTEE, PM, SC = "first_year_mentor", "first_year_mentee", "first_year_pm", "first_year_sc"


def made_older(minutes):
    """Let the given number of minutes pass: everything in conversations and the outbox happened that much earlier."""
    earlier = timedelta(minutes=minutes)
    for message in Message._base_manager.all():
        Message._base_manager.filter(pk=message.pk).update(sent_at=message.sent_at - earlier)
    for side in Participation._base_manager.all():
        moments = {
            field: getattr(side, field) - earlier
            for field in ("unread_since", "last_message_at", "notified_at")
            if getattr(side, field)
        }
        Participation._base_manager.filter(pk=side.pk).update(**moments)
    # The key says in which hour a notice was queued.
    for position, message in enumerate(OutboxMessage._base_manager.order_by("pk")):
        OutboxMessage._base_manager.filter(pk=message.pk).update(key=f"earlier:{message.key}:{position}")


def queued():
    return list(OutboxMessage._base_manager.order_by("pk"))


def set_person(world, name, **fields):
    Person._base_manager.filter(pk=world.people[name].pk).update(**fields)


def test_nobody_is_told_before_a_quarter_of_an_hour(write):
    write(MENTEE, MENTOR)
    made_older(14)
    assert send_notices() == 0

    made_older(1)
    assert send_notices() == 1
    assert send_notices() == 0


def test_text_says_how_many_and_from_whom_and_never_what(world, write):
    write(MENTEE, MENTOR, "Marmalade at midnight")
    write(MENTEE, MENTOR, "And again")
    made_older(15)

    send_notices()

    [notice] = queued()
    stop = f"http://127.0.0.1:8000/mentor/messages/stop/{stop_token(world.people[MENTOR])}/"
    assert notice.body == (
        "You have 2 new messages from First Year Mentee. http://127.0.0.1:8000/mentor/messages/\n"
        f"No more of these texts: {stop}"
    )
    assert (notice.channel, notice.recipient) == ("text", world.people[MENTOR].phone.as_e164)
    assert (notice.kind, notice.person_id) == ("unread_notice", world.people[MENTOR].pk)
    assert notice.expires_at > timezone.now()


def test_email_names_those_who_wrote(world, write):
    set_person(world, MENTOR, notice=Person.Notice.EMAIL)
    write(MENTEE, MENTOR, "Marmalade")
    write(PM, MENTOR, "Marmalade")
    made_older(20)

    send_notices()

    [notice] = queued()
    assert notice.channel == "email"
    assert notice.recipient == world.people[MENTOR].email
    assert notice.subject == "You have 2 new messages from First Year Pm and First Year Mentee."
    assert notice.body.startswith(notice.subject + "\n")
    assert "/mentor/messages/stop/" in notice.body
    assert "Marmalade" not in notice.body
    assert "Enginmark" not in notice.subject + notice.body


def test_notice_is_in_the_persons_language(world, write):
    set_person(world, MENTOR, language="es")
    write(MENTEE, MENTOR)
    made_older(15)

    send_notices()

    assert "You have" not in queued()[0].body


def test_words_of_names_are_not_escaped(world, write):
    set_person(world, MENTEE, first_name="D'Arcy & Sons")
    write(MENTEE, MENTOR)
    made_older(15)

    send_notices()

    assert "from D'Arcy & Sons." in queued()[0].body


@pytest.mark.parametrize(
    ("name", "fields", "channels"),
    [
        (MENTOR, {"notice": "text", "email": ""}, ["text"]),
        (MENTOR, {"notice": "email", "email": ""}, ["text"]),
        (MENTOR, {"notice": "email"}, ["email"]),
        (MENTOR, {"notice": "none"}, []),
        (MENTOR, {"status": "deactivated"}, []),
        # A fixed line receives no texts.
        (MENTOR, {"notice": "text", "phone": "+442079460018"}, ["email"]),
        (MENTOR, {"notice": "text", "phone": "+442079460018", "email": ""}, []),
        (PM, {"notice": "text"}, ["email"]),
        (PM, {"notice": "none"}, []),
    ],
)
def test_way_is_the_chosen_one_or_the_one_that_there_is(world, write, name, fields, channels):
    write(MENTEE if name == MENTOR else MENTOR, name)
    set_person(world, name, **fields)
    made_older(15)

    assert send_notices() == len(channels)

    assert [message.channel for message in queued()] == channels
    # And nobody tries again each minute.
    made_older(5)
    assert send_notices() == 0


def test_used_up_budget_leads_to_the_mail(world, write, settings):
    settings.MENTORPRO = {"TEXTS_A_DAY_PER_PHONE": 0}
    write(MENTEE, MENTOR)
    made_older(15)

    send_notices()

    assert [message.channel for message in queued()] == ["email"]


def test_once_an_hour_at_most_however_many_write(write):
    write(MENTEE, MENTOR)
    made_older(15)
    assert send_notices() == 1

    write(PM, MENTOR)
    write(MENTEE, MENTOR)
    made_older(30)
    assert send_notices() == 0

    made_older(31)
    assert send_notices() == 1
    assert len(queued()) == 2


def test_nobody_is_told_twice_of_the_same_message(write):
    write(MENTEE, MENTOR)
    made_older(15)
    send_notices()

    for _ in range(4):
        made_older(70)
        assert send_notices() == 0


def test_own_message_is_no_reason(write):
    write(MENTEE, MENTOR)
    made_older(15)
    send_notices()
    made_older(70)

    write(MENTOR, MENTEE)
    made_older(1)

    assert send_notices() == 0


def test_who_read_in_time_is_not_told(world, write):
    message = write(MENTEE, MENTOR)
    made_older(15)
    mark_read(message.conversation, world.people[MENTOR], up_to=message.pk)

    assert send_notices() == 0


def test_message_of_last_week_is_no_news(write):
    write(MENTEE, MENTOR)
    made_older(25 * 60)

    assert send_notices() == 0


def test_stopping_takes_the_link_and_a_button(world, client):
    address = f"/mentor/messages/stop/{stop_token(world.people[MENTOR])}/"

    assert client.get(address).status_code == 200
    assert Person._base_manager.get(pk=world.people[MENTOR].pk).notice == Person.Notice.TEXT

    assert "You won't be told of unread messages any more." in client.post(address).content.decode().replace(
        "&#x27;", "'"
    )
    assert Person._base_manager.get(pk=world.people[MENTOR].pk).notice == Person.Notice.NONE


@pytest.mark.parametrize("token", ["1", "1:", "1:abc", "x:y", "%00", "1" * 500])
def test_made_up_links_stop_nothing(world, client, token):
    assert client.post(f"/mentor/messages/stop/{token}/").status_code == 404
    assert not Person._base_manager.filter(notice=Person.Notice.NONE).exists()


def test_token_of_one_stops_nobody_else(world, client):
    token = stop_token(world.people[MENTOR])
    signature = token.partition(":")[2]

    assert client.post(f"/mentor/messages/stop/{world.people[MENTEE].pk}:{signature}/").status_code == 404


@pytest.mark.parametrize("many", [1, 6])
def test_looking_for_them_takes_the_same_queries_when_nobody_is_due(
    world, write, django_assert_num_queries, many
):
    for _ in range(many):
        write(MENTEE, MENTOR)

    with django_assert_num_queries(1):
        send_notices()


class TestAtOnce:
    pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

    @pytest.fixture
    def world(self, transactional_db):
        from tests.world import make_world

        return make_world()

    def test_two_deliverers_tell_everybody_once(self, world):
        pairs = [(MENTEE, MENTOR), (PM, MENTOR), (PM, MENTEE), (SC, MENTEE), (MENTOR, PM)]
        with scope_of(EVERYTHING):
            for author, to in pairs:
                write_message(
                    author=world.people[author], to=world.people[to], text="Hi", by=world.user(author)
                )
        made_older(16)
        barrier = threading.Barrier(4)
        counts = []

        def run():
            try:
                barrier.wait(timeout=10)
                counts.append(send_notices())
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

        assert len(counts) == 4
        assert sum(counts) == 3
        assert sorted(message.person_id for message in queued()) == sorted(
            world.people[name].pk for name in (MENTOR, MENTEE, PM)
        )


@pytest.mark.parametrize(
    ("authors", "path"),
    [([MENTEE], "/admin/connect/{first_year_mentee}/"), ([MENTEE, MENTOR], "/admin/connect/")],
)
def test_staff_are_led_to_connect(world, write, authors, path):
    for author in authors:
        write(PM, author)
        write(author, PM)
    made_older(20)

    send_notices()

    notice = OutboxMessage._base_manager.get(person=world.people[PM])
    keys = {name: person.pk for name, person in world.people.items()}
    assert f"http://127.0.0.1:8000{path.format(**keys)}\n" in f"{notice.body}\n"
    assert resolve(path.format(**keys)).namespace == "connect"
