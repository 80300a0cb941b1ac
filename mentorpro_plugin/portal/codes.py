"""One-time codes: issued, tried and used up in one table, where a race has one winner and nobody can read them."""

import secrets
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from ..people.models import Person
from .models import LoginCode

DIGITS = 6
LIFE = timedelta(minutes=10)
TRIES_A_CODE = 3
TRIES_A_CONTACT = 10
#: In which tries add up. A code is tried while it lives, so a row this old was last tried more than 24 hours ago.
WINDOW = timedelta(hours=24) + LIFE


class Outcome(Enum):
    """What became of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    #: There is nothing to be tried: used, superseded, run out, tried too often, or asked for by another browser.
    SPENT = "spent"
    #: Too many tries for this number or address in a day, of whatever codes.
    LOCKED = "locked"


@sensitive_variables("code", "contact")
@transaction.atomic
def issue_code(
    *,
    contact: str,
    person: Person | None,
    purpose: LoginCode.Purpose,
    browser: str = "",
    issued_by: Any = None,
) -> str:
    """Return a new code for who holds `contact`, a number (E.164) or an address. It lives ten minutes.

    Supersedes earlier codes of that purpose which the same browser asked for; another browser's stay good, or else
    anybody could spoil everybody's log-in. Without a `person` the code is right for nobody, and costs the same work.
    """
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    now = timezone.now()
    contact_hash, browser_hash = hash_of_contact(contact), _browser_hash(browser)
    earlier = LoginCode._base_manager.filter(
        contact_hash=contact_hash, browser_hash=browser_hash, purpose=purpose, expires_at__gt=now
    )
    earlier.update(expires_at=now)
    row = LoginCode(
        person=person,
        purpose=purpose,
        contact_hash=contact_hash,
        browser_hash=browser_hash,
        code_hash=_code_hash(code, contact_hash, browser_hash, person),
        created_at=now,
        expires_at=now + LIFE,
        issued_by=issued_by,
    )
    row.save(force_insert=True)
    return code


@sensitive_variables("code", "contact")
def redeem_code(*, contact: str, purpose: LoginCode.Purpose, browser: str, code: str) -> Outcome:
    """Try `code`. Of parallel calls with the right one, exactly one gets RIGHT."""
    return try_code(contact=contact, purposes=[purpose], browser=browser, code=code)[0]


@sensitive_variables("code", "contact")
@transaction.atomic
def try_code(
    *, contact: str, purposes: list[LoginCode.Purpose], browser: str, code: str
) -> tuple[Outcome, Person | None]:
    """Try `code` as one of any of `purposes`; with RIGHT comes the person that it was issued for.

    A try counts against every code that it could have been. Codes that staff issue are bound to no browser.
    """
    rows = _locked_rows(contact)
    if sum(row.tries for row in rows) >= TRIES_A_CONTACT:
        return Outcome.LOCKED, None
    now = timezone.now()
    browsers = {_browser_hash(browser)} if browser else set()
    open_rows = [
        row
        for row in rows
        if row.purpose in purposes
        and row.used_at is None
        and row.expires_at > now
        and row.tries < TRIES_A_CODE
        and (row.browser_hash in browsers or row.purpose == LoginCode.Purpose.STAFF_ISSUED)
    ]
    if not open_rows:
        return Outcome.SPENT, None
    LoginCode._base_manager.filter(pk__in=[row.pk for row in open_rows]).update(tries=F("tries") + 1)
    right = [row for row in open_rows if _is_right(code, row)]
    if right:
        LoginCode._base_manager.filter(pk__in=[row.pk for row in right]).update(used_at=now)
        return Outcome.RIGHT, right[0].person
    if sum(row.tries for row in rows) + len(open_rows) >= TRIES_A_CONTACT:
        return Outcome.LOCKED, None
    if all(row.tries + 1 >= TRIES_A_CODE for row in open_rows):
        return Outcome.SPENT, None
    return Outcome.WRONG, None


@sensitive_variables("contact")
def locked_until(contact: str) -> datetime | None:
    """Return when `contact` may be tried again, or None if it may be now."""
    rows = _recent_rows(contact).filter(tries__gt=0).order_by("created_at")
    tries = list(rows.values_list("created_at", "tries"))
    total = sum(count for _at, count in tries)
    free_at = None
    for at, count in tries:
        if total < TRIES_A_CONTACT:
            break
        total -= count
        free_at = at + WINDOW
    return free_at


@sensitive_variables("contact")
def codes_asked_for(contact: str, browser: str) -> tuple[int, datetime | None]:
    """Return how many log-in codes `contact` was asked for in a day, and when this browser's unused one was.

    One query.
    """
    rows = _recent_rows(contact).filter(purpose=LoginCode.Purpose.LOG_IN)
    asked = list(rows.order_by("created_at").values_list("browser_hash", "created_at", "used_at"))
    own = [(at, used_at) for browser_hash, at, used_at in asked if browser_hash == _browser_hash(browser)]
    newest = own[-1][0] if browser and own and own[-1][1] is None else None
    return len(asked), newest


def forget_old_codes() -> int:
    """Delete the codes that no limit needs any more; returns how many."""
    return LoginCode._base_manager.filter(created_at__lte=timezone.now() - WINDOW).delete()[0]


def _recent_rows(contact: str) -> Any:
    return LoginCode._base_manager.filter(
        contact_hash=hash_of_contact(contact), created_at__gt=timezone.now() - WINDOW
    )


def _locked_rows(contact: str) -> list[LoginCode]:
    """The recent codes of `contact`, read while nobody else may try one."""
    # Two statements: whoever waited for the lock must see what the one before them wrote, new rows too. SQLite lets
    # one writer in at a time anyway.
    list(_recent_rows(contact).order_by("pk").select_for_update().values_list("pk"))
    return list(_recent_rows(contact).order_by("pk").select_related("person__user"))


@sensitive_variables("code")
def _is_right(code: str, row: LoginCode) -> bool:
    expected = _code_hash(code, row.contact_hash, row.browser_hash, row.person)
    return constant_time_compare(expected, row.code_hash) and row.person is not None


# Hashes are keyed with the site's secret: whoever reads the table can't try out the million codes there are.


def hash_of_contact(contact: str) -> str:
    """Return what stands in the table for a number or an address."""
    return salted_hmac("mentorpro.contact", contact, algorithm="sha256").hexdigest()


def _browser_hash(browser: str) -> str:
    return salted_hmac("mentorpro.browser", browser, algorithm="sha256").hexdigest() if browser else ""


@sensitive_variables("code")
def _code_hash(code: str, contact_hash: str, browser_hash: str, person: Person | None) -> str:
    # The epoch is in it, so that what ends a person's sessions ends the codes in flight.
    epoch = person.session_epoch if person else 0
    value = f"{contact_hash}:{browser_hash}:{epoch}:{code}"
    return salted_hmac("mentorpro.code", value, algorithm="sha256").hexdigest()
