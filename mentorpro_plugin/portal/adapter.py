"""What allauth asks the site. A host with an adapter of its own puts AccountAdapterMixin before its base class."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ..access.roles import PARTICIPANTS
from ..accounts.adapter import StaffAdapterMixin
from ..shell.doors import DOOR_OF_ROLE, door_path


class AccountAdapterMixin:
    """Mentors and mentees have one way in, `portal.entering.enter`; for everybody else the host's adapter decides."""

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        person = _participant(user)
        if person is not None and (
            person.is_deactivated or getattr(request, "_mentorpro_entering", None) != user.pk
        ):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)  # type: ignore[misc]

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        if (person := _participant(user)) is not None:
            return redirect(door_path(DOOR_OF_ROLE[person.role], "log_in"))
        return super().respond_user_inactive(request, user)  # type: ignore[misc]

    def is_login_by_code_required(self, login: Any) -> bool:
        # They have just given one.
        return _participant(login.user) is None and super().is_login_by_code_required(login)  # type: ignore[misc]

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        if (person := _participant(user)) is not None:
            return person.phone.as_e164, True
        return super().get_phone(user)  # type: ignore[misc]

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        # "Successfully signed in as", and then a username that means nothing.
        if _participant(request.user) is None:
            super().add_message(request, level, *args, **kwargs)  # type: ignore[misc]


class AccountAdapter(AccountAdapterMixin, StaffAdapterMixin, DefaultAccountAdapter):
    """For sites that use allauth for the people of the rosters only: nobody signs up."""


def _participant(user: Any) -> Any:
    person = getattr(user, "mentorpro_person", None)
    return person if person is not None and person.role in PARTICIPANTS else None
