"""What people are told while somebody else holds the lock for writing longer than they may wait."""

from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from mentorpro_plugin.conversations.models import Message
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.shell.busy import sentence_on
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PM, MENTOR, MENTEE = "first_year_pm", "first_year_mentor", "first_year_mentee"


def sentence():
    if connection.vendor == "sqlite":
        return "The site is busy storing a large import. Please try again in a minute."
    return "Somebody else is changing the same at this moment. Please try again in a minute."


@contextmanager
def nobody_writes():
    """Hold what lets others write, as an import does on SQLite; and have this connection wait for it only shortly."""
    connection.ensure_connection()
    other, tables = connection.copy(), connection.introspection.table_names()
    with other.cursor() as theirs, connection.cursor() as ours:
        if connection.vendor == "sqlite":
            theirs.execute("BEGIN IMMEDIATE")
            ours.execute("PRAGMA busy_timeout = 50")
        else:
            theirs.execute("BEGIN")
            theirs.execute(
                f"LOCK TABLE {', '.join(map(connection.ops.quote_name, tables))} IN EXCLUSIVE MODE"
            )
            ours.execute("SET lock_timeout = '50ms'")
        try:
            yield
        finally:
            theirs.execute("ROLLBACK")
            other.close()
            # With its settings, the next one is as it was.
            connection.close()


def assert_busy(response):
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "no-store" in response["Cache-Control"]


def test_a_page_of_the_admin_asks_for_patience(world, client_of):
    client, mentee = client_of(PM), world.people[MENTEE]
    url = reverse("mentees:status", args=[mentee.pk])

    with nobody_writes():
        shown = client.get(reverse("mentees:index"))
        response = client.post(url, {"status": "deactivated"})
    again = client.post(url, {"status": "deactivated"})

    assert shown.status_code == 200
    assert_busy(response)
    assert sentence() in response.content.decode()
    assert "What you sent wasn't saved" in response.content.decode()
    assert again.status_code == 302
    assert Person._base_manager.get(pk=mentee.pk).is_deactivated


@pytest.mark.parametrize(
    "headers", [{"X-Requested-With": "XMLHttpRequest"}, {"Accept": "application/json"}], ids=["XHR", "JSON"]
)
def test_a_script_gets_the_sentence_as_json(world, client_of, headers):
    client = client_of(PM)

    with nobody_writes():
        response = client.post(
            reverse("mentees:status", args=[world.people[MENTEE].pk]),
            {"status": "deactivated"},
            headers=headers,
        )

    assert_busy(response)
    assert response.json() == {"said": sentence(), "errors": {"": [sentence()]}}


def test_staff_who_log_in_are_asked_for_patience_and_stay_out(world):
    client = Client()
    values = {"login": world.people[PM].email, "password": PASSWORD}

    with nobody_writes():
        response = client.post("/accounts/login/", values)

    assert_busy(response)
    assert sentence() in response.content.decode()
    assert "sessionid" not in response.cookies
    assert client.get("/admin/").status_code == 302
    client.post("/accounts/login/", values)
    assert client.get("/admin/").status_code == 200


def test_a_front_door_asks_for_patience_on_a_page_of_its_own(world):
    number = world.people[MENTEE].phone.as_e164

    with nobody_writes():
        response = Client().post("/mentee/log-in/", {"number": number, "region": "US"})

    assert_busy(response)
    assert sentence() in response.content.decode()
    assert 'href="/mentee/"' in response.content.decode()
    assert 'href="/admin/"' not in response.content.decode()


def test_a_part_of_a_page_is_a_notice(world, client_of):
    client = client_of(MENTEE)
    url = f"/mentee/messages/{world.people[MENTOR].pk}/"
    values = {"text": "Hello", "key": str(uuid4())}

    with nobody_writes():
        response = client.post(url, values, headers={"HX-Request": "true"})
    again = client.post(url, values, headers={"HX-Request": "true"})

    assert_busy(response)
    assert response.content.decode() == (
        f'<div class="notice notice--error" role="alert"><p>{sentence()}</p></div>'
    )
    assert again.status_code == 200
    assert Message._base_manager.count() == 1


@pytest.mark.parametrize(("name", "path"), [(MENTEE, "/mentee/"), (PM, "/admin/")])
def test_what_is_written_outside_of_views_is_no_other_answer(world, client_of, name, path):
    client = client_of(name)
    # Of a session that has ended, the middleware clears up.
    Person._base_manager.filter(pk=world.people[name].pk).update(session_epoch=7)
    client.raise_request_exception = False

    with nobody_writes():
        response = client.get(path)
    again = client.get(path)

    assert_busy(response)
    assert sentence() in response.content.decode()
    assert "What you sent" not in response.content.decode()
    assert again.status_code == 302


def caused_by(cause):
    try:
        raise OperationalError from cause
    except OperationalError as error:
        return error


def test_only_those_who_wait_for_others_are_told_to_wait():
    assert sentence_on(caused_by(psycopg.errors.LockNotAvailable()))
    assert sentence_on(caused_by(psycopg.errors.SerializationFailure()))
    assert sentence_on(caused_by(psycopg.errors.DeadlockDetected()))
    assert not sentence_on(caused_by(psycopg.errors.DiskFull()))
    assert not sentence_on(OperationalError("no such table"))
    assert not sentence_on(ValueError())
    assert not sentence_on(None)
