"""Getting in by phone and code, and getting out. What is asked and answered is the same for every number."""

from dataclasses import replace
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from ..people.models import Person
from ..shell.doors import DOOR_OF_ROLE, DOORS, Door, base_url, door_of_host, door_path, door_url
from ..shell.views import DoorView
from .browsers import Pending, browser_token, known_browser
from .codes import Outcome, codes_asked_for, locked_until, try_code
from .entering import enter, may_enter
from .forms import CodeForm, NumberForm, shown_number
from .models import LoginCode
from .returning import WayBack
from .sending import seconds_to_wait, send_code


class _BeforeLogIn(WayBack, DoorView):
    """A page for people who aren't logged in yet; the others go home, or learn which door is theirs."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            person = getattr(request.user, "mentorpro_person", None)
            is_here = person is not None and person.role == self.door.role
            return (
                redirect(self.next_path(request.GET.get("next", "")))
                if is_here
                else self.redirect("wrong_door")
            )
        return super().dispatch(request, *args, **kwargs)


@method_decorator(sensitive_post_parameters("number"), name="dispatch")
class LogInView(_BeforeLogIn):
    """The number to send a code to."""

    template_name = "mentorpro_plugin/portal/log_in.html"

    @property
    def other_door(self) -> dict[str, Any]:
        """For those who stand at the wrong door: the other one, and its address."""
        (door,) = (door for door in DOORS.values() if door != self.door)
        return {"door": door, "url": _address(self.request, door)}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render({"form": NumberForm(initial=self._initial(request))})

    @method_decorator(sensitive_variables("form", "pending"))
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = NumberForm(request.POST)
        if not form.is_valid():
            return self.render({"form": form})
        if until := locked_until(form.e164):
            form.add_error("number", too_many_tries(until))
            return self.render({"form": form})
        response = self.redirect("log_in_code")
        pending = Pending(
            number=form.e164,
            region=form.cleaned_data["region"],
            stay=form.cleaned_data["stay"],
            next=self.next_path(form.cleaned_data["next"] or ""),
            channel="text",
        )
        ask(request, response, pending)
        return response

    def _initial(self, request: HttpRequest) -> dict[str, Any]:
        pending = Pending.of(request)
        kept = {"region": pending.region, "stay": pending.stay, "next": pending.next} if pending else {}
        return {**kept, **{name: request.GET[name] for name in ("next",) if name in request.GET}}


@method_decorator(sensitive_post_parameters("code"), name="dispatch")
class LogInCodeView(_BeforeLogIn):
    """The code that was sent. A right one lets in, or says why not."""

    template_name = "mentorpro_plugin/portal/log_in_code.html"
    pending: Pending

    @method_decorator(sensitive_variables("pending"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pending = Pending.of(request)
        if pending is None and not request.user.is_authenticated:
            # It took too long, or the browser keeps no cookies.
            return self.redirect("log_in")
        if pending is not None:
            self.pending = pending
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._page(CodeForm())

    @method_decorator(sensitive_variables("form", "person"))
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        outcome, person = try_code(
            contact=self.pending.number,
            purposes=[LoginCode.Purpose.LOG_IN, LoginCode.Purpose.STAFF_ISSUED],
            browser=known_browser(request),
            code=form.cleaned_data["code"],
        )
        if person is not None and _is_theirs(self.pending.number, person):
            return self._admit(person)
        form.add_error("code", self._refusal(outcome))
        return self._page(form)

    def _admit(self, person: Person) -> HttpResponse:
        """Let in whoever gave the right code, or say why not."""
        if not may_enter(person):
            response: HttpResponse = self.render(template_name="mentorpro_plugin/portal/deactivated.html")
        elif person.role != self.door.role:
            response = self.render(
                {"right_door": right_door(self.request, person)},
                template_name="mentorpro_plugin/portal/wrong_door.html",
            )
        else:
            response = enter(self.request, person, stay=self.pending.stay, method="code")
            if self.request.user.is_authenticated:
                response = redirect(self.next_path(self.pending.next))
        Pending.forget(response)
        return response

    def _refusal(self, outcome: Outcome) -> str:
        if outcome is Outcome.LOCKED and (until := locked_until(self.pending.number)):
            return too_many_tries(until)
        if outcome is Outcome.SPENT:
            return _("This code no longer works. Ask for a new one below.")
        return _("This is not the code that we sent. Look at the message again.")

    def _page(self, form: CodeForm) -> HttpResponse:
        _count, asked_at = codes_asked_for(self.pending.number, known_browser(self.request))
        return self.render(
            {
                "form": form,
                "number": shown_number(self.pending.number),
                "channel": self.pending.channel,
                "wait": seconds_to_wait(asked_at),
            }
        )


class ResendView(_BeforeLogIn):
    """Another code, by text message or to the e-mail address that the program has."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        pending = Pending.of(request)
        if pending is None:
            return self.redirect("log_in")
        response = self.redirect("log_in_code")
        if not locked_until(pending.number):
            channel = "email" if request.POST.get("channel") == "email" else "text"
            ask(request, response, replace(pending, channel=channel))
        return response


class LogOutView(DoorView):
    """Logging out, here and on this device only."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        get_adapter(request).logout(request)
        return self.redirect("log_in")


class WrongDoorView(DoorView):
    """For people who are logged in and stand at a door that isn't theirs."""

    template_name = "mentorpro_plugin/portal/wrong_door.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.redirect("log_in")
        person = getattr(request.user, "mentorpro_person", None)
        if person is None or person.role not in DOOR_OF_ROLE:
            return self.render({"admin_url": admin_url(request), "is_logged_in": True})
        if person.role == self.door.role:
            return self.redirect("home")
        return self.render({"right_door": right_door(request, person), "is_logged_in": True})


def ask(request: HttpRequest, response: HttpResponse, pending: Pending) -> None:
    """Send a code for `pending`, and keep in the browser what the next page needs."""
    pending.keep(response)
    send_code(
        number=pending.number,
        browser=browser_token(request, response),
        ip=get_adapter(request).get_client_ip(request),
        by_email=pending.channel == "email",
        host=request.get_host().partition(":")[0],
    )


def _is_theirs(number: str, person: Person) -> bool:
    """Whether the number is still the person's: staff may have changed it while the code was on its way."""
    return person.phone is not None and person.phone.as_e164 == number


def too_many_tries(until: Any) -> str:
    return _("Too many tries for this number. You can try again in %(time)s.") % {
        "time": timeuntil(until, timezone.now())
    }


def right_door(request: HttpRequest, person: Person) -> dict[str, Any]:
    """Return the door that is `person`'s, and its address as seen from this request."""
    door = DOOR_OF_ROLE[person.role]  # type: ignore[index]
    return {"door": door, "url": _address(request, door)}


def admin_url(request: HttpRequest) -> str:
    """Return the address of the Wagtail admin, which is not at a door's own host."""
    path = reverse("wagtailadmin_home")
    return f"{base_url(None)}{path}" if door_of_host(request.get_host()) else path


def _address(request: HttpRequest, door: Door) -> str:
    has_own_host = base_url(door) != base_url(None)
    return door_url(door) if has_own_host or door_of_host(request.get_host()) else door_path(door)
