"""Logging in by password, and the one place where a password is checked: each try is counted before."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ..access.backends import StaffEmailBackend
from ..access.roles import STAFF
from ..people.models import Person
from .history import note_refused_log_in
from .tries import forget_password_tries, take_password_try

LOCKED = "locked"
DEACTIVATED = "deactivated"
_REFUSED = "_mentorpro_log_in_refused"


class PasswordBackend(StaffEmailBackend):
    """Staff by e-mail address; whoever else has an account on the site by their user name. Mentors and mentees never.

    Every screen that asks Django whether a password is right ends here, so none of them can be used to guess on. What
    is refused is refused for good: no backend below is asked.
    """

    @sensitive_variables("password", "username")
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        if not username or password is None:
            return None
        tries = take_password_try(username)
        if tries is None:
            _say(request, LOCKED)
            raise PermissionDenied
        person, user = self._find(username)
        if user is None:
            # As much work as for a known address, so that the time tells nothing.
            get_user_model()().set_password(password)
        elif user.check_password(password):
            forget_password_tries(username)
            if self.user_can_authenticate(user):
                return user
            _say(request, DEACTIVATED)
        note_refused_log_in(person, tries)
        raise PermissionDenied

    def _find(self, username: str) -> tuple[Person | None, Any]:
        """Return person and user of an address, of whom either may be missing. Takes two queries, whoever it is."""
        people = Person._base_manager.select_related("user")
        person = people.filter(email__iexact=username.strip(), role__in=STAFF).first()
        model = get_user_model()
        try:
            other = model._base_manager.get(**{model.USERNAME_FIELD: username})
        except model.DoesNotExist:
            other = None
        if person is not None:
            return person, person.user
        # People log in by what the rosters say, never by the name of their user row.
        if other is not None and Person._base_manager.filter(user=other.pk).exists():
            return None, None
        return None, other


def refusal_of(request: HttpRequest | None) -> str:
    """Return why the last try in this request was refused: LOCKED, DEACTIVATED, or "" for whatever must not be told."""
    return getattr(request, _REFUSED, "")


def _say(request: HttpRequest | None, why: str) -> None:
    if request is not None:
        setattr(request, _REFUSED, why)
