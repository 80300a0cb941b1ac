"""One-time codes: what lets in, what doesn't, and what is kept of them."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from mentorpro_plugin.models import LoginCode
from mentorpro_plugin.portal.codes import (
    LIFE,
    WINDOW,
    Outcome,
    codes_asked_for,
    forget_old_codes,
    issue_code,
    locked_until,
    redeem_code,
    try_code,
)
from tests.racing import at_once

LOG_IN = LoginCode.Purpose.LOG_IN
STAFF_ISSUED = LoginCode.Purpose.STAFF_ISSUED
NUMBER = "+12125550142"


@pytest.fixture
def mentee(world):
    return world.people["first_year_mentee"]


def issue(person, *, browser="hers", purpose=LOG_IN, contact=NUMBER):
    return issue_code(contact=contact, person=person, purpose=purpose, browser=browser)


def redeem(code, *, browser="hers", purpose=LOG_IN, contact=NUMBER):
    return redeem_code(contact=contact, purpose=purpose, browser=browser, code=code)


def other_than(code):
    """A code that isn't `code`."""
    return f"{(int(code) + 1) % 10**6:06}"


def age(by):
    """Let `by` pass for all codes."""
    for row in LoginCode._base_manager.all():
        row.created_at -= by
        row.expires_at -= by
        row.save()


def test_right_code_is_right_once(mentee):
    code = issue(mentee)

    assert [redeem(code), redeem(code)] == [Outcome.RIGHT, Outcome.SPENT]


def test_right_code_comes_with_the_person_it_was_issued_for(mentee):
    code = issue(mentee)

    assert try_code(contact=NUMBER, purposes=[LOG_IN], browser="hers", code=code) == (Outcome.RIGHT, mentee)


def test_codes_have_six_digits_and_are_drawn_evenly(mentee):
    codes = [issue(mentee) for _ in range(400)]

    assert {len(code) for code in codes} == {6}
    # Of 400 draws from a million, more than three pairs are seen once in 10^5 runs or so.
    assert len(set(codes)) > 396
    first_digits = Counter(code[0] for code in codes)
    assert set(first_digits) == set("0123456789")
    assert max(first_digits.values()) < 80


def test_neither_code_nor_number_nor_browser_can_be_read_from_the_row(mentee):
    code = issue(mentee)

    row = LoginCode._base_manager.values().get()
    stored = " ".join(str(value) for value in row.values())
    assert code not in {str(value) for value in row.values()}
    assert NUMBER not in stored
    assert NUMBER[1:] not in stored
    assert "hers" not in stored
    assert {len(row[field]) for field in ("code_hash", "contact_hash", "browser_hash")} == {64}


def test_hashes_are_keyed_with_the_sites_secret(mentee, settings):
    code = issue(mentee)

    settings.SECRET_KEY = "another"
    assert redeem(code) == Outcome.SPENT


def test_code_dies_after_ten_minutes(mentee):
    code = issue(mentee)

    age(LIFE + timedelta(seconds=1))
    assert redeem(code) == Outcome.SPENT


def test_code_lives_for_nearly_ten_minutes(mentee):
    code = issue(mentee)

    age(LIFE - timedelta(seconds=20))
    assert redeem(code) == Outcome.RIGHT


@pytest.mark.parametrize("browser", ["another", ""])
def test_code_is_bound_to_the_browser_that_asked(mentee, browser):
    code = issue(mentee)

    assert redeem(code, browser=browser) == Outcome.SPENT
    assert redeem(code) == Outcome.RIGHT


def test_code_without_a_browser_is_not_open_to_browsers_without_a_token(mentee):
    code = issue(mentee, browser="")

    assert redeem(code, browser="") == Outcome.SPENT


def test_code_is_bound_to_its_number(mentee):
    code = issue(mentee)
    issue(mentee, contact="+12125550143")

    assert redeem(code, contact="+12125550143") in {Outcome.WRONG, Outcome.SPENT}


def test_code_is_bound_to_its_purpose(mentee):
    code = issue(mentee, purpose=LoginCode.Purpose.NEW_NUMBER)

    assert redeem(code) == Outcome.SPENT
    assert redeem(code, purpose=LoginCode.Purpose.NEW_NUMBER) == Outcome.RIGHT


def test_new_code_supersedes_the_one_before(mentee):
    first = issue(mentee)
    second = issue(mentee)

    assert redeem(second) == Outcome.RIGHT
    assert redeem(first) == Outcome.SPENT


def test_strangers_request_does_not_spoil_the_code_of_another_browser(mentee):
    code = issue(mentee)
    issue(mentee, browser="a stranger's")

    assert redeem(code) == Outcome.RIGHT


def test_third_wrong_try_is_the_last(mentee):
    code = issue(mentee)

    outcomes = [redeem(other_than(code)) for _ in range(3)]

    assert outcomes == [Outcome.WRONG, Outcome.WRONG, Outcome.SPENT]
    assert redeem(code) == Outcome.SPENT


def test_code_is_right_at_the_third_try(mentee):
    code = issue(mentee)

    assert [redeem(other_than(code)), redeem(other_than(code)), redeem(code)][-1] == Outcome.RIGHT


def test_ten_tries_a_day_whatever_is_requested_in_between(mentee):
    outcomes = []
    for number in range(20):
        code = issue(mentee, browser=f"browser {number % 4}")
        outcomes.append(redeem(other_than(code), browser=f"browser {number % 4}"))

    assert outcomes[:9] == [Outcome.WRONG] * 9
    assert set(outcomes[9:]) == {Outcome.LOCKED}
    assert redeem(issue(mentee)) == Outcome.LOCKED
    assert sum(LoginCode._base_manager.values_list("tries", flat=True)) == 10


def test_tries_of_all_purposes_add_up(mentee):
    for purpose in [LOG_IN, STAFF_ISSUED, LoginCode.Purpose.OLD_NUMBER, LoginCode.Purpose.NEW_NUMBER] * 3:
        redeem(other_than(issue(mentee, purpose=purpose)), purpose=purpose)

    assert redeem(issue(mentee)) == Outcome.LOCKED


def test_another_numbers_tries_do_not_count(mentee):
    for _ in range(12):
        redeem(other_than(issue(mentee)))

    code = issue(mentee, contact="+12125550143")
    assert redeem(code, contact="+12125550143") == Outcome.RIGHT


def test_tries_count_for_a_day_and_no_longer(mentee):
    for _ in range(10):
        redeem(other_than(issue(mentee)))

    age(timedelta(hours=24))
    assert redeem(issue(mentee)) == Outcome.LOCKED
    age(LIFE + timedelta(seconds=1))
    assert redeem(issue(mentee)) == Outcome.RIGHT


def test_locked_number_says_until_when(mentee):
    assert locked_until(NUMBER) is None
    for _ in range(10):
        redeem(other_than(issue(mentee)))
    first = LoginCode._base_manager.order_by("pk").first()

    assert locked_until(NUMBER) == first.created_at + WINDOW
    assert locked_until("+12125550143") is None


def test_number_is_free_when_it_was_said_to_be(mentee, monkeypatch):
    for _ in range(4):
        code = issue(mentee)
        redeem(other_than(code))
        redeem(other_than(code))
        redeem(other_than(code))
        age(timedelta(hours=1))
    until = locked_until(NUMBER)

    monkeypatch.setattr(timezone, "now", lambda: until - timedelta(seconds=1))
    assert redeem(issue(mentee)) == Outcome.LOCKED
    monkeypatch.setattr(timezone, "now", lambda: until + timedelta(seconds=1))
    assert redeem(issue(mentee)) == Outcome.RIGHT


def test_code_for_nobody_is_right_for_nobody(db):
    code = issue(None)

    assert redeem(code) == Outcome.WRONG


def test_code_that_staff_issued_works_in_any_browser(mentee):
    code = issue(mentee, browser="", purpose=STAFF_ISSUED)
    issue(mentee)

    outcome = try_code(contact=NUMBER, purposes=[LOG_IN, STAFF_ISSUED], browser="hers", code=code)

    assert outcome == (Outcome.RIGHT, mentee)


def test_try_counts_against_each_code_that_it_could_have_been(mentee):
    issued = issue(mentee, browser="", purpose=STAFF_ISSUED)
    sent = issue(mentee)
    neither = next(code for code in ("000000", "111111", "222222") if code not in {issued, sent})

    for _ in range(3):
        try_code(contact=NUMBER, purposes=[LOG_IN, STAFF_ISSUED], browser="hers", code=neither)

    assert redeem(issued, browser="", purpose=STAFF_ISSUED) == Outcome.SPENT
    assert redeem(sent) == Outcome.SPENT


def test_code_in_flight_dies_with_the_sessions_and_is_not_revived(mentee):
    code = issue(mentee)
    mentee.session_epoch += 1
    mentee.save()

    assert redeem(code) == Outcome.WRONG


def test_codes_asked_for_are_counted_and_the_browsers_own_is_dated(mentee):
    issue(mentee, browser="another")
    issue(mentee)
    newest = LoginCode._base_manager.order_by("-pk").first()

    assert codes_asked_for(NUMBER, "hers") == (2, newest.created_at)
    assert codes_asked_for(NUMBER, "") == (2, None)


def test_used_code_is_nothing_to_wait_for(mentee):
    redeem(issue(mentee))

    assert codes_asked_for(NUMBER, "hers") == (1, None)


def test_old_codes_are_forgotten_once_no_limit_needs_them(mentee):
    issue(mentee)
    age(WINDOW + timedelta(seconds=1))
    issue(mentee)

    assert forget_old_codes() == 1
    assert LoginCode._base_manager.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_twenty_at_once_exactly_one_is_right(transactional_world):
    code = issue(transactional_world.people["first_year_mentee"])

    outcomes = at_once(*[lambda: redeem(code)] * 20)

    assert Counter(outcomes) == {Outcome.RIGHT: 1, Outcome.SPENT: 19}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_twenty_wrong_tries_at_once_are_three(transactional_world):
    code = issue(transactional_world.people["first_year_mentee"])

    outcomes = at_once(*[lambda: redeem(other_than(code))] * 20)

    assert Counter(outcomes) == {Outcome.WRONG: 2, Outcome.SPENT: 18}
    assert LoginCode._base_manager.get().tries == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_limit_of_tries_is_exact_while_codes_are_requested(transactional_world):
    person = transactional_world.people["first_year_mentee"]

    def ask_and_try():
        browser = str(threading.get_ident())
        return redeem(other_than(issue(person, browser=browser)), browser=browser)

    outcomes = at_once(*[ask_and_try] * 20)

    assert sum(LoginCode._base_manager.values_list("tries", flat=True)) == 10
    assert Counter(outcomes) == {Outcome.WRONG: 9, Outcome.LOCKED: 11}
