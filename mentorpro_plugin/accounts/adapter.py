"""What allauth asks the site about staff: the log-in by e-mail and password, and the mail that follows from it."""

from typing import Any

from allauth.core import context
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from ..access.roles import STAFF
from ..outbox.actions import queue_email
from ..outbox.models import OutboxMessage
from .backends import DEACTIVATED, LOCKED, refusal_of
from .history import person_of
from .notices import send_security_notice
from .sessions import begin_log_in
from .tries import minutes_left, subject_of_address

#: Messages of allauth's that say what the next page shows anyway.
_NEEDLESS = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "mfa/messages/recovery_codes_generated.txt",
}


class StaffAdapterMixin:
    """Staff's part of an adapter. A host with an adapter of its own puts this before its base class, if staff are to
    log in by the plugin's pages.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        # People are added to rosters.
        return False

    @sensitive_variables("credentials", "password")
    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return whose password it is, or None. Raises ValidationError where there is more to say than that."""
        # Not allauth's own count: that would be in the cache, and would take neighbours for one and the same.
        name = credentials.get("email") or credentials.get("username") or ""
        user = authenticate(request, username=name, password=credentials.get("password"))
        if user is None and (sentence := self._sentence(request, name)):
            raise ValidationError(sentence)
        return user

    @sensitive_variables("password")
    def reauthenticate(self, user: Any, password: str) -> bool:
        person = person_of(user)
        name = person.email if person is not None else user.get_username()
        found = self.authenticate(context.request, username=name, password=password)
        return found is not None and found.pk == user.pk

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        person = person_of(user)
        if person is not None and person.role in STAFF:
            if person.is_deactivated or not user.is_active:
                # Password or passkey was right: so they may be told.
                return self.respond_user_inactive(request, user)
            begin_log_in(request, person)
        return super().pre_login(request, user, **kwargs)  # type: ignore[misc]

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, deactivated_sentence())
        return redirect("account_login")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if message_template not in _NEEDLESS:
            super().add_message(request, level, message_template, *args, **kwargs)  # type: ignore[misc]

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: str | None = None
    ) -> None:
        send_security_notice(user, template_prefix)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Whatever else allauth may write goes the way of all mail."""
        mail = self.render_mail(template_prefix, email, {"email": email, **context})  # type: ignore[attr-defined]
        queue_email(kind=OutboxMessage.Kind.SECURITY, recipient=email, subject=mail.subject, body=mail.body)

    def _sentence(self, request: HttpRequest, name: str) -> str:
        why = refusal_of(request)
        if why == LOCKED:
            return _(
                "Too many wrong passwords for this address. Wait for %(time)s, or choose “Forgot your password?”: "
                "with a new password you can log in at once."
            ) % {"time": minutes_left(subject_of_address(name))}
        return deactivated_sentence() if why == DEACTIVATED else ""


def deactivated_sentence() -> str:
    return _("This account is deactivated. Ask whoever runs your program.")
