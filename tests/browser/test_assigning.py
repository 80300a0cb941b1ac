"""Assigning people in a browser: the story of a Program Manager, by mouse, by thumb and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.assignments.models import Assignment
from tests.conftest import DESKTOP, PHONE
from tests.factories import PASSWORD

from .conftest import as_on_paper, tab_to


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_program_manager_gives_a_mentee_a_second_mentor(staff, new_page, size):
    mentee = staff.people["first_year_mentee"]
    page = new_page(**size)

    # She logs in, and finds the mentee by the number on a slip of paper.
    page.goto("/admin/login/")
    page.get_by_label("E-mail").fill("dana@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".mentorpro-home").get_by_role("link", name="Mentees").click()
    page.get_by_role("textbox", name="Search term").fill(as_on_paper(mentee))
    expect(page.get_by_role("alert")).to_have_text("There is 1 match")
    page.get_by_role("link", name=mentee.first_name).click()
    expect(page.get_by_role("heading", name=str(mentee), level=2)).to_be_visible()

    # She assigns a second mentor; the program chosen brings the list of its mentors.
    page.get_by_role("link", name="Assign", exact=True).click()
    expect(page.get_by_text("Choose a program to see who can lead there.")).to_be_visible()
    page.get_by_label("Program").select_option("First Year Enginmark")
    mentors = page.get_by_role("group", name="Mentors")
    expect(mentors.get_by_role("checkbox")).to_have_count(1)
    mentors.get_by_label("Robin").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("was assigned to “First Year Enginmark” with Robin Enginmark.")).to_be_visible()

    # The second mentor becomes primary, and stands first.
    switch = page.get_by_role("switch", name="Primary Mentor: Robin Enginmark")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    assigned = page.get_by_role("region", name="Assigned Programs")
    expect(assigned.get_by_role("table").first.get_by_role("row").nth(1)).to_contain_text("Robin")

    # The first one is removed, and then comes back.
    page.get_by_role("button", name="Remove from First Year Enginmark with First Year Mentor").click()
    expect(page.get_by_text("with First Year Mentor Enginmark has ended.")).to_be_visible()
    expect(page.get_by_role("switch")).to_have_count(1)
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("row").locator("td:nth-child(2)")).to_have_text(
        [
            "removed from “First Year Enginmark” with First Year Mentor Enginmark",
            "Robin Enginmark made Primary Mentor in “First Year Enginmark”",
            "assigned to “First Year Enginmark” with Robin Enginmark",
        ]
    )
    page.get_by_text("1 ended assignment").click()
    page.get_by_role("button", name="Reopen the assignment").click()
    expect(page.get_by_text("is open again.")).to_be_visible()
    expect(page.get_by_role("switch")).to_have_count(2)
    expect(history.get_by_role("row").nth(1)).to_contain_text("with First Year Mentor Enginmark again")

    rows = Assignment._base_manager.filter(person=mentee).values_list(
        "lead__first_name", "is_primary", "ended_at"
    )
    assert set(rows) == {("First Year Mentor", False, None), ("Robin", True, None)}


def test_keyboard_alone_assigns(page_of, staff):
    mentee = staff.people["first_year_mentee"]
    page = page_of("dana")
    page.goto("/admin/mentees/")
    keys = page.keyboard

    # The three dots open, lead to the profile, and close again.
    dots = page.get_by_role("button", name=f"Actions for {mentee}")
    tab_to(page, dots)
    keys.press("Enter")
    view = page.get_by_role("link", name="View")
    expect(view).to_be_visible()
    keys.press("Escape")
    expect(view).to_be_hidden()
    expect(dots).to_be_focused()
    keys.press("Space")
    tab_to(page, view)
    keys.press("Enter")

    # Assigning: arrows choose the program, and the swap takes the focus from nobody.
    expect(page.get_by_role("heading", name=str(mentee), level=2)).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Assign", exact=True))
    keys.press("Enter")
    program = page.get_by_label("Program")
    tab_to(page, program)
    keys.press("ArrowDown")
    search = page.get_by_role("searchbox")
    expect(search).to_be_visible()
    expect(program).to_be_focused()
    tab_to(page, search)
    keys.type("nobody has this name")
    expect(page.get_by_text("Nobody matches your search.")).to_be_visible()
    keys.press("Control+A")
    keys.type("rob")
    keys.press("Enter")
    robin = page.get_by_role("checkbox", name="Robin")
    expect(page.get_by_role("checkbox")).to_have_count(1)
    expect(search).to_be_focused()
    tab_to(page, robin)
    keys.press("Space")
    expect(robin).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Add", exact=True))
    keys.press("Enter")

    # The profile: the switch, the X, and the fold with what has ended.
    switch = page.get_by_role("switch", name="Primary Mentor: Robin")
    expect(switch).to_be_visible()
    tab_to(page, switch)
    keys.press("Space")
    expect(switch).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Remove from First Year Enginmark with Robin"))
    keys.press("Enter")
    expect(page.get_by_text("1 ended assignment")).to_be_visible()
    tab_to(page, page.locator("summary"))
    keys.press("Enter")
    tab_to(page, page.get_by_role("button", name="Reopen"))
    keys.press("Enter")
    expect(switch).to_be_checked()
