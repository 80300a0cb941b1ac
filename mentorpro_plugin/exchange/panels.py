"""What rosters and the page of an organization show of imports."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from ..access.extents import holds
from ..access.roles import PARTICIPANTS
from ..people.profile import RosterLink
from .models import RosterImport


def import_link(role: Any, request: Any) -> RosterLink | None:
    """Import, above the rosters of mentors and mentees, for those who may."""
    if role not in PARTICIPANTS or not holds(request.user, "import_roster"):
        return None
    return RosterLink(_("Import"), _upload_url(request.GET.get("organization", "")), "upload")


class OrganizationImportsPanel(Component):
    """The way to the imports into an organization, and to another one, for those who may."""

    template_name = "mentorpro_plugin/exchange/organization_imports.html"

    def __init__(self, organization: Any, request: Any) -> None:
        self.organization, self.user = organization, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        if not self.user.has_perm("mentorpro_plugin.import_roster", self.organization):
            return {"may_import": False}
        imports = RosterImport.objects.visible_to(self.user).filter(organization=self.organization)
        return {
            "may_import": True,
            "count": imports.count(),
            "url": f"{reverse('imports:index')}?organization={self.organization.pk}",
            "add_url": "" if self.organization.is_archived else _upload_url(str(self.organization.pk)),
        }


def _upload_url(organization: str) -> str:
    url = reverse("imports:add")
    return f"{url}?organization={organization}" if organization.isdecimal() else url
