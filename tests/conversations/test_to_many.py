"""Writing to the selected people of a roster: form, preview, sending, and nothing twice."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorpro_plugin.access.reach import reach_of
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.conversations.models import Message
from mentorpro_plugin.conversations.to_many import email_many, message_many
from mentorpro_plugin.outbox.models import OutboxMessage
from mentorpro_plugin.people.models import Person
from tests.access.snapshots import changed, snapshot
from tests.factories import PersonFactory

TEXT = "Dear {first_name},\n\nhow are you?"


def address(*people, roster="mentees", query=""):
    return f"/admin/{roster}/bulk/write/?{query}" + "".join(f"&id={person.pk}" for person in people)


def typed(**fields):
    return {
        "channel": "email",
        "subject": "Hello {first_name}",
        "text": TEXT,
        "batch": str(uuid4()),
        **fields,
    }


def preview(client, path, **fields):
    return client.post(path, {"step": "preview", **typed(**fields)})


def sent_form(response):
    """What the preview would post: the fields of its form."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return {name: unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}


def send(client, path, **fields):
    return client.post(path, {**sent_form(preview(client, path, **fields)), "step": "send"}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def emails():
    return list(OutboxMessage._base_manager.filter(kind="from_staff").order_by("pk"))


def written_to():
    entries = HistoryEntry._base_manager.filter(action="written_to")
    return sorted(entries.values_list("person", "actor", "changes"))


def people_of(world, *names):
    return [world.people[name] for name in names]


def test_preview_shows_what_the_first_one_gets_and_who_gets_nothing(world, client_of):
    Person._base_manager.filter(pk=world.people["transfer_mentee"].pk).update(email="")
    mentees = people_of(world, "first_year_mentee", "transfer_mentee", "engineering_left_mentee")

    shown = preview(client_of("engineering_child"), address(*mentees))

    html = shown.content.decode()
    assert (shown.context["subject"], shown.context["text"]) == (
        "Hello First Year Mentee",
        "Dear First Year Mentee,\n\nhow are you?",
    )
    assert "&lt;first_year_mentee@example.org&gt;" in html
    assert "1 person gets this" in html
    assert "1 person is left out: without an e-mail address" in html
    assert "1 person is left out: deactivated" in html
    assert emails() == []


def test_email_is_queued_for_each_and_kept_in_the_history_without_its_text(world, client_of):
    child = world.user("engineering_child")
    mentees = people_of(world, "first_year_mentee", "transfer_mentee", "engineering_left_mentee")
    client = client_of("engineering_child")

    answer = send(client, address(*mentees, query="status="))

    assert said(answer) == ["E-mails to 2 people are in the outbox, and leave from there."]
    assert answer.redirect_chain == [("/admin/mentees/?status=", 302)]
    assert [
        (mail.recipient, mail.subject, mail.body, mail.html, mail.organization_id) for mail in emails()
    ] == [
        (
            person.email,
            f"Hello {person.first_name}",
            f"Dear {person.first_name},\n\nhow are you?",
            "",
            person.organization_id,
        )
        for person in mentees[:2]
    ]
    assert written_to() == [(person.pk, child.pk, {}) for person in mentees[:2]]


@pytest.mark.parametrize("channel", ["email", "message"])
def test_same_page_sent_again_sends_nothing_twice(world, client_of, channel):
    client = client_of("first_year_pm")
    path = address(world.people["first_year_mentee"])
    body = {**sent_form(preview(client, path, channel=channel)), "step": "send"}
    client.post(path, body)
    before = snapshot()

    again = client.post(path, body, follow=True)

    assert said(again)[-1:] == ["Everybody has this already: nothing was sent twice."]
    assert changed(before, snapshot()) == {}


def test_whoever_joined_meanwhile_gets_it_and_the_others_nothing_twice(world):
    child, batch = world.user("engineering_child"), uuid4()
    first, second = people_of(world, "first_year_mentee", "transfer_mentee")
    common = {"subject": "Hello", "text": "Hello.", "batch": batch, "by": child}

    counts = [email_many([first.pk], **common), email_many([first.pk, second.pk], **common)]

    assert counts == [1, 1]
    assert [mail.person_id for mail in emails()] == [first.pk, second.pk]


def test_page_of_somebody_else_keeps_nobody_from_sending(world):
    batch = uuid4()
    person = world.people["first_year_mentee"]

    counts = [
        email_many([person.pk], subject="Hello", text="Hello.", batch=batch, by=world.user(who))
        for who in ("engineering_child", "first_year_pm")
    ]

    assert counts == [1, 1]


def test_messages_go_to_those_to_whom_the_account_may_write(world, client_of):
    mentees = people_of(world, "first_year_mentee", "engineering_free_mentee")
    client = client_of("first_year_pm")

    shown = preview(client, address(*mentees), channel="message")
    answer = send(client, address(*mentees), channel="message")

    assert "1 person is left out: you may not write to them this way" in shown.content.decode()
    assert said(answer) == ["A message was written to 1 person. It stands in Connect."]
    assert [message.text for message in Message._base_manager.all()] == [
        "Dear First Year Mentee,\n\nhow are you?"
    ]
    assert written_to() == [(mentees[0].pk, world.user("first_year_pm").pk, {})]


@pytest.mark.parametrize("who", ["super_admin", "riverside_parent"])
def test_accounts_that_write_no_messages_are_told_which_do(world, client_of, who):
    client = client_of(who)
    path = address(world.people["first_year_mentee"])

    form = client.get(path).content.decode()
    answer = client.post(path, {"step": "send", **typed(channel="message")})

    assert "log in with the account of a Program Manager" in form
    assert "an e-mail" not in re.findall(r'type="radio"', form)
    assert answer.status_code == 200
    assert Message._base_manager.count() == 0


def test_more_messages_than_a_page_may_wait_for_are_refused_with_a_sentence(world, client_of, monkeypatch):
    monkeypatch.setattr("mentorpro_plugin.conversations.bulk.MOST_MESSAGES", 1)
    mentees = people_of(world, "first_year_mentee", "transfer_mentee")

    answer = preview(client_of("engineering_child"), address(*mentees), channel="message")

    assert "At most 1 messages can be written at once, and these are 2." in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["", "matching=all&q=Lawmark", "matching=all&q=Nursmark", "matching=all&status=no"]
)
def test_nobody_beyond_the_reach_is_written_to_or_told_of(world, client_of, query):
    strangers = people_of(world, "moot_mentee", "cohort_mentee") if not query else []
    client = client_of("first_year_pm")
    before = snapshot()

    for step in ("preview", "send"):
        answer = client.post(address(*strangers, query=query), {"step": step, **typed()}, follow=True)
        assert said(answer) == ["Nobody is selected. Tick people in the list, then say what to do."]

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize("who", ["first_year_pm", "first_year_sc", "law_child"])
def test_action_asks_for_itself_whatever_keys_it_is_given(world, who):
    user, others = world.user(who), people_of(world, "transfer_mentee", "cohort_mentee", "transfer_pm")
    keys = [person.pk for person in others]
    before = snapshot()

    sent = email_many(keys, subject="Hello", text="Hello.", batch=uuid4(), by=user)
    sent += message_many(keys, author=user.mentorpro_person, text="Hello.", batch=uuid4(), by=user)

    assert sent == 0
    assert changed(before, snapshot()) == {}


def test_sending_needs_the_people_of_the_preview(world, client_of):
    client = client_of("engineering_child")
    path = "/admin/mentees/bulk/write/?matching=all&status=never"
    body = {**sent_form(preview(client, path)), "step": "send"}
    PersonFactory(organization=world.organizations["engineering"], first_name="Late")

    answer = client.post(path, body)

    assert said(answer) == ["Other people than before are selected now. Look at them, and confirm once more."]
    assert emails() == []
    # The page that asks again sends.
    client.post(path, {**sent_form(answer), "step": "send"})
    assert len(emails()) == 4


def test_text_can_be_changed_after_the_preview(world, client_of):
    client = client_of("engineering_child")
    path = address(world.people["first_year_mentee"])
    body = sent_form(preview(client, path, text='Line one\n\nLine <two> & "more"'))

    form = client.post(path, {**body, "step": "change"}).context["form"]

    assert form["text"].value() == 'Line one\n\nLine <two> & "more"'
    assert str(form["batch"].value()) == body["batch"]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"subject": " "}, "An e-mail needs a subject."),
        ({"text": "\u200b \n"}, "Write something."),
        (
            {"text": "Dear {name}"},
            "Nothing is known to put in place of “{name}”. There is “{first_name}” only.",
        ),
        (
            {"subject": "{secret}"},
            "Nothing is known to put in place of “{secret}”. There is “{first_name}” only.",
        ),
        ({"text": "x" * 5001}, "Ensure this value has at most 5000 characters (it has 5001)."),
        ({"channel": "pigeon"}, "Select a valid choice. pigeon is not one of the available choices."),
    ],
)
def test_what_can_not_be_sent_is_refused_with_a_sentence(world, client_of, fields, refusal):
    answer = preview(client_of("engineering_child"), address(world.people["first_year_mentee"]), **fields)

    errors = [error for errors in answer.context["form"].errors.values() for error in errors]
    assert errors == [refusal]


def test_header_can_not_be_smuggled_into_the_subject(world, client_of):
    person = world.people["first_year_mentee"]
    Person._base_manager.filter(pk=person.pk).update(first_name="Ann\r\nBcc: x@example.org {secret}")

    send(client_of("engineering_child"), address(person), subject="Hi\r\nBcc: y@example.org {first_name}")

    [mail] = emails()
    assert mail.subject == "Hi Bcc: y@example.org Ann Bcc: x@example.org (secret)"
    assert not mail.has_lost_its_secret


def test_email_costs_by_the_batch_and_not_by_the_person(world):
    child = world.user("engineering_child")
    people = PersonFactory.create_batch(
        14, organization=world.organizations["engineering"], email="a@example.org"
    )
    keys = [person.pk for person in people]
    reach_of(child)
    costs = []

    for some in (keys[:2], keys[2:]):
        with CaptureQueriesContext(connection) as queries:
            email_many(some, subject="Hello", text="Hello.", batch=uuid4(), by=child)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 8


def test_staff_are_written_to_by_those_who_keep_their_accounts(world, client_of):
    managers = people_of(world, "first_year_pm", "transfer_pm")

    send(client_of("engineering_child"), address(*managers, roster="program-managers"))
    refused = client_of("first_year_pm").get(address(*managers, roster="program-managers"))

    assert [mail.person_id for mail in emails()] == [person.pk for person in managers]
    assert refused["Location"] == "/admin/"
