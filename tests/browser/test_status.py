"""The switch of a roster in a browser: somebody is out with one click, and the same click lets them in again."""

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.models import HistoryEntry
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.portal.entering import BACKEND
from tests.conftest import PHONE

from .conftest import forgive_the_network, tab_to

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SENTENCE = "Your account is deactivated, so you were logged out."


@pytest.fixture
def page_at_door(world, live_server, new_page, client):
    """Open a page in which a mentor or mentee is logged in: `page_at_door("first_year_mentee")`."""

    def page_at_door(name):
        client.force_login(world.user(name), backend=BACKEND)
        cookie = client.cookies["sessionid"]
        page = new_page(**PHONE)
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return page_at_door


def answer(status, route):
    route.fulfill(status=status, body="no")


def is_on(switch):
    return expect(switch).to_have_attribute("aria-checked", "true")


def is_off(switch):
    return expect(switch).to_have_attribute("aria-checked", "false")


def test_mentee_is_out_at_the_next_click_and_an_old_browser_stays_out(world, page_of, page_at_door):
    mentee = world.people["first_year_mentee"]
    Person._base_manager.update(welcomed_at=mentee.added_at)
    hers = page_at_door("first_year_mentee")
    hers.goto("/mentee/people/")
    staff = page_of("first_year_pm")
    staff.goto("/admin/mentees/")
    row = staff.get_by_role("row").filter(has_text=mentee.first_name)
    switch = row.get_by_role("switch")
    expect(switch).to_have_accessible_name(f"Enabled : {mentee}")
    is_on(switch)

    # By keyboard, and the focus stays; no page is loaded anew.
    staff.evaluate("window.isSamePage = true")
    tab_to(staff, switch)
    staff.keyboard.press("Space")
    is_off(switch)
    expect(switch).to_have_accessible_name(f"Deactivated : {mentee}")
    expect(row.get_by_text("Never logged in")).to_have_count(0)
    expect(switch).to_be_focused()
    expect(staff.get_by_role("status").filter(has_text="was deactivated")).to_have_count(1)

    hers.get_by_role("navigation").get_by_role("link", name=re.compile("^Messages")).click()
    hers.wait_for_url("**/mentee/log-in/**")
    expect(hers.get_by_text(SENTENCE)).to_be_visible()
    hers.reload()
    expect(hers.get_by_text(SENTENCE)).to_have_count(0)

    switch.click()
    is_on(switch)
    expect(staff.get_by_role("status").filter(has_text="was reactivated")).to_have_count(1)
    assert staff.evaluate("window.isSamePage")
    hers.goto("/mentee/people/")
    hers.wait_for_url("**/mentee/log-in/**")
    new = page_at_door("first_year_mentee")
    new.goto("/mentee/people/")
    expect(new).to_have_url(re.compile("/mentee/people/$"))


def test_profile_follows_its_switch(world, page_of):
    mentee = world.people["first_year_mentee"]
    page = page_of("first_year_pm")
    page.goto(f"/admin/mentees/{mentee.pk}/")
    switch, title = (
        page.locator(".mentorpro-toggle").get_by_role("switch"),
        page.locator(".mentorpro-profile__title"),
    )
    assign = page.get_by_role("link", name="Assign", exact=True)
    write = page.get_by_role("navigation", name="Actions").get_by_role("link", name="Write")
    for button in (assign, write):
        expect(button).to_have_count(1)

    switch.click()
    expect(title).to_contain_text("Deactivated")
    for button in (assign, write):
        expect(button).to_have_count(0)
    expect(page.get_by_role("region", name="Timeline").get_by_text("deactivated")).to_be_visible()
    expect(switch).to_be_focused()

    switch.click()
    expect(title).not_to_contain_text("Deactivated")
    for button in (assign, write):
        expect(button).to_have_count(1)


def test_switch_goes_back_with_a_sentence_when_nothing_was_switched(world, page_of):
    mentee = world.people["first_year_mentee"]
    page = page_of("first_year_pm", width=390)
    page.goto("/admin/mentees/")
    row = page.get_by_role("row").filter(has_text=mentee.first_name)
    switch, alert = row.get_by_role("switch"), row.get_by_role("alert")
    address = f"**/admin/mentees/{mentee.pk}/status/"

    def fails_with(sentence):
        switch.click()
        expect(alert).to_contain_text(sentence)
        expect(alert).to_have_count(1)
        is_on(switch)

    for status, sentence in {
        500: "Something went wrong on our side",
        404: "no longer in your lists",
        403: "You are logged out, or this page is too old.",
    }.items():
        page.route(address, partial(answer, status))
        fails_with(sentence)
        page.unroute(address)
    page.context.set_offline(True)
    fails_with("There is no connection")
    page.context.set_offline(False)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    fails_with("You are logged out, or this page is too old.")
    page.context.add_cookies(cookies)
    assert not HistoryEntry._base_manager.filter(action="deactivated").exists()

    # And then it works, and the sentence goes.
    switch.click()
    expect(switch).to_contain_text("Deactivated")
    expect(alert).to_have_count(0)
    assert Person._base_manager.get(pk=mentee.pk).is_deactivated
    forgive_the_network(page)
    page.faults[:] = [fault for fault in page.faults if "status of " not in fault]


def test_switch_works_without_scripts(world, page_of):
    mentee = world.people["first_year_mentee"]
    page = page_of("first_year_pm", java_script_enabled=False)
    page.goto("/admin/mentees/")

    page.get_by_role("row").filter(has_text=mentee.first_name).get_by_role("switch").click()

    expect(page).to_have_url(re.compile(f"/admin/mentees/{mentee.pk}/$"))
    expect(page.get_by_text(f"{mentee} was deactivated")).to_be_visible()
    is_off(page.get_by_role("switch", name=str(mentee)).first)
