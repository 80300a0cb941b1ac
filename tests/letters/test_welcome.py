"""Welcomes and notices of assignments: who gets them, when, how often, and what they say."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign, unassign
from mentorpro_plugin.letters.actions import send_welcome_again
from mentorpro_plugin.models import HistoryEntry, Letter, OutboxMessage, Person
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.people.actions import add_person
from mentorpro_plugin.people.lifecycle import deactivate, reactivate
from tests.exchange.helpers import import_, roster
from tests.factories import fictional_phone

Kind, State = OutboxMessage.Kind, OutboxMessage.State


@pytest.fixture
def by(world):
    """Riverside's Parent account, within its scope."""
    user = world.user("riverside_parent")
    with scope_of(reach_of(user)):
        yield user


def add(world, by, role, **fields):
    details = {"first_name": "Linh", "last_name": "Trần", "email": f"{role}@example.net", **fields}
    person = Person(
        role=role, organization=world.organizations["engineering"], phone=fictional_phone(), **details
    )
    return add_person(person, by=by)


def welcomes(person):
    return list(OutboxMessage._base_manager.filter(person=person.pk, kind=Kind.WELCOME))


def notices(person):
    return list(OutboxMessage._base_manager.filter(person=person.pk, kind=Kind.ASSIGNMENT))


def send_everything():
    """Send all that waits, as if it were an hour later."""
    OutboxMessage._base_manager.filter(due_at__isnull=False).update(due_at=timezone.now())
    deliver_due()


@pytest.mark.parametrize("role", [Role.MENTOR, Role.MENTEE])
def test_participants_learn_how_to_get_in(world, by, mailoutbox, role):
    person = add(world, by, role)

    send_everything()

    [mail] = mailoutbox
    door = f"http://127.0.0.1:8000/{role}/"
    html = mail.alternatives[0].content
    assert mail.to == [person.email]
    assert door in mail.body
    assert f"{door}how-to-get-in/" in mail.body
    assert person.phone.as_e164[-4:] in mail.body
    assert person.phone.as_e164 not in mail.body + html
    assert f'src="{door}qr.png"' in html
    assert [message.state for message in welcomes(person)] == [State.SENT]


def test_picture_of_the_door_is_for_everybody_and_kept(client):
    response = client.get("/mentee/qr.png")

    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert "public" in response["Cache-Control"]


def test_staff_set_a_password_with_the_link_once(world, by, mailoutbox):
    person = add(world, by, Role.PROGRAM_MANAGER)

    send_everything()

    [mail] = mailoutbox
    link = re.search(r"http://127\.0\.0\.1:8000(/accounts/set-password/\S+)", mail.body)[1]
    assert link not in str(OutboxMessage._base_manager.filter(person=person).values())
    chosen = dict.fromkeys(("new_password1", "new_password2"), "four-quiet-otters-9")
    form = Client()
    page = form.get(link, follow=True)
    form.post(page.request["PATH_INFO"], chosen)
    person.user.refresh_from_db()
    assert person.user.check_password("four-quiet-otters-9")
    assert not Client().get(link, follow=True).context["validlink"]


def test_link_in_a_welcome_is_dead_after_a_deactivation(world, by, mailoutbox):
    person = add(world, by, Role.PROGRAM_MANAGER)
    send_everything()
    link = re.search(r"http://127\.0\.0\.1:8000(/accounts/set-password/\S+)", mailoutbox[0].body)[1]

    deactivate(person, by=by)
    reactivate(person, by=by)

    assert not Client().get(link, follow=True).context["validlink"]


def test_without_an_address_there_is_none(world, by):
    assert welcomes(add(world, by, Role.MENTEE, email="")) == []


def test_import_welcomes_as_add_does_and_nobody_twice(world, tmp_path):
    row = {
        "Role": "Mentee",
        "First Name": "Ngozi",
        "Phone Number": "+1 205 555 0198",
        "ID": "N-1",
        "E-mail": "ngozi@example.net",
        "Organization": str(world.organizations["engineering"]),
    }
    file = roster(tmp_path, row)
    parent = world.people["riverside_parent"].email

    import_(file, parent, dry_run=True)
    assert not OutboxMessage._base_manager.exists()
    for _time in range(3):
        import_(file, parent)

    [message] = OutboxMessage._base_manager.all()
    assert (message.kind, message.recipient) == (Kind.WELCOME, "ngozi@example.net")


def test_refused_person_gets_no_welcome(world, by):
    add(world, by, Role.MENTEE, id_number="ONCE")

    with pytest.raises(ValidationError):
        add(world, by, Role.MENTEE, id_number="once", email="second@example.net")

    assert not OutboxMessage._base_manager.filter(recipient="second@example.net").exists()


def test_person_reads_in_their_language_what_a_super_admin_wrote(world, by, mailoutbox):
    Letter(kind="welcome_mentee", language="es", subject="Hola {first_name}", body="{door_address}").save()
    add(world, by, Role.MENTEE, first_name="Inés", language="es")

    send_everything()

    assert mailoutbox[0].subject == "Hola Inés"


def test_several_assignments_make_one_notice(world, by, mailoutbox):
    mentee, mentor = world.people["engineering_free_mentee"], world.people["first_year_mentor"]
    for program, lead in (("first_year", "first_year_mentor"), ("transfer", "transfer_mentor")):
        assign(person=mentee, program=world.programs[program], lead=world.people[lead], by=by)

    send_everything()

    to_mentee = [mail for mail in mailoutbox if mail.to == [mentee.email]]
    to_mentor = [mail for mail in mailoutbox if mail.to == [mentor.email]]
    assert len(to_mentee) == len(to_mentor) == 1
    assert mentor.first_name in to_mentee[0].body
    assert mentor.full_name not in to_mentee[0].body
    assert mentor.phone.as_e164 not in to_mentee[0].body
    assert str(world.programs["transfer"]) in to_mentee[0].body


def test_welcome_that_waits_tells_the_assignment_too(world, by, mailoutbox):
    person = add(world, by, Role.MENTEE)
    mentor = world.people["first_year_mentor"]
    assign(person=person, program=world.programs["first_year"], lead=mentor, by=by)

    send_everything()

    assert notices(person) == []
    [mail] = [mail for mail in mailoutbox if mail.to == [person.email]]
    assert mentor.first_name in mail.body


def test_assignment_that_was_ended_before_is_not_told(world, by, mailoutbox):
    mentee = world.people["engineering_free_mentee"]
    row = assign(
        person=mentee,
        program=world.programs["first_year"],
        lead=world.people["first_year_mentor"],
        by=by,
    )
    unassign(row, by=by)

    send_everything()

    assert [message.state for message in notices(mentee)] == [State.DROPPED]
    assert [mail for mail in mailoutbox if mail.to == [mentee.email]] == []


def test_notices_can_be_switched_off(world, by, settings):
    settings.MENTORPRO = {**settings.MENTORPRO, "ASSIGNMENT_NOTICES": False}
    mentee = world.people["engineering_free_mentee"]

    assign(
        person=mentee,
        program=world.programs["first_year"],
        lead=world.people["first_year_mentor"],
        by=by,
    )

    assert notices(mentee) == []


def test_whoever_is_deactivated_gets_nothing_that_waited(world, by, mailoutbox):
    person = add(world, by, Role.MENTEE)

    deactivate(person, by=by)
    send_everything()

    assert mailoutbox == []
    assert [message.state for message in welcomes(person)] == [State.DROPPED]


def test_welcome_is_sent_again_by_whoever_may_and_not_at_once(world, by):
    person = add(world, by, Role.MENTEE)
    with pytest.raises(ValidationError, match="waiting"):
        send_welcome_again(person, by=by)
    send_everything()
    with pytest.raises(ValidationError, match="just now"):
        send_welcome_again(person, by=by)
    OutboxMessage._base_manager.update(created_at=timezone.now() - timedelta(minutes=2))

    send_welcome_again(person, by=by)

    assert len(welcomes(person)) == 2
    told = HistoryEntry._base_manager.filter(action=HistoryEntry.Action.SENT_AGAIN, person=person.pk)
    assert [row.actor_id for row in told] == [by.pk]
    with pytest.raises(PermissionDenied):
        send_welcome_again(person, by=world.user("law_child"))


def test_profile_shows_what_became_of_mail_and_sends_the_welcome(world, client_of):
    person = world.people["first_year_mentee"]
    profile = reverse("mentees:profile", args=[person.pk])
    failed = OutboxMessage(
        kind=Kind.UNREAD_NOTICE,
        channel=OutboxMessage.Channel.EMAIL,
        person=person,
        organization=person.organization,
        recipient=person.email,
        state=State.FAILED,
        error="The mail server can't be reached.",
        due_at=None,
    )
    failed.save()
    client = client_of("first_year_pm")

    page = client.get(profile).content.decode()
    assert "The mail server can&#x27;t be reached." in page
    assert reverse("outbox:send_again", args=[failed.pk]) in page
    home = client.get("/admin/").content.decode()
    assert "1 message could not be sent." in home

    again = client.post(reverse("outbox:send_again", args=[failed.pk]), {"back": "person"})
    sent = client.post(reverse("welcome:send", args=[person.pk]))

    assert again["Location"] == sent["Location"] == profile
    page = client.get(profile).content.decode()
    assert "is on its way" in page
    assert "waiting" in page


def test_profile_without_an_address_says_what_to_do(world, client_of):
    person = world.people["first_year_mentee"]
    Person._base_manager.filter(pk=person.pk).update(email="")

    page = client_of("first_year_pm").get(reverse("mentees:profile", args=[person.pk])).content.decode()

    assert "There is no e-mail address" in page
    assert reverse("welcome:send", args=[person.pk]) not in page


def test_profile_of_somebody_deactivated_says_why_no_welcome_can_be_sent(world, by, client_of):
    person = world.people["first_year_mentee"]
    deactivate(person, by=by)
    profile = reverse("mentees:profile", args=[person.pk])
    client = client_of("first_year_pm")

    page = client.get(profile).content.decode()

    assert "no welcome can be sent" in page
    assert reverse("welcome:send", args=[person.pk]) not in page
    # From a page that was opened before.
    refused = client.post(reverse("welcome:send", args=[person.pk]), follow=True)
    assert refused.redirect_chain[0][0] == profile
    assert "is deactivated. Reactivate them first." in refused.content.decode()
    assert welcomes(person) == []
