"""The pages behind the front doors: who reads what, sending with and without a script, and how many queries it takes."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.assignments.actions import unassign
from mentorpro_plugin.conversations.actions import conversation_between
from mentorpro_plugin.models import Message, Participation
from mentorpro_plugin.people.lifecycle import deactivate

MENTOR, MENTEE, PM = "first_year_mentor", "first_year_mentee", "first_year_pm"
SECRET = "Marmalade at midnight"


@pytest.fixture
def path(world):
    """Addresses from one person to another: `path("mentee", "first_year_mentor")`."""

    def path(door, other=None, rest=""):
        return f"/{door}/messages/" + (f"{world.people[other].pk}/{rest}" if other else rest)

    return path


def page_text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def post(client, path, text="Hello!", *, script=False, **values):
    headers = {"HX-Request": "true"} if script else {}
    return client.post(path, {"text": text, "key": str(uuid4()), **values}, headers=headers)


def test_list_has_the_last_words_for_the_two_only(client_of, write, path):
    write(MENTEE, MENTOR, SECRET)

    for name, door, expected in (
        (MENTEE, "mentee", True),
        (MENTOR, "mentor", True),
        ("transfer_mentor", "mentor", False),
    ):
        response = client_of(name).get(path(door))
        assert response.status_code == 200
        assert (SECRET in response.content.decode()) is expected


@pytest.mark.parametrize(
    "reader",
    ["super_admin", "riverside_parent", "engineering_child", PM, "first_year_sc", "transfer_mentor",
     "transfer_mentee", "moot_mentor", "moot_mentee", "engineering_left_mentee", None],
)  # fmt: skip
def test_nobody_but_the_two_reads(client_of, write, path, reader):
    message = write(MENTEE, MENTOR, SECRET)
    client = client_of(reader)

    for door, other in (("mentee", MENTOR), ("mentor", MENTEE)):
        for rest in ("", "news/?after=0", f"?before={message.pk + 1}"):
            response = client.get(path(door, other, rest))
            assert response.status_code in (302, 404)
            assert SECRET not in response.content.decode()
        for rest, body in (("", {"text": "Intruder"}), ("read/", {"up_to": message.pk})):
            assert client.post(path(door, other, rest), body).status_code in (302, 404)
    assert Message._base_manager.get() == message
    assert (
        Participation._base_manager.get(person=message.conversation.first).unread_count
        + (Participation._base_manager.get(person=message.conversation.second).unread_count)
        == 1
    )


@pytest.mark.parametrize("other", [PM, "first_year_sc", "transfer_mentor", "moot_mentor", MENTEE])
def test_page_with_somebody_one_may_not_write_to_is_not_there(client_of, path, other):
    client = client_of(MENTEE)

    assert client.get(path("mentee", other)).status_code == 404
    assert post(client, path("mentee", other)).status_code == 404
    assert not Message._base_manager.exists()


def test_sending_without_a_script_shows_the_page_again(client_of, path):
    response = post(client_of(MENTEE), path("mentee", MENTOR), "Good morning")

    assert response.status_code == 302
    assert response["Location"] == path("mentee", MENTOR) + "#latest"
    assert "Good morning" in client_of(MENTOR).get(path("mentor", MENTEE)).content.decode()


def test_sending_with_a_script_brings_what_the_page_lacks(client_of, write, path):
    seen = write(MENTOR, MENTEE, "Seen")
    write(MENTOR, MENTEE, "Just arrived")

    response = post(client_of(MENTEE), path("mentee", MENTOR), "Answer", script=True, seen=seen.pk)

    texts = re.findall(r'dir="auto">([^<]*)<', response.content.decode())
    assert texts == ["Just arrived", "Answer"]
    assert "<html" not in response.content.decode()
    assert response["X-Next-Key"]


def test_answering_marks_as_read_what_was_on_the_page(world, client_of, write, path):
    seen = write(MENTOR, MENTEE, "Seen")
    write(MENTOR, MENTEE, "Not yet")

    post(client_of(MENTEE), path("mentee", MENTOR), "Answer", seen=seen.pk)

    assert Participation._base_manager.get(person=world.people[MENTEE]).unread_count == 1


@pytest.mark.parametrize("script", [True, False])
def test_refusal_is_a_sentence_and_keeps_the_text(client_of, path, script):
    text = "y" * 5_001

    response = post(client_of(MENTEE), path("mentee", MENTOR), text, script=script)

    assert response.status_code == 422
    assert "A message has at most 5000 characters; this one has 5001." in page_text(response)
    assert (text in response.content.decode()) is not script
    assert not Message._base_manager.exists()


def test_looking_at_the_page_marks_nothing_as_read(world, client_of, write, path):
    write(MENTEE, MENTOR)

    client_of(MENTOR).get(path("mentor", MENTEE))
    client_of(MENTOR).get(path("mentor", MENTEE, "news/?after=0"))

    assert Participation._base_manager.get(person=world.people[MENTOR]).unread_count == 1
    assert client_of(MENTOR).get(path("mentor", MENTEE, "read/")).status_code == 405


def test_read_mark_comes_below_the_last_message_read(client_of, write, path):
    first = write(MENTEE, MENTOR, "One")
    write(MENTEE, MENTOR, "Two")
    mine = client_of(MENTEE)
    assert "message__read" not in mine.get(path("mentee", MENTOR)).content.decode()

    response = client_of(MENTOR).post(path("mentor", MENTEE, "read/"), {"up_to": first.pk})

    assert response.status_code == 204
    page = mine.get(path("mentee", MENTOR)).content.decode()
    assert page.count("message__read") == 1
    assert page.index("One") < page.index("message__read") < page.index("Two")
    assert "message__read" not in client_of(MENTOR).get(path("mentor", MENTEE)).content.decode()


def test_button_marks_as_read_without_a_script(world, client_of, write, path):
    message = write(MENTEE, MENTOR)

    response = client_of(MENTOR).post(
        path("mentor", MENTEE, "read/"), {"up_to": message.pk, "from": "button"}
    )

    assert response.status_code == 302
    assert Participation._base_manager.get(person=world.people[MENTOR]).unread_count == 0


def test_tab_counts_unread_messages(client_of, write, path):
    write(MENTEE, MENTOR)
    write(PM, MENTOR)

    response = client_of(MENTOR).get(path("mentor"))

    assert [entry["count"] for entry in response.context["tabs"] if entry["tab"].view == "messages"] == [2]


def test_forged_form_is_refused(world, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.user(MENTEE))

    assert post(client, path("mentee", MENTOR)).status_code == 403
    assert client.post(path("mentee", MENTOR, "read/"), {"up_to": 1}).status_code == 403
    assert not Message._base_manager.exists()


def test_form_of_the_page_is_accepted(world, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.user(MENTEE))
    page = client.get(path("mentee", MENTOR)).content.decode()
    values = dict(re.findall(r'name="(csrfmiddlewaretoken|key|seen)" value="([^"]*)"', page))

    response = client.post(path("mentee", MENTOR), {**values, "text": "Hello!"})

    assert response.status_code == 302
    assert Message._base_manager.get().text == "Hello!"


@pytest.mark.parametrize("end", ["deactivated", "unassigned"])
def test_conversation_stays_readable_after_the_end(world, client_of, write, path, end):
    write(MENTEE, MENTOR, SECRET)
    by = world.user("engineering_child")
    with scope_of(EVERYTHING):
        if end == "deactivated":
            deactivate(world.people[MENTOR], by=by)
            sentence = (
                "First Year Mentor Enginmark is deactivated. You can read your messages, but not write."
            )
        else:
            unassign(world.assignments[f"{MENTEE}@first_year/{MENTOR}"], by=by)
            sentence = (
                "You are no longer matched with First Year Mentor Enginmark."
                " You can read your messages, but not write."
            )
    client = client_of(MENTEE)

    page = client.get(path("mentee", MENTOR))
    listed = client.get(path("mentee"))
    refused = post(client, path("mentee", MENTOR), "Still there?")

    assert SECRET in page_text(page)
    assert sentence in page_text(page)
    assert "<textarea" not in page.content.decode()
    assert ("Deactivated" in page_text(listed)) is (end == "deactivated")
    assert refused.status_code == 422
    assert sentence in page_text(refused)
    assert Message._base_manager.count() == 1


def test_deleted_persons_conversation_is_gone(world, client_of, write, path):
    write(MENTEE, MENTOR, SECRET)
    world.assignments[f"{MENTEE}@first_year/{MENTOR}"].delete()
    world.people[MENTEE].delete()

    client = client_of(MENTOR)

    assert client.get(f"/mentor/messages/{world.people[MENTEE].pk or 10**9}/").status_code == 404
    assert SECRET not in client.get(path("mentor")).content.decode()
    assert not Message._base_manager.exists()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("data:text/html,<b>x", "data:text/html,&lt;b&gt;x"),
        ('https://a.example/"onmouseover="x', "https://a.example/</a>&quot;onmouseover=&quot;x"),
        (
            "See https://example.org/a?b=1&c=2.",
            'See <a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer nofollow ugc" target="_blank">',
        ),
    ],
)
def test_text_is_escaped_and_links_are_safe(client_of, write, path, text, html):
    write(MENTEE, MENTOR, text)

    assert html in client_of(MENTOR).get(path("mentor", MENTEE)).content.decode()


def test_days_and_times_are_those_of_the_readers_clock(client_of, write, path):
    from datetime import UTC, datetime

    message = write(MENTEE, MENTOR)
    Message._base_manager.filter(pk=message.pk).update(sent_at=datetime(2026, 1, 2, 3, 30, tzinfo=UTC))
    client = client_of(MENTOR)
    client.cookies["timezone"] = "America/New_York"

    page = page_text(client.get(path("mentor", MENTEE)))

    assert "Jan. 1, 2026" in page
    assert "10:30 p.m." in page
    client.cookies["timezone"] = "../../etc/passwd"
    assert "Jan. 2, 2026" in page_text(client.get(path("mentor", MENTEE)))


def many_messages(world, number):
    conversation = conversation_between(world.people[MENTEE], world.people[MENTOR])
    Message._base_manager.bulk_create(
        (
            Message(
                conversation=conversation,
                author=world.people[MENTEE if position % 2 else MENTOR],
                text=f"Message {position}",
            )
            for position in range(number)
        ),
        batch_size=2_000,
    )


@pytest.mark.parametrize("number", [10, 10_000])
def test_conversation_takes_the_same_queries_for_few_and_many(
    world, client_of, write, path, django_assert_num_queries, number
):
    write(MENTEE, MENTOR)
    many_messages(world, number - 1)
    client = client_of(MENTEE)

    with django_assert_num_queries(13):
        response = client.get(path("mentee", MENTOR))

    assert f"Message {number - 2}" in response.content.decode()


@pytest.mark.parametrize("number", [1, 12])
def test_list_takes_the_same_queries_for_few_and_many(
    world, client_of, write, path, django_assert_num_queries, number
):
    from mentorpro_plugin.access.roles import Role
    from tests.world import add, assign

    for position in range(number):
        add(world, f"mentee_{position}", Role.MENTEE, "engineering")
        assign(world, f"mentee_{position}", "first_year", MENTOR)
        write(f"mentee_{position}", MENTOR)
    client = client_of(MENTOR)

    with django_assert_num_queries(8):
        response = client.get(path("mentor"))

    assert len(response.context["conversations"]) == number


def test_older_messages_come_in_pages(world, client_of, write, path):
    write(MENTEE, MENTOR, "The very first")
    many_messages(world, 100)
    client = client_of(MENTEE)
    address, texts = path("mentee", MENTOR), []

    while address:
        page = client.get(address).content.decode()
        texts = re.findall(r"(?:Message \d+|The very first)(?=</div>)", page) + texts
        older = re.search(r'href="(\?before=\d+)"', page)
        address = path("mentee", MENTOR) + older[1] if older else None

    assert texts == ["The very first", *(f"Message {position}" for position in range(100))]


def test_scripts_get_older_messages_without_the_page_around(world, client_of, write, path):
    write(MENTEE, MENTOR, "The very first")
    many_messages(world, 30)
    last = Message._base_manager.order_by("-pk").first()

    response = client_of(MENTEE).get(
        path("mentee", MENTOR, f"?before={last.pk}"), headers={"HX-Request": "true"}
    )

    assert "The very first" in response.content.decode()
    assert "Message 29" not in response.content.decode()
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("before", ["0", "-1", "abc", "99999999999999999999", "1;drop", "²"])
def test_strange_pages_are_no_fault(client_of, write, path, before):
    write(MENTEE, MENTOR)

    assert client_of(MENTEE).get(path("mentee", MENTOR), {"before": before}).status_code == 200
    assert client_of(MENTEE).get(path("mentee"), {"before": f"2026-99-99|{before}"}).status_code == 200
    assert client_of(MENTEE).get(path("mentee"), {"before": f"2026-01-01T00:00Z|{before}"}).status_code == 200
