"""Sends the outbox's text messages, through the backend that the settings name."""

from types import TracebackType
from typing import Self

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_noop as _

from .models import OutboxMessage
from .refusals import NotSent, Postponed, Unreachable
from .texts import Text, TextBackend, text_backend


class TextSender:
    """Sends several messages through one backend, made for the first of them."""

    def __init__(self) -> None:
        self._backend: TextBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._backend is not None:
            self._backend.close()

    def send(self, message: OutboxMessage, secret: str) -> str:
        """Send it, and return the provider's reference. Raises a NotSent."""
        body = message.body.replace("{secret}", secret)
        text = Text(number=message.recipient, body=body, expires_at=message.expires_at)
        try:
            if self._backend is None:
                self._backend = text_backend()
            return self._backend.send(text)[:100]
        except NotSent:
            raise
        except ImproperlyConfigured as error:
            # Says which setting is wrong, and nothing of a message.
            not_sent: NotSent = Unreachable(str(error))
        except Exception as error:  # noqa: BLE001 - backends of sites raise what they like, and may quote the message
            not_sent = Postponed(
                _("Sending the text message failed (%(error)s)."), error=type(error).__name__
            )
        # Outside the handler, so that those words don't hang on it as its context.
        raise not_sent
