"""Budgets of text messages: how many may leave for a phone, an address, an organization, a country, and overall.

A text message costs money, and whoever makes a site send them to numbers of their own earns it. The counts are rows in
the database, changed by one conditional UPDATE each, so they are exact whatever runs side by side. Whatever fails,
refuses.
"""

import ipaddress
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import phonenumbers
from django.db import DatabaseError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.crypto import salted_hmac
from phonenumbers import PhoneNumberType

from ..conf import setting
from .models import TextBudget

logger = logging.getLogger(__name__)

Budget = TextBudget.Budget

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

#: Types of numbers that can receive text messages. Where the plan doesn't tell the two apart, it may be a mobile.
MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


_LIMITS = {
    Budget.PHONE: "TEXTS_A_DAY_PER_PHONE",
    Budget.ADDRESS: "TEXTS_AN_HOUR_PER_ADDRESS",
    Budget.ORGANIZATION: "TEXTS_A_DAY_PER_ORGANIZATION",
    Budget.COUNTRY: "TEXTS_A_DAY_PER_COUNTRY",
    Budget.OVERALL: "TEXTS_A_DAY",
}


class Account(NamedTuple):
    """One budget of one subject, with its limit and how long it lasts from the first message on."""

    budget: Budget
    subject: str
    limit: int
    period: timedelta
    organization: int | None = None


class Refused(Exception):
    """No text message may be sent; the sentence, for the log, names neither number nor address."""


def take_text(*, number: str, organization: int | None, ip: str, for_nobody: bool = False) -> bool:
    """Take one text message to `number` (E.164) from every budget; False, and nothing taken, if any is used up.

    False too for numbers that can't receive one (fixed lines, toll free, premium rate...), and when the database or a
    limit fails. `organization` is None for a Super Admin, `ip` empty where no request causes the message. Within a
    transaction the budgets stay locked until its end, so take them late and at most once.

    `for_nobody` is for a number that nobody has, where a message to somebody would be taken: the same work and the same
    counts for the number and the address, or else both would tell who is known. What others share is left as it is.
    """
    try:
        with transaction.atomic():
            for account in _accounts(number, organization, ip, for_nobody):
                is_shared = account.budget not in (Budget.PHONE, Budget.ADDRESS)
                _take(account, timezone.now(), messages=0 if for_nobody and is_shared else 1)
    except Refused as refusal:
        logger.warning("No text message: %s", refusal)
        return False
    except (DatabaseError, LookupError, TypeError, ValueError) as error:
        # Its class only: whatever it says may quote the number.
        logger.error("No text message: the budgets can't be asked (%s).", type(error).__name__)
        return False
    return True


def limit_of(budget: str, subject: str) -> int:
    """Return how many messages the settings allow. Raises TypeError for a limit that is no number of messages."""
    limit = setting(_LIMITS[Budget(budget)])
    if budget == Budget.COUNTRY:
        limit = limit.get(subject, limit.get("*", 0))
    return _whole(limit)


def forget_old_budgets() -> None:
    """Delete the counts of budgets that have started anew since: nobody needs to know who asked last month."""
    TextBudget._base_manager.filter(resets_at__lte=timezone.now()).delete()


def subject_of_number(number: str) -> str:
    """Return the subject under which messages to `number` (E.164) are counted. The number can't be read from it."""
    return _hashed(Budget.PHONE, number)


def _accounts(number: str, organization: int | None, ip: str, for_nobody: bool) -> Iterator[Account]:
    """Yield what a message is charged to, always in this order, so that two takers never wait for each other."""
    country = _country_of(number)
    yield _account(Budget.PHONE, subject_of_number(number))
    if ip:
        yield _account(Budget.ADDRESS, _hashed(Budget.ADDRESS, _network(ip)), period=HOUR)
    if organization is not None or for_nobody:
        subject = "" if organization is None else str(organization)
        yield _account(Budget.ORGANIZATION, subject, organization=organization)
    yield _account(Budget.COUNTRY, country)
    yield _account(Budget.OVERALL, "")


def _account(
    budget: Budget, subject: str, *, period: timedelta = DAY, organization: int | None = None
) -> Account:
    return Account(budget, subject, limit_of(budget, subject), period, organization)


def _take(account: Account, now: datetime, *, messages: int) -> None:
    if account.limit > 0:
        counts = TextBudget._base_manager.filter(budget=account.budget, subject=account.subject)
        is_over = Q(resets_at__lte=now)
        taken = {
            "used": Case(When(is_over, then=Value(messages)), default=F("used") + messages),
            "resets_at": Case(When(is_over, then=Value(now + account.period)), default=F("resets_at")),
        }
        open_counts = counts.filter(is_over | Q(used__lt=account.limit))
        if open_counts.update(**taken):
            return
        first = TextBudget(
            budget=account.budget,
            subject=account.subject,
            organization_id=account.organization,
            resets_at=now + account.period,
        )
        # Nothing, if the row is there: then the budget is used up, or somebody else was first.
        TextBudget._base_manager.bulk_create([first], ignore_conflicts=True)
        if open_counts.update(**taken):
            return
    subject = account.subject if account.budget in (Budget.COUNTRY, Budget.ORGANIZATION) else ""
    raise Refused(f"the budget of {f'{account.budget} {subject}'.strip()} is used up.")


def _country_of(number: str) -> str:
    """Return the country of a mobile number. Raises Refused for any other."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise Refused("that is no number.") from None
    if not phonenumbers.is_valid_number(parsed):
        raise Refused("that is no number.")
    if phonenumbers.number_type(parsed) not in MOBILE:
        raise Refused("a number of that type receives none.")
    country = phonenumbers.region_code_for_number(parsed)
    if country is None:
        raise Refused("the number belongs to no country.")
    return country


def _network(ip: str) -> str:
    """Return what one household or machine has: an IPv4 address, or the upper half of an IPv6 one."""
    address = ipaddress.ip_address(ip)
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network(f"{address.packed.hex(':', 2)}/64", strict=False))


def _hashed(budget: Budget, value: str) -> str:
    return salted_hmac(f"mentorpro.outbox.{budget}", value, algorithm="sha256").hexdigest()


def _whole(limit: object) -> int:
    # A limit that is none, such as None or "5", must not mean "as many as you like".
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise TypeError("A budget has to be a whole number.")
    return limit
