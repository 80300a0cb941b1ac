"""The permissions guide in the admin, for everybody who works there."""

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from .doors import open_to_staff
from .reach import reach_of


class GuideView(WagtailAdminTemplateMixin, TemplateView):
    """Shows the table and no rows, so there is nothing in it to be kept from anybody."""

    template_name = "mentorpro_plugin/access/guide.html"
    page_title = _("Permissions")
    header_icon = "lock-open"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        role = reach_of(self.request.user).role
        return {**super().get_context_data(**kwargs), "own_role": role}


class GuideViewSet(ViewSet):
    name = "permissions"
    icon = "lock-open"
    menu_label = _("Permissions")
    # Just above Wagtail's Reports.
    menu_order = 8900
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [path("", GuideView.as_view(), name="index")]

    def on_register(self) -> None:
        super().on_register()
        open_to_staff(self.url_namespace)
