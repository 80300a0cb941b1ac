"""Like `benchmarks.settings`, with a sender of text messages that hangs, and budgets that let everybody in."""

import time

from mentorpro_plugin.outbox.texts.base import Text, TextBackend

from .settings import *  # noqa: F403
from .settings import MENTORPRO


class HungBackend(TextBackend):
    """Never answers."""

    def send(self, text: Text) -> str:
        time.sleep(3600)
        return ""


ALLOWED_HOSTS = ["127.0.0.1"]
MENTORPRO = {
    **MENTORPRO,
    "SMS_BACKEND": "benchmarks.hung_settings.HungBackend",
    "TEXTS_AN_HOUR_PER_ADDRESS": 1_000_000,
    "TEXTS_A_DAY_PER_ORGANIZATION": 1_000_000,
    "TEXTS_A_DAY_PER_COUNTRY": {"*": 1_000_000},
    "TEXTS_A_DAY": 1_000_000,
}
