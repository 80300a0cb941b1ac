"""Staff's log-in in Chromium: passkeys of a virtual authenticator, an authenticator app, and what axe finds."""

import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from tests.accounts.conftest import code_of
from tests.conftest import DESKTOP, PHONE
from tests.factories import PASSWORD

from .test_accessibility import OVERFLOW, SMALL, STILL, WAGTAILS

PM = "first_year_pm@example.org"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def passkey_page(page):
    """A page with an authenticator built in, as telephones and computers have it."""
    page.cdp = page.context.new_cdp_session(page)
    page.cdp.send("WebAuthn.enable")
    page.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def sign_in(page, address=PM):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def log_out(page):
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login/")


def test_passkey_is_added_and_lets_in_with_and_without_the_password(world, passkey_page):
    page = passkey_page
    sign_in(page)
    page.wait_for_url("**/admin/")
    page.get_by_role("link", name="Set it up").click()
    page.get_by_role("link", name="Passkeys: Add").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("My telephone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("You see these codes now and never again.")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Passkeys: Manage").click()
    expect(page.get_by_text("My telephone")).to_be_visible()

    # Without the password, and back to the page that was asked for.
    log_out(page)
    page.goto("/admin/mentees/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(r"//[^/]+/admin/mentees/$"))

    # As the second step after the password.
    log_out(page)
    sign_in(page)
    page.wait_for_url("**/accounts/second-factor/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/admin/")

    # Whoever is deactivated is told, and stays outside.
    log_out(page)
    person = world.people["first_year_pm"]
    type(person)._base_manager.filter(pk=person.pk).update(status="deactivated")
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This account is deactivated.")).to_be_visible()
    assert not get_user_model().objects.filter(last_login__isnull=False, is_active=False).exists()


def test_trouble_with_a_passkey_is_said_on_the_page(page, world):
    page.goto("/accounts/login/")
    # A browser without any authenticator, whose user closes the question.
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("the browser was given no passkey")


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_own_account_is_accessible(new_page, world, axe, size, scheme):
    page = new_page(**size, color_scheme=scheme)
    faults = []

    def look(what):
        page.wait_for_load_state()
        page.add_style_tag(content=STILL)
        found = axe(page, theirs=WAGTAILS) + page.evaluate(OVERFLOW)
        found += page.evaluate(SMALL) if size == PHONE else []
        faults.extend(f"{what}: {fault}" for fault in found)

    for path in ["login/", "password/reset/", "password/reset/done/", "set-password/MQ/x-y/"]:
        page.goto(f"/accounts/{path}")
        look(path)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    look("nothing filled in")
    sign_in(page, "nobody@example.org")
    expect(page.get_by_text("E-mail or password isn't right.")).to_be_visible()
    look("refused")
    sign_in(page)
    page.wait_for_url("**/admin/")
    look("notice on the home page")
    for path in [
        "accounts/security/",
        "accounts/sessions/",
        "accounts/password/change/",
        "accounts/passkeys/",
    ]:
        page.goto(f"/{path}")
        look(path)
    page.goto("/accounts/app/")
    look("is it you")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".mentorpro-key")).to_be_visible()
    look("app")
    secret = page.locator(".mentorpro-key").inner_text()
    page.get_by_label("Code that the app shows").fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("That isn't right.")).to_be_visible()
    look("wrong code")
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("You see these codes now and never again.")).to_be_visible()
    look("recovery codes, once")
    for path in [
        "accounts/recovery-codes/",
        "accounts/app/remove/",
        "accounts/passkeys/add/",
        "accounts/security/",
    ]:
        page.goto(f"/{path}")
        look(path)
    page.goto("/admin/account/#tab-security")
    look("account page")
    log_out(page)
    sign_in(page)
    page.wait_for_url("**/accounts/second-factor/")
    look("second step")

    assert "\n".join(faults) == ""
