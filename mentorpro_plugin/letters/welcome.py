"""Sending the welcome again, from a profile."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.viewsets.base import ViewSet

from ..access.doors import open_to_staff
from ..access.roles import Role
from ..people.links import profile_url
from ..people.models import Person
from .actions import send_welcome_again


class WelcomeView(View):
    """Queues a welcome by POST, and leads back to the profile."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        people = Person.objects.visible_to(request.user).exclude(role=Role.SUPER_ADMIN)
        person = get_object_or_404(people, pk=pk)
        try:
            send_welcome_again(person, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The welcome to %(name)s is on its way.") % {"name": person})
        return redirect(profile_url(person))


class WelcomeViewSet(ViewSet):
    """The address of the button on the profiles."""

    name = "welcome"

    def get_urlpatterns(self) -> list[Any]:
        return [path("<int:pk>/", WelcomeView.as_view(), name="send")]

    def on_register(self) -> None:
        super().on_register()
        open_to_staff(self.url_namespace)
