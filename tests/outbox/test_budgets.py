"""Budgets of text messages: exact whatever runs side by side, and shut when anything fails."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mentorpro_plugin.models import TextBudget
from mentorpro_plugin.outbox.budgets import forget_old_budgets, take_text
from tests.racing import at_once

PHONE = "+12055550101"
IP = "192.0.2.1"

#: By kind, numbers that no text message reaches.
UNREACHABLE = {
    "toll free": "+18005550101",
    "premium rate": "+19005550101",
    "fixed line": "+442079460101",
    "premium rate abroad": "+449098790000",
    "too short": "+1205555",
    "no country": "+999123456789",
    "no number": "hello",
    "nothing": "",
}


def phone(position):
    return f"+1303555{100 + position:04}"


def used(budget):
    return sorted(TextBudget._base_manager.filter(budget=budget).values_list("used", flat=True))


def set_limits(settings, **limits):
    settings.MENTORPRO = {**settings.MENTORPRO, **limits}


def later(**delta):
    TextBudget._base_manager.update(resets_at=timezone.now() - timedelta(**delta))


def test_phone_gets_five_a_day(db):
    taken = [take_text(number=PHONE, organization=None, ip="") for _ in range(7)]

    assert taken == [True] * 5 + [False] * 2
    later(seconds=1)
    assert take_text(number=PHONE, organization=None, ip="")
    assert used("phone") == [1]


def test_address_gets_twenty_an_hour(db):
    taken = [take_text(number=phone(position), organization=None, ip=IP) for position in range(22)]

    assert taken == [True] * 20 + [False] * 2
    assert take_text(number=phone(30), organization=None, ip="192.0.2.2")


def test_addresses_of_one_household_share_a_budget(db, settings):
    set_limits(settings, TEXTS_AN_HOUR_PER_ADDRESS=1)

    assert take_text(number=phone(0), organization=None, ip="2001:db8:1:2::1")
    assert not take_text(number=phone(1), organization=None, ip="2001:db8:1:2:ffff::9")
    assert take_text(number=phone(2), organization=None, ip="2001:db8:1:3::1")
    assert take_text(number=phone(3), organization=None, ip="::ffff:192.0.2.1")
    assert not take_text(number=phone(4), organization=None, ip="192.0.2.1")


def test_organization_country_and_site_have_budgets_of_their_own(world, settings):
    riverside, law = world.organizations["riverside"].pk, world.organizations["law"].pk
    canadian = "+14165550101"

    set_limits(settings, TEXTS_A_DAY_PER_ORGANIZATION=1)
    assert take_text(number=phone(0), organization=riverside, ip="")
    assert not take_text(number=phone(1), organization=riverside, ip="")
    assert take_text(number=phone(2), organization=law, ip="")

    set_limits(settings, TEXTS_A_DAY_PER_ORGANIZATION=9, TEXTS_A_DAY_PER_COUNTRY={"US": 2, "*": 1})
    assert not take_text(number=phone(3), organization=riverside, ip="")
    assert take_text(number=canadian, organization=riverside, ip="")
    assert not take_text(number=canadian, organization=riverside, ip="")

    set_limits(settings, TEXTS_A_DAY_PER_COUNTRY={"*": 9}, TEXTS_A_DAY=3)
    assert not take_text(number=phone(4), organization=riverside, ip="")


def test_refused_message_is_charged_to_nobody(world, settings):
    set_limits(settings, TEXTS_A_DAY=1)
    organization = world.organizations["law"].pk
    take_text(number=phone(0), organization=organization, ip=IP)

    assert not take_text(number=phone(1), organization=organization, ip=IP)

    assert [used(budget) for budget in TextBudget.Budget] == [[1]] * 5


def test_message_that_is_rolled_back_is_charged_to_nobody(db):
    with transaction.atomic():
        assert take_text(number=PHONE, organization=None, ip=IP)
        transaction.set_rollback(True)

    assert not TextBudget._base_manager.exists()


@pytest.mark.parametrize("number", UNREACHABLE.values(), ids=UNREACHABLE)
def test_numbers_that_receive_no_text_are_refused(db, number):
    assert not take_text(number=number, organization=None, ip=IP)
    assert not TextBudget._base_manager.exists()


@pytest.mark.parametrize(
    "limits",
    [
        {"TEXTS_A_DAY": 0},
        {"TEXTS_A_DAY": -1},
        {"TEXTS_A_DAY": None},
        {"TEXTS_A_DAY": True},
        {"TEXTS_A_DAY_PER_PHONE": "5"},
        {"TEXTS_A_DAY_PER_COUNTRY": {}},
        {"TEXTS_A_DAY_PER_COUNTRY": {"US": 0, "*": 5}},
        {"TEXTS_A_DAY_PER_COUNTRY": {"US": float("inf")}},
    ],
    ids=str,
)
def test_limit_that_is_none_allows_nothing(db, settings, limits):
    set_limits(settings, **limits)

    assert not take_text(number=PHONE, organization=None, ip=IP)
    assert not TextBudget._base_manager.exists()


def test_address_that_is_none_allows_nothing(db):
    assert not take_text(number=PHONE, organization=None, ip="proxy, 192.0.2.1")


def test_database_that_fails_allows_nothing_and_says_no_number(db, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mentorpro_plugin_textbudget RENAME TO gone")

    with transaction.atomic():
        assert not take_text(number=PHONE, organization=None, ip=IP)
        assert not TextBudget.objects.none()

    assert "can't be asked (" in caplog.text
    assert PHONE not in caplog.text


def test_neither_numbers_nor_addresses_are_stored_or_logged(world, settings, caplog):
    set_limits(settings, TEXTS_A_DAY_PER_PHONE=1)
    for _ in range(2):
        take_text(number=PHONE, organization=world.organizations["law"].pk, ip=IP)

    stored = str(list(TextBudget._base_manager.values_list()))
    assert "used up" in caplog.text
    for text in (stored, caplog.text):
        assert PHONE not in text
        assert PHONE[2:] not in text
        assert IP not in text

    before = set(TextBudget._base_manager.values_list("subject", flat=True))
    settings.SECRET_KEY = "another"
    take_text(number=PHONE, organization=world.organizations["law"].pk, ip=IP)
    assert len(set(TextBudget._base_manager.values_list("subject", flat=True)) - before) == 2


def test_old_counts_are_forgotten_and_new_ones_kept(db):
    take_text(number=PHONE, organization=None, ip=IP)
    TextBudget._base_manager.filter(budget="address").update(resets_at=timezone.now())

    forget_old_budgets()

    assert set(TextBudget._base_manager.values_list("budget", flat=True)) == {"phone", "country", "overall"}


@pytest.mark.parametrize("existing", [0, 1], ids=["first of all", "with one taken before"])
def test_phone_budget_is_exact_for_twenty_threads(transactional_db, existing):
    for _ in range(existing):
        take_text(number=PHONE, organization=None, ip="")

    results = at_once(*[lambda: take_text(number=PHONE, organization=None, ip=IP)] * 20)

    assert sorted(results) == [False] * (15 + existing) + [True] * (5 - existing)
    assert used("phone") == used("overall") == used("country") == [5]
    assert used("address") == [5 - existing]


def test_every_budget_is_exact_for_twenty_threads_of_different_people(transactional_db, settings):
    set_limits(settings, TEXTS_A_DAY=13)

    results = at_once(
        *(partial(take_text, number=phone(n), organization=None, ip=f"192.0.2.{n}") for n in range(20))
    )

    assert sorted(results) == [False] * 7 + [True] * 13
    assert used("overall") == used("country") == [13]
    assert used("phone") == used("address") == [1] * 13


def test_budget_that_has_run_out_starts_anew_once(transactional_db):
    take_text(number=PHONE, organization=None, ip="")
    later(seconds=1)

    results = at_once(*[lambda: take_text(number=PHONE, organization=None, ip="")] * 20)

    assert results.count(True) == 5
