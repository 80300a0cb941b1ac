"""A program manager in the admin and a mentee behind the front door write to each other, in two browsers."""

import time

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.models import Message, Person
from tests.conftest import DESKTOP, PHONE
from tests.lives import converse

from .conftest import tab_to
from .test_accessibility import OVERFLOW, SMALL, STILL, TWICE, WAGTAILS
from .test_conversations import box, bubble, send

PM, MENTEE = "first_year_pm", "first_year_mentee"
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
HINT = "To write to people, log in with a Program Manager account."


def test_program_manager_writes_from_a_profile_and_the_answer_appears(page_of, world):
    pm, mentee = page_of(PM), page_of(MENTEE, **PHONE)
    pm.goto(f"/admin/mentees/{world.people[MENTEE].pk}/")
    pm.get_by_role("link", name="Write", exact=True).click()
    pm.wait_for_url(f"**/admin/connect/{world.people[MENTEE].pk}/")
    send(pm, "How is your first week?")
    expect(bubble(pm, "How is your first week?")).to_be_visible()
    pm.evaluate("window.isStillThere = true")

    mentee.goto("/mentee/")
    tab = mentee.get_by_role("navigation", name="Main").get_by_role("link", name="Messages")
    expect(tab.locator(".count")).to_contain_text("1")
    tab.click()
    mentee.locator("#conversations").get_by_role("link").click()
    expect(bubble(mentee, "How is your first week?")).to_be_visible()
    send(mentee, "Busy, thank you!")
    expect(bubble(mentee, "Busy, thank you!")).to_be_visible()
    sent = time.monotonic()

    expect(bubble(pm, "Busy, thank you!")).to_be_visible(timeout=6_000)
    assert time.monotonic() - sent < 5
    assert pm.evaluate("window.isStillThere"), "nothing was loaded anew"
    # Both have seen what the other one wrote.
    expect(pm.locator(".message__read")).to_have_count(1, timeout=6_000)
    expect(mentee.locator(".message__read")).to_have_count(1, timeout=6_000)
    assert Message._base_manager.count() == 2


def test_list_brings_news_without_reloading(page_of, world):
    pm, mentee = page_of(PM), page_of(MENTEE, **PHONE)
    converse(world, PM, MENTEE)
    pm.goto("/admin/connect/")
    mentee.goto(f"/mentee/messages/{world.people[PM].pk}/")

    send(mentee, "One more thing")

    expect(pm.locator("#conversations")).to_contain_text("One more thing", timeout=6_000)


@SIZES
def test_somebody_is_found_and_written_to_by_keyboard_alone(page_of, size):
    page = page_of(PM, **size)
    page.goto("/admin/connect/")

    tab_to(page, page.get_by_label("Search by name, phone, e-mail or ID"))
    page.keyboard.type("first year mentee")
    page.keyboard.press("Enter")
    page.wait_for_url("**/connect/?q=**")
    tab_to(page, page.get_by_role("link", name="First Year Mentee Enginmark"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/connect/*/**")
    tab_to(page, box(page))
    page.keyboard.type("By keyboard")
    tab_to(page, page.get_by_role("button", name="Send"))
    page.keyboard.press("Enter")

    expect(bubble(page, "By keyboard")).to_be_visible()
    expect(box(page)).to_have_value("")


@SIZES
def test_account_that_does_not_write_is_told_which_one_does(page_of, size):
    page = page_of("riverside_parent", **size)

    page.goto("/admin/connect/")

    expect(page.get_by_text(HINT)).to_be_visible()
    expect(page.get_by_label("Search by name")).to_have_count(0)


@SIZES
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_screens_are_accessible_and_fit(page_of, world, axe, size, colors):
    Person._base_manager.filter(pk=world.people[MENTEE].pk).update(
        first_name="Wolfeschlegelsteinhausen" * 4, last_name="القحطاني"
    )
    conversation = converse(world, PM, MENTEE)
    for text in ("Supercalifragilistic" * 20, "مرحبا https://example.org/" + "a" * 100):
        Message._base_manager.create(conversation=conversation, author=world.people[MENTEE], text=text)
    path = f"/admin/connect/{world.people[MENTEE].pk}/"
    faults = []

    for viewer, addresses in {
        PM: ["/admin/connect/", "/admin/connect/?q=nobody", path],
        "riverside_parent": ["/admin/connect/"],
    }.items():
        page = page_of(viewer, **size, color_scheme=colors)
        for address in addresses:
            assert page.goto(address).status == 200
            page.add_style_tag(content=STILL)
            signs = page.locator(".message .icon").evaluate_all("all => all.map((sign) => sign.clientWidth)")
            assert set(signs) <= {20}, "a sign is as high as its line"
            found = axe(page, theirs=WAGTAILS) + page.evaluate(OVERFLOW) + page.evaluate(TWICE)
            faults += [f"{address} of {viewer}: {fault}" for fault in found + page.evaluate(SMALL)]

        assert signs or viewer != PM
    assert "\n".join(faults) == ""
