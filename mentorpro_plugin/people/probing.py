"""Who is there beyond a user's reach: how much of that the refusals of imports and forms may tell.

A number, ID or address that is taken by somebody out of sight is refused, and so tells that somebody has it. That can't
be helped; that whole lists of numbers are tried out can. Each user may come upon so many people in a day, each of whom
counts once, and nothing more is looked at for them after that. Super Admins, who see everybody, have no budget.
"""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..access.reach import reach_of
from ..access.roles import STAFF, Role
from ..conf import setting
from .models import Person, ReachBudget

DAY = timedelta(days=1)
#: A file about too many people costs one part in so many of the whole budget: even that it was refused tells something.
_PARTS = 10


def used_up(by: Any) -> str:
    """Return a sentence that says why the user is told nothing more today; empty as long as they are.

    To be asked before anything of theirs is looked at. Whatever they sent is refused with it, even if it is about nobody:
    else a file of one number would tell of it.
    """
    if reach_of(by).everything or _used(_present(by)) < _limit():
        return ""
    return until_tomorrow(by)


def until_tomorrow(by: Any) -> str:
    """Return the sentence that the user is told nothing more today."""
    return _(
        "You have come upon too many people beyond your reach today, so nothing more is looked at until %(moment)s. If it"
        " can't wait, ask %(whom)s."
    ) % {
        "moment": date_format(timezone.localtime(_present(by).resets_at), "DATETIME_FORMAT"),
        "whom": whom_to_ask(by),
    }


def may_be_told(by: Any, people: Collection[int]) -> bool:
    """Return whether the user may be told that something of each of `people`, by primary key, is taken; count that they are.

    If these are more than the budget has left, they must be told of none. Of whom they were told today they are told
    again at no cost. Exact whatever runs side by side.
    """
    if not people or reach_of(by).everything:
        return True
    with transaction.atomic():
        budget = _locked(by)
        fresh = sorted(set(people).difference(budget.people))
        is_told = not fresh or _used(budget) + len(fresh) <= _limit()
        if is_told:
            budget.people += fresh
        elif (digest := _digest(people)) not in budget.files:
            # The same people once more are refused for nothing.
            budget.files.append(digest)
        budget.save()
    return is_told


def whom_to_ask(by: Any) -> str:
    """Return who sees more than the user, for sentences."""
    if reach_of(by).role == Role.PARENT:
        return _("a Super Admin or whoever runs the site")
    return _("your Parent account, a Super Admin or whoever runs the site")


def out_of_sight(person: Person, by: Any) -> set[int]:
    """Return the primary keys of those who have the number, ID or address of `person`, and whom `by` doesn't see."""
    holders = Q(phone=person.phone) if person.phone else Q(pk=None)
    people = Person._base_manager.exclude(pk=person.pk).alias(
        lower_id=Lower("id_number"), lower_email=Lower("email")
    )
    if person.organization is not None and person.id_number:
        holders |= Q(tree=person.organization.tree_id, lower_id=Lower(Value(person.id_number)))
    if person.role in STAFF and person.email:
        holders |= Q(role__in=STAFF, lower_email=Lower(Value(person.email)))
    found = set(people.filter(holders).values_list("pk", flat=True))
    return found.difference(Person.objects.visible_to(by).filter(pk__in=found).values_list("pk", flat=True))


def forget_old_reach_budgets() -> None:
    """Delete what began anew since."""
    ReachBudget._base_manager.filter(resets_at__lte=timezone.now()).delete()


def _present(by: Any) -> ReachBudget:
    """Return the user's budget of today, as it is now."""
    now = timezone.now()
    budget = ReachBudget._base_manager.filter(user=by.pk, resets_at__gt=now).first()
    return budget or ReachBudget(user_id=by.pk, resets_at=now + DAY)


def _locked(by: Any) -> ReachBudget:
    """Return the user's budget of today, locked until the end of the transaction."""
    now = timezone.now()
    rows = ReachBudget._base_manager
    # Changes nothing where there is one, but locks it: nobody deletes it before it is read.
    first = ReachBudget(user_id=by.pk, resets_at=now + DAY)
    rows.bulk_create([first], update_conflicts=True, unique_fields=["user"], update_fields=["user"])
    budget = rows.get(user=by.pk)
    if budget.resets_at <= now:
        budget.people, budget.files, budget.resets_at = [], [], now + DAY
    return budget


def _used(budget: ReachBudget) -> int:
    return len(budget.people) + len(budget.files) * max(_limit() // _PARTS, 1)


def _limit() -> int:
    return setting("BEYOND_REACH_A_DAY")


def _digest(people: Collection[int]) -> str:
    return hashlib.sha256(",".join(map(str, sorted(people))).encode()).hexdigest()
