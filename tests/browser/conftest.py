"""Fixtures for the staff screens, with the people of `tests.world`."""

from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.people.models import Person
from tests.world import add, assign

#: Everything axe knows, minor or critical; no style sheets fetched again.
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}


@pytest.fixture
def staff(world):
    """The world, and Dana Enginmark, who runs both programs of a school in which Robin is a second mentor."""
    add(world, "dana", Role.PROGRAM_MANAGER, "engineering", first_name="Dana")
    assign(world, "dana", "first_year")
    assign(world, "dana", "transfer")
    add(world, "robin", Role.MENTOR, "engineering", first_name="Robin")
    assign(world, "robin", "first_year", "dana")
    return world


@pytest.fixture
def page_of(staff, client_of, live_server, new_page):
    """Open a page in which somebody of the world is logged in: `page_of("dana", width=390)`."""

    def page_of(name, **options):
        page = new_page(**options)
        cookie = client_of(name).cookies["sessionid"]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return page_of


@pytest.fixture(scope="session")
def axe():
    """Return what axe finds wrong with a page, as lines that say where; empty where all is well.

    `theirs` are selectors, each of something of Wagtail's own that is wrong in every site.
    """
    script = Axe().axe_script

    def violations(page, *, theirs=()):
        if not page.evaluate("'axe' in window"):
            page.evaluate(script)
        found = page.evaluate(_RUN_AXE, [_around(theirs), AXE_OPTIONS])
        return [
            f"{violation['impact']}: {violation['id']}: {node['target']} {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return violations


#: Looks once nothing moves any more: what fades in has less contrast than it will have. Given back at once, because
#: menus wait for the end of a transition. As an object rather than an element, the style sheet passes any CSP.
_RUN_AXE = """async ([context, options]) => {
    const still = new CSSStyleSheet();
    still.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important }");
    document.adoptedStyleSheets.push(still);
    try {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return await axe.run(context, options);
    } finally {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== still);
    }
}"""


def _around(selectors):
    return {"include": [["html"]], "exclude": [[selector] for selector in selectors]}


def as_on_paper(person: Person) -> str:
    """The telephone number of `person` as Americans write it: (212) 555-0104."""
    digits = person.phone.as_e164.removeprefix("+1")
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"


@contextmanager
def answer_to(page, query: str):
    """Wait, after what is done in here, until the page shows the answer to a search for `query`."""

    def is_answer(response):
        in_address = parse_qs(urlsplit(response.url).query).get("q") == [query]
        return in_address or f'name="q"\r\n\r\n{query}\r\n' in (response.request.post_data or "")

    with page.expect_response(is_answer):
        yield
    # So Wagtail marks what it is about to replace, and htmx who asked.
    expect(page.locator("[aria-busy=true], .htmx-request")).to_have_count(0)


def search_for(page, query: str) -> None:
    """Search a listing, and wait until its rows and its header show what came of it."""
    with answer_to(page, query):
        page.get_by_role("textbox", name="Search term").fill(query)


#: What Chromium says where there is no network, the second of a service worker that it wanted to look for anew.
_NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "An unknown error occurred when fetching the script")


def forgive_the_network(page) -> None:
    """Take out what Chromium says of a network that the test took away."""
    page.faults[:] = [fault for fault in page.faults if not any(text in fault for text in _NO_NETWORK)]


def tab_to(page, target, *, most: int = 80) -> None:
    """Press Tab until `target` has the focus; on the way, whatever has it must show it and be on the screen."""
    expect(target).to_be_visible()
    page.wait_for_load_state()
    for _press in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUS_FAULT) == ""
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}.")


#: What is wrong with the focus: empty, or what has it and why nobody would see that.
_FOCUS_FAULT = """async () => {
    // The browser scrolls to it with the next frame.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const element = document.activeElement;
    const name = element.outerHTML.slice(0, 150);
    if (element === document.body) return "nothing has the focus";
    // Within a date, the browser shows which of its parts has the focus.
    if (element.type === "date") return "";
    if (!element.matches(":focus-visible")) return "no visible focus: " + name;
    const style = getComputedStyle(element);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    if (!outlined && style.boxShadow === "none") return "no outline: " + name;
    const box = element.getBoundingClientRect();
    if (box.bottom <= 0 || box.top >= innerHeight) return "off the screen: " + name;
    return "";
}"""
