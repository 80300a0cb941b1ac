"""Assigning people in a browser: the story of a Program Manager, by mouse, by thumb and by keyboard alone."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program
from tests.conftest import DESKTOP, PHONE
from tests.exchange.helpers import ROSTERS
from tests.factories import PASSWORD, AssignmentFactory, PersonFactory

from .conftest import answer_to, search_for, tab_to


@pytest.fixture
def autumn_cohort(db):
    """The people of a roster that a program really sent. One of its managers runs a second program, and has a password."""
    by = PersonFactory(role=Role.SUPER_ADMIN, organization=None, phone=None, email="top@example.org").email
    call_command("load_structure", str(ROSTERS / "before.csv"), verbosity=0)
    call_command("import_roster", str(ROSTERS / "autumn_cohort.csv"), by=by, verbosity=0)
    manager = Person._base_manager.get(id_number="R1003")
    AssignmentFactory(person=manager, program=Program._base_manager.get(name="Drop-in Mentoring"))
    manager.user.set_password(PASSWORD)
    manager.user.save()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_program_manager_gives_a_mentee_a_second_mentor(autumn_cohort, new_page, size):
    page = new_page(**size)

    # He logs in, and finds the mentee by the number on a slip of paper.
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill("r1003@example.edu")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".mentorpro-home").get_by_role("link", name="Mentees").click()
    search_for(page, "(212) 555-0104")
    expect(page.get_by_role("alert")).to_have_text("There is 1 match")
    page.get_by_role("link", name="Winkler").click()
    expect(page.get_by_role("heading", name="Marcus Winkler", level=2)).to_be_visible()

    # He assigns a second mentor; the program chosen brings the list of its mentors.
    page.get_by_role("link", name="Assign", exact=True).click()
    expect(page.get_by_text("Choose a program to see who can lead there.")).to_be_visible()
    page.get_by_label("Program").select_option("Nursing Cohort 2026")
    mentors = page.get_by_role("group", name="Mentors")
    expect(mentors.get_by_label("Thomas Silva")).to_be_visible()
    expect(mentors.get_by_label("Cristian Herrera")).to_have_count(0)
    mentors.get_by_label("Thomas Silva").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("was assigned to “Nursing Cohort 2026” with Thomas Silva.")).to_be_visible()

    # The second mentor becomes primary, and stands first.
    switch = page.get_by_role("switch", name="Primary Mentor: Thomas Silva")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    assigned = page.get_by_role("region", name="Assigned Programs")
    expect(assigned.get_by_role("table").first.get_by_role("row").nth(1)).to_contain_text("Thomas Silva")

    # The first one is removed, and then comes back.
    page.get_by_role("button", name="Remove from Nursing Cohort 2026 with Cristian Herrera").click()
    expect(page.get_by_text("with Cristian Herrera has ended.")).to_be_visible()
    expect(page.get_by_role("switch", name="Primary Mentor")).to_have_count(1)
    history = page.get_by_role("region", name="Timeline").get_by_role("row").locator("td:nth-child(2)")
    for position, entry in enumerate(
        [
            "removed from “Nursing Cohort 2026” with Cristian Herrera",
            "Thomas Silva made Primary Mentor in “Nursing Cohort 2026”",
            "assigned to “Nursing Cohort 2026” with Thomas Silva",
            "assigned to “Nursing Cohort 2026” with Cristian Herrera",
        ]
    ):
        expect(history.nth(position)).to_have_text(entry)
    page.get_by_text("1 ended assignment").click()
    page.get_by_role("button", name="Reopen the assignment").click()
    expect(page.get_by_text("is open again.")).to_be_visible()
    expect(page.get_by_role("switch", name="Primary Mentor")).to_have_count(2)
    expect(history.first).to_have_text("assigned to “Nursing Cohort 2026” with Cristian Herrera again")

    rows = Assignment._base_manager.filter(person__id_number="R1105")
    assert set(rows.values_list("lead__id_number", "is_primary", "ended_at")) == {
        ("R1009", True, None),
        ("R1013", False, None),
    }


def test_tick_outlasts_an_answer_that_comes_late(page_of, staff):
    page = page_of("dana")
    page.goto(f"/admin/mentees/{staff.people['first_year_mentee'].pk}/")
    page.get_by_role("link", name="Assign", exact=True).click()
    page.get_by_label("Program").select_option("First Year Enginmark")
    search = page.get_by_role("searchbox")
    search.fill("ro")
    robin = page.get_by_role("checkbox", name="Robin")
    expect(page.get_by_role("checkbox")).to_have_count(1)
    held = []

    def hold(route):
        held.append(route)

    page.route("**/*list=1*", hold)

    search.press("b")
    while not held:
        page.wait_for_timeout(50)
    robin.check()
    robin.evaluate("box => box.dataset.before = ''")
    held[0].continue_()

    expect(page.locator("#pick-list [data-before]")).to_have_count(0)
    expect(robin).to_be_checked()


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
    with answer_to(page, "rob"):
        keys.type("rob")
    with answer_to(page, "rob"):
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
