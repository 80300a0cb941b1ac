import pytest

from mentorpro_plugin.outbox.texts import locmem

from .servers import MailServer, TwilioServer, running, use_mail_server


@pytest.fixture(autouse=True)
def texts():
    """What the locmem backend has sent: empty at the beginning of each test."""
    locmem.outbox.clear()
    return locmem.outbox


@pytest.fixture
def mail_server(settings):
    with running(MailServer()) as server:
        use_mail_server(settings, server.port)
        yield server


@pytest.fixture
def twilio(settings):
    """Twilio's API on this machine, and the settings that lead there."""
    with running(TwilioServer()) as server:
        settings.MENTORPRO = {
            **settings.MENTORPRO,
            "SMS_BACKEND": "twilio",
            "SMS_OPTIONS": {
                "account_sid": "AC" + "0" * 32,
                "auth_token": "only-for-tests",
                "sender": "+12025550100",
                "base_url": server.url,
            },
        }
        yield server


@pytest.fixture
def set_plugin(settings):
    """Change settings of the plugin: `set_plugin(OUTBOX_ATTEMPTS=2)`."""

    def set_plugin(**changes):
        settings.MENTORPRO = {**settings.MENTORPRO, **changes}

    return set_plugin
