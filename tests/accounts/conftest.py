"""Staff of the world, who log in by the pages, and a telephone with an authenticator app."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client, TestCase

from tests.factories import PASSWORD


class StaffBrowser(Client):
    """A test client that fills in the forms of the log-in."""

    def log_in(self, name, password=PASSWORD, **more):
        return self.post("/accounts/login/", {"login": name, "password": password, **more})

    def prove(self, password=PASSWORD):
        """Give the password once more, as changes of the own log-in want it."""
        return self.post("/accounts/reauthenticate/", {"password": password})

    def set_up_app(self):
        """Set up an authenticator app; return its secret."""
        self.prove()
        secret = self.get("/accounts/app/").context["form"].secret
        # allauth tells of it after the commit.
        with TestCase.captureOnCommitCallbacks(execute=True):
            response = self.post("/accounts/app/", {"code": code_of(secret)})
        assert response.status_code == 302, response.context["form"].errors
        return secret

    @property
    def is_in(self):
        return "_auth_user_id" in self.session


def code_of(secret, steps=0):
    """The code that an app shows, `steps` half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def browser_of(world):
    """Return a browser in which somebody has logged in by password: `browser_of("first_year_pm")`."""

    def browser_of(name):
        browser = StaffBrowser(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0"})
        if name is not None:
            browser.log_in(f"{name}@example.org")
            assert browser.is_in
        return browser

    return browser_of
