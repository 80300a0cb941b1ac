"""Visitors who log in by phone, one after the other or several at once, as browsers do."""

import random
import re
import statistics
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

from django.db import connection
from phonenumbers import number_type

from mentorpro_plugin.models import OutboxMessage, Person
from mentorpro_plugin.outbox.budgets import MOBILE
from mentorpro_plugin.outbox.secret import decrypt

from .databases import version
from .measuring import markdown_table, software

#: What each may take, in milliseconds, for 95 of 100.
TARGET = 50
#: Log-ins before it counts: processes load what they need with the first.
WARM_UP = 10


def measure(address: str, log_ins: int, at_once: int) -> None:
    """Print how long the answers took."""
    numbers = mentees(log_ins + WARM_UP)
    for number in numbers[:WARM_UP]:
        log_in(address, number)
    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as visitors:
        times = list(visitors.map(lambda number: log_in(address, number), numbers[WARM_UP:]))
    seconds = time.perf_counter() - began
    messages = OutboxMessage._base_manager
    sent = messages.filter(state=OutboxMessage.State.SENT).count()
    print(f"{software()}, {version()}; {at_once} at once, {len(times) / seconds:.1f} log-ins a second;")
    print(f"the provider hangs: {sent} of {messages.count()} text messages have left.\n")
    rows = [
        [name, f"{statistics.median(spent):.0f}", f"{statistics.quantiles(spent, n=20)[-1]:.0f}", str(TARGET)]
        for name, spent in zip(
            ("code asked for", "wrong code", "right code"), zip(*times, strict=True), strict=True
        )
    ]
    print(markdown_table(["ms", "median", "p95", "target"], rows, words=1))


def log_in(address: str, number: str) -> tuple[float, float, float]:
    """Log in with `number`; milliseconds until the answers to number, wrong code and right code."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), Unfollowed)

    def post(path: str, expected: int, **fields: str) -> float:
        with browser.open(address + path) as page:
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[1]
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        began = time.perf_counter()
        with browser.open(address + path, body) as answer:
            answer.read()
        spent = (time.perf_counter() - began) * 1000
        assert answer.status == expected, f"{path}: {answer.status}"
        return spent

    asked = post("/mentee/log-in/", 302, number=number, region="US")
    code = code_for(number)
    wrong = post("/mentee/log-in/code/", 200, code=f"{(int(code) + 1) % 10**6:06}")
    return asked, wrong, post("/mentee/log-in/code/", 302, code=code)


class Unfollowed(urllib.request.HTTPRedirectHandler):
    """Hands redirects over as they are: where they lead isn't what is measured."""

    def http_error_302(self, request, answer, code, message, headers):
        return answer


def code_for(number: str) -> str:
    """Return the code that waits for `number`, past the servers."""
    message = OutboxMessage._base_manager.filter(recipient=number).latest("pk")
    connection.close()
    return decrypt(message.secret)


def mentees(count: int) -> list[str]:
    """Mobile numbers of mentees who may log in, of all organizations."""
    people = Person._base_manager.filter(role="mentee", status=Person.Status.ENABLED)
    phones = list(people.values_list("phone", flat=True)[: 20 * count])
    return [phone.as_e164 for phone in random.sample(phones, len(phones)) if number_type(phone) in MOBILE][
        :count
    ]
