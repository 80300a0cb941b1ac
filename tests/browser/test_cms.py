"""Wagtail's own screens work under our content security policy."""

import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from home.models import HomePage


@pytest.fixture
def editor_page(page, live_server):
    get_user_model().objects.create_superuser("editor@example.org", "editor@example.org", "a long password")
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill("editor@example.org")
    page.locator("input[name=password]").fill("a long password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/")
    return page


def test_home_page_is_edited_and_published(editor_page):
    home = HomePage.objects.get()
    editor_page.goto(f"/admin/pages/{home.pk}/edit/")

    editor_page.locator("#id_title").fill("Umbra Mentoring")
    introduction = editor_page.get_by_role("region", name="Introduction").get_by_role("textbox")
    introduction.click()
    introduction.press("Control+End")
    introduction.press_sequentially(" Everybody is welcome.", delay=20)
    # The editor hands its text to the form with a delay.
    expect(editor_page.locator("[name=intro]")).to_have_value(re.compile("Everybody is welcome"))
    editor_page.locator("footer").get_by_role("button", name="More actions").click()
    editor_page.get_by_role("button", name="Publish", exact=True).click()
    expect(editor_page.get_by_text("has been published.")).to_be_visible()

    editor_page.goto("/")
    expect(editor_page.get_by_role("heading", level=1)).to_have_text("Umbra Mentoring")
    expect(editor_page.locator("main")).to_contain_text("Everybody is welcome.")


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/pages/", "/admin/images/", "/admin/documents/", "/admin/account/"]
)
def test_wagtails_screens_report_no_error(editor_page, address):
    response = editor_page.goto(address, wait_until="networkidle")

    assert response.status == 200
