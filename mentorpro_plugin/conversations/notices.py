"""Telling people of unread messages: that there are some and from whom, by first name; never what they say."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..access.roles import STAFF, Role
from ..conf import setting
from ..outbox.actions import queue_email, queue_text
from ..outbox.budgets import take_text
from ..outbox.models import OutboxMessage
from ..people.models import Person
from ..shell.doors import DOOR_OF_ROLE, MENTOR_DOOR, door_url
from .models import Message, Participation

logger = logging.getLogger(__name__)

#: How long after a notice the next one may follow, and how old a message may be to cause one: after days without a
#: deliverer, nobody is told of what they have long learnt otherwise.
APART = timedelta(hours=1)
OLDEST = timedelta(days=1)

#: Not sent any more after this time, if the mail server is down for long.
_WORTH_SENDING = timedelta(hours=12)

_signer = Signer(salt="mentorpro.notices")


def send_notices() -> int:
    """Queue a notice for everybody whom unread messages wait for; return how many. What the deliverer does each minute.

    May run in several processes at once: each person is told by one of them.
    """
    now = timezone.now()
    due = (
        _due(now).exclude(person__notice=Person.Notice.NONE).exclude(person__status=Person.Status.DEACTIVATED)
    )
    people = due.order_by("person").values_list("person", flat=True).distinct()
    return sum(_notify(person, now) for person in list(people))


def stop_token(person: Person) -> str:
    """Return what stands in the address by which `person` stops notices without logging in."""
    return _signer.sign(str(person.pk))


def person_of_token(token: str) -> Person | None:
    """Return the person who was given `token`, if it is one of ours."""
    try:
        return Person._base_manager.filter(pk=int(_signer.unsign(token))).first()
    except (BadSignature, ValueError):
        return None


def stop_notices(person: Person) -> None:
    """Tell `person` of unread messages no more, until they choose otherwise in their profile."""
    Person._base_manager.filter(pk=person.pk).update(notice=Person.Notice.NONE)


def _due(now: datetime) -> QuerySet[Participation]:
    """Sides with a message that has waited long enough, and that nobody was told of."""
    waiting_since = now - timedelta(minutes=setting("NOTICE_AFTER_MINUTES"))
    untold = Message._base_manager.filter(
        sent_at__gt=Coalesce(OuterRef("notified_at"), now - OLDEST),
        conversation=OuterRef("conversation"),
        author=OuterRef("other"),
        pk__gt=OuterRef("read_up_to"),
        sent_at__range=(now - OLDEST, waiting_since),
    )
    return Participation._base_manager.filter(
        Q(notified_at=None) | Q(last_message_at__gt=F("notified_at")),
        Exists(untold),
        unread_count__gt=0,
        unread_since__lte=waiting_since,
        last_message_at__gt=now - OLDEST,
    )


@transaction.atomic
def _notify(pk: int, now: datetime) -> bool:
    """Queue one notice for the person with this primary key, if nobody else is doing or has done so."""
    # Locked as writers do; a row that somebody has now is left for the next minute.
    person = (
        Person._base_manager.select_for_update(no_key=True, skip_locked=True)
        .filter(pk=pk)
        .exclude(notice=Person.Notice.NONE)
        .exclude(status=Person.Status.DEACTIVATED)
        .first()
    )
    if person is None:
        return False
    sides = Participation._base_manager.filter(person=person)
    if sides.filter(notified_at__gt=now - APART).exists():
        return False
    due = list(_due(now).filter(person=person).select_related("other").order_by("-last_message_at"))
    if not due:
        return False
    queued = _queue(person, due, now)
    # Also where nothing could be queued, so that it isn't tried again each minute.
    sides.filter(pk__in=[side.pk for side in due]).update(notified_at=now)
    return queued


def _queue(person: Person, sides: list[Participation], now: datetime) -> bool:
    """Queue the notice, by the way that `person` chose if that leads anywhere, else by the other."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        sentence = _sentence(sides)
        context = {"sentence": sentence, "url": _address(person, sides), "stop_url": _stop_address(person)}
        common = {
            "kind": OutboxMessage.Kind.UNREAD_NOTICE,
            "person": person,
            "key": f"unread:{person.pk}:{int(now.timestamp() // APART.total_seconds())}",
            "expires_at": now + _WORTH_SENDING,
        }
        for way in _ways(person):
            if way == Person.Notice.EMAIL and person.email:
                body = render_to_string("mentorpro_plugin/conversations/notice_email.txt", context)
                return queue_email(recipient=person.email, subject=sentence, body=body, **common) is not None
            if way == Person.Notice.TEXT and person.phone:
                number = person.phone.as_e164
                if take_text(number=number, organization=person.organization_id, ip=""):
                    body = render_to_string("mentorpro_plugin/conversations/notice_text.txt", context)
                    return queue_text(recipient=number, body=body, **common) is not None
    logger.warning("There is no way to tell person %s of unread messages.", person.pk)
    return False


def _ways(person: Person) -> list[Person.Notice]:
    """E-mail and text message, the better one first. Staff work at a desk, with an address that they log in with."""
    if person.role in STAFF or person.notice == Person.Notice.EMAIL:
        return [Person.Notice.EMAIL, Person.Notice.TEXT]
    return [Person.Notice.TEXT, Person.Notice.EMAIL]


def _sentence(sides: list[Participation]) -> str:
    """How many messages wait, and from whom: first names, three of them at most."""
    names = [side.other.labelled(side.other.first_name or side.other.get_role_display()) for side in sides]
    if len(names) > 3:
        # Translators: sent by text message, too.
        names = [*names[:2], _("others")]
    count = sum(side.unread_count for side in sides)
    return ngettext(
        # Translators: sent by text message, too.
        "You have %(count)d new message from %(names)s.",
        "You have %(count)d new messages from %(names)s.",
        count,
    ) % {"count": count, "names": get_text_list(names, _("and"))}


def _address(person: Person, sides: list[Participation]) -> str:
    """Where the messages are read: for staff the conversation itself, in Connect, if they wait in one only."""
    if (door := DOOR_OF_ROLE.get(Role(person.role))) is not None:
        return door_url(door, "messages")
    if len(sides) == 1:
        path = reverse("connect:conversation", args=[sides[0].other_id])
    else:
        path = reverse("connect:messages")
    return f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{path}"


def _stop_address(person: Person) -> str:
    # Open to anybody who has the token, so any door will do for staff.
    return door_url(DOOR_OF_ROLE.get(Role(person.role), MENTOR_DOOR), "stop_notices", stop_token(person))
