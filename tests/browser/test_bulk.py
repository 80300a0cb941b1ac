"""Many people of a roster in a browser: who is active, selecting, writing to them, deactivating and back."""

import re

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.outbox.models import OutboxMessage
from mentorpro_plugin.people.models import Person
from tests.conftest import DESKTOP, PHONE
from tests.world import add, assign

from .conftest import search_for, tab_to


@pytest.fixture
def crowd(staff):
    """More mentees than a page holds, all of Dana's, with a name in another writing among them."""
    for number in range(24):
        first_name = "أمل" if number == 0 else f"Number {number:02}"
        add(staff, f"crowd_{number}", Role.MENTEE, "engineering", first_name=first_name, last_name="Crowd")
        assign(staff, f"crowd_{number}", "first_year", "robin")
    return staff


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_people_are_found_written_to_and_switched_off_and_on(crowd, page_of, axe, size):
    page = page_of("dana", width=size["width"])
    page.goto("/admin/mentees/?q=crowd&ordering=-first_name")
    bar = page.get_by_role("region", name="Do something to those who are selected")
    expect(bar).to_be_hidden()

    # One click leads to those who never logged in; two of them are ticked, by the keyboard.
    page.get_by_role("link", name="Never logged in 24").click()
    expect(page.get_by_role("link", name="Never logged in 24")).to_have_attribute("aria-current", "true")
    tab_to(page, page.get_by_role("checkbox", name="Select أمل Crowd"))
    page.keyboard.press("Space")
    page.get_by_role("checkbox", name="Select Number 23 Crowd").check()
    expect(bar.get_by_role("status")).to_have_text("Selected: 2")
    assert axe(page, theirs=["h2[role=alert]"]) == []

    bar.get_by_role("button", name="Write to them").click()
    page.get_by_label("Subject").fill("Hello {first_name}")
    page.get_by_label("Text").fill("Dear {name},")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Nothing is known to put in place of “{name}”.")).to_be_visible()
    page.get_by_label("Text").fill("Dear {first_name},\n\nlog in some day.")
    page.get_by_role("button", name="Preview").click()
    letter = page.get_by_role("article", name="Preview")
    expect(letter).to_contain_text("Hello Number 23")
    expect(page.get_by_role("heading", name="2 people get this")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("E-mails to 2 people are in the outbox")).to_be_visible()
    assert page.url.endswith("/admin/mentees/?q=crowd&ordering=-first_name&status=never")
    bodies = OutboxMessage._base_manager.filter(kind="from_staff").values_list("body", flat=True)
    assert sorted(bodies) == ["Dear Number 23,\n\nlog in some day.", "Dear أمل,\n\nlog in some day."]

    # Everybody on the page, then everybody there is, over all pages.
    def select_everybody(count):
        page.get_by_role("checkbox", name="Select all on this page").check()
        expect(bar.get_by_role("status")).to_have_text("Selected: 20")
        bar.get_by_role("button", name=f"Select all {count} mentees").click()
        expect(bar.get_by_role("status")).to_have_text(f"Selected: all {count}")

    select_everybody(24)
    bar.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("heading", name="Deactivate 24 people?")).to_be_visible()
    expect(page.get_by_text("and 4 more")).to_be_visible()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("24 people were deactivated")).to_be_visible()
    page.get_by_role("link", name="Deactivated 24").click()
    expect(page.get_by_role("link", name="Deactivated 24")).to_have_attribute("aria-current", "true")
    select_everybody(24)
    bar.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_role("heading", name="Reactivate 24 people?")).to_be_visible()
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_text("24 people were reactivated")).to_be_visible()
    assert Person._base_manager.filter(last_name="Crowd", status="enabled").count() == 24

    # After a search on the page, without loading it anew, the selection is about what stands there.
    page.goto("/admin/mentees/")
    search_for(page, "number 07")
    expect(page.get_by_role("link", name="All 1", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name="Select Number 07 Crowd").check()
    expect(bar.get_by_role("status")).to_have_text("Selected: 1")
    bar.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("heading", name="Deactivate 1 person?")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"/admin/mentees/\?.*q=number\+07"))
