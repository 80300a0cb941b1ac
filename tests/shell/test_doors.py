"""Front doors below the site's address, and at hosts of their own."""

import pytest
from django.urls import get_resolver, reverse

from mentorpro_plugin.shell.doors import MENTEE_DOOR, MENTOR_DOOR, door_of_path, door_url

pytestmark = pytest.mark.django_db

MENTORS, MENTEES, SITE = "mentors.example.org", "mentees.example.org:8443", "testserver"


@pytest.fixture
def own_hosts(settings):
    settings.ALLOWED_HOSTS = ["mentors.example.org", "mentees.example.org", "testserver"]
    settings.WAGTAILADMIN_BASE_URL = f"https://{SITE}"
    settings.MENTORPRO = {
        **settings.MENTORPRO,
        "DOOR_URLS": {"mentor": f"https://{MENTORS}", "mentee": f"https://{MENTEES}"},
    }


def test_doors_are_below_the_sites_address(settings):
    settings.WAGTAILADMIN_BASE_URL = "https://mentoring.example.org/"

    assert door_url(MENTOR_DOOR) == "https://mentoring.example.org/mentor/"
    assert door_url(MENTEE_DOOR, "log_in") == "https://mentoring.example.org/mentee/log-in/"


def test_one_door_may_have_a_host_and_the_other_not(settings):
    settings.WAGTAILADMIN_BASE_URL = "https://mentoring.example.org"
    settings.MENTORPRO = {"DOOR_URLS": {"mentor": "https://mentors.example.org", "mentee": ""}}

    assert door_url(MENTOR_DOOR) == "https://mentors.example.org/mentor/"
    assert door_url(MENTEE_DOOR) == "https://mentoring.example.org/mentee/"


@pytest.mark.usefixtures("own_hosts")
@pytest.mark.parametrize(
    ("host", "path", "status", "location"),
    [
        (MENTORS, "/", 302, "/mentor/"),
        (MENTORS, "/mentor/log-in/", 200, None),
        (MENTORS, "/mentee/log-in/?next=/mentee/", 302, f"https://{MENTEES}/mentee/log-in/?next=/mentee/"),
        (MENTORS.upper(), "/", 302, "/mentor/"),
        (f"{MENTORS}.", "/accounts/login/", 404, None),
        (f"{MENTORS}:443", "/accounts/login/", 404, None),
        (f"{MENTORS}.:443", "/mentor/log-in/", 200, None),
        (MENTEES, "/", 302, "/mentee/"),
        (MENTEES, "/mentee/log-in/", 200, None),
        (MENTEES, "/mentor/", 302, f"https://{MENTORS}/mentor/"),
        (MENTORS, "/health/live", 200, None),
        (MENTORS, "/admin/", 404, None),
        (MENTORS, "/accounts/login/", 404, None),
        (MENTORS, "/documents/1/paper.pdf", 404, None),
        (MENTORS, "/mentors/", 404, None),
        (SITE, "/", 200, None),
        (SITE, "/mentor/log-in/", 200, None),
        (SITE, "/mentee/log-in/", 200, None),
        (SITE, "/accounts/login/", 200, None),
    ],
)
def test_a_doors_host_serves_that_door_and_nothing_else(client, host, path, status, location):
    response = client.get(path, headers={"host": host})

    assert (response.status_code, response.headers.get("Location")) == (status, location)


@pytest.mark.usefixtures("own_hosts")
def test_no_other_address_of_the_site_is_served_at_a_doors_host(client):
    tops = {str(resolver.pattern) for resolver in get_resolver().url_patterns if str(resolver.pattern)}
    tops -= {"mentor/", "mentee/"}

    answers = {top: client.get(f"/{top.strip('^$')}", headers={"host": MENTORS}).status_code for top in tops}

    served = {top for top, status in answers.items() if status != 404}
    assert served == {"health/live", "health/ready"}


@pytest.mark.usefixtures("own_hosts")
def test_a_post_to_the_other_door_changes_nothing_here(client):
    response = client.post("/mentee/log-in/", {"phone": "x"}, headers={"host": MENTORS})

    assert (response.status_code, response["Location"]) == (302, f"https://{MENTEES}/mentee/log-in/")


def test_without_own_hosts_no_host_is_a_doors(client):
    assert client.get("/").status_code == 200
    assert client.get(reverse("account_login")).status_code == 200


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/mentor/", MENTOR_DOOR),
        ("/mentee/messages/12/", MENTEE_DOOR),
        ("/mentee/nothing-here", MENTEE_DOOR),
        ("/mentors/", None),
        ("/mentor", None),
        ("/admin/mentors/", None),
        ("/", None),
    ],
)
def test_a_path_belongs_to_a_door(path, door):
    assert door_of_path(path) == door
