"""Fixtures for all tests. Those for the browser are at the end."""

import gc
import os
import shutil
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client

from tests.world import make_world

# Looking for garbage among all that Django and Wagtail keep takes a tenth of the time if it is done as often as usual.
gc.set_threshold(50_000, 20, 20)

#: Milliseconds in which a page has to do what a test waits for.
TIMEOUT = 30_000
BROWSER_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def is_set(*names: str) -> bool:
    """Whether one of these environment variables says yes."""
    return any(os.environ.get(name, "").lower() in {"1", "true", "yes"} for name in names)


def skip_or_fail(reason: str, *, required: bool) -> None:
    """Skip where a missing tool is nobody's fault; fail where it had to be there."""
    if required:
        pytest.fail(f"{reason} Here it is required.", pytrace=False)
    pytest.skip(reason)


def pytest_runtest_setup(item):
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        skip_or_fail("This test needs PostgreSQL: set DATABASE_URL.", required=is_set("REQUIRE_POSTGRES"))


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
            if is_set("CI"):
                # Listed at the end; see docs/decisions/0024-a-second-try-in-the-browser.md.
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def empty_cache():
    """No test finds what another one cached: Wagtail keeps the tree's roots there, limits keep their counts."""
    cache.clear()


@pytest.fixture
def world(db):
    """About 40 people in five organizations, with names: see `tests/world.py`."""
    return make_world()


@pytest.fixture
def client_of(world):
    """Return a test client in which a person of the world is logged in: `client_of("first_year_pm")`.

    A test adds names of its own with `tests.world.add`. Nobody is logged in for `None`.
    """

    def client_of(name: str | None) -> Client:
        client = Client()
        if name is not None:
            client.force_login(world.user(name))
        return client

    return client_of


@pytest.fixture
def transactional_db(django_db_serialized_rollback, transactional_db):
    """A database with real commits. What migrations brought is put back after each test, as all such tests must do."""
    return transactional_db


@pytest.fixture
def live_server(django_db_serialized_rollback, live_server):
    """The site on a real port. What migrations brought (home page, groups) is put back after each test."""
    return live_server


@pytest.fixture(scope="session")
def browser(django_db_setup):
    """One Chromium for the whole run: the machine's own, driven by Playwright."""
    path = next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if path is None:
        skip_or_fail("There is no Chromium on this machine.", required=is_set("REQUIRE_BROWSER", "CI"))
    from playwright.sync_api import expect, sync_playwright

    # As long as pages have for everything else: two cores may be busy with other tests.
    expect.set_options(timeout=TIMEOUT)

    own_connection = connections["default"]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread from now on. Django takes that for asynchronous code:
        # it would refuse the database, and keep connections apart from those made before.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        connections["default"] = own_connection
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser, live_server):
    """Open pages at any size: `new_page(width=390, height=844)`, addresses relative to the site.

    Fails the test when a page asked another host for anything, or reported an error.
    """
    contexts = []
    faults = []
    own_host = urlsplit(live_server.url).netloc

    def note_request(request):
        if request.url.startswith("http") and urlsplit(request.url).netloc != own_host:
            faults.append(f"asked another host: {request.url}")

    def note_message(message):
        if message.type == "error":
            faults.append(f"console: {message.text} ({message.location.get('url')})")

    def open_page(*, width: int = DESKTOP["width"], height: int = DESKTOP["height"], **options):
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, locale="en-US", **options
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.on("request", note_request)
        page.on("console", note_message)
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.faults = faults  # a test that expects an error takes it out
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_page):
    """A page as wide as a desk's screen."""
    return new_page()


@pytest.fixture
def phone_page(new_page):
    """A page on a telephone with a touch screen."""
    return new_page(**PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
