"""Deactivate and reactivate: shut out at once and for good, nothing lost, nobody else touched."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scopes_disabled

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.models import Assignment, OutboxMessage, Person
from mentorpro_plugin.outbox.actions import queue_email
from mentorpro_plugin.people.activity import note_activity
from mentorpro_plugin.people.lifecycle import deactivate, reactivate
from mentorpro_plugin.people.signals import person_deactivated
from tests.access.expectations import NOUN_OF, Facts
from tests.factories import PASSWORD, PersonFactory


def entries_of(person):
    entries = HistoryEntry._base_manager.filter(person=person).order_by("pk")
    return [(entry.action, entry.actor_id, entry.changes) for entry in entries]


def row_of(person):
    return Person._base_manager.select_related("user").get(pk=person.pk)


def is_inside(client):
    """Whether a client of the Program Manager gets a page of the admin, rather than the way to the log-in."""
    return client.get("/admin/mentees/").status_code == 200


def test_deactivated_person_is_shut_out_and_history_says_by_whom(world):
    person, by = world.people["first_year_mentee"], world.user("first_year_pm")

    assert deactivate(person, by=by) is True

    row = row_of(person)
    assert (row.status, row.user.is_active, row.session_epoch) == ("deactivated", False, 1)
    assert entries_of(person) == [("deactivated", by.pk, {"status": ["enabled", "deactivated"]})]


def test_reactivated_person_is_as_before_but_for_the_epoch(world):
    person, by = world.people["first_year_mentee"], world.user("first_year_pm")
    before = Person._base_manager.filter(pk=person.pk).values().get()
    assignments = list(Assignment._base_manager.values())
    deactivate(person, by=by)

    assert reactivate(person, by=by) is True

    after = Person._base_manager.filter(pk=person.pk).values().get()
    assert after == {**before, "session_epoch": 1}
    assert row_of(person).user.is_active
    assert list(Assignment._base_manager.values()) == assignments
    assert [action for action, _by, _changes in entries_of(person)] == ["deactivated", "reactivated"]


def test_doing_it_twice_changes_nothing_more(world):
    person, by = world.people["first_year_mentee"], world.user("first_year_pm")

    assert [deactivate(person, by=by), deactivate(person, by=by)] == [True, False]
    assert [reactivate(person, by=by), reactivate(person, by=by)] == [True, False]

    assert row_of(person).session_epoch == 1
    assert len(entries_of(person)) == 2


@pytest.mark.parametrize("change", [deactivate, reactivate])
def test_table_decides_who_may(world, change):
    facts = Facts()

    for name in [*world.people, None]:
        by = world.user(name) if name else None
        for person in facts.people:
            codename = f"deactivate_{NOUN_OF[person.role]}"
            # No row of the table has these accounts, so not even a Super Admin may.
            is_allowed = NOUN_OF[person.role] not in {"superadmin", "organizationaccount"} and facts.may(
                by, codename, person
            )
            if not is_allowed:
                with pytest.raises(PermissionDenied):
                    change(person, by=by)

    assert not HistoryEntry._base_manager.exists()


@pytest.mark.parametrize("name", ["super_admin", "riverside_parent", "engineering_child"])
def test_staff_above_programs_deactivate_managers_and_coordinators(world, name):
    for person in ("first_year_pm", "first_year_sc", "transfer_mentor"):
        assert deactivate(world.people[person], by=world.user(name)), person


def test_every_session_is_dead_on_its_next_request_and_stays_dead(world, client_of):
    person, by = world.people["first_year_pm"], world.user("engineering_child")
    first, second, idle = client_of("first_year_pm"), client_of("first_year_pm"), client_of("first_year_pm")
    assert is_inside(first)
    assert is_inside(second)

    deactivate(person, by=by)
    shut_out = [is_inside(first), is_inside(second)]
    reactivate(person, by=by)

    assert shut_out == [False, False]
    assert [is_inside(first), is_inside(second), is_inside(idle)] == [False, False, False]
    assert is_inside(client_of("first_year_pm"))


def test_session_of_a_deactivated_person_is_dead_though_their_user_stayed_active(world):
    client = Client()
    client.force_login(world.user("first_year_pm"), backend="django.contrib.auth.backends.ModelBackend")
    assert is_inside(client)

    Person._base_manager.filter(pk=world.people["first_year_pm"].pk).update(status="deactivated")

    assert not is_inside(client)
    assert "_auth_user_id" not in client.session


def test_session_from_before_there_were_epochs_counts_as_the_first(world, client_of):
    client = client_of("first_year_pm")
    session = client.session
    del session["mentorpro_epoch"]
    session.save()
    assert is_inside(client)

    deactivate(world.people["first_year_pm"], by=world.user("engineering_child"))
    reactivate(world.people["first_year_pm"], by=world.user("engineering_child"))

    assert not is_inside(client)


def test_password_opens_nothing_while_deactivated_and_opens_again_afterwards(world):
    person, by = world.people["first_year_pm"], world.user("engineering_child")
    credentials = {"username": person.email, "password": PASSWORD}

    deactivate(person, by=by)
    assert not Client().login(**credentials)
    reactivate(person, by=by)

    assert Client().login(**credentials)


def test_session_check_takes_no_query(world, client_of, django_assert_num_queries):
    client = client_of("first_year_mentee")

    # The session, the user, the person, her programs; nothing for the epoch.
    with django_assert_num_queries(4):
        client.get("/health/live")


def test_others_stay_logged_in(world, client_of):
    client = client_of("transfer_pm")

    deactivate(world.people["first_year_pm"], by=world.user("engineering_child"))

    assert is_inside(client)


def test_what_waits_to_be_sent_to_the_person_expires_and_nothing_else(world):
    person, other = world.people["first_year_mentee"], world.people["transfer_mentee"]
    kind = OutboxMessage.Kind.LOGIN_CODE
    for recipient in (person, other):
        queue_email(kind=kind, recipient=recipient.email, subject="Code", body="{secret}", person=recipient)

    deactivate(person, by=world.user("first_year_pm"))

    waiting = dict(OutboxMessage._base_manager.values_list("person", "expires_at"))
    assert waiting[person.pk] <= timezone.now()
    assert waiting[other.pk] is None


def test_domains_above_hear_of_it_in_the_same_transaction(world):
    person, by = world.people["first_year_mentee"], world.user("first_year_pm")
    heard = []

    def fail(sender, person, **kwargs):
        heard.append(person.pk)
        raise RuntimeError

    person_deactivated.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            deactivate(person, by=by)
    finally:
        person_deactivated.disconnect(fail)

    assert heard == [person.pk]
    assert row_of(person).status == "enabled"
    assert entries_of(person) == []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_deactivating_and_reactivating_at_once_the_last_wins_and_both_are_history():
    person = PersonFactory(role=Role.MENTEE)
    by = PersonFactory(role=Role.SUPER_ADMIN, organization=None).user
    together = Barrier(8)
    errors = []

    def run(change):
        try:
            together.wait()
            with scopes_disabled():
                change(person, by=get_user_model()._base_manager.get(pk=by.pk))
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(change,)) for change in (deactivate, reactivate) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    row, actions = row_of(person), [action for action, _by, _changes in entries_of(person)]
    assert actions == (["deactivated", "reactivated"] * 4)[: len(actions)]
    assert row.status == ("deactivated" if actions[-1] == "deactivated" else "enabled")
    assert row.user.is_active == (row.status == "enabled")
    assert row.session_epoch == actions.count("deactivated") >= 1


@pytest.mark.parametrize("name", ["first_year_pm", "first_year_mentee", "super_admin"])
def test_log_in_is_last_activity_and_history(world, client_of, name):
    client_of(name)

    row = row_of(world.people[name])
    assert row.first_login_at <= row.last_activity_at <= timezone.now()
    assert row.last_activity_kind == "login"
    assert entries_of(row) == [("logged_in", row.user_id, {})]


def test_user_without_a_person_logs_in_as_ever(db, django_user_model):
    editor = django_user_model.objects.create_user("editor")
    client = Client()

    client.force_login(editor)

    assert client.get("/health/live").status_code == 200
    assert "_auth_user_id" in client.session
    assert not HistoryEntry._base_manager.exists()


def activity_of(person):
    return (
        Person._base_manager.filter(pk=person.pk).values_list("last_activity_at", "last_activity_kind").get()
    )


def test_activity_is_written_once_a_minute_unless_its_kind_changes(db, django_assert_num_queries):
    person = PersonFactory()
    with django_assert_num_queries(1):
        note_activity(person.pk, Person.Activity.MESSAGE)
    first = activity_of(person)

    note_activity(person.pk, Person.Activity.MESSAGE)
    same = activity_of(person)
    note_activity(person.pk, Person.Activity.GOAL)
    other = activity_of(person)

    assert first[1] == "message"
    assert same == first
    assert other[1] == "goal"
    assert other[0] > first[0]


def test_activity_after_a_minute_is_written_again(db):
    person = PersonFactory(
        last_activity_at=timezone.now() - timedelta(seconds=61), last_activity_kind=Person.Activity.MESSAGE
    )

    note_activity(person.pk, Person.Activity.MESSAGE)

    assert timezone.now() - activity_of(person)[0] < timedelta(seconds=5)


def test_activity_of_nobody_else_is_written(db):
    person, other = PersonFactory(), PersonFactory()

    note_activity(person.pk, Person.Activity.MESSAGE)

    assert activity_of(other) == (None, "")
