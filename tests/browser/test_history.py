"""The history report in a browser: filtered without a reload, taken away as a file, and read on a telephone."""

import os
from pathlib import Path

from playwright.sync_api import expect

from mentorpro_plugin.activity.history import entry
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.people.models import Person
from tests.access.conftest import _keep_history
from tests.conftest import DESKTOP, PHONE


def test_report_is_filtered_by_keyboard_and_taken_away(page_of, staff):
    mentee = staff.people["first_year_mentee"]
    Person._base_manager.filter(pk=mentee.pk).update(
        first_name="أمل", last_name="القحطاني " + "x" * 60, status="deactivated"
    )
    _keep_history(staff)
    program = staff.programs["first_year"]
    entry(
        program,
        HistoryEntry.Action.ASSIGNED,
        by=staff.people["first_year_pm"].user,
        organization=mentee.organization_id,
        person=mentee.pk,
        program=program.pk,
        changes={"lead_id": [None, staff.people["first_year_mentor"].pk]},
    ).save(force_insert=True)
    page = page_of("riverside_parent")
    page.goto("/admin/")
    page.get_by_role("link", name="History").click()
    rows = page.locator("#listing-results tbody tr")
    expect(rows.first).to_be_visible()
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/history-1280.png", full_page=True)

    page.get_by_role("button", name="Show filters").press("Enter")
    page.get_by_role("button", name="What", exact=True).press("Enter")
    page.locator("#id_kind").select_option("assignments")
    expect(rows).to_have_count(1)
    if folder:
        page.screenshot(path=f"{folder}/filters-1280.png", full_page=True)
    page.keyboard.press("Escape")
    expect(rows.get_by_text("assigned to “First Year Enginmark”")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").press("Enter")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.count("\n") == 2
    assert "assigned to “First Year Enginmark” with First Year Mentor Enginmark" in text

    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        page.goto("/admin/history/")
        if folder:
            page.screenshot(path=f"{folder}/history-{size['width']}-again.png", full_page=size is DESKTOP)
        page.goto(f"/admin/mentees/{mentee.pk}/")
        expect(page.get_by_role("link", name="Look through the history")).to_have_attribute(
            "href", f"/admin/history/?person={mentee.pk}"
        )
        if folder:
            page.locator("#timeline").scroll_into_view_if_needed()
            page.screenshot(path=f"{folder}/profile-{size['width']}.png")
    page.goto("/admin/history/?kind=goals")
    expect(page.get_by_text("Nothing was recorded that fits these filters.")).to_be_visible()
