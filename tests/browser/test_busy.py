"""What Chromium shows of an answer that asks for patience: the page stays as it was, and says so."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.conftest import PHONE
from tests.lives import plan

SENTENCE = "The site is busy storing a large import. Please try again in a minute."
MENTOR, MENTEE, PM = "first_year_mentor", "first_year_mentee", "first_year_pm"
PART = f'<div class="notice notice--error" role="alert"><p>{SENTENCE}</p></div>'


@pytest.fixture
def busy_page_of(page_of):
    """A page whose forms are answered as `shell/busy.py` does, until `page.unroute_all()`."""
    pages = []

    def answer(route):
        if route.request.method != "POST":
            route.continue_()
        elif route.request.headers.get("hx-request"):
            route.fulfill(status=503, headers={"Retry-After": "60"}, content_type="text/html", body=PART)
        else:
            body = json.dumps({"said": SENTENCE, "errors": {"": [SENTENCE]}})
            route.fulfill(
                status=503, headers={"Retry-After": "60"}, content_type="application/json", body=body
            )

    def open_page(name, **options):
        page = page_of(name, **options)
        page.route("**/*", answer)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        # Chromium complains of each such answer, and htmx of its own; of nothing else.
        page.faults[:] = [fault for fault in page.faults if "503" not in fault]


def test_step_of_a_goal_stays_as_it_was(busy_page_of, world):
    page = busy_page_of(MENTEE, **PHONE, service_workers="block")
    page.goto(f"/mentee/goals/{plan(world, MENTEE).pk}/")
    step = page.get_by_role("checkbox", checked=False).first

    step.click()

    expect(page.get_by_role("alert")).to_have_text(SENTENCE)
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(step).not_to_be_checked()
    page.unroute_all()
    step.click()
    expect(page.get_by_role("checkbox", checked=True).first).to_be_visible()


def test_message_is_still_there_to_be_sent(busy_page_of, world):
    page = busy_page_of(MENTEE, **PHONE, service_workers="block")
    page.goto(f"/mentee/messages/{world.people[MENTOR].pk}/")
    text = page.get_by_role("textbox")
    text.fill("See you at four")

    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_have_text(SENTENCE)
    expect(text).to_have_value("See you at four")
    page.unroute_all()
    page.get_by_role("button", name="Send").click()
    expect(text).to_have_value("")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_switch_goes_back_and_upload_can_be_sent_again(busy_page_of, world):
    page = busy_page_of(PM)
    page.goto(reverse("mentees:profile", args=[world.people[MENTEE].pk]))
    switch = page.get_by_role("switch").first
    before = switch.get_attribute("aria-checked")

    switch.click()

    expect(page.get_by_role("alert").filter(has_text=SENTENCE)).to_be_visible()
    expect(switch).to_have_attribute("aria-checked", before)

    page.goto(reverse("imports:add"))
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": b"ID,First Name\n1,Ana\n"}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert").filter(has_text=SENTENCE)).to_be_visible()
