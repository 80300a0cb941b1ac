"""What an organization's page says of its raw data."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from wagtail.admin.ui.components import Component

from .models import RawExport


class OrganizationExportsPanel(Component):
    """The way to the exports of an organization's raw data, and to another one, for those who may."""

    template_name = "mentorpro_plugin/exports/organization_exports.html"

    def __init__(self, organization: Any, request: Any) -> None:
        self.organization, self.user = organization, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        if not self.user.has_perm("mentorpro_plugin.export_raw_data", self.organization):
            return {"may_export": False}
        exports = RawExport.objects.visible_to(self.user).filter(organization=self.organization)
        query = f"?organization={self.organization.pk}"
        return {
            "may_export": True,
            "count": exports.count(),
            "url": reverse("exports:index") + query,
            "add_url": reverse("exports:add") + query,
        }
