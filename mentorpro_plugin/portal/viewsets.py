"""Staff's screens on logging in."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from ..access.doors import open_to_staff
from ..access.roles import PARTICIPANTS, Role
from ..people.links import profile_url, roster_url
from ..people.models import Person
from ..shell.doors import DOOR_OF_ROLE, door_url
from .codes import LIFE
from .staff_codes import issue_staff_code, may_issue


class IssueCodeView(WagtailAdminTemplateMixin, TemplateView):
    """Issues a code and shows it, this once: it stands in the answer and nowhere else."""

    http_method_names = ["post"]
    header_icon = "key"
    template_name = "mentorpro_plugin/portal/issue_code.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        people = Person.objects.visible_to(request.user).filter(role__in=PARTICIPANTS)
        self.person = get_object_or_404(people.select_related("organization"), pk=kwargs["pk"])
        if not may_issue(request.user, self.person):
            raise PermissionDenied

    @method_decorator(sensitive_variables("code"))
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            code = issue_staff_code(self.person, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect(profile_url(self.person))
        response = self.render_to_response(self.get_context_data(code=code))
        add_never_cache_headers(response)
        return response

    def get_page_title(self) -> str:
        return _("Log-in code")

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(type(self.person)._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": roster_url(Role(self.person.role)), "label": plural},
            {"url": profile_url(self.person), "label": str(self.person)},
            {"url": "", "label": _("Log-in code")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "person": self.person,
            "minutes": int(LIFE.total_seconds() // 60),
            "door_url": door_url(DOOR_OF_ROLE[self.person.role]),
            "profile_url": profile_url(self.person),
        }


class LoginCodeViewSet(ViewSet):
    """The addresses of staff's screens on logging in."""

    name = "login-codes"

    def get_urlpatterns(self) -> list[Any]:
        return [path("person/<int:pk>/issue/", IssueCodeView.as_view(), name="issue")]

    def on_register(self) -> None:
        super().on_register()
        open_to_staff(self.url_namespace)
