"""The last activity of people: what they did last, and when. Rosters sort by it."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from .models import Person

#: Doing the same again within this time isn't written down: somebody who writes ten messages costs one write.
_APART = timedelta(minutes=1)


def note_activity(person_pk: int, kind: Person.Activity) -> None:
    """Note that the person just did something of `kind`: at most one write a minute, unless the kind changes."""
    now = timezone.now()
    # Not `__lt` alone: of somebody who never did anything, there is no date to compare.
    is_news = Q(last_activity_at=None) | Q(last_activity_at__lt=now - _APART) | ~Q(last_activity_kind=kind)
    Person._base_manager.filter(is_news, pk=person_pk).update(last_activity_at=now, last_activity_kind=kind)


def note_first_log_in(person_pk: int) -> None:
    """Note that the person logged in, unless they have before: this makes people Active, once and for all."""
    Person._base_manager.filter(pk=person_pk, first_login_at=None).update(first_login_at=timezone.now())
