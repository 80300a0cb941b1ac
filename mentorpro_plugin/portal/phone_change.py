"""A new telephone number, by oneself: with a code to the old one and a code to the new one.

Whether the new number belongs to somebody is told to nobody but who holds it: up to the right codes, every number is
answered alike.
"""

from copy import copy
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from ..accounts.devices import keep_this_device
from ..outbox.actions import queue_text
from ..outbox.budgets import take_text
from ..outbox.models import OutboxMessage
from ..people.actions import change_own_phone
from ..shell.views import PortalView
from .codes import LIFE, Outcome, issue_code, redeem_code
from .forms import shown_number
from .models import LoginCode
from .phone_forms import BothCodesForm, NewPhoneForm

Purpose = LoginCode.Purpose

#: Where a session keeps the change that is under way.
_CHANGE = "mentorpro_phone_change"
#: How long a code that was right waits for the other one.
_PATIENCE = timedelta(minutes=30)


class NewPhoneView(PortalView):
    """Asks for the new number, and sends a code to both."""

    template_name = "mentorpro_plugin/portal/me_phone.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render({"form": NewPhoneForm(person=self.person)})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = NewPhoneForm(request.POST, person=self.person)
        if form.is_valid():
            if self._send_codes(form.phone.as_e164):
                return self.redirect("me_phone_codes")
            form.add_error(None, self._no_more_codes())
        return self.render({"form": form})

    def _send_codes(self, phone: str) -> bool:
        """Send both codes; False if the old number gets no more today. Of the new one, nobody is told."""
        old = self.person.phone.as_e164
        ip = get_adapter(self.request).get_client_ip(self.request)
        # The old number's budget comes first: it bounds how many others one person can have texts sent to.
        if not take_text(number=old, organization=self.person.organization_id, ip=ip):
            return False
        token = token_urlsafe(24)
        self._send(old, Purpose.OLD_NUMBER, token, is_affordable=True)
        is_affordable = take_text(number=phone, organization=self.person.organization_id, ip=ip)
        self._send(phone, Purpose.NEW_NUMBER, token, is_affordable=is_affordable)
        self.request.session[_CHANGE] = {
            "phone": phone,
            "token": token,
            "right": [],
            "asked_at": timezone.now().isoformat(),
        }
        return True

    @method_decorator(sensitive_variables("code"))
    @transaction.atomic
    def _send(self, phone: str, purpose: Purpose, token: str, *, is_affordable: bool) -> None:
        code = issue_code(contact=phone, person=self.person, purpose=purpose, browser=token)
        if is_affordable:
            site = getattr(settings, "WAGTAIL_SITE_NAME", "") or "MentorPRO"
            # Translators: sent by text message.
            body = _("%(code)s is your code for %(site)s to change your phone number. Give it to nobody.")
            queue_text(
                kind=OutboxMessage.Kind.LOGIN_CODE,
                recipient=phone,
                body=body % {"code": "{secret}", "site": site},
                person=self.person,
                secret=code,
                expires_at=timezone.now() + LIFE,
            )

    def _no_more_codes(self) -> str:
        return _(
            "No more codes can be sent to your number today. Try again tomorrow, or ask the people who run your "
            "program to change your number."
        )


@method_decorator(sensitive_post_parameters("old", "new"), name="dispatch")
class BothCodesView(PortalView):
    """Takes both codes, in one go or one after the other. With the second right one, the number changes."""

    template_name = "mentorpro_plugin/portal/me_phone_codes.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.change = request.session.get(_CHANGE, {})
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self._is_under_way():
            return self.redirect("me_phone")
        return self._show(BothCodesForm(right=self.change["right"]))

    @method_decorator(sensitive_variables("form"))
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self._is_under_way():
            return self.redirect("me_phone")
        form = BothCodesForm(request.POST, right=self.change["right"])
        if not form.is_valid():
            return self._show(form)
        try:
            is_done = self._try(form)
        except ValidationError as refusal:
            # Somebody else's number: both codes were right, so whoever asks holds it and may know.
            del request.session[_CHANGE]
            messages.error(request, " ".join(refusal.messages))
            return self.redirect("me_phone")
        if not is_done:
            for name in self.change["right"]:
                form.fields.pop(name, None)
            return self._show(form)
        messages.success(request, _("Your number was changed. Log in with the new one from now on."))
        return self.redirect("me")

    def _try(self, form: BothCodesForm) -> bool:
        """Try the codes; whether the number changed. A right code needn't be given again.

        Raises ValidationError, with the codes used up, if the number can't be this person's.
        """
        refusal = None
        with transaction.atomic():
            for name in list(form.fields):
                outcome = self._redeem(name, form.cleaned_data[name])
                if outcome is Outcome.RIGHT:
                    self.change["right"].append(name)
                else:
                    form.add_error(name, _SENTENCES[outcome])
            self.request.session[_CHANGE] = self.change
            if form.errors:
                return False
            try:
                self._change_number()
            except ValidationError as error:
                refusal = error
        if refusal is not None:
            raise refusal
        return True

    @method_decorator(sensitive_variables("code"))
    def _redeem(self, name: str, code: str) -> Outcome:
        old = self.person.phone.as_e164
        contact, purpose = {
            "old": (old, Purpose.OLD_NUMBER),
            "new": (self.change["phone"], Purpose.NEW_NUMBER),
        }[name]
        return redeem_code(contact=contact, purpose=purpose, browser=self.change["token"], code=code)

    @transaction.atomic
    def _change_number(self) -> None:
        person = copy(self.person)
        change_own_phone(person, self.change["phone"], by=self.request.user)
        del self.request.session[_CHANGE]
        # The new number ended every session; this one has proved itself.
        keep_this_device(self.request, person)

    def _is_under_way(self) -> bool:
        asked_at = parse_datetime(self.change.get("asked_at", ""))
        return asked_at is not None and timezone.now() - asked_at < _PATIENCE

    def _show(self, form: BothCodesForm) -> HttpResponse:
        return self.render(
            {"form": form, "new_phone": shown_number(self.change["phone"]), "right": self.change["right"]}
        )


_SENTENCES = {
    Outcome.WRONG: gettext_lazy("That is not the code. Look at the newest message."),
    Outcome.SPENT: gettext_lazy("This code no longer works. Ask for new ones."),
    Outcome.LOCKED: gettext_lazy(
        "Too many tries today. Ask the people who run your program to change your number."
    ),
}
