"""Organizations, accounts, programs and identifiers in a browser."""

import re
from urllib.parse import urlsplit

from django.core import mail
from playwright.sync_api import expect

from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import IdentifierValue
from mentorpro_plugin.outbox.delivery import deliver_due
from tests.factories import OrganizationFactory, ProgramFactory


def test_parent_adds_an_account_that_chooses_its_password(page_of, new_page):
    page = page_of("riverside_parent")
    page.goto("/admin/organizations/")
    page.get_by_role("link", name="Enginmark Organization").click()
    people = page.get_by_role("region", name="People")
    people.get_by_role("link", name="Mentees", exact=True).click()
    rows = page.locator("#listing-results tbody tr")
    expect(rows.filter(has_text="Enginmark").first).to_be_visible()
    expect(rows.filter(has_text="Nursmark")).to_have_count(0)

    page.go_back()
    people.get_by_role("link", name="Add: Organization accounts").click()
    page.get_by_label("First name").fill("Ines")
    page.get_by_label("E-mail").fill("Ines@Example.org")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Ines was added.")).to_be_visible()
    expect(page.locator(".mentorpro-details")).to_contain_text("Child account")

    newcomer = new_page()
    newcomer.goto("/accounts/login/")
    newcomer.get_by_role("link", name="Forgot your password?").click()
    newcomer.get_by_label("E-mail").fill("ines@example.org")
    newcomer.get_by_role("button", name="Send me a link").click()
    expect(newcomer.get_by_role("heading", name="Look at your e-mail")).to_be_visible()
    deliver_due()
    letter = next(sent for sent in mail.outbox if "new password" in sent.subject)
    link = urlsplit(re.search(r"https?://\S+", letter.body).group())
    newcomer.goto(link.path)
    for field in newcomer.locator("input[type=password]").all():
        field.fill("seven-quiet-otters")
    newcomer.get_by_role("button", name="Set password").click()
    expect(newcomer.get_by_text("Your new password is set.")).to_be_visible()
    newcomer.get_by_label("E-mail").fill("INES@example.org")
    newcomer.get_by_label("Password").fill("seven-quiet-otters")
    newcomer.get_by_role("button", name="Sign in", exact=True).click()
    expect(newcomer.get_by_role("heading", name="Welcome, Ines")).to_be_visible()


def test_several_people_are_assigned_from_the_programs_side(page_of, staff):
    page = page_of("engineering_child")
    page.goto("/admin/programs/")
    page.get_by_role("link", name="Transfer Enginmark").click()
    page.get_by_role("link", name="Assign: Mentees").click()
    mentor = page.get_by_label("Mentor")
    mentor.select_option("Transfer Mentor Enginmark")

    # Who is ticked stays ticked, and on top, while the search looks for others.
    search = page.get_by_role("searchbox")
    people = page.get_by_role("group", name="People")
    search.fill("free")
    expect(people.get_by_role("checkbox")).to_have_count(1)
    people.get_by_role("checkbox", name="Engineering Free Mentee").check()
    search.fill("first year")
    expect(people.get_by_role("checkbox")).to_have_count(2)
    expect(people.get_by_role("checkbox").first).to_be_checked()
    people.get_by_role("checkbox", name="First Year Mentee").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("2 people were assigned to “Transfer Enginmark”.")).to_be_visible()
    expect(page.get_by_role("row", name="Mentees").get_by_role("cell").nth(1)).to_contain_text("3")

    transfer = Assignment._base_manager.filter(program=staff.programs["transfer"], ended_at=None)
    assert transfer.filter(lead=staff.people["transfer_mentor"]).count() == 3


def test_nobody_is_assigned_while_something_is_missing(page_of, staff):
    page = page_of("engineering_child")
    page.goto(f"/admin/programs/{staff.programs['transfer'].pk}/")
    page.get_by_role("link", name="Assign: Mentees").click()
    page.get_by_role("button", name="Add", exact=True).click()

    expect(page.get_by_text("Choose at least one person.")).to_be_visible()
    expect(page.get_by_text("This field is required.")).to_be_visible()


def test_empty_screens_say_what_is_missing(page_of, staff):
    staff.programs["empty"] = ProgramFactory(
        name="Empty Enginmark", organization=staff.organizations["engineering"]
    )
    staff.organizations["new"] = OrganizationFactory(
        name="New School", parent=staff.organizations["riverside"]
    )

    manager = page_of("engineering_free_pm")
    manager.goto("/admin/")
    expect(manager.get_by_text("You have no program yet.")).to_be_visible()
    manager.goto("/admin/programs/")
    expect(manager.get_by_text("There are no programs to display.")).to_be_visible()

    parent = page_of("riverside_parent")
    parent.goto(f"/admin/organizations/{staff.organizations['new'].pk}/")
    expect(parent.get_by_text("There are no programs yet.")).to_be_visible()
    parent.goto(f"/admin/mentees/?organization={staff.organizations['new'].pk}")
    expect(parent.get_by_text("No mentees match your query.")).to_be_visible()
    parent.goto(f"/admin/assignments/person/{staff.people['engineering_free_mentee'].pk}/")
    parent.get_by_label("Program").select_option("Empty Enginmark")
    expect(
        parent.get_by_text("Nobody can lead here yet: assign a Mentor to the program first.")
    ).to_be_visible()


def test_parent_defines_an_identifier(page_of):
    page = page_of("riverside_parent")
    page.goto("/admin/identifiers/")
    page.get_by_role("link", name="Add identifier").click()
    page.get_by_role("textbox", name="Name").fill("Campus")
    values = page.get_by_role("textbox", name="Value")
    values.nth(0).fill("Old Quad")
    page.get_by_role("button", name="Add Value").click()
    values.nth(1).fill("Lakeside")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".mentorpro-details")).to_contain_text("Old Quad, Lakeside")

    page.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Move up").nth(1).click()
    page.get_by_role("button", name="Add Value").click()
    values.nth(2).fill("Harbor Street")
    page.get_by_role("button", name="Update").click()
    expect(page.locator(".mentorpro-details")).to_contain_text("Lakeside, Old Quad, Harbor Street")

    page.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Delete").nth(1).click()
    page.get_by_role("button", name="Update").click()
    expect(page.locator(".mentorpro-details")).to_contain_text("Lakeside, Harbor Street")
    names = IdentifierValue._base_manager.filter(identifier__name="Campus").order_by("sort_order")
    assert list(names.values_list("name", flat=True)) == ["Lakeside", "Harbor Street"]
