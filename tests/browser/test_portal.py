"""The front doors in Chromium: pages on a telephone and on a desk, by keyboard, from right to left, and as an app."""

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.models import Organization, Person, Program
from tests.conftest import DESKTOP, PHONE
from tests.lives import converse
from tests.world import add, assign

from .conftest import forgive_the_network
from .test_accessibility import OVERFLOW, TWICE

#: What can be hit, and is too small for a thumb; links within sentences may be.
SMALL = """() => [...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")]
    .filter((element) => element.checkVisibility() && !element.closest("p, label, .skip"))
    .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 120)])
    .filter(([box]) => Math.round(box.width) < 44 || Math.round(box.height) < 44)
    .map(([box, name]) => `small (${Math.round(box.width)} by ${Math.round(box.height)}): ${name}`)"""
#: The service worker of the page, once it looks after it.
CONTROLLED = """async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 20));
    return navigator.serviceWorker.controller.scriptURL;
}"""
PAGES = {
    "first_year_mentee": [
        "/mentee/",
        "/mentee/people/",
        "/mentee/people/{first_year_mentor}/",
        "/mentee/how-to-get-in/",
    ],
    "first_year_mentor": [
        "/mentor/",
        "/mentor/people/",
        "/mentor/people/{engineering_left_mentee}/",
        "/mentor/people/{first_year_pm}/",
    ],
    "engineering_free_mentee": ["/mentee/", "/mentee/people/"],
    None: ["/mentee/offline/", "/mentor/how-to-get-in/", "/mentee/nothing-here/"],
}


@pytest.fixture
def lively(world):
    """The world with what a page shows only sometimes: unread messages, a contact, something to say of oneself."""
    converse(world, "first_year_mentee", "first_year_mentor")
    Organization._base_manager.update(
        contact_email="help@engineering.example.org", contact_phone="+12015550123", contact_note="Room 12."
    )
    Person._base_manager.filter(role=Role.MENTOR).update(about="I build bridges.\n\nAsk me about them.")
    return world


@pytest.fixture
def visit(lively, client_of, live_server, new_page):
    """Open a page in which somebody is logged in, or nobody: `visit("first_year_mentee", **PHONE)`."""

    def visit(name, **options):
        page = new_page(**options)
        if name:
            cookie = client_of(name).cookies["sessionid"]
            page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return visit


@pytest.mark.parametrize("viewer", PAGES)
def test_pages_are_accessible(lively, visit, axe, viewer):
    page = visit(viewer)
    keys = {name: person.pk for name, person in lively.people.items()}
    faults = []

    for address in PAGES[viewer]:
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            page.goto(address.format(**keys))
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found = axe(page) + page.evaluate(OVERFLOW) + page.evaluate(TWICE) + page.evaluate(SMALL)
                faults += [f"{address} {size['width']} {scheme}: {fault}" for fault in found]
    page.faults[:] = [fault for fault in page.faults if "nothing-here" not in fault]

    assert "\n".join(faults) == ""


def test_tabs_say_where_one_is(visit):
    page = visit("first_year_mentee", **PHONE)
    page.goto("/mentee/")
    tabs = page.get_by_role("navigation", name="Main")

    expect(tabs.locator("[aria-current=page]")).to_have_text("Home")
    tabs.get_by_role("link", name="People").click()

    page.wait_for_url("**/mentee/people/")
    expect(tabs.locator("[aria-current=page]")).to_have_text("People")
    page.get_by_role("link", name="First Year Mentor").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First Year Mentor Enginmark")
    expect(tabs.locator("[aria-current=page]")).to_have_text("People")


def test_tabs_are_at_the_foot_of_a_phone_and_at_the_side_of_a_desk(visit):
    page = visit("first_year_mentee", **PHONE)
    page.goto("/mentee/people/")
    tabs = page.get_by_role("navigation", name="Main")

    foot = tabs.bounding_box()
    page.set_viewport_size(DESKTOP)
    side = tabs.bounding_box()

    assert (foot["x"], foot["width"], foot["y"] + foot["height"]) == (0, 390, 844)
    assert (side["x"], side["y"], side["height"]) == (0, 0, 900)
    assert page.get_by_role("main").bounding_box()["x"] >= side["width"]


def test_last_thing_of_a_page_is_not_below_the_tabs(visit):
    page = visit("first_year_mentee", **PHONE)
    page.goto("/mentee/")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")

    last = page.get_by_role("link", name="Put this on your home screen").bounding_box()

    assert last["y"] + last["height"] <= page.get_by_role("navigation", name="Main").bounding_box()["y"]


def test_everything_is_reached_by_keyboard(lively, visit):
    page = visit("first_year_mentee", **DESKTOP)
    page.goto("/mentee/people/")
    wanted = page.locator("a:visible").evaluate_all("links => links.map((link) => link.href)")
    reached = []

    for _ in wanted:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.href"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reached[-1]

    assert reached == wanted
    page.goto("/mentee/people/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_long_and_foreign_names_stay_on_the_screen(lively, visit, size):
    _lengthen(lively)
    page = visit("first_year_mentee", **size)
    keys = {name: person.pk for name, person in lively.people.items()}
    faults = []

    for address in ("/mentee/", "/mentee/people/", *(f"/mentee/people/{keys[key]}/" for key in ("first_year_mentor", "amal"))):  # fmt: skip
        page.goto(address)
        faults += [f"{address}: {fault}" for fault in page.evaluate(OVERFLOW)]
        top = page.locator("header.top").bounding_box()
        assert top["height"] < 120, "the header of a long name leaves room for the page"

    assert faults == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_page_from_right_to_left_is_mirrored(settings, lively, visit, live_server, size):
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    page = visit("first_year_mentee", **size)
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": live_server.url}])
    page.goto("/mentee/people/")

    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert page.evaluate(OVERFLOW) == []
    item = page.locator("main .list__item").first
    assert item.locator(".avatar").bounding_box()["x"] > item.locator("strong").bounding_box()["x"]
    if size is DESKTOP:
        tabs = page.locator(".tabs").bounding_box()
        assert tabs["x"] + tabs["width"] == page.evaluate("document.documentElement.clientWidth")
        assert page.get_by_role("main").bounding_box()["x"] < tabs["x"]


def test_page_works_without_scripts(lively, visit):
    page = visit("first_year_mentee", **PHONE, java_script_enabled=False)
    page.goto("/mentee/")

    page.get_by_role("main").get_by_role("link", name="First Year Mentor").last.click()

    expect(page.get_by_role("link", name="Write")).to_be_visible()


@pytest.mark.parametrize(
    ("door", "viewer"), [("mentee", "first_year_mentee"), ("mentor", "first_year_mentor")]
)
def test_door_can_be_installed(visit, live_server, door, viewer):
    page = visit(viewer, **PHONE)
    page.goto(f"/{door}/")
    worker = page.evaluate(CONTROLLED)
    chromium = page.context.new_cdp_session(page)

    manifest = chromium.send("Page.getAppManifest")
    obstacles = [error["errorId"] for error in chromium.send("Page.getInstallabilityErrors")["installabilityErrors"]]  # fmt: skip

    assert worker == f"{live_server.url}/{door}/service-worker.js"
    assert (
        page.evaluate("navigator.serviceWorker.ready.then((it) => it.scope)") == f"{live_server.url}/{door}/"
    )
    assert manifest["errors"] == []
    assert manifest["url"] == f"{live_server.url}/{door}/manifest.webmanifest"
    # Playwright's windows are all private ones, in which nothing is installed.
    assert set(obstacles) <= {"in-incognito"}


def test_both_doors_keep_their_apps_side_by_side(visit):
    page = visit(None)
    for door in ("mentee", "mentor"):
        page.goto(f"/{door}/how-to-get-in/")
        page.evaluate(CONTROLLED)

    names = page.evaluate("caches.keys()")

    assert sorted(name[: len("mentee-shell")] for name in names if "-shell-" in name) == [
        "mentee-shell",
        "mentor-shell",
    ]


def test_without_a_network_the_app_says_so_and_shows_what_it_kept(visit):
    page = visit("first_year_mentee", **PHONE)
    page.goto("/mentee/")
    page.evaluate(CONTROLLED)
    page.goto("/mentee/people/")
    page.goto("/mentee/how-to-get-in/")
    page.wait_for_function("caches.open('mentee-kept').then((it) => it.keys()).then((it) => it.length === 1)")

    page.context.set_offline(True)
    page.goto("/mentee/people/")

    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    expect(page.get_by_text("You are offline. You see what this device has kept.")).to_be_visible()
    assert "Enginmark" not in page.content()
    styled = page.evaluate("getComputedStyle(document.querySelector('.button')).minHeight")
    assert styled == "48px", "the frame's style sheet is there without a network"
    page.get_by_role("link", name="How to get in").click()
    expect(page.get_by_role("heading", name="With your phone number")).to_be_visible()

    forgive_the_network(page)
    page.context.set_offline(False)
    page.goto("/mentee/people/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My people")


def test_after_the_session_nothing_kept_stays_on_the_device(visit):
    page = visit("first_year_mentee", **PHONE)
    page.goto("/mentee/")
    page.evaluate(CONTROLLED)
    page.goto("/mentee/how-to-get-in/")
    page.wait_for_function("caches.has('mentee-kept')")

    page.context.clear_cookies()
    page.goto("/mentee/people/")

    page.wait_for_url("**/mentee/log-in/**")
    page.wait_for_function("caches.has('mentee-kept').then((it) => !it)")
    page.context.set_offline(True)
    page.goto("/mentee/how-to-get-in/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    forgive_the_network(page)


def test_no_page_about_people_is_kept_on_the_device(lively, visit):
    page = visit("first_year_mentee", **PHONE)
    mentor = lively.people["first_year_mentor"]
    page.goto("/mentee/")
    page.evaluate(CONTROLLED)
    for address in ("/mentee/", "/mentee/people/", f"/mentee/people/{mentor.pk}/", "/mentee/messages/"):
        page.goto(address)

    texts = page.evaluate(
        """async () => {
            const texts = [];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) texts.push(await (await cache.match(request)).text());
            }
            return texts;
        }"""
    )

    assert len(texts) >= 7
    assert [text for text in texts if "Enginmark" in text] == []


def _lengthen(world):
    """Give people and programs names as long as their fields, of words, of one word, and from right to left."""
    words, word = "Advancement of mentoring everywhere " * 5, "Donaudampfschifffahrtsgesellschaft" * 6
    Program._base_manager.filter(pk=world.programs["first_year"].pk).update(name=word[:200])
    Person._base_manager.filter(pk=world.people["first_year_mentor"].pk).update(
        first_name=word[:100], last_name=words[:100], about=word * 4
    )
    Person._base_manager.filter(pk=world.people["first_year_mentee"].pk).update(first_name=word[:100])
    Organization._base_manager.update(contact_email=f"{word[:60]}@{word[:60]}.example.org")
    add(world, "amal", Role.MENTOR, "engineering", first_name="أمل (נעם)", last_name="القحطاني 12")
    assign(world, "first_year_mentee", "first_year", "amal", is_primary=True)
