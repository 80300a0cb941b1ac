"""Two people write to each other in two browsers; and one writes without a script, or without a connection."""

import re
import time

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.conversations.actions import write_message
from mentorpro_plugin.models import Message, Participation, Person
from tests.conftest import DESKTOP, PHONE

from .conftest import forgive_the_network

MENTOR, MENTEE = "first_year_mentor", "first_year_mentee"
SIZES = [PHONE, DESKTOP]


@pytest.fixture
def path(world):
    return {
        MENTEE: f"/mentee/messages/{world.people[MENTOR].pk}/",
        MENTOR: f"/mentor/messages/{world.people[MENTEE].pk}/",
    }


@pytest.fixture
def write(world):
    def write(author, to, text="Hello!"):
        by = world.user(author)
        with scope_of(reach_of(by)):
            return write_message(author=world.people[author], to=world.people[to], text=text, by=by)

    return write


def box(page):
    return page.get_by_role("textbox", name="Message to")


def send(page, text):
    box(page).fill(text)
    page.get_by_role("button", name="Send").click()


def bubble(page, text):
    return page.locator(".message__text", has_text=text)


def test_message_arrives_within_five_seconds_and_is_read(page_of, path, world):
    mentee = page_of(MENTEE, **PHONE)
    mentor = page_of(MENTOR)
    mentee.goto(path[MENTEE])
    mentor.goto(path[MENTOR])

    send(mentee, "Are you there? https://example.org/plan 😀")
    expect(bubble(mentee, "Are you there?")).to_be_visible()
    sent = time.monotonic()
    expect(bubble(mentor, "Are you there?")).to_be_visible(timeout=6_000)
    assert time.monotonic() - sent < 5
    expect(box(mentee)).to_have_value("")
    expect(mentee.get_by_text("Nothing has been written yet.")).to_have_count(0)

    # Seen on the other screen, so it is marked here.
    expect(mentee.locator(".message__read")).to_have_count(1, timeout=6_000)

    send(mentor, "Yes!")
    expect(bubble(mentee, "Yes!")).to_be_visible(timeout=6_000)
    expect(mentee.locator(".message")).to_have_count(2)
    expect(mentor.locator(".message")).to_have_count(2)
    expect(bubble(mentor, "Are you there?").get_by_role("link")).to_have_attribute(
        "rel", re.compile("noopener.*nofollow")
    )


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_box_stands_at_the_foot_however_little_was_said(page_of, path, size):
    page = page_of(MENTEE, **size)
    page.goto(path[MENTEE])

    foot = page.locator("#compose").bounding_box()
    tabs = page.get_by_role("navigation", name="Main").bounding_box()
    end = tabs["y"] if size is PHONE else page.viewport_size["height"]
    assert foot["y"] + foot["height"] == pytest.approx(end, abs=2)


def test_list_of_conversations_brings_news(page_of, write):
    page = page_of(MENTOR)
    page.goto("/mentor/messages/")
    expect(page.locator("#conversations")).to_have_count(0)

    write(MENTEE, MENTOR, "Good morning")

    expect(page.locator("#conversations")).to_contain_text("Good morning", timeout=6_000)
    expect(page.locator(".tabs [aria-current] .count")).to_contain_text("1")


def test_no_connection_keeps_the_text_and_sends_it_once(page_of, path):
    page = page_of(MENTEE, **PHONE)
    page.goto(path[MENTEE])
    page.context.set_offline(True)

    send(page, "From the underground")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("Your message has not been sent: there is no connection.")
    expect(box(page)).to_have_value("From the underground")

    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(bubble(page, "From the underground")).to_be_visible()
    expect(problem).to_have_count(0)
    assert Message._base_manager.count() == 1
    forgive_the_network(page)


def test_answer_that_got_lost_is_not_sent_twice(page_of, path):
    page = page_of(MENTEE)
    page.goto(path[MENTEE])

    def lose(route):
        if route.request.method == "POST" and route.request.url.endswith(path[MENTEE]):
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/*", lose)
    send(page, "Only once")
    expect(page.get_by_role("alert")).to_contain_text("It stays here; try again.")
    page.unroute_all(behavior="wait")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name="Try again").click()

    expect(bubble(page, "Only once")).to_have_count(1)
    assert Message._base_manager.count() == 1
    page.faults[:] = [fault for fault in page.faults if "ERR_FAILED" not in fault]


def test_sending_and_reading_without_a_script(page_of, path, write, world):
    write(MENTOR, MENTEE, "Read me")
    page = page_of(MENTEE, java_script_enabled=False)
    page.goto(path[MENTEE])

    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)
    assert Participation._base_manager.get(person=world.people[MENTEE]).unread_count == 0
    page.get_by_label("Attach pictures or documents").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"A plan"}
    )
    send(page, "Without a script")

    expect(bubble(page, "Without a script")).to_be_visible()
    expect(page.get_by_role("link", name="plan.txt")).to_be_visible()
    send(page, "x" * 10)
    expect(bubble(page, "x" * 10)).to_be_visible()
    assert Message._base_manager.count() == 3


def test_refused_file_is_told_and_the_text_stays(page_of, path):
    page = page_of(MENTEE)
    page.goto(path[MENTEE])
    box(page).fill("With a file")
    page.locator("#compose-files").set_input_files(
        {"name": "setup.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    )
    expect(page.locator("#compose-chosen")).to_have_text("setup.exe")

    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_contain_text("“setup.exe” can't be sent")
    expect(box(page)).to_have_value("With a file")
    page.faults[:] = [fault for fault in page.faults if "422" not in fault]


def test_older_messages_come_above_and_nothing_moves(page_of, path, write, world):
    message = write(MENTEE, MENTOR, "The very first")
    Message._base_manager.bulk_create(
        Message(conversation=message.conversation, author=world.people[MENTOR], text=f"Message {number}")
        for number in range(40)
    )
    page = page_of(MENTEE, **PHONE)
    page.goto(path[MENTEE])
    expect(bubble(page, "Message 39")).to_be_in_viewport()

    page.get_by_role("link", name="Older messages").click()

    expect(bubble(page, "The very first")).to_be_attached()
    expect(page.get_by_role("link", name="Older messages")).to_have_count(0)
    expect(page.locator("[data-day]")).to_have_count(1)
    expect(page.locator(".message")).to_have_count(41)


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_pages_are_accessible_and_fit(page_of, path, write, world, axe, size, colors):
    Person._base_manager.filter(pk=world.people[MENTOR].pk).update(last_name="Wolfeschlegelsteinhausen" * 2)
    write(MENTEE, MENTOR, "Supercalifragilistic" * 20)
    write(MENTOR, MENTEE, "مرحبا https://example.org/" + "a" * 100)
    page = page_of(MENTEE, **size, color_scheme=colors)

    for address in ("/mentee/messages/", path[MENTEE]):
        page.goto(address)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box(page).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_staff_find_their_conversations_first_then_whom_to_write_to(page_of, write, world, size):
    write("first_year_pm", MENTOR, "Good morning")
    page = page_of("first_year_pm", **size)
    page.goto("/admin/connect/")
    own = page.get_by_role("link", name=re.compile("Mentor")).first.bounding_box()
    search = page.get_by_role("searchbox").bounding_box()
    button = page.get_by_role("button", name="Search").bounding_box()

    assert own["y"] < search["y"]
    # One line.
    assert button["y"] == pytest.approx(search["y"], abs=1)

    page.goto(f"/admin/connect/{world.people[MENTOR].pk}/")
    files = page.get_by_label("Attach pictures or documents").bounding_box()
    assert files["width"] > 100
    assert files["height"] > 16
