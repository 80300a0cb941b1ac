"""What every page of the front doors shares: whose it is, and who is turned away."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from ..people.models import Person
from .clock import time_zone_of
from .doors import DOORS, Door
from .offline import forget_offline, keep_offline
from .tabs import Tab, tabs

#: `(request, person) -> path or None`: where somebody has to go first, such as to the terms.
_gates: list[Callable[[HttpRequest, Person], str | None]] = []


def register_gate(gate: Callable[[HttpRequest, Person], str | None]) -> None:
    """Ask `gate` before every page for people who are logged in."""
    _gates.append(gate)


def person_of(request: HttpRequest) -> Person | None:
    """Return who is logged in, if it is somebody of ours."""
    user = getattr(request, "user", None)  # none before the sessions: see DoorHostMiddleware
    return getattr(user, "mentorpro_person", None) if user and user.is_authenticated else None


def is_of_htmx(request: HttpRequest) -> bool:
    """Whether a page's script asks for a part of it."""
    return request.headers.get("HX-Request") == "true"


def _path_of(url: str) -> str:
    """Return the path of an address that a browser sent; empty for what is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def lead_to(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect the page; a redirect of htmx's request would put the other page inside this one."""
    if is_of_htmx(request):
        return HttpResponseClientRedirect(url)
    return redirect(url)


class DoorView(View):
    """A page behind a front door, open to anybody. `self.door` is the door."""

    door: Door
    template_name: str
    #: Whether the app keeps this page on the device, to be read without a network. Never for pages about people.
    keeps_offline = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.door = DOORS[kwargs.pop("door")]
        # `{% url 'portal:home' %}` then leads to this door's own.
        request.current_app = self.door.name  # type: ignore[attr-defined]
        super().setup(request, *args, **kwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(time_zone_of(request)):
            response = self.turn_away(request) or super().dispatch(request, *args, **self.kwargs)
            if isinstance(response, TemplateResponse):
                # Here, not when Django would do it: the page's moments are written in its reader's own time.
                response.render()
        self.set_headers(response)
        return response

    def turn_away(self, request: HttpRequest) -> HttpResponse | None:
        """Return where somebody goes for whom the page isn't, or nothing."""
        return None

    def set_headers(self, response: HttpResponseBase) -> None:
        """Say how long what is sent may stay, in browsers and in the app."""
        add_never_cache_headers(response)
        if self.keeps_offline:
            keep_offline(response)
        elif person_of(self.request) is None:
            # Nobody is logged in, or no longer: what somebody read here before is not for the next.
            forget_offline(response)

    def url(self, view: str, *args: Any) -> str:
        """Return the path of another view behind this door."""
        return reverse(f"{self.door.name}:{view}", args=args)

    @property
    def home_url(self) -> str:
        return self.url("home")

    @property
    def log_in_url(self) -> str:
        return self.url("log_in")

    @property
    def manifest_url(self) -> str:
        return self.url("manifest")

    @property
    def worker_url(self) -> str:
        return self.url("service_worker")

    @property
    def touch_icon_url(self) -> str:
        return static(f"mentorpro_plugin/portal/icons/{self.door.name}-maskable-180.png")

    def redirect(self, view: str, *args: Any) -> HttpResponse:
        return redirect(self.url(view, *args))

    def render(self, context: dict[str, Any] | None = None, **kwargs: Any) -> TemplateResponse:
        template = kwargs.pop("template_name", "") or self.template_name
        return TemplateResponse(self.request, template, {**self.get_context(), **(context or {})}, **kwargs)

    def get_context(self) -> dict[str, Any]:
        return {"door": self.door, "view": self}


class PortalView(DoorView):
    """A page for the mentors or mentees of the door. `self.person` is who is logged in, with organization."""

    person: Person
    #: Gates are for pages, not for the pages that gates lead to.
    passes_gates = True

    def turn_away(self, request: HttpRequest) -> HttpResponse | None:
        person = person_of(request)
        if person is None:
            return self.send_to_log_in(request)
        if person.role != self.door.role:
            return lead_to(request, self.url("wrong_door"))
        self.person = person
        if person.language:
            translation.activate(person.language)
        if self.passes_gates:
            for gate in _gates:
                if path := gate(request, person):
                    return lead_to(request, path)
        return None

    def send_to_log_in(self, request: HttpRequest) -> HttpResponse:
        """Lead to the log-in, and back from there: to the page, where the request was for a part of one."""
        back = request.get_full_path()
        if is_of_htmx(request):
            current = _path_of(request.headers.get("HX-Current-URL", ""))
            back = current if current.startswith(self.home_url) else self.home_url
        return lead_to(request, redirect_to_login(back, self.log_in_url).url)

    def get_context(self) -> dict[str, Any]:
        return {**super().get_context(), "person": self.person, "tabs": [self._shown(tab) for tab in tabs()]}

    def _shown(self, tab: Tab) -> dict[str, Any]:
        url = self.url(tab.view)
        here = self.request.path
        # Everything lies below the home page, so that one is current only when it is the page itself.
        is_current = here == url or (url != self.url("home") and here.startswith(url))
        count = tab.count(self.request) if tab.count else 0
        return {"tab": tab, "url": url, "count": count, "is_current": is_current}
