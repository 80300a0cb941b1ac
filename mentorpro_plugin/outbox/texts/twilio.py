"""Text messages through Twilio, by its official client."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from requests import RequestException, Timeout
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ..refusals import NotSent, Postponed, Refused, Unreachable
from .base import Text, TextBackend

_API = "https://api.twilio.com"
_TIMEOUT = 10

#: Twilio's own numbers for what never gets better: https://www.twilio.com/docs/api/errors
_REFUSED_FOR_GOOD = {
    21211,  # invalid number
    21214,  # can't be reached
    21217,  # seems to be invalid
    21265,  # a short code
    21408,  # no permission to send to that country
    21421,  # invalid number
    21610,  # the person has unsubscribed
    21612,  # can't be reached from this sender
    21614,  # no mobile number
    21617,  # too long
    21635,  # a fixed line
}
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500

# The client writes requests to its log, and the codes stand in them.
_silence = logging.getLogger(f"{__name__}.requests")
_silence.disabled = True


class TwilioBackend(TextBackend):
    """`sender` is a number in E.164, a sender ID, or the SID of a messaging service (MG...).

    `base_url` is another address of Twilio's API, such as that of a proxy of your own.
    """

    def __init__(self, *, account_sid: str, auth_token: str, sender: str, base_url: str = _API) -> None:
        missing = [
            name
            for name, value in {
                "account_sid": account_sid,
                "auth_token": auth_token,
                "sender": sender,
            }.items()
            if not value
        ]
        if missing:
            raise ImproperlyConfigured(f"SMS_OPTIONS: Twilio needs {', '.join(missing)}.")
        # No attempts of its own: the outbox makes them, and counts.
        self._http = TwilioHttpClient(timeout=_TIMEOUT, max_retries=0, logger=_silence)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        self._client.api.base_url = base_url.rstrip("/")
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}

    def send(self, text: Text) -> str:
        options = dict(self._sender)
        if text.expires_at is not None:
            seconds = int((text.expires_at - timezone.now()).total_seconds())
            # Twilio gives up a message that waits longer than this in its own queue.
            options["validity_period"] = min(max(seconds, 1), 14_400)
        try:
            message = self._client.messages.create(to=text.number, body=text.body, **options)
        except (TwilioException, RequestException) as error:
            not_sent = _told_apart(error)
        else:
            return message.sid or ""
        # Outside the handler, so that Twilio's words, which quote the number, don't hang on it as its context.
        raise not_sent

    def close(self) -> None:
        self._http.session.close()


def _told_apart(error: Exception) -> NotSent:
    if isinstance(error, Timeout):
        return Unreachable(_("Twilio doesn't answer."))
    if not isinstance(error, TwilioRestException):
        return Unreachable(_("Twilio can't be reached."))
    code = error.code or error.status
    if error.code in _REFUSED_FOR_GOOD:
        return Refused(_("Twilio sends nothing to this number (%(code)s)."), code=code)
    if error.status in (401, 403) or error.status == _TOO_MANY_REQUESTS or error.status >= _SERVER_ERROR:
        return Unreachable(_("Twilio turns this site away for now (%(code)s)."), code=code)
    return Postponed(_("Twilio didn't take this message (%(code)s)."), code=code)
