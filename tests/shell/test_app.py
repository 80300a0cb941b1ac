"""The installable app of each door: manifest, service worker, and what responses say about staying on the device."""

import json
import re
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils import translation
from PIL import Image

from mentorpro_plugin.shell import app
from mentorpro_plugin.shell.doors import DOORS

pytestmark = pytest.mark.django_db

DOOR_NAMES = sorted(DOORS)


def file_of(url):
    """The static file behind an address."""
    return finders.find(url.removeprefix("/static/"))


def settings_of(script):
    """What the service worker was told, and its code."""
    return json.loads(re.search(r"^const APP = (\{.*\});$", script, flags=re.MULTILINE)[1])


@pytest.mark.parametrize("door", DOOR_NAMES)
def test_manifest_makes_an_app_of_the_door(client, door):
    response = client.get(f"/{door}/manifest.webmanifest")

    manifest = response.json()
    icons = manifest.pop("icons")
    assert response["Content-Type"] == "application/manifest+json; charset=utf-8"
    assert manifest == {
        "id": f"/{door}/",
        "name": f"MentorPRO for {door}s",
        "short_name": door.title(),
        "description": "Your people, your messages and your goals.",
        "lang": "en",
        "dir": "ltr",
        "start_url": f"/{door}/",
        "scope": f"/{door}/",
        "display": "standalone",
        "theme_color": "#14506b",
        "background_color": "#f6f8f9",
    }
    assert [(icon["purpose"], icon["sizes"], icon["type"]) for icon in icons] == [
        ("any", "192x192", "image/png"),
        ("any", "512x512", "image/png"),
        ("maskable", "192x192", "image/png"),
        ("maskable", "512x512", "image/png"),
    ]
    for icon in icons:
        with Image.open(file_of(icon["src"])) as picture:
            assert (picture.format, "{}x{}".format(*picture.size)) == ("PNG", icon["sizes"])


@pytest.mark.parametrize("door", DOOR_NAMES)
def test_maskable_icons_fill_their_square_and_keep_to_the_safe_circle(door):
    with Image.open(finders.find(app.icon_name(DOORS[door], "maskable", 512))) as picture:
        pixels = picture.convert("RGBA")
    ground = pixels.getpixel((0, 0))

    strays = [
        (x, y)
        for x in range(0, 512, 4)
        for y in range(0, 512, 4)
        if (x - 256) ** 2 + (y - 256) ** 2 > (0.4 * 512) ** 2 and pixels.getpixel((x, y)) != ground
    ]

    assert ground[3] == 255
    assert strays == []


def test_manifest_says_in_which_direction_it_reads(client):
    with translation.override("ar"):
        manifest = app.ManifestView(door=DOORS["mentee"]).manifest()

    assert (manifest["lang"], manifest["dir"]) == ("ar", "rtl")


@pytest.mark.parametrize("door", DOOR_NAMES)
def test_service_worker_stays_within_its_door(client, door):
    response = client.get(f"/{door}/service-worker.js")

    told = settings_of(response.content.decode())
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in response
    assert (told["door"], told["scope"], told["offline"]) == (door, f"/{door}/", f"/{door}/offline/")
    assert [url for url in told["files"] if file_of(url) is None] == []


def test_service_worker_is_sent_again_only_when_it_changed(client):
    first = client.get("/mentee/service-worker.js")
    again = client.get("/mentee/service-worker.js", headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "no-cache")


def test_version_of_the_service_worker_follows_what_it_keeps(client, tmp_path, monkeypatch):
    def version():
        return settings_of(client.get("/mentor/service-worker.js").content.decode())["version"]

    style = tmp_path / "portal.css"
    style.write_text("main { color: red }")
    found = finders.find
    monkeypatch.setattr(
        finders, "find", lambda name: str(style) if name.endswith("portal.css") else found(name)
    )
    first = version()
    unchanged = version()
    style.write_text("main { color: green }")
    restyled = version()
    client.cookies["django_language"] = "es"

    assert first == unchanged
    assert restyled != first


@pytest.mark.parametrize("name", ["manifest.webmanifest", "service-worker.js"])
def test_files_of_the_app_know_nobody(client, client_of, django_assert_num_queries, name):
    with django_assert_num_queries(0):
        response = client.get(f"/mentee/{name}")

    assert response.content == client_of("first_year_mentee").get(f"/mentee/{name}").content
    assert not response.cookies


def test_offline_page_is_the_same_for_everybody(client, client_of):
    pages = {client_.get("/mentee/offline/").content for client_ in (client, client_of("first_year_mentee"))}

    assert len(pages) == 1
    assert b"Enginmark" not in pages.pop()


def test_help_may_stay_on_the_device(client):
    response = client.get("/mentee/how-to-get-in/")

    assert response["X-Offline"] == "yes"


@pytest.mark.parametrize("path", ["/mentee/log-in/", "/mentee/offline/", "/mentee/", "/mentee/nothing-here/"])
def test_responses_to_nobody_empty_what_the_device_kept(client, path):
    assert client.get(path)["X-Offline"] == "forget"


@pytest.mark.parametrize("path", ["/mentee/", "/mentee/people/"])
def test_pages_about_people_are_kept_nowhere(client_of, path):
    response = client_of("first_year_mentee").get(path)

    assert response.status_code == 200
    assert "X-Offline" not in response
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/mentee/", "/mentor/", "/mentee/wrong-door/", "/mentor/nothing-here/"])
def test_redirects_and_errors_are_not_stored_either(client_of, path):
    assert "no-store" in client_of("first_year_mentor").get(path)["Cache-Control"]


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("http://testserver/mentee/people/", "/mentee/people/"),
        ("http://testserver/mentee/", "/mentee/"),
        ("https://elsewhere.example.org/mentor/", "/mentee/"),
        ("javascript:alert(1)", "/mentee/"),
        ("", "/mentee/"),
    ],
)
def test_a_part_of_a_page_asked_for_after_the_session_leads_the_page_to_the_log_in(client, current, back):
    response = client.get("/mentee/people/", headers={"hx-request": "true", "hx-current-url": current})

    assert (response.status_code, response.headers.get("Location")) == (200, None)
    assert response["HX-Redirect"] == f"/mentee/log-in/?next={back}"


def test_a_part_of_a_page_at_the_wrong_door_leads_the_page_there(client_of):
    response = client_of("first_year_mentor").get("/mentee/people/", headers={"hx-request": "true"})

    assert response["HX-Redirect"] == "/mentee/wrong-door/"


def test_htmx_may_not_run_what_it_is_sent(client):
    page = client.get("/mentee/log-in/").content.decode()

    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])
    assert (config["allowEval"], config["allowScriptTags"], config["selfRequestsOnly"]) == (
        False,
        False,
        True,
    )
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0


def test_pages_bring_nothing_inline(client_of):
    page = client_of("first_year_mentee").get("/mentee/").content.decode()

    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:", page) == []


@pytest.mark.parametrize(("person", "path"), [(None, "/mentee/log-in/"), ("first_year_mentee", "/mentee/")])
def test_first_page_is_below_100_kilobytes(client_of, person, path):
    page = client_of(person).get(path).content
    urls = set(re.findall(r"(?:src|href)=\"(/static/[^\"#]+)", page.decode()))
    contents = [page, *(Path(file_of(url)).read_bytes() for url in urls)]

    assert {urlsplit(url).netloc for url in urls} == {""}
    assert static("mentorpro_plugin/portal/portal.css") in urls
    assert sum(map(len, contents)) < 100_000
    assert sum(len(zlib.compress(content)) for content in contents) < 40_000


def test_pages_that_are_not_there_stay_within_the_door(client):
    response = client.get("/mentee/nothing-here/")

    assert response.status_code == 404
    assert "mentorpro_plugin/shell/404.html" in [template.name for template in response.templates]
    assert 'href="/mentee/"' in response.content.decode()
    assert 'href="/admin/"' not in response.content.decode()


def test_pages_that_are_not_there_are_the_sites_elsewhere(client):
    response = client.get("/nothing-here/")

    assert response.status_code == 404
    assert "404.html" in [template.name for template in response.templates]


def test_a_stale_form_says_to_log_in_again(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(world.user("first_year_mentee"))

    page = client.post("/mentee/")
    part = client.post("/mentee/", headers={"hx-request": "true"})

    assert (page.status_code, part.status_code) == (403, 403)
    assert "Log in again, then repeat it." in page.content.decode()
    assert 'href="/mentee/log-in/"' in page.content.decode()
    assert (page.get("HX-Refresh"), part.get("HX-Refresh")) == (None, "true")


@pytest.mark.parametrize("is_logged_in", [True, False])
def test_more_than_the_site_takes_is_refused_with_a_sentence(world, client, is_logged_in):
    if is_logged_in:
        client.force_login(world.user("first_year_mentee"))
    path = "/mentee/goals/add/own/" if is_logged_in else "/mentee/log-in/"

    long = client.post(path, {"title": "x" * 3_000_000, "number": "1"})
    many = client.post(path, {f"field{number}": "x" for number in range(1_100)})

    for response in (long, many):
        assert response.status_code == 400
        assert "Go back and send less at once." in response.content.decode()
        assert 'href="/mentee/"' in response.content.decode()


@pytest.mark.parametrize("path", ["/mentee/", "/nothing-here/"])
def test_a_host_that_is_not_the_sites_gets_no_page_of_it(world, client, path):
    response = client.get(path, headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert "/mentee/" not in response.content.decode()


@pytest.mark.parametrize(
    "current", ["http://[", "//elsewhere.example/mentee/", "https://elsewhere.example/a/"]
)
def test_no_address_of_a_page_breaks_or_bends_the_way_to_the_log_in(world, client, current):
    response = client.get("/mentee/goals/", headers={"hx-request": "true", "hx-current-url": current})

    assert response["HX-Redirect"] == "/mentee/log-in/?next=/mentee/"


def test_a_stale_form_elsewhere_is_djangos_to_answer(world):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/accounts/login/")

    assert response.status_code == 403
    assert "CSRF verification failed" in response.content.decode()
