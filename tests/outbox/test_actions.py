"""What may be queued, and that the same key is queued once whatever runs side by side."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction

from mentorpro_plugin.models import OutboxMessage
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.outbox.secret import decrypt, encrypt
from tests.racing import at_once

from .helpers import code, email


def test_row_belongs_to_the_organization_of_its_person(world):
    person = world.people["first_year_mentee"]

    message = email(person=person)

    assert (message.person, message.organization) == (person, person.organization)


def test_same_key_is_queued_once(db):
    first = email(key="unread 1")

    with transaction.atomic():
        assert email(key="unread 1") is None
        # The transaction around it is still of use.
        assert email(key="unread 2")

    assert first.state == OutboxMessage.State.WAITING
    assert OutboxMessage._base_manager.count() == 2


def test_messages_without_a_key_are_as_many_as_are_queued(db):
    assert [bool(email(key=key)) for key in (None, None)] == [True, True]


def test_same_key_is_queued_once_by_twenty_threads(transactional_db):
    def queue():
        with transaction.atomic():
            return bool(email(key="unread 1"))

    assert sorted(at_once(*[queue] * 20)) == [False] * 19 + [True]
    assert OutboxMessage._base_manager.count() == 1


def test_key_is_free_again_when_its_transaction_fails(db):
    with transaction.atomic():
        email(key="unread 1")
        transaction.set_rollback(True)

    assert email(key="unread 1")


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "ada",
        "ada@example.org\nBcc: all@example.org",
        "ada@example.org, eve@example.org",
        "Ada <ada@example.org>",
        "ada@example.org\r",
    ],
)
def test_email_to_what_is_no_address_is_refused(db, recipient):
    with pytest.raises(ValidationError):
        email(recipient)
    assert not OutboxMessage._base_manager.exists()


@pytest.mark.parametrize(
    "recipient", ["", "2055550101", "+1 205 555 0101", "+12055550101\n", "+0123456789", "+1٢٠٥٥٥٥٠١٠١"]
)
def test_text_to_what_is_no_number_is_refused(db, recipient):
    with pytest.raises(ValidationError):
        code(recipient)
    assert not OutboxMessage._base_manager.exists()


def test_subject_ends_no_header(db):
    email(subject="News\r\nBcc: all@example.org\x0b\x85\u2028 for\tyou" + "!" * 300)
    email(subject="Your code: {secret}", secret="12\r\nBcc: all@example.org")

    assert deliver_due() == 2

    first, second = mail.outbox
    assert first.subject.startswith("News Bcc: all@example.org for you!!!")
    assert len(first.subject) <= 255
    assert second.subject == "Your code: 12 Bcc: all@example.org"
    for sent in mail.outbox:
        assert sent.recipients() == ["ada@example.org"]
        assert "Bcc" not in sent.message()


def test_text_that_databases_refuse_is_stored_without_it(db):
    message = email(body="A\x00B\ud800C\nD\tE", html="<p>\x00</p>")

    message.refresh_from_db()

    assert (message.body, message.html) == ("ABC\nD\tE", "<p></p>")


def test_secret_is_encrypted_differently_each_time_and_read_by_the_key_alone(settings):
    first, second = encrypt("123456"), encrypt("123456")

    assert first != second
    assert b"123456" not in first
    assert decrypt(first) == decrypt(second) == "123456"
