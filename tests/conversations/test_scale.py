"""Many messages, and many people to write to: what the database reads for a page doesn't grow with them."""

import re
import time

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import PARTICIPANTS, Role
from mentorpro_plugin.conversations.actions import conversation_between, may_write
from mentorpro_plugin.conversations.queries import correspondents_of, messages_before
from mentorpro_plugin.conversations.viewsets import MOST_OFFERED
from mentorpro_plugin.models import Assignment, Message, Person
from mentorpro_plugin.people.lifecycle import deactivate
from tests.factories import AssignmentFactory, PersonFactory, user_for
from tests.lives import converse

#: Two messages doubled so often are more than a hundred thousand.
DOUBLINGS, PEOPLE = 16, 10_000
#: How each database makes the key of a message.
_NEW_KEY = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
STAFF = ["first_year_pm", "first_year_sc", "engineering_child", "riverside_parent", "super_admin"]


@pytest.fixture
def long_conversation(world):
    """A hundred thousand messages of two people, and as many of others around them in the table."""
    converse(world, "first_year_pm", "first_year_mentee")
    converse(world, "first_year_mentor", "first_year_mentee")
    # Doubled within the database: through the ORM, it would take half a minute.
    table, key = Message._meta.db_table, _NEW_KEY[connection.vendor]
    with connection.cursor() as cursor:
        for _time in range(DOUBLINGS):
            cursor.execute(
                f"INSERT INTO {table} (conversation_id, author_id, text, sent_at, key)"
                f" SELECT conversation_id, author_id, text, sent_at, {key} FROM {table} ORDER BY id"
            )
    _analyze()
    return conversation_between(world.people["first_year_pm"], world.people["first_year_mentee"])


def test_oldest_page_of_a_long_conversation_is_read_from_the_index_as_fast_as_the_latest(
    long_conversation, client_of, world
):
    client, url = client_of("first_year_pm"), f"/admin/connect/{world.people['first_year_mentee'].pk}/"
    oldest = Message._base_manager.filter(conversation=long_conversation).order_by("pk")[40].pk

    for address in (url, f"{url}?before={oldest}", f"{url}news/?after={oldest}"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        plans = {query["sql"]: _plan(query["sql"]) for query in captured if _reads_messages(query["sql"])}

        assert plans, address
        assert [sql for sql, plan in plans.items() if _is_full_scan(plan)] == [], plans
    assert _is_full_scan(_plan(f"SELECT * FROM {Message._meta.db_table} WHERE text = 'nowhere'"))

    first = _fastest(lambda: messages_before(long_conversation))
    last = _fastest(lambda: messages_before(long_conversation, oldest))
    assert max(first, last) < 2 * min(first, last)


@pytest.mark.parametrize("who", STAFF)
def test_picker_lists_exactly_those_to_whom_one_may_write(world, who):
    user, author = world.user(who), world.people[who]
    with scope_of(reach_of(world.user("first_year_pm"))):
        deactivate(
            Person.objects.get(pk=world.people["first_year_mentor"].pk), by=world.user("first_year_pm")
        )
    Assignment._base_manager.filter(person=world.people["transfer_mentee"]).update(ended_at=timezone.now())

    with scope_of(reach_of(user)):
        offered = {person.pk for person in correspondents_of(user)}
        allowed = {
            person.pk
            for person in Person._base_manager.filter(role__in=PARTICIPANTS)
            if may_write(user, author, person)
        }

    assert offered == allowed


def test_picker_stays_short_and_fast_with_ten_thousand_people(world, client_of):
    _crowd(world)
    client = client_of("first_year_pm")

    for query, count in (("", MOST_OFFERED), ("newcomer", MOST_OFFERED), ("nobody at all", 0)):
        response = client.get("/admin/connect/", {"q": query})
        took = _fastest(lambda query=query: client.get("/admin/connect/", {"q": query}), times=3)

        assert len(response.context["correspondents"]) == count
        assert took < 1, query


def _crowd(world):
    """Ten thousand mentees in the first year's program."""
    people = [
        PersonFactory.build(
            user=user_for(Role.MENTEE, f"newcomer{number}@example.org"),
            role=Role.MENTEE,
            organization=world.organizations["engineering"],
            first_name="Newcomer",
            last_name=f"Enginmark {number}",
            email=f"newcomer{number}@example.org",
            id_number=f"NEW-{number}",
            # From 800: none of these area codes is one of `fictional_phone`.
            phone=f"+1{800 + number // 100}55501{number % 100:02}",
            is_assigned=True,
        )
        for number in range(PEOPLE)
    ]
    get_user_model()._base_manager.bulk_create(person.user for person in people)
    for person in people:
        person.user = person.user  # now that it has a key
        person.complete()
    Person._base_manager.bulk_create(people)
    Assignment._base_manager.bulk_create(
        AssignmentFactory.build(person=person, program=world.programs["first_year"], lead=None)
        for person in people
    )
    _analyze()


def _analyze():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _reads_messages(sql):
    return sql.startswith("SELECT") and f'"{Message._meta.db_table}"' in sql


def _plan(sql):
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + sql.replace("%", "%%") if "%" in sql else explain + sql)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def _is_full_scan(plan):
    """Whether the table of messages is read from end to end, as each database says it."""
    table = Message._meta.db_table
    scan = rf"SCAN {table}|Seq Scan on {table}\b"
    return re.search(scan, plan) is not None


def _fastest(action, *, times=9):
    """Seconds that the fastest of several calls takes: the others were held up by the machine."""
    durations = []
    for _time in range(times):
        began = time.perf_counter()
        action()
        durations.append(time.perf_counter() - began)
    return min(durations)
