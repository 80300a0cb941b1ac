from playwright.sync_api import expect


def test_front_page_leads_staff_to_the_log_in(page):
    page.goto("/")

    page.get_by_role("link", name="Program staff Log in").click()

    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()


def test_front_page_fits_a_telephone(phone_page):
    phone_page.goto("/")

    assert phone_page.evaluate("document.documentElement.scrollWidth") == 390
    for link in phone_page.get_by_role("link").all():
        box = link.bounding_box()
        assert box["height"] >= 44 or box["y"] < 0, "too small for a thumb"


def test_skip_link_is_the_first_thing_the_keyboard_reaches(page):
    page.goto("/")
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
