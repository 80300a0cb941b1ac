"""What an organization's page says of deletions."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from wagtail.admin.ui.components import Component

from ..access.extents import holds
from .models import Deletion


class OrganizationDeletionsPanel(Component):
    """The way to the receipts, for those who may delete people, once there is one."""

    template_name = "mentorpro_plugin/removal/organization_deletions.html"

    def __init__(self, organization: Any, request: Any) -> None:
        self.organization, self.user = organization, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        if not holds(self.user, "delete_mentee"):
            return {"count": 0}
        deletions = Deletion.objects.visible_to(self.user).filter(organization=self.organization)
        url = f"{reverse('deletions:index')}?organization={self.organization.pk}"
        return {"count": deletions.count(), "url": url}
