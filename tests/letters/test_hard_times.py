"""Welcomes and notices when two are at it at once, when the mail server is down, and to whom nothing goes."""

import pytest

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign
from mentorpro_plugin.letters.actions import queue_notices, queue_welcomes, send_welcome_again
from mentorpro_plugin.models import HistoryEntry, OutboxMessage, Person
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.people.actions import add_person, change_person
from mentorpro_plugin.people.lifecycle import deactivate
from tests.exchange.helpers import import_, mentee, roster
from tests.factories import AssignmentFactory, fictional_phone
from tests.outbox.servers import MailServer, running, use_mail_server
from tests.racing import at_once
from tests.world import make_world

Kind, State = OutboxMessage.Kind, OutboxMessage.State


@pytest.fixture
def whole_site():
    """What staff screens look past with the widest scope."""
    with scope_of(EVERYTHING):
        yield


@pytest.fixture
def by(world, whole_site):
    return world.user("riverside_parent")


def new_mentee(world, by, **fields):
    details = {"first_name": "Noor", "last_name": "Haddad", "email": "noor@example.net", **fields}
    organization = world.organizations["engineering"]
    person = Person(role=Role.MENTEE, organization=organization, phone=fictional_phone(), **details)
    return add_person(person, by=by)


def told(kind):
    """To whom messages of a kind are queued."""
    return sorted(OutboxMessage._base_manager.filter(kind=kind).values_list("recipient", flat=True))


def send_all_that_waits():
    OutboxMessage._base_manager.exclude(due_at=None).update(due_at="2020-01-01T00:00Z")
    deliver_due()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_send_one_welcome(transactional_db):
    world = make_world()
    person, by = world.people["first_year_mentee"], world.user("first_year_pm")
    added = world.people["transfer_mentor"]

    at_once(*[lambda: queue_welcomes([added])] * 2)
    outcomes = at_once(*[lambda: send_welcome_again(person, by=by)] * 4)

    assert told(Kind.WELCOME) == sorted([person.email, added.email])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", *["ValidationError"] * 3]
    assert HistoryEntry._base_manager.filter(action=HistoryEntry.Action.SENT_AGAIN).count() == 1


def test_import_welcomes_those_it_takes_and_not_those_it_refuses(world, tmp_path):
    file = roster(
        tmp_path,
        mentee() | {"E-mail": "ana@example.net"},
        mentee(Phone_Number="(907) 555-0143", ID="N2") | {"E-mail": "ben@example.net"},
        mentee(Phone_Number="(907) 555-0144", ID="N3"),
        mentee(Phone_Number="12", ID="N4") | {"E-mail": "refused@example.net"},
    )

    parent = world.people["riverside_parent"].email

    import_(file, parent)
    assert told(Kind.WELCOME) == []
    for _time in range(2):
        import_(file, parent, only_valid=True)

    assert told(Kind.WELCOME) == ["ana@example.net", "ben@example.net"]


def test_nobody_is_told_of_what_they_did_themselves(world, by):
    row = AssignmentFactory(
        person=world.people["engineering_free_mentee"],
        program=world.programs["first_year"],
        lead=world.people["first_year_mentor"],
    )

    queue_notices([row], by=world.user("first_year_mentor"))

    assert told(Kind.ASSIGNMENT) == [row.person.email]


def test_notice_that_waits_is_not_sent_to_whoever_is_deactivated_meanwhile(world, by, mailoutbox):
    mentor = world.people["first_year_mentor"]
    program = world.programs["first_year"]
    assign(person=world.people["engineering_free_mentee"], program=program, lead=mentor, by=by)

    deactivate(mentor, by=by)
    send_all_that_waits()

    row = OutboxMessage._base_manager.get(person=mentor, kind=Kind.ASSIGNMENT)
    assert row.state == State.DROPPED
    assert [mail for mail in mailoutbox if mail.to == [mentor.email]] == []


def test_nobody_is_told_of_an_assignment_while_deactivated(world, by):
    row = AssignmentFactory(
        person=world.people["engineering_free_mentee"],
        program=world.programs["first_year"],
        lead=world.people["first_year_mentor"],
    )
    deactivate(row.lead, by=by)
    row.lead.refresh_from_db()

    queue_notices([row], by=None)

    assert told(Kind.ASSIGNMENT) == [row.person.email]


def test_who_gets_an_address_later_is_welcomed_then_and_for_the_first_time(world, by, mailoutbox):
    person = new_mentee(world, by, email="")
    person.email = "noor@example.net"
    change_person(person, by=by)
    assert told(Kind.WELCOME) == []

    send_welcome_again(person, by=by)
    send_all_that_waits()

    assert [mail.to for mail in mailoutbox] == [["noor@example.net"]]


def test_welcome_goes_to_the_address_of_the_moment(world, by, mailoutbox):
    person = new_mentee(world, by, email="mistyped@example.net")
    person.email = "noor@example.net"
    change_person(person, by=by)

    send_all_that_waits()

    assert [mail.to for mail in mailoutbox] == [["noor@example.net"]]


def test_adding_asks_no_mail_server_and_the_welcome_outlives_one_that_is_down(world, by, settings):
    with running(MailServer()) as server:
        use_mail_server(settings, server.port)
        server.mood = "turns away"

        person = new_mentee(world, by)

        assert server.connections == 0
        send_all_that_waits()
        [row] = OutboxMessage._base_manager.filter(person=person)
        assert (server.connections, row.state, row.subject, row.body) == (1, State.WAITING, "", "")
        assert row.error
        server.mood = "good"
        send_all_that_waits()
        row.refresh_from_db()
        assert (row.state, server.recipients()) == (State.SENT, [person.email])
        # The row still says nothing of what was written.
        assert (row.subject, row.body, row.html) == ("", "", "")
