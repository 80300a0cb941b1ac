"""From the row to the provider: once, in time, with a sentence where it fails, and nothing left to read of a code."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from mentorpro_plugin.models import OutboxMessage, Person
from mentorpro_plugin.outbox import delivery
from mentorpro_plugin.outbox.delivery import (
    BATCH,
    Channel,
    Health,
    claim,
    deliver_due,
    pause_after,
    send_batch,
)
from mentorpro_plugin.outbox.refusals import Postponed, Refused, Unreachable
from mentorpro_plugin.outbox.texting import TextSender
from tests.racing import at_once

from .helpers import code, email, reread
from .servers import use_mail_server

State = OutboxMessage.State


def all_due():
    """As if every pause had passed."""
    OutboxMessage._base_manager.exclude(due_at=None).update(due_at=timezone.now() - timedelta(seconds=1))


def fate(message):
    row = reread(message)
    return row.state, row.reason


def test_email_and_text_are_sent_and_their_rows_say_so(db, texts):
    mailed = email(html="<p>There is news.</p>")
    texted = code()

    assert deliver_due() == 2

    assert [(sent.to, sent.subject, sent.body) for sent in mail.outbox] == [
        (["ada@example.org"], "News", "There is news.")
    ]
    assert mail.outbox[0].alternatives[0][:2] == ("<p>There is news.</p>", "text/html")
    assert [(text.number, text.body) for text in texts] == [("+12055550101", "Your code is 123456.")]
    for message in map(reread, (mailed, texted)):
        assert (message.state, message.attempts, message.due_at, message.lease) == (State.SENT, 1, None, None)
        assert message.sent_at
    assert deliver_due() == 0


def test_message_whose_transaction_fails_is_never_sent(db):
    with transaction.atomic():
        email()
        transaction.set_rollback(True)

    assert deliver_due() == 0
    assert mail.outbox == []


def test_message_that_is_not_due_waits(db):
    message = email()
    OutboxMessage._base_manager.update(due_at=timezone.now() + timedelta(minutes=1))

    assert deliver_due() == 0
    assert reread(message).state == State.WAITING


def test_code_goes_before_everything_that_waits(db, texts):
    for position in range(BATCH * 2):
        code(kind=OutboxMessage.Kind.UNREAD_NOTICE, body=f"Notice {position}", secret="")
    code()

    deliver_due()

    assert texts[0].body == "Your code is 123456."


def test_email_has_the_same_message_id_at_each_attempt(db, mail_server):
    message = email()
    mail_server.mood = "full"
    deliver_due()
    first = reread(message)
    assert (first.state, first.attempts) == (State.WAITING, 1)

    mail_server.mood = "good"
    # As if the process had ended before it could write down that the mail was sent.
    for _ in range(2):
        OutboxMessage._base_manager.update(state=State.SENDING, due_at=timezone.now(), lease=None)
        assert deliver_due() == 1

    ids = mail_server.message_ids()
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert reread(message).provider_reference == ids[0]


@pytest.mark.parametrize(
    ("mood", "state", "sentence"),
    [
        ("unknown", State.FAILED, "The mail server doesn't take mail for this address (550 5.1.1)."),
        ("spam", State.FAILED, "The mail server doesn't take this message (554)."),
        ("full", State.WAITING, "The mail server doesn't take mail for this address (452 4.2.2)."),
        ("rude", State.WAITING, "The mail server doesn't take mail for this address (421)."),
        ("drops", State.WAITING, "The mail server doesn't answer, or hangs up."),
        ("turns away", State.WAITING, "The mail server turns this site away (554 5.7.1)."),
    ],
)
def test_answer_of_a_mail_server_decides_and_is_told_without_its_words(
    db, mail_server, mood, state, sentence
):
    message = email(subject="Your code: {secret}", body="{secret}", secret="123456")
    mail_server.mood = mood

    assert deliver_due() == 0

    row = reread(message)
    assert (row.state, row.reason) == (state, sentence)
    assert (row.secret is None) == (row.due_at is None) == (state == State.FAILED)


def test_mail_server_that_hangs_is_given_up_in_time(db, mail_server, settings):
    use_mail_server(settings, mail_server.port, timeout=0.3)
    mail_server.mood = "hangs"
    message = email()
    began = timezone.now()

    deliver_due()

    assert timezone.now() - began < timedelta(seconds=3)
    assert fate(message) == (State.WAITING, "The mail server doesn't answer, or hangs up.")


def test_server_that_is_down_is_not_asked_for_each_message(db, mail_server):
    mail_server.mood = "turns away"
    messages = [email(f"person{position}@example.org") for position in range(BATCH + 5)]

    deliver_due()

    assert mail_server.connections == 1
    rows = [reread(message) for message in messages]
    assert sorted(row.attempts for row in rows) == [0] * (BATCH + 4) + [1]
    assert {row.state for row in rows} == {State.WAITING}


def test_everything_is_delivered_once_the_server_is_back(db, mail_server):
    messages = [email(f"person{position}@example.org") for position in range(BATCH * 2)]
    for mood in ("turns away", "rude", "full", "drops"):
        mail_server.mood = mood
        deliver_due()
        all_due()

    mail_server.mood = "good"
    assert deliver_due() == len(messages)

    assert sorted(mail_server.recipients()) == sorted(message.recipient for message in messages)
    assert {reread(message).state for message in messages} == {State.SENT}


def test_pauses_grow_up_to_the_longest_and_are_never_in_step(set_plugin):
    set_plugin(OUTBOX_FIRST_PAUSE=2, OUTBOX_LONGEST_PAUSE=40)

    for failures, longest in [(1, 2), (2, 4), (3, 8), (5, 32), (6, 40), (2_000, 40)]:
        pauses = {pause_after(failures) for _ in range(20)}
        assert len(pauses) > 1
        assert longest * 0.75 <= min(pauses) <= max(pauses) <= longest


def test_failed_attempt_is_followed_by_a_pause(db, mail_server, set_plugin):
    set_plugin(OUTBOX_FIRST_PAUSE=10)
    message = email()
    mail_server.mood = "full"

    deliver_due()

    pause = reread(message).due_at - timezone.now()
    assert timedelta(seconds=7) < pause <= timedelta(seconds=10)


def test_message_is_given_up_after_so_many_attempts_with_a_sentence(db, mail_server, set_plugin):
    set_plugin(OUTBOX_ATTEMPTS=3)
    message = email(secret="123456", body="{secret}")
    mail_server.mood = "full"
    for _ in range(5):
        deliver_due()
        all_due()

    assert fate(message) == (
        State.FAILED,
        "The mail server doesn't take mail for this address (452 4.2.2). Given up after 3 attempts.",
    )
    assert reread(message).secret is None


def test_message_that_ends_whoever_sends_it_is_given_up_too(db, set_plugin):
    set_plugin(OUTBOX_ATTEMPTS=3)
    message = email()
    for _ in range(3):
        claim(Channel.EMAIL)
        all_due()

    deliver_due()

    assert fate(message) == (State.FAILED, "Each attempt ended without a result, so it was given up.")
    assert mail.outbox == []


def test_message_that_has_run_out_is_dropped(db, texts):
    message = code(expires_at=timezone.now() - timedelta(seconds=1))

    assert deliver_due() == 0

    assert fate(message) == (State.DROPPED, "It had run out before it could be sent.")
    assert reread(message).secret is None
    assert texts == []


@pytest.mark.parametrize("when", ["before it is claimed", "after it was claimed"])
def test_notice_for_a_deactivated_person_is_dropped(world, when):
    person = world.people["first_year_mentee"]
    message = email(person=person)
    batch = claim(Channel.EMAIL) if when == "after it was claimed" else None
    Person._base_manager.filter(pk=person.pk).update(status=Person.Status.DEACTIVATED)

    assert (send_batch(batch, Health()) if batch else deliver_due()) == 0

    assert fate(message) == (State.DROPPED, "The person has been deactivated.")
    assert mail.outbox == []


def test_code_for_a_deactivated_person_is_sent_so_that_the_door_tells_nothing(world, texts):
    code(person=world.people["engineering_left_mentee"])

    assert deliver_due() == 1
    assert len(texts) == 1


def test_message_deleted_with_its_person_after_it_was_claimed_is_not_sent(world):
    email(person=world.people["first_year_mentee"])
    batch = claim(Channel.EMAIL)
    OutboxMessage._base_manager.all().delete()

    assert send_batch(batch, Health()) == 0
    assert mail.outbox == []


def test_lease_keeps_others_away_until_it_runs_out(db):
    message = email()
    lost = claim(Channel.EMAIL)

    assert claim(Channel.EMAIL) is None
    all_due()
    assert deliver_due() == 1

    # Whoever lost it sends nothing any more, and writes nothing.
    assert send_batch(lost, Health()) == 0
    assert reread(message).state == State.SENT
    assert len(mail.outbox) == 1


def test_lease_is_prolonged_while_a_message_is_being_sent(db, set_plugin):
    set_plugin(OUTBOX_LEASE=30)
    message = email()
    batch = claim(Channel.EMAIL)
    all_due()

    delivery.renew([batch])

    assert reread(message).due_at > timezone.now() + timedelta(seconds=25)
    batch.began -= delivery.LONGEST_SEND
    all_due()
    delivery.renew([batch])
    assert reread(message).due_at < timezone.now()


def test_process_that_is_asked_to_stop_gives_back_what_it_has_claimed(db):
    messages = [email(f"person{position}@example.org") for position in range(4)]
    asked = iter([False, False, True])

    assert send_batch(claim(Channel.EMAIL), Health(), should_stop=lambda: next(asked)) == 2

    rows = [reread(message) for message in messages]
    assert [row.state for row in rows] == [State.SENT] * 2 + [State.WAITING] * 2
    assert [row.attempts for row in rows] == [1, 1, 0, 0]
    assert deliver_due() == 2


class QuotingBackend:
    """A backend of a site that says more than it should."""

    def __init__(self, error=RuntimeError):
        self.error = error

    def send(self, text):
        raise self.error(f"{text.number}: {text.body}")

    def close(self):
        pass


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("", {}, "SMS_BACKEND is not set, so no text message can be sent."),
        (
            "nowhere.Backend",
            {},
            "SMS_BACKEND: “nowhere.Backend” can't be loaded (No module named 'nowhere').",
        ),
        (
            "file",
            {},
            "SMS_OPTIONS: FileBackend.__init__() missing 1 required keyword-only argument: 'folder'.",
        ),
        (f"{__name__}.QuotingBackend", {}, "Sending the text message failed (RuntimeError)."),
    ],
    ids=["none", "unknown", "incomplete", "quoting"],
)
def test_backend_that_is_unfit_is_named_and_the_message_waits(
    db, set_plugin, caplog, name, options, sentence
):
    set_plugin(SMS_BACKEND=name, SMS_OPTIONS=options)
    message = code()

    deliver_due()

    assert fate(message) == (State.WAITING, sentence)
    assert "123456" not in caplog.text


def test_channel_without_a_provider_holds_up_no_other(db, set_plugin):
    set_plugin(SMS_BACKEND="")
    code()
    email()

    assert deliver_due() == 1


def test_secret_is_nowhere_before_while_and_after_sending(db, mail_server, set_plugin, caplog):
    caplog.set_level("DEBUG")
    set_plugin(OUTBOX_ATTEMPTS=2)
    secret = "864209"

    def stored():
        return str(list(OutboxMessage._base_manager.values_list()))

    email(subject="Code {secret}", body="{secret}", html="<b>{secret}</b>", secret=secret)
    code(secret=secret)
    assert secret not in stored()
    for mood in ("spam", "full", "full", "good"):
        email(subject="Code {secret}", body="{secret}", html="<b>{secret}</b>", secret=secret)
        mail_server.mood = mood
        deliver_due()
        all_due()
        deliver_due()
        assert secret not in stored()

    assert OutboxMessage._base_manager.filter(secret=None).count() == 6
    assert secret in mail_server.received[0].as_string()
    # Django's own log of queries shows what is written, too.
    assert secret not in caplog.text


def test_exception_of_a_provider_carries_nothing_of_the_message(db, set_plugin):
    set_plugin(SMS_BACKEND=f"{__name__}.QuotingBackend")
    code()
    message = OutboxMessage._base_manager.get()

    with pytest.raises(Postponed) as caught, TextSender() as sender:
        sender.send(message, "123456")

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_secret_that_cannot_be_read_any_more_fails_the_message(db, settings, texts):
    message = code()
    settings.SECRET_KEY = "another"

    deliver_due()

    assert reread(message).state == State.FAILED
    assert "SECRET_KEY" in reread(message).reason
    assert texts == []


def test_secret_outlives_a_change_of_the_key(db, settings, texts):
    code()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert deliver_due() == 1
    assert texts[0].body == "Your code is 123456."


def test_refusals_are_told_apart():
    assert issubclass(Unreachable, Postponed)
    assert not issubclass(Refused, Postponed)


@pytest.mark.parametrize("channel", Channel)
def test_look_for_due_messages_uses_an_index(db, channel):
    email()
    plan = delivery._due(channel).order_by("due_at").explain()

    if connection.vendor == "sqlite":
        assert "outbox_to_be_sent" in plan
        assert "outbox_to_be_sent_by_kind" in (
            delivery._due(channel).filter(kind__in=delivery.URGENT).order_by("due_at").explain()
        )


def test_two_threads_never_claim_one_message(transactional_db):
    for position in range(100):
        email(f"person{position}@example.org")

    def claim_all():
        claimed = []
        while batch := claim(Channel.EMAIL):
            claimed += batch.waiting
        return claimed

    claimed = [pk for keys in at_once(*[claim_all] * 8) for pk in keys]

    assert (
        len(claimed) == len(set(claimed)) == OutboxMessage._base_manager.filter(state=State.SENDING).count()
    )
    assert OutboxMessage._base_manager.filter(attempts__gt=1).count() == 0


def test_parallel_workers_send_each_message_once(transactional_db, mail_server):
    for position in range(150):
        email(f"person{position}@example.org")

    def deliver():
        sent = 0
        while OutboxMessage._base_manager.filter(state=State.WAITING).exists():
            sent += deliver_due()
        return sent

    assert sum(at_once(*[deliver] * 6)) == 150
    assert len(mail_server.message_ids()) == len(set(mail_server.message_ids())) == 150
    assert set(OutboxMessage._base_manager.values_list("state", flat=True)) == {State.SENT}
