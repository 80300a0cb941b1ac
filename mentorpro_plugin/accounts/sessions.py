"""How long staff stay logged in: for some hours after they were last seen."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from ..access.roles import STAFF
from ..conf import setting
from ..people.models import Person
from .history import person_of

_BEGUN_IN = "mentorpro_log_in_begun_in"


@receiver(user_logged_in)
def begin_staff_session(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Whatever the way in, the session ends by itself when nobody has used it for that long."""
    limit_staff_session(request)


def begin_log_in(request: HttpRequest, person: Person) -> None:
    """Remember in which epoch of `person` the first step of their log-in was."""
    request.session[_BEGUN_IN] = person.session_epoch


def may_end_log_in(request: HttpRequest, person: Person) -> bool:
    """Whether the log-in that waits for its second step still counts: nobody was shut out, and no password changed."""
    return not person.is_deactivated and request.session.get(_BEGUN_IN) == person.session_epoch


def limit_staff_session(request: HttpRequest) -> None:
    """Give the session the life of staff's, if a member of staff is logged in.

    It begins anew whenever the session is written, which `devices.note_seen` sees to once an hour.
    """
    person = person_of(request.user) if hasattr(request, "user") else None
    if person is not None and person.role in STAFF and hasattr(request, "session"):
        request.session.set_expiry(setting("STAFF_SESSION_HOURS") * 60 * 60)
