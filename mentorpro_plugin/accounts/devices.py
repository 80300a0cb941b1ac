"""Own devices: where one is logged in, and how to end that. The sessions are those that allauth keeps rows of.

Of a device is kept what it takes to recognise it, browser and system in words, and when it was last used, to the hour.
Addresses aren't: who sees this list could follow a young person around with them.
"""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, NamedTuple

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ..access.sessions import begin_session
from ..people.changing import end_sessions
from ..people.models import Person
from .user_agents import in_words, shortened

#: How precisely it is known when a device was last used: one write in that time.
_PRECISION = timedelta(hours=1)
_SEEN = "mentorpro_seen"
#: In place of the address that allauth's row must have.
_NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens here


class Device(NamedTuple):
    """A session of one's own, as it is shown."""

    pk: int
    name: str
    last_seen_at: datetime
    is_this: bool


def devices_of(person: Person, session_key: str | None) -> list[Device]:
    """Return where `person` is logged in, this device first, then the last used. Two queries, for however many."""
    rows = [row for row in sessions_of(person) if row.data.get("epoch") == person.session_epoch]
    alive = _alive([row.session_key for row in rows])
    devices = [
        Device(row.pk, in_words(row.user_agent), row.last_seen_at, row.session_key == session_key)
        for row in rows
        if row.session_key in alive
    ]
    return sorted(devices, key=lambda device: (device.is_this, device.last_seen_at), reverse=True)


@transaction.atomic
def end_other_devices(request: HttpRequest, person: Person) -> None:
    """End every session of `person` but this one, those that nobody keeps a list of included."""
    end_sessions(person)
    keep_this_device(request, person)
    for row in sessions_of(person).exclude(session_key=request.session.session_key):
        row.end()


def other_session(person: Person, key: str, *, session_key: str | None) -> Any:
    """Return the row of `person`'s session with the primary key `key`, as a form gives it; None if it is none of theirs.

    This one isn't among them: it has a button of its own, to log out.
    """
    others = sessions_of(person).exclude(session_key=session_key)
    return others.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None


def keep_this_device(request: HttpRequest, person: Person) -> None:
    """Let this session go on after `end_sessions`."""
    begin_session(request, person)
    # Now, and not when the response is ready: a request in between would find the old epoch, and log this device out.
    request.session.save()
    row = sessions_of(person).filter(session_key=request.session.session_key).first()
    if row is not None:
        row.data["epoch"] = person.session_epoch
        row.save(update_fields=["data"])


def note_seen(request: HttpRequest, person: Person) -> None:
    """A gate that lets everybody pass, having noted that this device is in use: at most one write an hour."""
    now = timezone.now()
    seen = parse_datetime(request.session.get(_SEEN, ""))
    if seen is None or now - seen >= _PRECISION:
        request.session[_SEEN] = now.isoformat()
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)


@receiver(user_logged_in)
def begin_seen(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Spare the first page after a log-in that write: the row is new."""
    if hasattr(request, "session"):
        request.session[_SEEN] = timezone.now().isoformat()


@receiver(pre_save, sender=UserSession)
def keep_little(sender: Any, instance: UserSession, **kwargs: Any) -> None:
    """Keep of a device no more than it takes to recognise it, before anything of it is stored."""
    instance.ip = _NO_ADDRESS
    instance.user_agent = shortened(instance.user_agent)
    person = getattr(instance.user, "mentorpro_person", None)
    if person is not None:
        # Sessions of an earlier epoch are dead, though their rows may still be there.
        instance.data.setdefault("epoch", person.session_epoch)


@receiver(user_logged_out)
def forget_device(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Take the device off the list when somebody logs out."""
    if user is not None and (session := getattr(request, "session", None)) is not None:
        UserSession.objects.filter(user=user.pk, session_key=session.session_key).delete()


def sessions_of(person: Person) -> Any:
    return UserSession.objects.filter(user=person.user_id)


def _alive(keys: list[str]) -> set[str]:
    """Which of these sessions are there still. One query where the database keeps them, none where a cache does."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if hasattr(store, "get_model_class"):
        rows = store.get_model_class()._base_manager
        return set(
            rows.filter(pk__in=keys, expire_date__gt=timezone.now()).values_list("session_key", flat=True)
        )
    return {key for key in keys if store().exists(key)}
