"""The welcome and the tab "Me" in a browser: axe, both sizes and schemes, keyboard alone, and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from home.models import TermsPage
from mentorpro_plugin.models import Person
from mentorpro_plugin.outbox.models import OutboxMessage
from mentorpro_plugin.outbox.secret import decrypt
from tests.conftest import DESKTOP, PHONE
from tests.factories import fictional_phone

from .conftest import tab_to
from .test_accessibility import OVERFLOW, SMALL, STILL, TWICE

PAGES = ["me/", "me/details/", "me/phone/", "me/devices/", "me/terms/"]


@pytest.fixture
def terms(settings, db):
    """The site's own terms are asked for."""
    settings.MENTORPRO = {**settings.MENTORPRO, "TERMS": "home.terms.current_terms"}
    return TermsPage.objects.get()


@pytest.fixture
def newcomer(staff):
    """A mentee who has never been here."""
    Person._base_manager.filter(pk=staff.people["first_year_mentee"].pk).update(welcomed_at=None)
    return staff.people["first_year_mentee"]


def fresh(person):
    return Person._base_manager.get(pk=person.pk)


def faults_of(page, axe, name):
    """What is wrong with the page, on a desk in the light and on a telephone in the dark and in the light."""
    faults = []
    for size, scheme in ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.add_style_tag(content=STILL)
        found = axe(page) + page.evaluate(OVERFLOW) + page.evaluate(TWICE)
        if size == PHONE:
            found += page.evaluate(SMALL)
        faults += [f"{name}, {size['width']} {scheme}: {fault}" for fault in found]
    return faults


def test_welcome_is_walked_through_and_every_step_is_accessible(page_of, axe, terms, newcomer):
    page, faults = page_of("first_year_mentee", bypass_csp=True), []
    page.goto("/mentee/me/devices/")
    faults += faults_of(page, axe, "language")

    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Terms of use")
    faults += faults_of(page, axe, "terms")
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Agree and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About you")
    faults += faults_of(page, axe, "details")
    page.get_by_label("About you").fill("I like chess.")
    page.get_by_role("button", name="Done").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("My devices")
    assert fresh(newcomer).about == "I like chess."
    assert "\n".join(faults) == ""


def test_pages_about_oneself_are_accessible(page_of, axe, terms, staff):
    person = staff.people["first_year_mentee"]
    Person._base_manager.filter(pk=person.pk).update(
        first_name="Donaudampfschifffahrtsgesellschaft" * 2,
        last_name="القحطاني",
        email=f"{'x' * 60}@{'y' * 60}.example.org",
        about="What I like: " + "mentoring in every discipline, " * 20,
    )
    page, faults = page_of("first_year_mentee", bypass_csp=True), []
    page.goto("/mentee/")
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Agree and continue").click()
    expect(page).to_have_url(re.compile("/mentee/$"))

    for path in PAGES:
        page.goto(f"/mentee/{path}")
        assert page.url.endswith(path)
        faults += faults_of(page, axe, path)

    assert "\n".join(faults) == ""


def test_refused_terms_and_refused_details_are_accessible(page_of, axe, terms, newcomer):
    page, faults = page_of("first_year_mentee", bypass_csp=True), []
    page.goto("/mentee/welcome/terms/")
    page.get_by_label("I have read this and I agree.").evaluate("box => box.form.noValidate = true")
    page.get_by_role("button", name="Agree and continue").click()
    expect(page.get_by_text("Tick the box if you agree.")).to_be_visible()
    faults += faults_of(page, axe, "terms, not ticked")

    page.get_by_role("button", name="I don't agree").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are logged out")
    faults += faults_of(page, axe, "refused")

    page.get_by_role("link", name="Log in again").click()
    expect(page.get_by_label("Phone number")).to_be_visible()
    assert "\n".join(faults) == ""


def test_welcome_by_keyboard_alone_on_a_telephone(page_of, terms, newcomer):
    page = page_of("first_year_mentee", **PHONE)
    page.goto("/mentee/")

    tab_to(page, page.get_by_label("English"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    tab_to(page, page.locator("[name=agree]"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    tab_to(page, page.locator("[name=about]"))
    page.keyboard.type("I like chess.")
    tab_to(page, page.locator("main button[type=submit]"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/mentee/")
    assert (fresh(newcomer).language, fresh(newcomer).about) == ("es", "I like chess.")


def test_everything_works_without_scripts(page_of, staff, terms, newcomer):
    page = page_of("first_year_mentee", java_script_enabled=False, **PHONE)
    page.goto("/mentee/")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Agree and continue").click()
    page.get_by_label("First name").fill("Nia")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("navigation").get_by_role("link", name="Me", exact=True).click()
    page.get_by_label("Español").check()
    page.get_by_role("button", name="Change language").click()

    expect(page.locator("html")).to_have_attribute("lang", "es")
    assert (fresh(newcomer).first_name, fresh(newcomer).language) == ("Nia", "es")


def test_number_is_changed_in_the_browser(page_of, axe, staff):
    person, new = staff.people["first_year_mentee"], fictional_phone()
    page, faults = page_of("first_year_mentee", bypass_csp=True, **PHONE), []
    page.goto("/mentee/me/")
    page.get_by_role("link", name="Change my phone number").click()
    page.get_by_label("New phone number").fill(new)
    page.get_by_role("button", name="Send both codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Give both codes")
    sent = {row.recipient: decrypt(row.secret) for row in OutboxMessage._base_manager.all()}

    page.get_by_label("Code sent to your old number").fill(sent[person.phone.as_e164])
    page.get_by_label("Code sent to your new number").fill("12")
    page.get_by_role("button", name="Change my number").click()
    expect(page.get_by_text("The code has 6 digits and nothing else.")).to_be_visible()
    faults += faults_of(page, axe, "codes")
    page.set_viewport_size(PHONE)
    page.get_by_label("Code sent to your new number").fill(f"{sent[new][:3]} {sent[new][3:]}")
    page.get_by_role("button", name="Change my number").click()

    expect(page.get_by_text("Log in with the new one from now on.")).to_be_visible()
    assert fresh(person).phone.as_e164 == new
    assert "\n".join(faults) == ""


def test_staff_read_out_a_code_that_is_large_and_accessible(page_of, axe, staff):
    mentee = staff.people["first_year_mentee"]
    page, faults = page_of("dana"), []
    page.goto(f"/admin/mentees/{mentee.pk}/")

    page.get_by_role("button", name="Issue a log-in code").click()
    expect(page.get_by_role("heading", name="Code for")).to_be_visible()
    code = page.locator(".mentorpro-code-issued__code")
    size = float(code.evaluate("element => parseFloat(getComputedStyle(element).fontSize)"))
    digits = code.inner_text()
    faults += faults_of(page, axe, "code")

    assert digits.isdecimal()
    assert len(digits) == 6
    assert size >= 40
    assert "\n".join(faults) == ""


def test_terms_are_read_on_the_site(new_page, axe, terms):
    page = new_page(bypass_csp=True)
    page.goto(terms.url)

    expect(page.get_by_role("heading", level=1)).to_have_text("Terms of use")
    assert faults_of(page, axe, "terms") == []
