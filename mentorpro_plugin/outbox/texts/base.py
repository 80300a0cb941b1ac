"""What every backend of text messages is."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Text:
    """A text message on its way. `number` is E.164; after `expires_at` it is of no use to anybody."""

    number: str
    # Codes stand in it, so it is never shown by accident.
    body: str = field(repr=False)
    expires_at: datetime | None = None


class TextBackend:
    """Hands text messages to somebody who sends them. A site's own derives from this and overrides `send`.

    `SMS_BACKEND` names the class by its dotted path; `SMS_OPTIONS` are the arguments it is made with. One instance
    serves one thread and several messages.
    """

    def send(self, text: Text) -> str:
        """Hand over `text`; return the provider's reference, at most 100 characters, or "" if there is none.

        Raises `refusals.Refused` if no text ever reaches that number, `refusals.Unreachable` if nobody's would get
        through now, `refusals.Postponed` for any other reason to try later. Must come back within about ten seconds,
        whatever the provider does. Says nothing of number and text in exceptions or logs. The same text may come twice,
        if the process ended after the provider had taken it.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of connections, after some messages."""
