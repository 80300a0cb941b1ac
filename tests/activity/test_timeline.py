"""The timeline on a profile: all that happened, in sentences, as far as the reader may know it; never what was said."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.activity import panels
from mentorpro_plugin.activity.history import entry
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.activity.queries import history_of
from mentorpro_plugin.conversations.timeline import messages_written
from mentorpro_plugin.models import Message
from tests.access.test_screens import HOSTILE_VALUES
from tests.lives import converse, plan
from tests.world import assign

Action = HistoryEntry.Action


def profile(person):
    return reverse(f"{person.role}s:profile", args=[person.pk])


def timeline(client, person, query=""):
    """What the lines of a profile's timeline say, newest first: (what, by)."""
    body = client.get(profile(person) + query).content.decode()
    rows = re.findall(
        r'data-label="What"><bdi>(.*?)</bdi>.*?data-label="By"><span><bdi>(.*?)</bdi>', body, re.DOTALL
    )
    return [(what.replace("&#x27;", "'"), by) for what, by in rows]


def note(subject, action, *, person, by, at=None, **more):
    written = entry(subject, action, by=by, organization=person.organization_id, person=person.pk, **more)
    written.at = at or timezone.now()
    written.save(force_insert=True)
    return written


def test_timeline_has_log_ins_messages_goals_and_assignments_in_one_list(world, client_of):
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]
    now = timezone.now()
    goal = plan(world, "first_year_mentee")
    assignment = world.assignments["first_year_mentee@first_year/first_year_mentor"]
    note(
        assignment,
        Action.ASSIGNED,
        person=mentee,
        by=world.user("first_year_pm"),
        program=assignment.program_id,
        changes={"lead_id": [None, mentor.pk]},
        at=now - timedelta(hours=5),
    )
    note(mentee, Action.LOGGED_IN, person=mentee, by=mentee.user, at=now - timedelta(hours=4))
    converse(world, "first_year_mentee", "first_year_mentor")
    Message._base_manager.update(sent_at=now - timedelta(hours=3))
    note(goal, Action.GOAL_SET, person=mentee, by=mentee.user, at=now - timedelta(hours=2))
    note(goal, Action.GOAL_COMMENTED, person=mentee, by=mentor.user, at=now - timedelta(hours=1))

    lines = timeline(client_of("first_year_pm"), mentee)

    assert lines == [
        (f"commented on a goal: “{goal.title}”", str(mentor)),
        (f"set a goal: “{goal.title}”", str(mentee)),
        (f"wrote 1 message to {mentor}", str(mentee)),
        ("logged in", str(mentee)),
        (f"assigned to “{world.programs['first_year']}” with {mentor}", str(world.people["first_year_pm"])),
    ]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Action.DEACTIVATED, "deactivated"),
        (Action.REACTIVATED, "reactivated"),
        (Action.LOGGED_IN, "logged in"),
        (Action.CODE_ISSUED, "given a log-in code"),
        (Action.PHONE_CHANGED, "changed the phone number"),
        (Action.CONSENTED, "agreed to the terms"),
    ],
)
def test_each_action_has_its_words(world, client_of, action, said):
    person = world.people["first_year_mentee"]
    note(person, action, person=person, by=world.user("first_year_pm"))

    assert timeline(client_of("first_year_pm"), person)[0][0] == said


def test_own_profile_says_which_fields_changed(world, client_of):
    person = world.people["first_year_mentee"]
    note(
        person, Action.PROFILE_CHANGED, person=person, by=person.user, changes={"about": None, "email": None}
    )

    assert timeline(client_of("first_year_pm"), person)[0][0] == "changed: about, e-mail"


def test_what_a_mentor_does_to_the_goals_of_others_is_in_their_timeline_too(world, client_of):
    mentor, mentee = world.people["first_year_mentor"], world.people["first_year_mentee"]
    goal = plan(world, "first_year_mentee")
    for action in (Action.GOAL_PROPOSED, Action.GOAL_COMMENTED):
        note(goal, action, person=mentee, by=mentor.user)

    lines = [what for what, _by in timeline(client_of("first_year_pm"), mentor)]

    assert lines[:2] == [
        f"commented on a goal of {mentee}: “{goal.title}”",
        f"proposed a goal to {mentee}: “{goal.title}”",
    ]


def test_what_a_mentor_does_to_people_out_of_the_readers_reach_is_not(world, client_of):
    mentor, stranger = world.people["first_year_mentor"], world.people["transfer_mentee"]
    note(plan(world, "transfer_mentee"), Action.GOAL_COMMENTED, person=stranger, by=mentor.user)

    assert [what for what, _by in timeline(client_of("first_year_pm"), mentor) if "goal" in what] == []
    assert [what for what, _by in timeline(client_of("engineering_child"), mentor) if "goal" in what] != []


def test_messages_are_counted_by_day_and_by_whom_they_were_for(world, client_of):
    mentor = world.people["first_year_mentor"]
    days = {
        datetime(2026, 3, 2, 18, tzinfo=UTC): 3,
        datetime(2026, 3, 3, 9, tzinfo=UTC): 1,
    }
    for other in ("first_year_mentee", "first_year_pm"):
        conversation = converse(world, "first_year_mentor", other)
        Message._base_manager.filter(conversation=conversation).delete()
        for last, count in days.items():
            for number in range(count):
                Message(
                    conversation=conversation,
                    author=mentor,
                    text="not to be read by others",
                    sent_at=last - timedelta(minutes=number, seconds=other == "first_year_pm"),
                ).save()
            # Of the other one, which isn't what this person did.
            Message(conversation=conversation, author=world.people[other], text="answer", sent_at=last).save()
    client = client_of("engineering_child")

    lines = [what for what, _by in timeline(client, mentor)]

    mentee, manager = world.people["first_year_mentee"], world.people["first_year_pm"]
    assert lines == [
        f"wrote 1 message to {mentee}",
        f"wrote 1 message to {manager}",
        f"wrote 3 messages to {mentee}",
        f"wrote 3 messages to {manager}",
    ]
    assert "not to be read" not in client.get(profile(mentor)).content.decode()


def test_counterpart_out_of_the_readers_reach_has_no_name(world, client_of):
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")
    mentee = world.people["first_year_mentee"]
    converse(world, "first_year_mentee", "transfer_mentor")

    assert ("wrote 1 message to somebody else", str(mentee)) in timeline(client_of("first_year_pm"), mentee)
    assert (f"wrote 1 message to {world.people['transfer_mentor']}", str(mentee)) in timeline(
        client_of("engineering_child"), mentee
    )


@pytest.mark.parametrize("reader", ["first_year_mentor", "first_year_mentee"])
def test_participants_have_no_say_in_timelines(world, reader):
    assert not world.user(reader).has_perm("mentorpro_plugin.view_history", world.people["first_year_mentee"])


def test_timeline_is_shown_to_those_only_who_may_see_history(world, client_of):
    # A Program Manager sees who is unassigned in the organization, but not what they did.
    free = world.people["engineering_free_mentee"]
    note(free, Action.DEACTIVATED, person=free, by=None)

    assert "Timeline" not in client_of("first_year_pm").get(profile(free)).content.decode()
    assert timeline(client_of("engineering_child"), free) == [("deactivated", "–")]


def test_older_leads_through_everything_once(world, client_of, monkeypatch):
    monkeypatch.setattr(panels, "PAGE", 10)
    person, now = world.people["first_year_mentee"], timezone.now()
    expected = set()
    for number in range(33):
        # Four each at the same moment, so that pages would cut between them.
        at = now - timedelta(hours=number // 4)
        expected.add(f"f{number}")
        note(person, Action.CHANGED, person=person, by=None, at=at, changes={f"f{number}": None})
    client = client_of("first_year_pm")
    pages, query = [], ""

    while True:
        pages.append([what.removeprefix("changed: ") for what, _by in timeline(client, person, query)])
        older = re.search(
            r'href="(\?before=[^"#]*)#timeline"', client.get(profile(person) + query).content.decode()
        )
        if older is None:
            break
        query = older[1]

    seen = [what for page in pages for what in page]
    assert len(seen) == 33
    assert set(seen) == expected
    assert max(map(len, pages)) <= 10
    assert seen == sorted(seen, key=lambda what: int(what[1:]) // 4)


def test_more_happenings_of_one_moment_than_a_page_holds_are_not_skipped(world, client_of, monkeypatch):
    monkeypatch.setattr(panels, "PAGE", 5)
    person, now = world.people["first_year_mentee"], timezone.now()
    for number in range(6):
        note(person, Action.CHANGED, person=person, by=None, at=now, changes={f"f{number}": None})
    note(person, Action.REACTIVATED, person=person, by=None, at=now - timedelta(hours=1))
    client = client_of("first_year_pm")

    first = timeline(client, person)

    assert len(first) == 6
    query = re.search(r'href="(\?before=[^"#]*)#timeline"', client.get(profile(person)).content.decode())[1]
    assert timeline(client, person, query) == [("reactivated", "–")]


@pytest.mark.parametrize(
    "value", [*HOSTILE_VALUES, "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2026-02-30"]
)
def test_timeline_bears_any_moment_to_begin_with(world, client_of, value):
    person = world.people["first_year_mentee"]

    assert client_of("first_year_pm").get(f"{profile(person)}?before={quote(value)}").status_code == 200


@pytest.mark.parametrize(
    ("reader", "most"), [("first_year_pm", 18), ("engineering_child", 16), ("super_admin", 18)]
)
def test_profile_takes_as_many_queries_for_a_long_timeline_as_for_a_short_one(world, client_of, reader, most):
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]
    goal = plan(world, "first_year_mentee")
    conversation = converse(world, "first_year_mentee", "first_year_mentor")
    client = client_of(reader)

    def live(days):
        for day in days:
            at = timezone.now() - timedelta(days=day)
            note(goal, Action.GOAL_SET, person=mentee, by=mentee.user, at=at)
            note(goal, Action.GOAL_COMMENTED, person=mentee, by=mentor.user, at=at)
            Message(conversation=conversation, author=mentee, text="x", sent_at=at).save()

    counts = []
    for days in (range(1), range(1, 60)):
        live(days)
        client.get(profile(mentee))
        with CaptureQueriesContext(connection) as queries:
            client.get(profile(mentee))
        counts.append(len(queries))

    assert counts == [most, most]


def test_sources_keep_to_their_queries(world, django_assert_max_num_queries):
    mentor = world.people["first_year_mentor"]
    note(
        plan(world, "first_year_mentee"),
        Action.GOAL_COMMENTED,
        person=world.people["first_year_mentee"],
        by=mentor.user,
    )
    converse(world, "first_year_mentee", "first_year_mentor")
    viewer = world.user("engineering_child")

    with scope_of(reach_of(viewer)):
        with django_assert_max_num_queries(7):
            assert history_of(mentor, viewer, before=None, limit=50)
        with django_assert_max_num_queries(2):
            assert messages_written(mentor, viewer, before=None, limit=50)


def test_roster_and_profile_say_what_the_last_activity_was(world, client_of):
    person = world.people["first_year_mentee"]
    at = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
    type(person)._base_manager.filter(pk=person.pk).update(last_activity_at=at, last_activity_kind="message")
    client = client_of("first_year_pm")

    roster = client.get("/admin/mentees/").content.decode()
    page = client.get(profile(person)).content.decode()

    assert '<span class="mentorpro-by">wrote a message</span>' in roster
    assert "wrote a message" in page
