"""Deleting somebody for good in a browser, from the Organization tab to the export."""

import os
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.models import Deletion, Person
from tests.lives import live

from .test_accessibility import OVERFLOW, WAGTAILS

SHOTS = os.environ.get("SHOTS", "")


@pytest.mark.parametrize("width", [1280, 390])
def test_parent_deletes_a_mentee_and_fetches_the_export(staff, page_of, axe, width, tmp_path):
    live(staff)
    person = staff.people["transfer_mentee"]
    page = page_of("riverside_parent", width=width, height=900)

    def check(name):
        assert axe(page, theirs=WAGTAILS) + page.evaluate(OVERFLOW) == []
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)

    page.goto(f"/admin/organizations/{person.organization_id}/")
    page.get_by_role("link", name="Mentees", exact=True).last.click()
    page.get_by_role("button", name=f"Actions for {person}").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_text("for both sides").first).to_be_visible()
    expect(page.get_by_label("Keep an export first")).to_be_checked()
    page.get_by_label("Type YES to delete for good").fill("no")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Nothing was deleted.")).to_be_visible()
    check("question")
    assert Person._base_manager.filter(pk=person.pk).exists()

    page.get_by_label("Type YES to delete for good").fill("yes")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"mentee no. {person.pk} was deleted for good.", exact=False)).to_be_visible()
    check("receipt")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(Path(tmp_path / "export.zip")) as archive:
        assert "messages.csv" in archive.namelist()

    # How it looks on the way: the script asks until there is nothing to wait for.
    other = staff.people["engineering_free_mentee"]
    going = Deletion(
        person_pk=other.pk,
        role=other.role,
        organization=other.organization,
        counts={"messages": 10},
        requested_by=staff.user("riverside_parent"),
    )
    going.save()
    page.goto(f"/admin/deletions/{going.pk}/")
    expect(page.get_by_role("progressbar", name="Writing the export")).to_be_visible()
    check("exporting")
    Deletion._base_manager.filter(pk=going.pk).update(state=Deletion.State.DELETING, deleted={"messages": 4})
    expect(page.get_by_text("40 percent are gone")).to_be_visible()
    Deletion._base_manager.filter(pk=going.pk).update(
        state=Deletion.State.FAILED, error=Deletion.Reason.DISK_FULL, due_at=None
    )
    expect(page.get_by_text("There is no room left for the export.", exact=False)).to_be_visible()
    check("failed")
    page.goto("/admin/deletions/")
    expect(page.get_by_role("main").get_by_role("table").get_by_text("failed").first).to_be_visible()
    check("list")
    page.goto(f"/admin/deletions/person/{staff.people['transfer_mentor'].pk}/")
    expect(page.get_by_text("Assign them to somebody else first.")).to_have_count(0)
    check("after")
    page.goto(f"/admin/deletions/person/{staff.people['first_year_mentor'].pk}/")
    expect(page.get_by_text("Assign them to somebody else first.")).to_be_visible()
    check("lead")
