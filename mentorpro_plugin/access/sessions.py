"""Sessions that end with the account: each remembers the epoch of its person, and a newer epoch ends it for good."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, get_user_model, logout
from django.http import HttpRequest
from django.utils.translation import gettext as _

#: Where a session keeps the epoch in which it began. Those from before there were epochs count as the first one's.
_EPOCH = "mentorpro_epoch"
#: Where the session that follows a dead one keeps whether its account is deactivated, until it was said.
_ENDED = "mentorpro_ended"


def begin_session(request: HttpRequest, person: Any) -> None:
    """Remember in which epoch of `person` this log-in happened. Called at every log-in, whatever the way in.

    `person` is the one whose status was checked: read anew here, it could be of a later epoch, and the session would
    outlive a deactivation in between.
    """
    request.session[_EPOCH] = person.session_epoch


def end_dead_session(request: HttpRequest) -> None:
    """Let the request go on as anonymous where its session began before the person's present epoch.

    Takes no query for a session that lives: the person is read for the reach anyway. Users that came without a
    session aren't asked.
    """
    session = getattr(request, "session", None)
    # Read first: Django empties the session of a user whose password has changed.
    if session is None or (user_pk := session.get(SESSION_KEY)) is None:
        return
    # A backend knows no user who was switched off, so of those the session alone still says who they were.
    user = request.user if request.user.is_authenticated else _switched_off(user_pk)
    person = getattr(user, "mentorpro_person", None)
    if person is None:
        return
    if not user.is_active or person.is_deactivated or session.get(_EPOCH, 0) != person.session_epoch:
        # Whoever hears of the log-out is told of whom.
        request.user = user
        logout(request)
        request.session[_ENDED] = "deactivated" if person.is_deactivated else "ended"


def say_that_session_ended(request: HttpRequest) -> None:
    """Have the next page that shows messages say why somebody is logged out: the log-in, wherever they are led.

    Only the holder of the dead session gets to know of the deactivation, and once. Comes after `end_dead_session`,
    once the request has its messages.
    """
    session = getattr(request, "session", None)
    if session is None or request.user.is_authenticated or not hasattr(request, "_messages"):
        return
    if (ended := session.pop(_ENDED, None)) is not None:
        messages.warning(request, _sentence(ended))


def _sentence(ended: str) -> str:
    if ended == "deactivated":
        return _(
            "Your account is deactivated, so you were logged out. Nothing of yours is deleted. If you think that this "
            "is a mistake, talk to whoever runs your program."
        )
    return _("You were logged out on this device. Log in again to go on.")


def _switched_off(user_pk: Any) -> Any:
    users = get_user_model()._base_manager.select_related("mentorpro_person")
    return users.filter(pk=user_pk).first()
