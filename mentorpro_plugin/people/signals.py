"""What happens to a person when their user does something, and what others may want to know of a person."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from ..access.sessions import begin_session
from ..activity.history import record
from ..activity.models import HistoryEntry
from .activity import note_activity, note_first_log_in
from .models import Person

#: Sent with `people` and `by`, in the transaction that adds them, from whatever screen, import or command: one person,
#: or as many as an import writes at once.
people_added = Signal()
#: Sent with `person`, in the transaction that deactivates them: for domains above that keep ways in, such as codes.
person_deactivated = Signal()


@receiver(user_logged_in)
def note_log_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Note a log-in, whatever the way in: the first one makes people Active, each is their last activity."""
    person = getattr(user, "mentorpro_person", None)
    if person is None:
        return
    begin_session(request, person)
    note_first_log_in(person.pk)
    note_activity(person.pk, Person.Activity.LOGIN)
    record(
        person,
        HistoryEntry.Action.LOGGED_IN,
        by=user,
        organization=person.organization_id,
        person=person.pk,
        changes={"ways": ways} if (ways := _ways_of(request)) else {},
    )


def _ways_of(request: HttpRequest) -> list[str]:
    """By what they proved who they are, such as ["password", "totp"]; empty where nothing was noted."""
    # By allauth, in the session: every way in that is ours goes through it.
    noted = request.session.get("account_authentication_methods") or []
    return [str(way.get("type") or way.get("method")) for way in noted]
