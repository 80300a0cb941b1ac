"""Sends text messages through the backend that SMS_BACKEND names: one of those in this package, or a site's own."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from ...conf import setting
from .base import Text, TextBackend

__all__ = ["BACKENDS", "Text", "TextBackend", "text_backend"]

#: The short names. A backend is imported only where it is named.
BACKENDS = {
    "console": "mentorpro_plugin.outbox.texts.console.ConsoleBackend",
    "file": "mentorpro_plugin.outbox.texts.file.FileBackend",
    "locmem": "mentorpro_plugin.outbox.texts.locmem.LocmemBackend",
    "twilio": "mentorpro_plugin.outbox.texts.twilio.TwilioBackend",
}


def text_backend() -> TextBackend:
    """Return a new backend as the settings say. Raises ImproperlyConfigured, naming what is wrong, but no secret."""
    name = setting("SMS_BACKEND")
    if not name:
        raise ImproperlyConfigured("SMS_BACKEND is not set, so no text message can be sent.")
    try:
        backend = import_string(BACKENDS.get(name, name))
    except ImportError as error:
        raise ImproperlyConfigured(f"SMS_BACKEND: “{name}” can't be loaded ({error}).") from error
    try:
        return backend(**setting("SMS_OPTIONS"))
    except TypeError as error:
        # Says which argument is missing or unknown, and no value of any.
        raise ImproperlyConfigured(f"SMS_OPTIONS: {error}.") from None
