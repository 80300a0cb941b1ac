"""Logging in, for mentors and mentees: through allauth's pipeline, whatever proved who they are."""

from datetime import timedelta
from typing import Any

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse

from ..people.models import Person
from ..shell.doors import DOOR_OF_ROLE, door_path
from .browsers import browser_token, known_browser

__all__ = ["STAY", "browser_token", "enter", "known_browser", "may_enter"]

#: How long a log-in lasts for those who stay logged in; for the others until the browser closes.
STAY = timedelta(days=30)
BACKEND = "mentorpro_plugin.access.backends.ParticipantBackend"


def may_enter(person: Person) -> bool:
    """Whether this person may log in at all. What they must have proved first is the caller's business."""
    return person.role in DOOR_OF_ROLE and person.user.is_active and not person.is_deactivated


def enter(request: HttpRequest, person: Person, *, stay: bool, method: str) -> HttpResponse:
    """Log `person` in, and return where allauth sends them: home, or to a stage that a host site added.

    `method` is noted in the session, such as "code". The caller has asked `may_enter`, with the same `person`.
    """
    user: Any = person.user
    user.backend = BACKEND
    door = DOOR_OF_ROLE[person.role]  # type: ignore[index]
    # Addresses are nothing that people log in with here, so there is none to verify first.
    login = Login(
        user=user,
        email_verification=EmailVerificationMethod.NONE,
        redirect_url=door_path(door),
    )
    # The adapter lets participants in by this way only.
    request._mentorpro_entering = user.pk  # type: ignore[attr-defined]
    if request.user.is_authenticated and request.user.pk != user.pk:
        # Or else allauth would write its record into a session that Django then empties.
        request.session.flush()
    record_authentication(request, user, method=method)
    response = perform_login(request, login)
    if request.user.is_authenticated and request.user.pk == user.pk:
        # By now Django has given the session a new key, and `note_log_in` has put the person's epoch into it.
        request.session.set_expiry(STAY if stay else 0)
    return response
