"""What staff see of the budgets."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..access.reach import reach_of
from .budgets import Budget, limit_of
from .models import OutboxMessage, TextBudget


class UsedUp(NamedTuple):
    """A budget that lets no more text messages through, with the moment from which it does again."""

    budget: str
    subject: str
    organization: str
    limit: int
    resets_at: datetime

    @property
    def sentence(self) -> str:
        return _SENTENCES[Budget(self.budget)]() % {
            "organization": self.organization,
            "country": self.subject,
            "limit": number_format(self.limit, force_grouping=True),
            "moment": date_format(timezone.localtime(self.resets_at), "DATETIME_FORMAT"),
        }


_SENTENCES: dict[str, Callable[[], str]] = {
    Budget.ORGANIZATION: lambda: _(
        "%(organization)s has used up its %(limit)s text messages for a day. None are sent until %(moment)s."
    ),
    Budget.COUNTRY: lambda: _(
        "The %(limit)s text messages for a day to numbers of %(country)s are used up. None are sent there until %(moment)s."
    ),
    Budget.OVERALL: lambda: _(
        "The site has used up its %(limit)s text messages for a day. None are sent until %(moment)s."
    ),
}


def used_up_budgets(user: Any) -> list[UsedUp]:
    """Budgets that are used up: of the user's own organizations; for a Super Admin of everything. One query.

    Those of single phones and addresses aren't told one by one: see `used_up_numbers`.
    """
    counts = TextBudget.objects.filter(budget__in=_SENTENCES, resets_at__gt=timezone.now())
    reach = reach_of(user)
    if not reach.everything:
        counts = counts.filter(organization__in=reach.organizations)
    return [
        UsedUp(
            row.budget,
            row.subject,
            row.organization.name if row.organization else "",
            limit_of(row.budget, row.subject),
            row.resets_at,
        )
        for row in counts.select_related("organization").order_by("budget", "resets_at")
        if row.used >= limit_of(row.budget, row.subject)
    ]


def used_up_numbers(user: Any) -> str:
    """Say how many phones and addresses on the internet have used up theirs; "" if none, or if that isn't the user's."""
    if not reach_of(user).everything:
        return ""
    limits = {budget: limit_of(budget, "") for budget in (Budget.PHONE, Budget.ADDRESS)}
    sizes = [
        TextBudget.objects.filter(budget=budget, resets_at__gt=timezone.now(), used__gte=limit).count()
        for budget, limit in limits.items()
    ]
    phones, addresses = sizes
    sentences = []
    if phones:
        sentences.append(
            ngettext(
                "%(count)s phone number gets no more text messages today.",
                "%(count)s phone numbers get no more text messages today.",
                phones,
            )
            % {"count": phones}
        )
    if addresses:
        sentences.append(
            ngettext(
                "From %(count)s address on the internet no more are asked for this hour.",
                "From %(count)s addresses on the internet no more are asked for this hour.",
                addresses,
            )
            % {"count": addresses}
        )
    return " ".join(sentences)


#: From here on, staff are told of "more": where so many fail, the number is no news.
MOST_COUNTED = 100


def failed_count(user: Any) -> int:
    """Return how many messages that `user` may see have failed; at most `MOST_COUNTED`."""
    failed = OutboxMessage.objects.visible_to(user).filter(state=OutboxMessage.State.FAILED)
    return failed.order_by()[:MOST_COUNTED].count()
