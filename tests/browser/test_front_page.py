def test_front_page_leads_staff_to_the_log_in(page):
    page.goto("/")

    page.get_by_role("link", name="Program staff Log in").click()

    page.wait_for_url("**/accounts/login/**")
    assert page.get_by_role("textbox", name="Password").is_visible()


def test_front_page_fits_a_telephone(phone_page):
    phone_page.goto("/")

    assert phone_page.evaluate("document.documentElement.scrollWidth") == 390
    for link in phone_page.get_by_role("link").all():
        box = link.bounding_box()
        assert box["height"] >= 44 or box["y"] < 0, "too small for a thumb"


def test_skip_link_is_the_first_thing_the_keyboard_reaches(page):
    page.goto("/")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
