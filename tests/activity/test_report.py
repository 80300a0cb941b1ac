"""The history report: what it shows to whom, how it is filtered, and the file that it is taken away as."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.activity import files
from mentorpro_plugin.activity.history import entry, history_through
from mentorpro_plugin.activity.models import HistoryEntry, actions_of
from mentorpro_plugin.models import Person
from mentorpro_plugin.people.lifecycle import deactivate
from tests.access.test_screens import HOSTILE_VALUES

Action = HistoryEntry.Action
REPORT = "/admin/history/"
FILE = "/admin/history/csv/"


def note(subject, action=Action.CHANGED, *, by=None, person=None, at=None, organization=None, **more):
    """Write an entry past all actions; on the subject itself, if it is a person."""
    person = person or (subject if isinstance(subject, Person) else None)
    place = organization or (person.organization_id if person else None)
    written = entry(subject, action, by=by, organization=place, person=person and person.pk, **more)
    written.at = at or timezone.now()
    written.save(force_insert=True)
    return written


def rows_of(client, **query):
    """The lines of the report: (what, about, by), without what stands around, and without the test's own log-ins."""
    response = client.get(REPORT, query)
    assert response.status_code == 200
    cells = re.findall(
        r'<td class="[^"]*" data-label="(What|About|By)">(.*?)</td>', response.content.decode(), re.DOTALL
    )
    texts = [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for _label, cell in cells]
    lines = zip(texts[::3], texts[1::3], texts[2::3], strict=True)
    return [(what.replace("( ", "(").replace(" )", ")"), *who) for what, *who in lines if what != "logged in"]


def file_of(client, **query):
    """The file's rows, as dictionaries."""
    response = client.post(f"{FILE}?{'&'.join(f'{name}={value}' for name, value in query.items())}")
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_report_says_what_was_done_to_whom_and_by_whom_newest_first(world, client_of):
    mentee, manager = world.people["first_year_mentee"], world.people["first_year_pm"]
    note(mentee, by=manager.user, changes={"phone": None}, at=timezone.now() - timedelta(hours=1))
    note(
        mentee,
        Action.DEACTIVATED,
        by=manager.user,
        changes={"status": ["enabled", "deactivated"]},
    )

    assert rows_of(client_of("engineering_child")) == [
        ("deactivated (status: Enabled → Deactivated)", str(mentee), str(manager)),
        ("changed: phone number", str(mentee), str(manager)),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role": [None, "mentee"]}, "changed: role: Mentee"),
        ({"language": ["", "es"]}, "changed: language: – → Spanish"),
        ({"flash_mentoring": [False, True]}, "changed: Flash Mentoring: no → yes"),
        ({"name": None, "values": [[1], [1, 2]]}, "changed: name, values"),
        ({}, "changed"),
    ],
)
def test_choices_and_ids_are_told_from_what_to_what(world, client_of, changes, said):
    note(world.people["first_year_mentee"], changes=changes)

    assert rows_of(client_of("first_year_pm"))[0][0] == said


def test_organization_and_lead_are_named_as_far_as_the_reader_may_know_them(world, client_of):
    mentee, program = world.people["first_year_mentee"], world.programs["first_year"]
    note(
        mentee,
        changes={"organization_id": [world.organizations["law"].pk, world.organizations["engineering"].pk]},
    )
    for lead in (world.people["transfer_mentor"].pk, world.people["first_year_mentor"].pk, 10**9):
        note(program, Action.ASSIGNED, person=mentee, program=program.pk, changes={"lead_id": [None, lead]})

    lines = [what for what, _about, _by in rows_of(client_of("first_year_pm"))]

    assert lines == [
        f"assigned to “{program}” with somebody deleted",
        f"assigned to “{program}” with {world.people['first_year_mentor']}",
        f"assigned to “{program}” with somebody",
        f"changed: organization: an organization → {world.organizations['engineering']}",
    ]


def test_who_did_it_has_a_name_within_reach_and_else_a_role(world, client_of):
    mentee = world.people["first_year_mentee"]
    for actor in ("engineering_child", "riverside_parent", "super_admin", "first_year_sc"):
        note(mentee, by=world.people[actor].user)
    note(mentee, by=type(mentee.user)(pk=10**9))
    note(mentee)

    assert [by for _what, _about, by in rows_of(client_of("first_year_pm"))] == [
        "–",
        "somebody deleted",
        str(world.people["first_year_sc"]),
        "Super Admin",
        "Parent account",
        "Child account",
    ]


def test_somebody_deactivated_is_called_so(world, client_of):
    left = world.people["engineering_left_mentee"]
    note(left)

    assert rows_of(client_of("engineering_child"))[0][1] == f"{left} Deactivated"
    assert file_of(client_of("engineering_child"))[-1]["Status"] == "Deactivated"


@pytest.mark.parametrize("reader", ["first_year_mentor", "first_year_mentee", None])
def test_participants_have_no_report(client_of, reader):
    assert client_of(reader).get(REPORT).status_code == 302
    assert client_of(reader).post(FILE).status_code == 302


def test_each_action_is_of_one_kind():
    actions = [action for kind in HistoryEntry.Kind for action in actions_of(kind)]

    assert sorted(actions) == sorted(HistoryEntry.Action)


def test_report_is_filtered(world, client_of):
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]
    manager, coordinator = world.people["first_year_pm"], world.people["first_year_sc"]
    long_ago = timezone.now() - timedelta(days=40)
    note(mentee, Action.ADDED, by=manager.user, at=long_ago)
    note(mentor, Action.LOGGED_IN, by=mentor.user, changes={"ways": ["code"]})
    with history_through(HistoryEntry.Via.IMPORT) as batch:
        note(mentor, by=coordinator.user, changes={"email": None})
    client = client_of("engineering_child")
    added, logged_in, changed = "added", "logged in by one-time code", "changed: e-mail (import)"
    day = (long_ago + timedelta(days=1)).date().isoformat()

    for query, expected in {
        ("about", str(mentor.first_name)): [changed, logged_in],
        ("about", mentee.id_number): [added],
        ("by", str(coordinator)): [changed],
        ("by", "nobody"): [],
        ("kind", "log_ins"): [logged_in],
        ("via", "import"): [changed],
        ("person", mentee.pk): [added],
        ("person", world.people["moot_mentee"].pk): [],
        ("person", "x"): [],
        ("batch", batch): [changed],
        ("batch", "x"): [],
        ("since", day): [changed, logged_in],
        ("until", day): [added],
        ("until", "yesterday"): [],
        ("program", world.programs["first_year"].pk): [],
    }.items():
        assert [what for what, _about, _by in rows_of(client, **dict([query]))] == expected, query


def test_what_fits_no_filter_says_what_to_do(world, client, django_user_model):
    # Whose log-in isn't in the history: in no roster.
    client.force_login(django_user_model._base_manager.create(username="bare", is_superuser=True))

    assert "Nothing has been recorded yet." in client.get(REPORT).content.decode()
    assert "Take one away" in client.get(f"{REPORT}?kind=goals").content.decode()


@pytest.mark.parametrize(
    "parameter",
    ["about", "by", "kind", "via", "since", "until", "organization", "program", "person", "batch", "p"],
)
def test_report_bears_any_parameter(world, client_of, parameter):
    client = client_of("first_year_pm")

    for value in (*HOSTILE_VALUES, "0001-01-01", "9999-12-31"):
        assert client.get(REPORT, {parameter: value}).status_code in (200, 404), value
    for value in ("\x00", "0001-01-01", "9999-12-31"):
        response = client.post(f"{FILE}?{parameter}={quote(value)}")
        assert b"".join(response.streaming_content)


@pytest.mark.parametrize("reader", ["first_year_pm", "engineering_child", "super_admin"])
def test_report_takes_as_many_queries_for_many_rows(world, client_of, reader):
    client = client_of(reader)
    counts = []
    for position in range(40):
        for key in ("first_year_mentee", "first_year_mentor"):
            note(
                world.people[key],
                by=world.people["first_year_pm"].user,
                changes={"organization_id": [None, world.organizations["engineering"].pk]},
            )
        if position in (0, 39):
            client.get(REPORT)
            with CaptureQueriesContext(connection) as queries:
                client.get(REPORT)
            counts.append(len(queries))

    # A page that is full counts the others.
    assert counts[1] <= counts[0] + 1
    assert counts[0] <= 14


def test_file_holds_what_the_report_shows_with_keys_and_is_itself_written_down(world, client_of, monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 3)
    mentee, manager = world.people["first_year_mentee"], world.people["first_year_pm"]
    Person._base_manager.filter(pk=mentee.pk).update(first_name="=1+1", last_name="")
    at = timezone.now()
    for number in range(7):
        note(mentee, by=manager.user, at=at - timedelta(minutes=number // 2), changes={f"f{number}": None})
    note(world.people["transfer_mentee"])
    client = client_of("first_year_pm")

    rows = file_of(client, kind="people")

    # Entries of one moment are in the order in which they were written, newest first.
    assert [row["What"] for row in rows] == [f"changed: f{number}" for number in (1, 0, 3, 2, 5, 4, 6)]
    assert {row["About"] for row in rows} == {"'=1+1"}
    assert {(row["Person (key)"], row["By"], row["User (key)"]) for row in rows} == {
        (str(mentee.pk), str(manager), str(manager.user_id))
    }
    taken = HistoryEntry._base_manager.get(action="exported")
    assert (taken.actor_id, taken.organization_id) == (manager.user_id, manager.organization_id)
    assert taken.changes == {"report": "history", "filters": ["kind"]}
    assert client.get(FILE).status_code == 405


def test_file_ends_where_its_reader_is_deactivated(world, client_of, monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 2)
    for _number in range(6):
        note(world.people["first_year_mentee"])
    response = client_of("first_year_pm").post(FILE)
    lines = iter(response.streaming_content)
    first = [next(lines), next(lines)]

    by = world.user("super_admin")
    with scope_of(reach_of(by)):
        deactivate(world.people["first_year_pm"], by=by)

    assert b"".join(first).count(b"\r\n") == 3
    assert b"".join(lines) == b""


def test_history_stands_among_the_reports_in_place_of_wagtails_and_is_a_tab_of_staff(client_of):
    reports = client_of("super_admin").get("/admin/").content.decode()
    tab = client_of("first_year_sc").get("/admin/").content.decode()

    assert reports.count(REPORT) == 1
    assert tab.count(REPORT) == 1
    assert "site-history" not in reports + tab


def refused(world, name):
    kept = HistoryEntry._base_manager.filter(action="access_denied", actor=world.people[name].user_id)
    return [(row.changes["screen"], row.changes["kind"]) for row in kept.order_by("pk")]


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("first_year_pm", "/admin/mentees/{moot_mentee}/", ("mentees:profile", "hidden")),
        ("first_year_sc", "/admin/mentees/add/", ("mentees:add", "refused")),
        ("first_year_pm", "/admin/users/", ("wagtailusers_users:index", "closed")),
        ("first_year_mentee", "/mentee/people/{moot_mentor}/", ("mentee:person", "hidden")),
        ("super_admin", "/admin/users/edit/{moot_pm.user}/", ("wagtailusers_users:edit", "closed")),
    ],
)
def test_what_is_refused_is_written_down_once_a_minute(world, client_of, name, address, expected):
    keys = {key: person.pk for key, person in world.people.items()}
    path = re.sub(
        r"\{(.*?)\}",
        lambda match: str(
            world.people[match[1][:-5]].user_id if match[1].endswith(".user") else keys[match[1]]
        ),
        address,
    )
    client = client_of(name)

    for _time in range(3):
        client.get(path)

    assert refused(world, name) == [expected]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("first_year_pm", "/admin/"),
        ("first_year_pm", "/admin/mentees/"),
        ("first_year_pm", "/nothing/there/"),
        ("first_year_pm", "/admin/login/"),
        ("super_admin", "/admin/mentees/999999999/"),
        ("first_year_mentee", "/mentee/"),
        (None, "/admin/mentees/"),
    ],
)
def test_what_is_no_refusal_is_not_written_down(world, client_of, name, address):
    client_of(name).get(address)

    assert not HistoryEntry._base_manager.filter(action="access_denied").exists()


def test_refusal_is_read_by_those_who_may_see_that_member_of_staff(world, client_of):
    manager = world.people["first_year_pm"]
    client_of("first_year_pm").get(f"/admin/mentees/{world.people['moot_mentee'].pk}/")
    said = "refused access to “mentees:profile”: not there for them"

    assert rows_of(client_of("engineering_child"), kind="refusals") == [(said, str(manager), str(manager))]
    assert rows_of(client_of("nursing_child"), kind="refusals") == []
    assert rows_of(client_of("transfer_pm"), kind="refusals") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mentorpro_plugin_historyentry SET actor_id = 0",
        pytest.param("DELETE FROM mentorpro_plugin_historyentry", marks=pytest.mark.postgres),
    ],
)
def test_database_itself_refuses_to_change_history(world, statement):
    kept = note(world.people["first_year_mentee"])

    with (
        pytest.raises(DatabaseError, match="written once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert HistoryEntry._base_manager.get(pk=kept.pk).actor_id is None


def test_profile_leads_to_the_report_on_the_person_and_on_the_import(world, client_of):
    mentee = world.people["first_year_mentee"]
    with history_through(HistoryEntry.Via.IMPORT) as batch:
        note(mentee)

    page = client_of("first_year_pm").get(reverse("mentees:profile", args=[mentee.pk])).content.decode()

    assert f'href="{REPORT}?person={mentee.pk}"' in page
    assert f'href="{REPORT}?batch={batch}"' in page
