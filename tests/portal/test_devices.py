"""Where one is logged in: seen, and ended."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from mentorpro_plugin.accounts.user_agents import in_words, shortened
from mentorpro_plugin.people.lifecycle import deactivate, reactivate

from .knocking import Visitor, code_of, messages

CHROME_ON_ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Mobile Safari/537.36"
)
SAFARI_ON_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
FIREFOX_ON_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0"
USER_AGENTS = {
    "Chrome on Android": CHROME_ON_ANDROID,
    "Safari on iPhone": SAFARI_ON_IPHONE,
    "Firefox on Windows": FIREFOX_ON_WINDOWS,
    "Safari on iPad": SAFARI_ON_IPHONE.replace("iPhone", "iPad"),
    "Safari on Mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
    "Chrome on iPhone": SAFARI_ON_IPHONE.replace("Version/17.5", "CriOS/126.0"),
    "Edge on Windows": "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/126.0 Safari/537.36 Edg/126.0",
    "Samsung Internet on Android": CHROME_ON_ANDROID.replace("Chrome/", "SamsungBrowser/25.0 Chrome/"),
    "Opera on Linux": "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36 OPR/111.0",
    "Chrome on ChromeOS": "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/126.0 Safari/537.36",
    "An unknown device": "",
    "Android": "okhttp on Android",
}


@pytest.fixture
def mentee(world):
    return world.people["first_year_mentee"]


@pytest.fixture(params=["db", "cached_db", "cache"])
def session_engine(request, settings):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    return request.param


def device(person, user_agent=CHROME_ON_ANDROID, **headers):
    """A client in which `person` is logged in, as people do it."""
    client = Client(headers={"user-agent": user_agent, **headers})
    Visitor("mentee", client).ask(person.phone.as_e164)
    code = code_of(messages()[-1])
    assert client.post("/mentee/log-in/code/", {"code": code}).url == "/mentee/"
    return client


def listed(client):
    """Name of each device on the list, and whether it is this one."""
    return [(device.name, device.is_this) for device in client.get("/mentee/me/devices/").context["devices"]]


def key_of(client, name):
    devices = client.get("/mentee/me/devices/").context["devices"]
    return next(device.pk for device in devices if device.name == name)


def is_in(client):
    return client.get("/mentee/me/").status_code == 200


@pytest.mark.parametrize("words", USER_AGENTS)
def test_device_is_told_in_words(words):
    assert in_words(shortened(USER_AGENTS[words])) == words
    assert shortened(shortened(USER_AGENTS[words])) == shortened(USER_AGENTS[words])


def test_own_devices_are_listed_this_one_first(mentee, session_engine):
    telephone, desk = device(mentee), device(mentee, FIREFOX_ON_WINDOWS)

    assert listed(telephone) == [("Chrome on Android", True), ("Firefox on Windows", False)]
    assert listed(desk) == [("Firefox on Windows", True), ("Chrome on Android", False)]


def test_device_that_is_logged_out_is_out_at_its_next_request(mentee, session_engine):
    telephone, desk = device(mentee), device(mentee, FIREFOX_ON_WINDOWS)

    telephone.post("/mentee/me/devices/", {"device": key_of(telephone, "Firefox on Windows")})

    assert not is_in(desk)
    assert is_in(telephone)
    assert listed(telephone) == [("Chrome on Android", True)]


def test_all_others_are_out_at_their_next_request(mentee, session_engine, client_of):
    # The last was logged in past allauth, so that no list knows of it.
    telephone, *others = device(mentee), device(mentee, FIREFOX_ON_WINDOWS), client_of("first_year_mentee")

    telephone.post("/mentee/me/devices/", {"others": "1"})

    assert [is_in(other) for other in others] == [False, False]
    assert is_in(telephone)
    assert listed(telephone) == [("Chrome on Android", True)]


def test_code_on_its_way_dies_with_the_other_devices(mentee):
    telephone, thief = device(mentee), Visitor("mentee", Client())
    thief.ask(mentee.phone.as_e164)
    code = code_of(messages()[-1])

    telephone.post("/mentee/me/devices/", {"others": "1"})
    thief.give(code)

    assert not thief.is_in


def test_whoever_logs_out_is_off_the_list(mentee):
    telephone, desk = device(mentee), device(mentee, FIREFOX_ON_WINDOWS)

    desk.post("/mentee/log-out/")

    assert listed(telephone) == [("Chrome on Android", True)]
    assert UserSession.objects.count() == 1


def test_session_that_ran_out_is_off_the_list(mentee):
    telephone, desk = device(mentee), device(mentee, FIREFOX_ON_WINDOWS)
    session = desk.session
    session.set_expiry(-1)
    session.save()

    assert listed(telephone) == [("Chrome on Android", True)]


def test_session_from_before_a_deactivation_is_off_the_list(mentee, world):
    device(mentee)
    by = world.user("super_admin")
    deactivate(mentee, by=by)
    reactivate(mentee, by=by)

    assert listed(device(mentee, FIREFOX_ON_WINDOWS)) == [("Firefox on Windows", True)]


def test_devices_of_others_are_neither_listed_nor_ended(mentee, world):
    telephone, other = device(mentee), device(world.people["transfer_mentee"], FIREFOX_ON_WINDOWS)
    theirs = UserSession.objects.get(user=world.people["transfer_mentee"].user_id).pk

    answers = [
        telephone.post("/mentee/me/devices/", {"device": key}).status_code
        for key in (theirs, "", "0", "9" * 30, "x", "²", -1)
    ]
    telephone.post("/mentee/me/devices/", {"others": "1"})

    assert answers == [404] * 7
    assert is_in(other)


def test_this_device_is_logged_out_by_its_own_button_only(mentee):
    telephone = device(mentee)

    answer = telephone.post("/mentee/me/devices/", {"device": key_of(telephone, "Chrome on Android")})

    assert answer.status_code == 404
    assert is_in(telephone)


def test_nothing_ends_by_looking(mentee):
    telephone, desk = device(mentee), device(mentee, FIREFOX_ON_WINDOWS)

    telephone.get("/mentee/me/devices/?others=1")
    telephone.get(f"/mentee/me/devices/?device={key_of(telephone, 'Firefox on Windows')}")

    assert is_in(desk)


def test_no_address_and_no_user_agent_is_kept(mentee):
    telephone = device(mentee, **{"x-forwarded-for": "203.0.113.9"})
    telephone.get("/mentee/me/devices/")

    row = UserSession.objects.get()
    assert (row.ip, row.user_agent) == ("0.0.0.0", "Chrome|Android")
    assert set(row.data) == {"epoch"}


def test_page_shows_no_address(mentee):
    html = device(mentee).get("/mentee/me/devices/").content.decode()

    assert "127.0.0.1" not in html
    assert "0.0.0.0" not in html


def test_last_use_is_noted_once_an_hour(mentee, django_assert_num_queries):
    telephone = device(mentee)
    long_ago = timezone.now() - timedelta(days=3)
    UserSession.objects.update(last_seen_at=long_ago)

    telephone.get("/mentee/me/")
    just_logged_in = UserSession.objects.get().last_seen_at
    session = telephone.session
    session["mentorpro_seen"] = long_ago.isoformat()
    session.save()
    telephone.get("/mentee/me/")
    after_an_hour = UserSession.objects.get().last_seen_at

    assert just_logged_in == long_ago
    assert timezone.now() - after_an_hour < timedelta(minutes=1)


@pytest.mark.parametrize("count", [1, 5])
def test_list_costs_the_same_for_one_device_and_for_many(mentee, django_assert_num_queries, count):
    for _other in range(count - 1):
        device(mentee, FIREFOX_ON_WINDOWS)
    telephone = device(mentee)

    with django_assert_num_queries(7):
        response = telephone.get("/mentee/me/devices/")

    assert len(response.context["devices"]) == count
