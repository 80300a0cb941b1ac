"""What the timeline says of conversations: that somebody wrote, to whom and how much; never what."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..activity.timeline import Happening
from ..people.models import Person
from .models import Message


def messages_written(person: Any, viewer: Any, *, before: datetime | None, limit: int) -> list[Happening]:
    """A line for each day and each one to whom `person` wrote on it, at the time of that day's last message.

    A source of the timeline. Two queries; the other one's name is there for those who may see them.
    """
    days = (
        Message.objects.filter(author=person.pk)
        .annotate(day=TruncDate("sent_at"))
        .values("day", "conversation__first", "conversation__second")
        .annotate(at=Max("sent_at"), count=Count("pk"))
        .order_by("-at")
    )
    if before is not None:
        days = days.filter(at__lt=before)
    found = [(row["at"], row["count"], _other(row, person.pk)) for row in days[:limit]]
    seen = Person.objects.visible_to(viewer).filter(pk__in={other for _at, _count, other in found})
    names = {other.pk: other.labelled_name for other in seen}
    return [
        Happening(at, _sentence(count, names.get(other)), person.labelled_name) for at, count, other in found
    ]


def _other(row: dict[str, Any], own: int) -> int:
    first, second = row["conversation__first"], row["conversation__second"]
    return second if first == own else first


def _sentence(count: int, name: str | None) -> str:
    return ngettext("wrote %(count)d message to %(name)s", "wrote %(count)d messages to %(name)s", count) % {
        "count": count,
        "name": name or _("somebody else"),
    }
