"""Guessing passwords: how often, under which spellings, from how many places at once."""

import statistics
import time
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.utils import timezone

from mentorpro_plugin.access.roles import STAFF, Role
from mentorpro_plugin.accounts.models import PasswordTries
from mentorpro_plugin.accounts.tries import forget_old_tries, subject_of_address, take_try
from mentorpro_plugin.activity.models import HistoryEntry
from tests.factories import PASSWORD
from tests.racing import at_once
from tests.world import add

from .conftest import StaffBrowser

PM = "first_year_pm@example.org"
LOCKED = "Too many wrong passwords for this address. Wait for"

VARIANTS = [
    PM,
    PM.upper(),
    PM.title(),
    f"  {PM} ",
    "first_year_pm@example.org\u200b",
    "ｆｉｒｓｔ＿ｙｅａｒ＿ｐｍ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    "fírst_yeár_pm@example.org",
    "fi\u0301rst_year_pm@exa\u0308mple.org",
    "fırst_year_pm@example.org",
    "FİRST_YEAR_PM@example.org",
    "firſt_year_pm@example.org",
    "first_year_pm\u00a0@example.org",
]


def text(response):
    return response.content.decode()


def wrong(browser, address=PM, times=10):
    return [browser.log_in(address, f"wrong {number}") for number in range(times)]


def test_ten_wrong_passwords_lock_the_address_even_for_the_right_one(world, browser_of):
    answers = wrong(StaffBrowser())
    with_the_right_one = StaffBrowser().log_in(PM)

    assert [LOCKED in text(answer) for answer in answers] == [False] * 10
    assert LOCKED in text(with_the_right_one)
    assert "Wait for 30 minutes" in text(with_the_right_one)
    assert "you can log in at once" in text(with_the_right_one)


@pytest.mark.parametrize("variant", VARIANTS)
def test_spellings_of_an_address_share_one_count(variant):
    assert subject_of_address(variant) == subject_of_address(PM)


def test_other_addresses_have_counts_of_their_own():
    others = ["second_year_pm@example.org", "first_year_pm@example.com", "firstyearpm@example.org", ""]

    assert len({subject_of_address(address) for address in [PM, *others]}) == 5


def test_variants_are_locked_together(world):
    for variant in VARIANTS[:10]:
        StaffBrowser().log_in(variant, "wrong")

    assert [LOCKED in text(StaffBrowser().log_in(variant)) for variant in VARIANTS] == [True] * len(VARIANTS)


def test_neighbour_behind_the_same_address_is_let_in(world):
    neighbour = StaffBrowser()
    wrong(neighbour, times=20)

    response = neighbour.log_in("transfer_pm@example.org")

    assert response.status_code == 302
    assert neighbour.is_in


def test_right_password_begins_the_count_anew(world):
    for _round in range(3):
        browser = StaffBrowser()
        wrong(browser, times=9)
        browser.log_in(PM)
        assert browser.is_in


def test_lock_ends_by_itself_and_tries_meanwhile_prolong_nothing(world):
    wrong(StaffBrowser())
    counted = PasswordTries.objects.filter(subject=subject_of_address(PM))
    until = counted.get().resets_at
    wrong(StaffBrowser(), times=3)
    assert counted.get().resets_at == until

    PasswordTries.objects.update(resets_at=timezone.now() - timedelta(seconds=1))
    browser = StaffBrowser()
    browser.log_in(PM)

    assert browser.is_in


def test_unknown_address_is_answered_and_locked_like_a_known_one(world, django_assert_num_queries):
    known, unknown = StaffBrowser(), StaffBrowser()
    wrong(known, times=1), wrong(unknown, "nobody_at_all@example.org", times=1)

    def queries(browser, address):
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = browser.log_in(address, "wrong")
        return len(captured), answer.status_code, len(answer.content), sorted(answer.cookies)

    # Of the same length, so that pages may be compared by theirs.
    pairs = [
        (queries(known, PM), queries(unknown, "nobody_at_all@example.org"[-len(PM) :].rjust(len(PM), "n")))
        for _time in range(12)
    ]

    assert [known for known, _unknown in pairs] == [unknown for _known, unknown in pairs]


def test_nobody_can_be_read_from_the_counts(world):
    wrong(StaffBrowser(), times=1)

    assert "first_year" not in str(PasswordTries.objects.values())


def test_every_way_to_give_a_password_counts(world, browser_of):
    inside = browser_of("first_year_pm")
    for _time in range(4):
        inside.post("/accounts/reauthenticate/", {"password": "wrong"})
    for _time in range(4):
        inside.post("/accounts/password/change/", {"oldpassword": "wrong"})
    for _time in range(2):
        assert authenticate(None, username=PM, password="wrong") is None

    assert authenticate(None, username=PM, password=PASSWORD) is None
    assert LOCKED in text(StaffBrowser().log_in(PM))
    assert LOCKED in text(inside.post("/accounts/reauthenticate/", {"password": PASSWORD}))


def test_history_keeps_refusals_and_nothing_of_strangers(world):
    wrong(StaffBrowser(), times=2)
    StaffBrowser().log_in("somebody.else@example.net", "wrong")

    entries = HistoryEntry._base_manager.filter(action=HistoryEntry.Action.LOGIN_REFUSED).order_by("pk")
    assert [entry.person_id for entry in entries] == [world.people["first_year_pm"].pk] * 2 + [None]
    assert "somebody" not in str(list(entries.values()))


def test_old_counts_are_deleted(world):
    take_try("now"), take_try("old")
    PasswordTries.objects.filter(subject="old").update(resets_at=timezone.now())

    forget_old_tries()

    assert [row.subject for row in PasswordTries.objects.all()] == ["now"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_twenty_at_once_ten_are_checked(world):
    outcomes = at_once(*[lambda: take_try(subject_of_address(PM)) is not None] * 20)

    assert sorted(outcomes) == [False] * 10 + [True] * 10
    assert PasswordTries.objects.get().wrong == 10


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_twenty_log_ins_at_once_ten_reach_the_password(world):
    answers = at_once(*[lambda: text(StaffBrowser().log_in(PM, "wrong"))] * 20)

    assert sum(LOCKED in answer for answer in answers) == 10
    refused = HistoryEntry._base_manager.filter(action=HistoryEntry.Action.LOGIN_REFUSED)
    assert refused.count() == 10


def test_time_tells_nothing(world):
    """40 wrong passwords of each kind and as many wishes for a link, taking turns, at a hash that costs next to nothing.

    Their lower quartiles differ by less than a third: other work on the machine only ever adds.
    """
    staff = [person for person in world.people.values() if person.role in STAFF and not person.is_deactivated]
    times = {"known": [], "unknown": [], "known, link": [], "unknown, link": []}

    def timed(kind, path, body):
        browser = StaffBrowser()
        began = time.perf_counter()
        browser.post(path, body)
        times[kind].append(time.perf_counter() - began)

    for position in range(40):
        person = staff[position % len(staff)]
        pair = [("known", person.email), ("unknown", f"nobody_{position % len(staff)}@example.org")]
        for kind, address in pair if position % 2 else reversed(pair):
            timed(kind, "/accounts/login/", {"login": address, "password": "wrong"})
            timed(f"{kind}, link", "/accounts/password/reset/", {"email": address})

    quick = {kind: statistics.quantiles(sample[4:], n=4)[0] for kind, sample in times.items()}
    for known, unknown in (("known", "unknown"), ("known, link", "unknown, link")):
        assert 0.7 < quick[known] / quick[unknown] < 1.4, quick


def test_flood_from_one_address_of_the_net_is_slowed_down_with_a_sentence(world, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "3/m/ip"}

    answers = wrong(StaffBrowser(), times=4)

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Try again in a minute." in text(answers[-1])


def test_right_password_of_a_look_alike_gives_no_more_tries_for_the_address(world):
    for _time in range(9):
        assert StaffBrowser().log_in(PM, "wrong").status_code == 200
    look_alike = PM.replace("example", "éxample")
    add(world, "look_alike", Role.PROGRAM_MANAGER, "law", email=look_alike)

    assert StaffBrowser().log_in(look_alike, PASSWORD)["Location"] == "/admin/"

    # One is left, as before.
    StaffBrowser().log_in(PM, "wrong")
    assert StaffBrowser().log_in(PM, PASSWORD).status_code == 200
