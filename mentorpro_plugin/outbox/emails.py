"""Sends e-mail through Django's mail API, and tells apart why a server didn't take it."""

import re
import smtplib
from contextlib import suppress
from email.utils import parseaddr
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext_noop as _

from .actions import one_line
from .models import OutboxMessage
from .refusals import NotSent, Postponed, Refused, Unreachable

#: "5.1.1": what kind of refusal it is, in the only words of a server that can't quote the message.
_ENHANCED_STATUS = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
_TOO_LARGE = 552


class EmailSender:
    """Sends several messages over one connection, opened for the first of them."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # What a server says to a goodbye changes nothing any more.
            with suppress(OSError):
                connection.close()

    def send(self, message: OutboxMessage, secret: str) -> str:
        """Send it, and return its Message-ID. Raises a NotSent."""
        reference = message_id(message)
        email = EmailMultiAlternatives(
            subject=one_line(message.subject.replace("{secret}", secret)),
            body=message.body.replace("{secret}", secret),
            to=[message.recipient],
            headers={"Message-ID": reference, "Auto-Submitted": "auto-generated"},
        )
        if message.html:
            email.attach_alternative(message.html.replace("{secret}", secret), "text/html")
        try:
            if self._connection is None:
                self._connection = _connect()
            self._connection.open()
            self._connection.send_messages([email])
        except Exception as error:  # noqa: BLE001 - backends of others raise what they like, and may quote the message
            # The connection may be in the middle of anything.
            self.close()
            not_sent = _told_apart(error)
        else:
            return reference
        # Outside the handler, so that the server's words don't hang on it as its context.
        raise not_sent


def message_id(message: OutboxMessage) -> str:
    """Return the same Message-ID at each attempt, so that a server can drop a second mail."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<outbox.{message.pk}.{int(message.created_at.timestamp() * 1_000_000):x}@{domain}>"


def _connect() -> Any:
    # Django 6.1 knows mail servers by name, and deprecates the function for the only one.
    return mail.mailers.default if hasattr(mail, "mailers") else mail.get_connection()


def _told_apart(error: Exception) -> NotSent:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (0, b""))
        return _by_code(code, _("The mail server doesn't take mail for this address (%(code)s)."), words)
    if isinstance(error, smtplib.SMTPDataError):
        return _by_code(
            error.smtp_code, _("The mail server doesn't take this message (%(code)s)."), error.smtp_error
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        sentence = _("The mail server doesn't take mail from this site's address (%(code)s).")
        if error.smtp_code == _TOO_LARGE:
            return _by_code(error.smtp_code, sentence, error.smtp_error)
        # The address is the site's own: somebody will mend it, and the message can wait for that.
        return Postponed(sentence, code=_code(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        sentence = _("The mail server turns this site away (%(code)s).")
        return Unreachable(sentence, code=_code(error.smtp_code, error.smtp_error))
    if isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected):
        # smtplib calls both the latter.
        return Unreachable(_("The mail server doesn't answer, or hangs up."))
    if isinstance(error, OSError):  # so are smtplib's own
        return Unreachable(_("The mail server can't be reached."))
    if isinstance(error, ValueError):
        return Refused(_("This can't be written as an e-mail."))
    return Postponed(_("Sending the e-mail failed (%(error)s)."), error=type(error).__name__)


def _by_code(code: int, sentence: str, words: bytes | str) -> NotSent:
    kind = Refused if 500 <= code < 600 else Postponed
    return kind(sentence, code=_code(code, words))


def _code(code: int, words: bytes | str) -> str:
    words = words.encode(errors="replace") if isinstance(words, str) else words
    enhanced = _ENHANCED_STATUS.match(words.strip())
    return f"{code} {enhanced[0].decode()}" if enhanced else str(code)
