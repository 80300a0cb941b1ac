"""Own devices, behind the doors: where one is logged in, and how to end that."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ..accounts.devices import devices_of, end_other_devices, other_session
from ..shell.views import PortalView


class DevicesView(PortalView):
    """The list, and to end one of them or all others."""

    template_name = "mentorpro_plugin/portal/me_devices.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        devices = devices_of(self.person, request.session.session_key)
        has_others = any(not device.is_this for device in devices)
        return self.render({"devices": devices, "has_others": has_others})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "others" in request.POST:
            end_other_devices(request, self.person)
            messages.success(request, _("You are logged out everywhere else."))
        else:
            self._end_one(request.POST.get("device", ""))
            messages.success(request, _("That device is logged out."))
        return self.redirect("me_devices")

    def _end_one(self, key: str) -> None:
        row = other_session(self.person, key, session_key=self.request.session.session_key)
        if row is None:
            raise Http404
        row.end()
