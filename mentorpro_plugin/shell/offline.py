"""What a response says about staying on the device. The service worker heeds it: `shell/service-worker.js`."""

from django.http import HttpResponseBase

HEADER = "X-Offline"


def keep_offline(response: HttpResponseBase) -> None:
    """Let the app keep this page or file, to be read without a network until the person logs out.

    For resources and help; never for what is about people.
    """
    response.headers[HEADER] = "yes"


def forget_offline(response: HttpResponseBase) -> None:
    """Let the app throw away all pages and files that it kept."""
    response.headers[HEADER] = "forget"
