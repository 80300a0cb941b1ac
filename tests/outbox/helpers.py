"""Messages for the outbox."""

from mentorpro_plugin.models import OutboxMessage
from mentorpro_plugin.outbox.actions import queue_email, queue_text


def email(recipient="ada@example.org", **fields):
    """Queue an e-mail; the subject and body are about nothing."""
    fields = {"kind": OutboxMessage.Kind.UNREAD_NOTICE, "subject": "News", "body": "There is news.", **fields}
    return queue_email(recipient=recipient, **fields)


def code(recipient="+12055550101", **fields):
    """Queue a log-in code as a text message: 123456, unless another `secret` is given."""
    fields = {
        "kind": OutboxMessage.Kind.LOGIN_CODE,
        "body": "Your code is {secret}.",
        "secret": "123456",
        **fields,
    }
    return queue_text(recipient=recipient, **fields)


def reread(message):
    return OutboxMessage._base_manager.get(pk=message.pk)
