"""Rosters in a browser: adding, changing, finding and sorting people."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from mentorpro_plugin.people.models import Person
from tests.world import MARKERS

from .conftest import as_on_paper, search_for

FOREIGN = [MARKERS["hillside"], MARKERS["law"]]


def test_program_manager_adds_a_mentee(page_of, staff):
    stranger, colleague = staff.people["moot_mentee"], staff.people["first_year_mentee"]
    page = page_of("dana")
    page.goto("/admin/mentees/")
    unassigned = page.get_by_role("navigation", name="Lists").get_by_role("link", name="Unassigned mentees")
    expect(unassigned).to_have_text("Unassigned mentees 1")

    # What doesn't fit is said beside its field, and what was typed stays.
    page.get_by_role("link", name="Add mentee").click()
    page.get_by_label("Last name").fill("Newcomer")
    page.get_by_label("Phone number").fill("555-01")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(error_of(page, "First name")).to_have_text("This field is required.")
    expect(error_of(page, "Phone number")).to_have_text("“555-01” is not a telephone number.")
    expect(page.get_by_label("Last name")).to_have_value("Newcomer")

    # A number that somebody of another organization has: not a word on who or where.
    page.get_by_label("First name").fill("Noor")
    page.get_by_label("Phone number").fill(as_on_paper(stranger))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(error_of(page, "Phone number")).to_have_text("This phone number belongs to another person.")
    assert [word for word in [*FOREIGN, stranger.first_name] if word in page.content()] == []

    page.get_by_label("Phone number").fill("(808) 555-0199")
    page.get_by_role("textbox", name="ID").fill(colleague.id_number.lower())
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("This ID belongs to another person.")).to_be_visible()

    page.get_by_role("textbox", name="ID").fill("")
    page.get_by_label("Grade Riverside").select_option("Seniormark")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Noor Newcomer was added.")).to_be_visible()
    for label, value in {
        "Phone": "+1 808-555-0199",
        "ID": "+18085550199",
        "Grade Riverside": "Seniormark",
    }.items():
        expect(
            page.locator(".mentorpro-details div").filter(has=page.get_by_text(label, exact=True))
        ).to_contain_text(value)

    # Edit > Update.
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Phone number")).to_have_value("+1 808-555-0199")
    page.get_by_label("Last name").fill("Newcomer-Ruiz")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_text("Noor Newcomer-Ruiz was updated.")).to_be_visible()

    # She stands among the unassigned until she is assigned.
    page.goto("/admin/mentees/unassigned/")
    expect(unassigned).to_have_text("Unassigned mentees 2")
    page.get_by_role("link", name="Newcomer-Ruiz").click()
    page.get_by_role("link", name="Assign", exact=True).click()
    page.get_by_label("Program").select_option("Transfer Enginmark")
    page.get_by_role("checkbox", name="Transfer Mentor").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("was assigned to “Transfer Enginmark”")).to_be_visible()
    page.goto("/admin/mentees/")
    expect(unassigned).to_have_text("Unassigned mentees 1")


def test_roster_is_searched_filtered_and_sorted(page_of, staff):
    now = timezone.now()
    for position, name in enumerate(["cohort_mentee", "first_year_mentee", "transfer_mentee"]):
        Person._base_manager.filter(pk=staff.people[name].pk).update(
            first_login_at=now, last_activity_at=now - timedelta(days=20 * position)
        )
    page = page_of("riverside_parent")
    page.goto("/admin/mentees/")
    names = page.locator("#listing-results td.mentorpro-name:nth-child(2)")
    everybody = names.count()

    # Each column sorts both ways, from its heading.
    for column, ordering in {
        "First Name": "first_name",
        "Last Name": "last_name",
        "Last Activity Date": "last_activity_at",
    }.items():
        page.get_by_role("columnheader", name=column).get_by_role("link").click()
        page.wait_for_url(f"**ordering={ordering}*")
    expect(names.last).to_have_text("Cohort Mentee")
    page.get_by_role("columnheader", name="Last Activity Date").get_by_role("link").click()
    page.wait_for_url("**ordering=-last_activity_at*")
    expect(names.first).to_have_text("Cohort Mentee")

    # The drawer filters as soon as something is chosen; each choice can be taken back.
    def choose(label, value):
        page.get_by_role("button", name="Show filters").click()
        page.get_by_role("button", name=label).click()
        page.get_by_label(label, exact=True).select_option(value)
        page.keyboard.press("Escape")
        # The drawer goes back to its first page a moment after it was closed.
        expect(page.locator("#filters-drilldown")).to_have_attribute(
            "data-w-drilldown-active-submenu-value", ""
        )

    choose("Status", "Inactive over 15 days")
    expect(names).to_have_text(["First Year Mentee", "Transfer Mentee"])
    choose("Program", "First Year Enginmark")
    expect(names).to_have_text(["First Year Mentee"])
    clear = page.get_by_role("button", name="Clear")
    clear.first.click()
    expect(clear).to_have_count(1)
    clear.click()
    expect(names).to_have_count(everybody)
    choose("Grade Riverside", "Freshmark")
    expect(names).to_have_text(["First Year Mentee"])
    clear.click()
    expect(names).to_have_count(everybody)

    # By name, e-mail, ID and part of a number; nobody is found with a sentence, not with an empty table.
    mentee = staff.people["first_year_mentee"]
    for query in ["first year", mentee.email, mentee.id_number, as_on_paper(mentee)[1:]]:
        search_for(page, query)
        expect(names).to_have_text(["First Year Mentee"])
    search_for(page, "hillmark")
    expect(page.get_by_text("No mentees match your query.")).to_be_visible()


def error_of(page, label):
    """The error beside the field with this label."""
    field = page.locator("[data-field-wrapper]").filter(has=page.get_by_label(label))
    return field.locator(".error-message")
