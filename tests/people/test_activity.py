"""The last activity of people: kept on the person, at the price of one write a minute."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentorpro_plugin.conversations.actions import write_message
from mentorpro_plugin.people.activity import note_activity
from mentorpro_plugin.people.models import Person


def stored(person):
    return Person._base_manager.get(pk=person.pk)


def set_back(person, **ago):
    """Let everything that is kept of `person` have happened some time ago."""
    moment = timezone.now() - timedelta(**ago)
    Person._base_manager.filter(pk=person.pk).update(first_login_at=moment, last_activity_at=moment)
    return moment


def log_in(world, name):
    client = Client()
    client.force_login(world.user(name))


@pytest.mark.parametrize("who", ["first_year_mentee", "first_year_pm", "riverside_parent"])
def test_first_log_in_makes_a_person_active(world, who):
    person = world.people[who]
    assert stored(person).never_logged_in

    log_in(world, who)

    after = stored(person)
    assert after.first_login_at is not None
    assert after.last_activity_kind == "login"
    assert timezone.now() - after.last_activity_at < timedelta(seconds=30)


def test_log_ins_within_a_minute_write_to_the_person_once(world):
    person = world.people["first_year_mentee"]
    log_in(world, "first_year_mentee")
    first = set_back(person, seconds=50)

    log_in(world, "first_year_mentee")

    assert (stored(person).first_login_at, stored(person).last_activity_at) == (first, first)


def test_log_in_after_a_minute_is_the_last_activity_and_not_the_first(world):
    person = world.people["first_year_pm"]
    log_in(world, "first_year_pm")
    first = set_back(person, seconds=61)

    log_in(world, "first_year_pm")

    assert stored(person).first_login_at == first
    assert stored(person).last_activity_at > first


def test_doing_the_same_again_within_a_minute_changes_no_row(world):
    person = world.people["first_year_mentee"]
    note_activity(person.pk, Person.Activity.MESSAGE)
    before = stored(person).last_activity_at

    with CaptureQueriesContext(connection) as queries:
        note_activity(person.pk, Person.Activity.MESSAGE)

    assert len(queries) == 1
    assert stored(person).last_activity_at == before


def test_message_of_staff_is_their_activity(world):
    pm, mentee = world.people["first_year_pm"], world.people["first_year_mentee"]
    set_back(pm, days=20)

    write_message(author=pm, to=mentee, text="Welcome.", by=world.user("first_year_pm"))

    assert stored(pm).last_activity_kind == "message"
    assert timezone.now() - stored(pm).last_activity_at < timedelta(seconds=30)
