"""Attacks on the front doors, with their figures: who exists, guessing, racing, spending, and reading codes."""

import logging
import re
import statistics
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.views.debug import ExceptionReporter

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.models import LoginCode, OutboxMessage, TextBudget
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.people.lifecycle import deactivate
from mentorpro_plugin.portal.adapter import AccountAdapter
from tests.factories import PersonFactory
from tests.world import add

from .knocking import Visitor, code_of, errors_of, messages, newest_code, other_than

UNKNOWN = "+12125550142"
#: Could be a number by its length, and is none: no exchange begins with 0.
MALFORMED = "+12120550142"
#: A fixed line, which no text message reaches.
FIXED_LINE = "+442079460101"


def let_pass(**delta):
    for row in LoginCode._base_manager.all():
        row.created_at -= timedelta(**delta)
        row.expires_at -= timedelta(**delta)
        row.save()


@pytest.fixture
def numbers(world):
    """Numbers, by what somebody would like to learn about them."""
    deactivate(world.people["transfer_mentee"], by=world.user("transfer_pm"))
    deleted = add(world, "deleted", Role.MENTEE, "engineering")
    deleted_number = deleted.phone.as_e164
    user = deleted.user
    deleted.delete()
    user.delete()
    add(world, "without_email", Role.MENTEE, "engineering", email="")
    return {
        "active": world.people["first_year_mentee"].phone.as_e164,
        "deactivated": world.people["transfer_mentee"].phone.as_e164,
        "without e-mail": world.people["without_email"].phone.as_e164,
        "of another organization": world.people["moot_mentee"].phone.as_e164,
        "at the wrong door": world.people["first_year_mentor"].phone.as_e164,
        "of staff": world.people["first_year_pm"].phone.as_e164,
        "deleted": deleted_number,
        "unknown": UNKNOWN,
        "malformed": MALFORMED,
    }


def forget_everybody():
    """Begin the day anew: the first message on each budget takes two queries more, whoever it is for."""
    for model in (TextBudget, LoginCode, OutboxMessage):
        model._base_manager.all().delete()


def seen(response, number):
    """All that a stranger sees of an answer, but for the number that they gave and what is random."""
    shown = f"+1 {number[2:5]}-{number[5:8]}-{number[8:]}"
    # The seconds of the countdown are those that have passed since.
    body = re.sub(rb'csrfmiddlewaretoken" value="\w+"|data-wait="\d+"|code: \d+', b"", response.content)
    return {
        "status": response.status_code,
        "size": len(response.content),
        "body": body.replace(shown.encode(), b"").replace(number.encode(), b""),
        "headers": {name: value for name, value in response.items() if name != "Expires"},
        "cookies": {
            name: (len(cookie.value), cookie["max-age"], cookie["path"])
            for name, cookie in response.cookies.items()
        },
    }


def steps_of(number):
    """Go through all that can be seen without the right code, each step with its number of queries."""
    forget_everybody()
    visitor = Visitor("mentee")

    def refuse():
        return visitor.give("000000")

    steps = {
        "form": lambda: visitor.client.get("/mentee/log-in/"),
        "asked": lambda: visitor.ask(number),
        "code page": lambda: visitor.client.get("/mentee/log-in/code/"),
        "too early": visitor.ask_again,
        "wrong": refuse,
        "asked again": visitor.ask_again,
        "asked by e-mail": lambda: visitor.ask_again("email"),
        "e-mail page": lambda: visitor.client.get("/mentee/log-in/code/"),
        "wrong again": refuse,
        "and again": refuse,
        "used up": refuse,
        "locked": lambda: visitor.ask(number),
    }
    for name, step in steps.items():
        if name in {"asked again", "asked by e-mail"}:
            let_pass(minutes=1)
        if name == "locked":
            LoginCode._base_manager.update(tries=5)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = step()
        yield name, seen(response, number), len(queries)


def test_numbers_of_all_kinds_are_answered_alike(numbers):
    answers = {
        kind: {name: what for name, what, _queries in steps_of(number)} for kind, number in numbers.items()
    }

    for kind in numbers:
        for step, what in answers[kind].items():
            assert what == answers["active"][step], f"{kind}, {step}"


def test_numbers_of_all_kinds_take_as_many_queries(numbers):
    # Of what is no number, anybody can tell that from the text: the budgets are spared, and nothing is given away.
    del numbers["malformed"]

    counts = {
        kind: {name: queries for name, _what, queries in steps_of(number)} for kind, number in numbers.items()
    }

    assert counts == dict.fromkeys(numbers, counts["unknown"])
    assert max(counts["unknown"].values()) == 31


def test_numbers_take_as_many_queries_when_the_budget_is_used_up(numbers):
    del numbers["malformed"]
    counts = {}

    for kind, number in numbers.items():
        forget_everybody()
        counts[kind] = []
        for _ in range(7):
            with CaptureQueriesContext(connection) as queries:
                Visitor().ask(number)
            counts[kind].append(len(queries))

    assert counts == dict.fromkeys(numbers, counts["unknown"])


def test_what_is_no_number_is_refused_by_its_text_alone(numbers):
    text = "555 01"

    answers = [seen(Visitor(door).ask(text), text)["status"] for door in ("mentor", "mentee")]

    assert answers == [200, 200]
    assert LoginCode._base_manager.count() == 0


def test_time_tells_nothing(world, settings):
    """60 requests of each kind, taking turns: their lower quartiles differ by less than a quarter.

    Not the means or medians: other work on the machine only ever adds, and whoever listens would leave that out too.
    What tells does so each time, so one of three samples without a difference is enough.
    """
    settings.MENTORPRO = {**settings.MENTORPRO, "TEXTS_AN_HOUR_PER_ADDRESS": 10_000}
    for sample in range(3):
        quick = lower_quartiles(world.organizations["engineering"], sample * 100, rounds=60)
        ratios = [
            quick["known"] / quick["unknown"],
            quick["known, wrong code"] / quick["unknown, wrong code"],
        ]
        tells = [ratio for ratio in ratios if not 0.75 < ratio < 1.33]
        if not tells:
            break

    assert tells == [], quick


def lower_quartiles(organization, first, *, rounds):
    """Seconds of asking for a code and of a wrong one, for numbers on the rosters and others, from a number on."""
    known = [
        PersonFactory(organization=organization, phone=f"+1212555{3000 + first + position}")
        for position in range(rounds)
    ]
    times = {"known": [], "unknown": [], "known, wrong code": [], "unknown, wrong code": []}

    def timed(kind, call):
        began = time.perf_counter()
        call()
        times[kind].append(time.perf_counter() - began)

    for position, person in enumerate(known):
        pair = [("known", person.phone.as_e164), ("unknown", f"+1212555{5000 + first + position}")]
        for kind, number in pair if position % 2 else reversed(pair):
            visitor = Visitor()
            timed(kind, lambda visitor=visitor, number=number: visitor.ask(number))
            timed(f"{kind}, wrong code", lambda visitor=visitor: visitor.give("000000"))

    return {kind: statistics.quantiles(sample[5:], n=4)[0] for kind, sample in times.items()}


def test_nothing_is_ever_sent_to_numbers_off_the_rosters(world):
    for position in range(30):
        visitor = Visitor()
        visitor.ask(f"+1212555{6000 + position}")
        let_pass(minutes=1)
        visitor.ask_again("email")

    assert LoginCode._base_manager.count() == 60
    assert OutboxMessage._base_manager.count() == 0


def test_nothing_is_sent_to_the_numbers_of_staff(world):
    staff = [person for person in world.people.values() if person.role not in {Role.MENTOR, Role.MENTEE}]

    for person in staff:
        Visitor().ask(person.phone.as_e164)

    assert OutboxMessage._base_manager.count() == 0


def test_nothing_is_sent_to_a_fixed_line_and_the_answer_is_the_same(world):
    add(world, "at_home", Role.MENTEE, "engineering", phone=FIXED_LINE)

    answers = [seen(Visitor().ask(number), number) for number in (FIXED_LINE, "+442079460102")]

    assert answers[0] == answers[1]
    assert messages() == []


@pytest.mark.parametrize(
    "budget",
    [
        "TEXTS_A_DAY_PER_PHONE",
        "TEXTS_AN_HOUR_PER_ADDRESS",
        "TEXTS_A_DAY_PER_ORGANIZATION",
        "TEXTS_A_DAY_PER_COUNTRY",
        "TEXTS_A_DAY",
    ],
)
def test_used_up_budget_sends_nothing_and_says_nothing(world, settings, budget):
    number = world.people["first_year_mentee"].phone.as_e164
    before = seen(Visitor().ask(number), number)
    settings.MENTORPRO = {**settings.MENTORPRO, budget: {"*": 0} if budget.endswith("COUNTRY") else 0}

    after = seen(Visitor().ask(number), number)

    assert after == before
    assert len(messages()) == 1


def test_five_texts_a_day_for_a_phone_however_many_browsers_ask(world):
    number = world.people["first_year_mentee"].phone.as_e164

    for _ in range(20):
        Visitor().ask(number)

    assert len(messages()) == 5


def test_twenty_texts_an_hour_for_an_address_whatever_headers_say(world):
    people = [
        PersonFactory(organization=world.organizations["engineering"], phone=f"+1212555{3000 + position}")
        for position in range(30)
    ]

    for position, person in enumerate(people):
        address = f"198.51.100.{position}"
        Visitor(x_forwarded_for=address, x_real_ip=address, forwarded=f"for={address}").ask(
            person.phone.as_e164
        )

    assert len(messages()) == 20


def test_strangers_numbers_count_for_the_address_as_known_ones_do(world):
    """Or else whether one's own text still comes would tell how many of nineteen others were known."""
    for position in range(20):
        Visitor().ask(f"+1212555{6000 + position}")

    Visitor().ask(world.people["first_year_mentee"].phone.as_e164)

    assert messages() == []


def test_strangers_numbers_use_up_nothing_that_others_share(world, settings):
    settings.MENTORPRO = {
        **settings.MENTORPRO,
        "TEXTS_AN_HOUR_PER_ADDRESS": 1_000,
        "TEXTS_A_DAY": 5,
        "TEXTS_A_DAY_PER_COUNTRY": {"*": 5},
    }
    for position in range(50):
        Visitor().ask(f"+1212555{6000 + position}")

    Visitor().ask(world.people["first_year_mentee"].phone.as_e164)

    assert len(messages()) == 1


def test_guessing_gets_ten_tries_a_day_in_however_many_browsers(world):
    """Ten of a million: with 10 tries a day, an even chance takes 190 years."""
    number = world.people["first_year_mentee"].phone.as_e164
    codes = set()

    for _ in range(30):
        visitor = Visitor()
        visitor.ask(number)
        if messages():
            codes.add(newest_code())
        for guess in ("000001", "000002", "000003", "000004", "000005"):
            visitor.give(guess if guess not in codes else "000006")
        let_pass(minutes=1)

    assert sum(LoginCode._base_manager.values_list("tries", flat=True)) == 10
    assert not Session.objects.exists()


def test_code_in_another_browser_is_worth_nothing(world):
    victim, thief = Visitor(), Visitor()
    person = world.people["first_year_mentee"]
    victim.ask(person.phone.as_e164)
    code = newest_code()

    # Who saw the page, or has a copy of its cookie, still isn't the browser that asked.
    thief.client.cookies["mentorpro_login"] = victim.client.cookies["mentorpro_login"].value
    thief.give(code)
    assert not thief.is_in

    thief.ask("+12125550143")
    thief.client.cookies["mentorpro_login"] = victim.client.cookies["mentorpro_login"].value
    thief.give(code)
    assert not thief.is_in

    victim.give(code)
    assert victim.is_in


def test_cookies_show_neither_number_nor_code(world):
    visitor = Visitor()
    person = world.people["first_year_mentee"]
    visitor.ask(person.phone.as_e164)

    from django.core.signing import b64_decode

    for cookie in visitor.client.cookies.values():
        parts = [cookie.value, *cookie.value.split(":")]
        readable = "".join(
            part + b64_decode(part.encode()).decode("latin-1")
            for part in parts
            if re.fullmatch(r"[\w-]+", part)
        )
        assert person.phone.as_e164[1:] not in readable
        assert newest_code() not in readable


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_twenty_submits_at_once_exactly_one_logs_in(transactional_world):
    person = transactional_world.people["first_year_mentee"]
    visitor = Visitor()
    visitor.ask(person.phone.as_e164)
    code = newest_code()
    barrier = threading.Barrier(20)
    answers = []

    def submit():
        client = Client()
        client.cookies = visitor.client.cookies
        try:
            barrier.wait(timeout=20)
            answers.append(Visitor(client=client).give(code).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert Counter(answers) == {302: 1, 200: 19}
    sessions = [session for session in Session.objects.all() if "_auth_user_id" in session.get_decoded()]
    assert len(sessions) == 1


class Records(logging.Handler):
    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@pytest.fixture
def log_records():
    """Everything that is logged, at whatever level."""
    handler = Records()
    loggers = [
        logging.getLogger(name)
        for name in (None, "django", "django.db.backends", "mentorpro_plugin", "allauth")
    ]
    levels = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield handler.lines
    for logger, level in levels:
        logger.removeHandler(handler)
        logger.setLevel(level)


def whole_database():
    """Every value of every table, with what sessions hold."""
    values = [
        str(bytes(value) if isinstance(value, memoryview) else value)
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values_list()
        for value in row
    ]
    return [*values, *(str(session.get_decoded()) for session in Session.objects.all())]


def holds_code(text, code):
    """Whether `text` shows the code; the same digits inside a hash or a fraction of a second are chance."""
    return re.search(rf"(?<![0-9a-fA-F.]){code}(?![0-9a-fA-F])", text) is not None


def test_no_code_can_be_read_anywhere(world, log_records, settings):
    person = world.people["first_year_mentee"]
    visitor = Visitor()
    codes = []

    with CaptureQueriesContext(connection):
        visitor.ask(person.phone.as_e164)
        codes.append(newest_code())
        let_pass(minutes=1)
        visitor.ask_again("email")
        codes.append(newest_code())
        before = whole_database()
        visitor.give(other_than(codes[1]))
        visitor.give(codes[1])
    assert visitor.is_in
    deliver_due()
    after = whole_database()

    assert {message.state for message in messages()} == {OutboxMessage.State.SENT}
    assert [message.secret for message in messages()] == [None, None]
    for code in codes:
        assert [text for text in (*before, *after, *log_records) if holds_code(text, code)] == []
    # What is looked for is found where it is: in the rows and in the logs.
    assert any(str(person.pk) == text for text in after)
    assert any(person.phone.as_e164 in line for line in log_records)


class FailingAdapter(AccountAdapter):
    """Fails while somebody is being logged in."""

    def login(self, request, user):
        raise RuntimeError("on purpose")


@pytest.fixture
def reports():
    """Error reports, as Django mails and shows them, of whatever fails."""
    found = []

    def report(sender, request, **kwargs):
        import sys

        reporter = ExceptionReporter(request, *sys.exc_info())
        found.extend([reporter.get_traceback_text(), reporter.get_traceback_html()])

    got_request_exception.connect(report)
    yield found
    got_request_exception.disconnect(report)


def test_error_report_of_a_log_in_shows_neither_code_nor_number(world, reports, settings):
    settings.ACCOUNT_ADAPTER = "tests.portal.test_attacks.FailingAdapter"
    person = world.people["first_year_mentee"]
    visitor = Visitor(client=Client(raise_request_exception=False))
    visitor.ask(person.phone.as_e164)
    code = newest_code()

    assert visitor.give(code).status_code == 500

    assert len(reports) == 2
    for report in reports:
        assert "on purpose" in report
        assert not holds_code(report, code)
        assert person.phone.as_e164[1:] not in report


def test_error_report_of_a_request_shows_no_number(world, reports, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    person = world.people["first_year_mentee"]
    client = Client(raise_request_exception=False, headers={"x-forwarded-for": "192.0.2.1"})

    assert Visitor(client=client).ask(person.phone.as_e164).status_code == 500

    assert len(reports) == 2
    for report in reports:
        assert "ALLAUTH_TRUSTED_PROXY_COUNT" in report
        assert person.phone.as_e164[1:] not in report


def test_error_report_from_within_the_outbox_shows_no_code(world, reports, settings, db):
    """The row can't be written: as on a full disk."""
    person = world.people["first_year_mentee"]

    def fail(execute, sql, params, many, context):
        if "INSERT" in sql and "outboxmessage" in sql:
            fail.params = params
            raise OSError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        answer = Visitor(client=Client(raise_request_exception=False)).ask(person.phone.as_e164)

    assert answer.status_code == 500
    # PostgreSQL's driver wraps bytes.
    values = [getattr(value, "obj", value) for value in fail.params]
    (secret,) = [value for value in values if isinstance(value, bytes | memoryview)]
    code = code_of(OutboxMessage(secret=bytes(secret)))
    assert len(reports) == 2
    for report in reports:
        assert "disk full" in report
        assert not holds_code(report, code)
    assert LoginCode._base_manager.count() == 0


def test_locked_number_is_told_alike_whoever_has_it(numbers):
    sentences = set()
    for number in numbers.values():
        visitor = Visitor()
        visitor.ask(number)
        LoginCode._base_manager.update(tries=10)
        sentences.add(tuple(errors_of(visitor.ask(number), "number")))
        LoginCode._base_manager.all().delete()

    assert len(sentences) == 1
