"""Connect: conversations of program staff in the admin."""

import pytest
from django.utils import timezone

from mentorpro_plugin.conversations.actions import conversation_between, write_message
from mentorpro_plugin.models import Assignment, Message, Participation
from tests.lives import converse
from tests.world import add, assign

HINT = "To write to people, log in with a Program Manager account."


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def address(world, name):
    return f"/admin/connect/{world.people[name].pk}/"


def test_program_manager_writes_and_reads_the_answer(world, client_of):
    pm, mentee = world.people["first_year_pm"], world.people["first_year_mentee"]
    staff, portal = client_of("first_year_pm"), client_of("first_year_mentee")

    sent = staff.post(address(world, "first_year_mentee"), {"text": "How are you?"})
    portal.post(f"/mentee/messages/{pm.pk}/", {"text": "Fine."})
    listed = text_of(staff.get("/admin/connect/"))
    page = text_of(staff.get(address(world, "first_year_mentee")))

    assert sent["Location"] == f"/admin/connect/{mentee.pk}/#latest"
    assert 'mentorpro-bar__count">1<' in listed
    assert "How are you?" in page
    assert "Fine." in page


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("first_year_pm", ["First Year Mentor Enginmark", "First Year Mentee Enginmark"]),
        ("first_year_sc", ["First Year Mentor Enginmark", "First Year Mentee Enginmark"]),
        ("engineering_child", ["First Year Mentor Enginmark", "Engineering Free Mentee Enginmark"]),
    ],
)
def test_picker_offers_those_to_whom_one_may_write(client_of, who, offered):
    people = [str(person) for person in client_of(who).get("/admin/connect/").context["correspondents"]]

    assert set(offered) <= set(people)
    assert not [name for name in people if "Nursmark" in name or "Left" in name or "Pm" in name]
    if who != "engineering_child":
        assert not [name for name in people if "Transfer" in name]


@pytest.mark.parametrize(
    ("query", "found"), [("mentee", 1), ("first year", 2), ("nobody", 0), ("\x00", 2), ("Hillmark", 0)]
)
def test_picker_is_searched(client_of, query, found):
    response = client_of("first_year_pm").get("/admin/connect/", {"q": query})

    people = [str(person) for person in response.context["correspondents"] if "Left" not in str(person)]
    assert len(people) == found
    if not found:
        assert "Nobody matches your search." in text_of(response)


@pytest.mark.parametrize("who", ["super_admin", "riverside_parent"])
def test_accounts_that_do_not_write_are_told_which_one_does(world, client_of, who):
    client = client_of(who)

    page = text_of(client.get("/admin/connect/"))

    assert HINT in page
    assert "Search by name" not in page
    for name in ("first_year_mentee", "first_year_pm", "moot_mentee"):
        assert client.get(address(world, name)).status_code == 404
        assert client.post(address(world, name), {"text": "Hello"}).status_code == 404
    assert Message._base_manager.count() == 0


def test_superuser_without_a_person_sees_the_hint_and_nobodys_conversations(world, admin_client):
    converse(world, "first_year_pm", "first_year_mentee")

    assert HINT in text_of(admin_client.get("/admin/connect/"))
    assert admin_client.get(address(world, "first_year_mentee")).status_code == 404
    assert admin_client.get("/admin/connect/news/").status_code == 404


@pytest.mark.parametrize(
    "who", ["first_year_sc", "engineering_child", "riverside_parent", "super_admin", "moot_pm"]
)
def test_only_the_two_read_a_conversation(world, client_of, who):
    converse(world, "first_year_pm", "first_year_mentee")
    attachment = conversation_between(
        world.people["first_year_pm"], world.people["first_year_mentee"]
    ).messages.model._base_manager.get(attachments__isnull=False)
    file = attachment.attachments.model._base_manager.get(message=attachment)
    client = client_of(who)

    for path in (
        "/admin/connect/",
        address(world, "first_year_mentee"),
        address(world, "first_year_pm"),
        f"{address(world, 'first_year_mentee')}news/",
        f"/admin/connect/files/{file.pk}/",
    ):
        response = client.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"secret" not in body, path
    assert client.get(f"/admin/connect/files/{file.pk}/").status_code == 404


def test_attachment_is_sent_to_the_two(world, client_of):
    converse(world, "first_year_pm", "first_year_mentee")
    [file] = Message.attachments.rel.related_model._base_manager.all()

    response = client_of("first_year_pm").get(f"/admin/connect/files/{file.pk}/")

    assert b"".join(response.streaming_content) == b"secret letter of first_year_pm and first_year_mentee"
    response.close()


def test_past_conversation_is_read_and_no_longer_written_in(world, client_of):
    converse(world, "first_year_pm", "first_year_mentee")
    Assignment._base_manager.filter(person=world.people["first_year_mentee"]).update(ended_at=timezone.now())
    client, count = client_of("first_year_pm"), Message._base_manager.count()

    page = text_of(client.get(address(world, "first_year_mentee")))
    refused = client.post(address(world, "first_year_mentee"), {"text": "Hello?"})

    assert "no longer share a program" in page
    assert 'id="compose"' not in page
    assert refused.status_code == 422
    assert Message._base_manager.count() == count


def test_what_does_not_fit_is_said_and_stays(world, client_of):
    client = client_of("first_year_pm")

    empty = client.post(address(world, "first_year_mentee"), {"text": " \u200b"})
    long = client.post(address(world, "first_year_mentee"), {"text": "x" * 5_001})

    assert "Write something, or attach a file." in empty.content.decode()
    assert "A message has at most 5000 characters" in long.content.decode()
    assert "x" * 5_001 in long.content.decode()
    assert Message._base_manager.count() == 0


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\u202eevil", "{{ 7*7 }}", "javascript:alert(1)"]
)
def test_nothing_that_is_written_runs(world, client_of, text):
    client = client_of("first_year_pm")
    client.post(address(world, "first_year_mentee"), {"text": text})

    for path in ("/admin/connect/", address(world, "first_year_mentee")):
        page = text_of(client.get(path))
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert 'href="javascript:' not in page


def test_script_is_told_of_news_once(world, client_of):
    staff = client_of("first_year_pm")
    staff.post(address(world, "first_year_mentee"), {"text": "One"})
    news = f"{address(world, 'first_year_mentee')}news/"
    first = staff.get(news)

    same = staff.get(news, headers={"If-None-Match": first["ETag"]})
    write_message(
        author=world.people["first_year_mentee"],
        to=world.people["first_year_pm"],
        text="Two",
        by=world.user("first_year_mentee"),
    )
    after = staff.get(news, headers={"If-None-Match": first["ETag"]})

    assert (same.status_code, after.status_code) == (304, 200)
    assert "Two" in after.content.decode()
    assert "<html" not in after.content.decode()


def test_reading_is_noted_by_post(world, client_of):
    converse(world, "first_year_pm", "first_year_mentee")
    pm = world.people["first_year_pm"]
    Participation._base_manager.filter(person=pm).update(unread_count=1, unread_since=timezone.now())

    response = client_of("first_year_pm").post(
        f"{address(world, 'first_year_mentee')}read/", {"up_to": 10**9}
    )

    assert response.status_code == 204
    assert Participation._base_manager.get(person=pm).unread_count == 0


@pytest.mark.parametrize(
    ("who", "name", "shown"),
    [
        ("first_year_pm", "first_year_mentee", True),
        ("first_year_sc", "first_year_mentor", True),
        ("engineering_child", "engineering_free_mentee", True),
        ("first_year_pm", "engineering_free_mentee", False),
        ("first_year_pm", "engineering_left_mentee", False),
        ("riverside_parent", "first_year_mentee", False),
        ("super_admin", "first_year_mentee", False),
    ],
)
def test_profile_has_a_write_button_for_those_who_may(world, client_of, who, name, shown):
    roster = "mentors" if name.endswith("mentor") else "mentees"

    page = text_of(client_of(who).get(f"/admin/{roster}/{world.people[name].pk}/"))

    assert (address(world, name) in page) == shown


def test_mentor_has_no_business_in_the_admins_conversations(world, client_of):
    response = client_of("first_year_mentor").get(address(world, "first_year_mentee"))

    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize(("path", "queries"), [("/admin/connect/", 9), ("{conversation}", 13)])
def test_pages_take_as_many_queries_for_many_as_for_one(
    world, client_of, django_assert_num_queries, path, queries, count
):
    for number in range(count):
        add(world, f"other{number}", "mentee", "engineering")
        assign(world, f"other{number}", "first_year", "first_year_mentor")
        converse(world, f"other{number}", "first_year_pm")
    converse(world, "first_year_pm", "first_year_mentee")
    conversation = conversation_between(world.people["first_year_pm"], world.people["first_year_mentee"])
    Message._base_manager.bulk_create(
        Message(conversation=conversation, author=world.people["first_year_pm"], text="Word")
        for _number in range(count)
    )
    client = client_of("first_year_pm")
    page = path.format(conversation=address(world, "first_year_mentee"))
    client.get(page)

    with django_assert_num_queries(queries):
        client.get(page)
