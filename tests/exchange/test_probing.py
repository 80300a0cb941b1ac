"""A preview can't be used to find out in bulk which numbers and IDs are taken beyond the importer's reach."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.mapping import Mapping
from mentorpro_plugin.exchange.models import RosterImport
from mentorpro_plugin.models import HistoryEntry, ReachBudget
from mentorpro_plugin.people.probing import used_up
from tests.factories import fictional_phone
from tests.racing import at_once

from .helpers import email_of, import_, mentee, roster
from .steps import confirmed, csv_of, do, kept, mapped, previewed, uploaded, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]

State = RosterImport.State
PM = "first_year_pm"
#: Out of the sight of a Program Manager of the School of Engineering.
BEYOND = ("moot_mentee", "clinic_mentee", "cohort_mentee", "drop_in_mentee", "transfer_mentee")
TOO_MANY = (
    "Too many rows of this file are about people beyond your reach, so none of it is shown. Leave out whoever isn't yours,"
    " or ask your Parent account, a Super Admin or whoever runs the site to import it."
)


@pytest.fixture
def limit(settings):
    def limit(number):
        settings.MENTORPRO = {**settings.MENTORPRO, "BEYOND_REACH_A_DAY": number}

    return limit


def numbers_of(world, *names):
    return [world.people[name].phone.as_e164 for name in names]


def file_with(*numbers):
    """A roster of mentees with these numbers, and without IDs."""
    return csv_of(*(mentee(Phone_Number=number, ID="") for number in numbers))


def told(world, name=PM):
    found = ReachBudget._base_manager.filter(user=world.people[name].user_id).first()
    return set(found.people) if found else None


def noted():
    entries = HistoryEntry._base_manager.filter(action="access_denied").order_by("pk")
    return [entry.changes for entry in entries]


def history_file(client):
    """The history's refusals as somebody takes them away."""
    response = client.post("/admin/history/csv/?kind=refusals")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


# What is written down


def test_rows_beyond_reach_are_written_down_as_a_number(world):
    shown = previewed(file_with(*numbers_of(world, *BEYOND[:2]), fictional_phone()), by=world.user(PM))

    entry = HistoryEntry._base_manager.get(action="access_denied")
    assert shown.state == State.PREVIEW
    assert (shown.counts["new"], shown.counts["refused"]) == (1, 2)
    assert entry.changes == {"kind": "beyond", "rows": 2}
    assert (entry.subject_type, entry.subject_id) == ("rosterimport", shown.pk)
    assert (entry.actor_id, entry.person_id) == (world.people[PM].user_id, None)
    assert (entry.organization, entry.via) == (world.organizations["engineering"], "import")


@pytest.mark.parametrize(
    ("reader", "is_told"),
    [
        ("super_admin", True),
        ("riverside_parent", True),
        ("engineering_child", True),
        (PM, True),
        ("nursing_child", False),
        ("law_child", False),
        ("moot_pm", False),
    ],
)
def test_whoever_sees_the_organization_s_history_reads_it_there_and_in_the_file(
    world, client_of, reader, is_told
):
    previewed(file_with(*numbers_of(world, *BEYOND[:2])), by=world.user(PM))
    said = "refused rows about people beyond their reach (2 rows)"

    page = client_of(reader).get("/admin/history/?kind=refusals").content.decode()
    rows = history_file(client_of(reader))

    assert (said in page) == is_told
    assert [(row["What"], row["Changes in keys"]) for row in rows] == (
        [(said, '{"kind": "beyond", "rows": 2}')] if is_told else []
    )
    for name in BEYOND[:2]:
        assert world.people[name].phone.as_e164 not in page + str(rows)


def test_one_import_is_written_down_once_however_often_it_is_looked_at(world):
    by = world.user(PM)
    shown = previewed(file_with(*numbers_of(world, *BEYOND[:2])), by=by)

    again = mapped(shown, by=by)

    assert again.state == State.PREVIEW
    assert noted() == [{"kind": "beyond", "rows": 2}]


def test_it_does_not_make_a_plan_stale(world):
    by = world.user(PM)
    shown = previewed(file_with(*numbers_of(world, *BEYOND[:1]), "907 555 0142"), by=by)

    done = confirmed(shown, by=by, only_valid=True)

    assert (done.state, done.error) == (State.DONE, "")


def test_people_whom_the_importer_sees_are_no_news(world):
    manager = world.people[PM]
    row = mentee(Role="Program Manager", ID=manager.id_number, First_Name="Other", Phone_Number="")

    shown = previewed(csv_of(row), by=world.user(PM))

    assert shown.counts["refused"] == 1
    assert noted() == []
    assert told(world) is None


def test_a_row_that_meets_two_people_is_one_row(world):
    """The address of one, and as an ID of its own, which it doesn't have, the number of another."""
    by = world.user("engineering_child")
    one, other = world.people["cohort_mentee"], world.people["moot_pm"]
    type(one)._base_manager.filter(pk=one.pk).update(id_number="+19075550142")

    previewed(csv_of(mentee(Role="Program Manager", ID="") | {"E-mail": other.email}), by=by)

    assert noted() == [{"kind": "beyond", "rows": 1}]
    assert told(world, "engineering_child") == {one.pk, other.pk}


# The budget


def test_a_file_about_too_many_is_refused_whole(world, client_of, limit):
    limit(2)
    numbers = numbers_of(world, *BEYOND[:3])

    refused = previewed(file_with(*numbers, fictional_phone()), by=world.user(PM))

    assert (refused.state, refused.error) == (State.MAPPING, TOO_MANY)
    assert (refused.counts, refused.plan) == ({}, "")
    assert told(world) == set()
    assert noted() == [{"kind": "spent", "screen": "imports:preview"}]
    page = client_of(PM).get(reverse("imports:columns", args=[refused.pk])).content.decode()
    assert "Too many rows of this file are about people beyond your reach" in page
    assert "can&#x27;t be used here" not in page
    [row] = history_file(client_of("engineering_child"))
    assert row["What"] == (
        "refused access to “imports:preview”: too many people beyond their reach for a day"
    )


def test_a_refused_file_without_the_rows_of_others_is_taken(world, limit):
    limit(2)
    by = world.user(PM)
    previewed(file_with(*numbers_of(world, *BEYOND)), by=by)

    shown = previewed(file_with(*numbers_of(world, BEYOND[0]), fictional_phone()), by=by)

    assert (shown.state, shown.counts["refused"]) == (State.PREVIEW, 1)


def test_the_same_file_and_the_same_people_in_another_one_count_once(world, limit):
    limit(4)
    by = world.user(PM)
    district = numbers_of(world, *BEYOND[:3])

    shown = [
        previewed(content, by=by)
        for content in (
            file_with(*district),
            file_with(*district),
            file_with(*district, fictional_phone()),
            file_with(*district[1:]),
        )
    ]
    again = mapped(shown[0], by=by)

    assert [one.state for one in (*shown, again)] == [State.PREVIEW] * 5
    assert told(world) == {world.people[name].pk for name in BEYOND[:3]}
    assert [changes["rows"] for changes in noted()] == [3, 3, 3, 2]


def test_the_same_file_read_in_another_way_counts_whom_it_meets_then(world, limit):
    """Or else one file with a column of numbers after the other would pass for the same file."""
    limit(3)
    by = world.user(PM)
    first, second = numbers_of(world, *BEYOND[:2]), numbers_of(world, *BEYOND[2:4])
    rows = [mentee(Phone_Number=one, ID="") | {"Other": two} for one, two in zip(first, second, strict=True)]
    shown = previewed(csv_of(*rows), by=by)
    meanings = ["" if meaning == "phone" else meaning for meaning in shown.mapping["meanings"]]
    swapped = {**shown.mapping, "meanings": [*meanings[:-1], "phone"]}

    other = do(actions.set_mapping, shown, Mapping.from_json(swapped), by=by)

    assert (other.state, other.error) == (State.MAPPING, TOO_MANY)


def test_with_a_used_up_budget_a_free_number_and_a_taken_one_are_answered_alike(world, client_of, limit):
    limit(1)
    by = world.user(PM)
    previewed(file_with(*numbers_of(world, BEYOND[0])), by=by)
    sentence = used_up(by)

    ended = [
        previewed(file_with(number), by=by)
        for number in (*numbers_of(world, *BEYOND[:2], "first_year_mentee"), fictional_phone())
    ]

    assert [(one.state, one.error, one.counts, one.plan) for one in ended] == [
        (State.MAPPING, sentence, {}, "")
    ] * 4
    assert len({one.rows_done for one in ended}) == 1
    rows = [(row["What"], row["Changes in keys"]) for row in history_file(client_of(PM))]
    assert len(set(rows[:4])) == 1


def test_what_was_confirmed_is_stored_though_the_budget_was_used_up_since(world, limit):
    limit(1)
    by = world.user(PM)
    free = previewed(file_with(fictional_phone()), by=by)
    previewed(file_with(*numbers_of(world, BEYOND[0])), by=by)
    assert used_up(by)

    assert confirmed(free, by=by).state == State.DONE


def test_on_the_next_day_the_same_import_goes_on(world, limit):
    limit(1)
    by = world.user(PM)
    previewed(file_with(*numbers_of(world, BEYOND[0])), by=by)
    waiting = previewed(file_with(*numbers_of(world, BEYOND[1])), by=by)

    ReachBudget._base_manager.update(resets_at=timezone.now())

    assert mapped(waiting, by=by).state == State.PREVIEW
    assert told(world) == {world.people[BEYOND[1]].pk}


def test_everybody_has_a_budget_of_their_own_and_super_admins_none(world, limit):
    limit(1)
    content = file_with(*numbers_of(world, *BEYOND[:1]))
    previewed(content, by=world.user(PM))

    assert previewed(content, by=world.user("engineering_child")).state == State.PREVIEW
    limit(0)
    everything = previewed(
        file_with(*numbers_of(world, *BEYOND)),
        by=world.user("super_admin"),
        organization=world.organizations["riverside"],
    )
    assert everything.state == State.PREVIEW
    assert told(world, "super_admin") is None


def test_the_command_keeps_to_the_same_budget(world, tmp_path, limit):
    limit(2)
    rows = [mentee(Phone_Number=number, ID="") for number in numbers_of(world, *BEYOND[:3])]

    fits = import_(roster(tmp_path, *rows[:2]), email_of(world, PM), dry_run=True)
    refused = import_(roster(tmp_path, *rows), email_of(world, PM), dry_run=True)

    assert (fits.status, fits.counts) == (1, (0, 0, 0, 2))
    assert (refused.status, refused.said) == (1, [])
    assert refused.complained == [used_up(world.user(PM))]
    assert noted() == [{"kind": "beyond", "rows": 2}, {"kind": "spent", "screen": "imports:preview"}]
    assert HistoryEntry._base_manager.filter(action="access_denied").first().subject_type == "organization"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.usefixtures("no_worker")
def test_two_uploads_at_once_do_not_exceed_the_budget(transactional_db, limit):
    from tests.world import make_world

    world = make_world()
    limit(3)
    by = world.user(PM)
    waiting = [
        mapped(work(uploaded(file_with(*numbers_of(world, *names)), by=by)), by=by)
        for names in (BEYOND[:2], BEYOND[2:4])
    ]

    outcomes = at_once(*[lambda one=one: work(one) for one in waiting])

    assert sorted(one.state for one in outcomes) == [State.MAPPING, State.PREVIEW]
    refused = next(one for one in map(kept, waiting) if one.state == State.MAPPING)
    assert (refused.error, refused.counts, refused.plan) == (TOO_MANY, {}, "")
    assert len(told(world)) == 2
