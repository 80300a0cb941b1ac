"""Exports in a browser: a roster as it stands on the screen, and the raw data of an organization."""

import csv
import os
import zipfile

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from mentorpro_plugin.conversations.models import private_storage
from mentorpro_plugin.models import ExportSchedule, RawExport
from tests.lives import live

from .conftest import search_for
from .test_accessibility import OVERFLOW, WAGTAILS

SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def check(axe):
    """Look at a page: with axe, at what is wider than the screen; and keep a picture where SHOTS says."""

    def check(page, name):
        assert axe(page, theirs=WAGTAILS) + page.evaluate(OVERFLOW) == []
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)

    return check


def fetched(page, press, path):
    """The file that `press()` has the browser download."""
    with page.expect_download() as download:
        press()
    download.value.save_as(path)
    assert download.value.failure() is None
    return download.value.suggested_filename


@pytest.mark.parametrize("width", [1280, 390])
def test_program_manager_takes_the_filtered_roster_away(staff, page_of, check, width, tmp_path):
    page = page_of("dana", width=width, height=900)
    page.goto("/admin/mentees/")
    search_for(page, "first year")
    expect(page.get_by_text("There is 1 match")).to_be_visible()
    asked_again = []
    page.on("request", lambda request: "q=" in request.url and asked_again.append(request.url))
    page.get_by_role("button", name="Actions", exact=True).click()
    expect(page.get_by_role("link", name="Download XLSX")).to_be_visible()
    check(page, "roster-menu")
    assert asked_again == [], "whoever goes from the search to the menu finds it open"
    if SHOTS:
        # A picture of the whole page closes it.
        expect(page.get_by_role("link", name="Download CSV")).to_be_hidden()
        page.get_by_role("button", name="Actions", exact=True).click()
    name = fetched(page, lambda: page.get_by_role("link", name="Download CSV").click(), tmp_path / "roster")
    with (tmp_path / "roster").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (name[:8], name[-4:]) == ("mentees-", ".csv")
    assert [(row["ID"], row["Mentor"]) for row in rows] == [
        ("FIRST_YEAR_MENTEE-ENGINMARK", "FIRST_YEAR_MENTOR-ENGINMARK")
    ]

    # By keyboard, the other one.
    page.goto("/admin/mentees/unassigned/")
    page.get_by_role("button", name="Actions", exact=True).focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Download XLSX")
    expect(link).to_be_visible()
    link.focus()
    name = fetched(page, lambda: page.keyboard.press("Enter"), tmp_path / "roster.xlsx")
    headings, *rows = load_workbook(tmp_path / "roster.xlsx").worksheets[0].values
    assert name.startswith("unassigned-mentees-")
    assert [row[headings.index("ID")] for row in rows] == ["ENGINEERING_FREE_MENTEE-ENGINMARK"]


@pytest.mark.parametrize("width", [1280, 390])
def test_parent_asks_for_raw_data_and_fetches_them(staff, page_of, check, width, tmp_path):
    live(staff)
    RawExport._base_manager.all().delete()
    ExportSchedule._base_manager.all().delete()
    page = page_of("riverside_parent", width=width, height=900)
    page.goto("/admin/exports/")
    expect(page.get_by_text("No raw data have been exported yet.")).to_be_visible()
    check(page, "exports-none")
    page.get_by_role("link", name="Export raw data").first.click()
    expect(page.get_by_label("Organization")).to_have_value(str(staff.organizations["riverside"].pk))
    check(page, "exports-ask")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_text("The export is ready")).to_be_visible()
    check(page, "exports-ready")

    button = page.get_by_role("button", name="Download the raw data of Riverside Organization")
    button.focus()
    name = fetched(page, lambda: page.keyboard.press("Enter"), tmp_path / "raw.zip")
    with zipfile.ZipFile(tmp_path / "raw.zip") as archive:
        assert archive.testzip() is None
        assert {"README.txt", "people.csv", "messages.csv"} <= set(archive.namelist())
    assert name.startswith("riverside-organization-")

    # How it looks on the way: the script asks until there is nothing to wait for.
    export = RawExport(
        organization=staff.organizations["engineering"],
        by=staff.user("riverside_parent"),
        rows_done=1,
        rows_total=4,
    )
    export.save()
    page.goto(f"/admin/exports/{export.pk}/")
    expect(page.get_by_text("25 percent are done")).to_be_visible()
    check(page, "exports-writing")
    RawExport._base_manager.filter(pk=export.pk).update(rows_done=3)
    expect(page.get_by_text("75 percent are done")).to_be_visible()
    page.get_by_role("button", name="Cancel the export").click()
    expect(page.get_by_text("Nothing of it is kept.")).to_be_visible()
    check(page, "exports-cancelled")

    page.goto("/admin/exports/")
    page.get_by_role("link", name="Set up a regular export").click()
    page.get_by_label("How often").select_option("month")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="every month")).to_be_visible()
    ExportSchedule._base_manager.update(by=staff.user("engineering_child"))
    page.reload()
    expect(page.get_by_text("may not export raw data any more", exact=False)).to_be_visible()
    check(page, "exports-list")
    page.get_by_role("link", name="Change the regular export of Riverside Organization").click()
    expect(page.get_by_text("It goes on on your behalf", exact=False)).to_be_visible()
    check(page, "exports-regular")
    page.get_by_role("button", name="Don't export regularly any more").click()
    expect(page.get_by_text("Nothing is exported regularly yet.")).to_be_visible()
    for kept in RawExport._base_manager.exclude(file=""):
        private_storage().delete(kept.file)
