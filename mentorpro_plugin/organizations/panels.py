"""Panels of an organization's page. Other domains register theirs, so that organizations needn't know of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from wagtail.admin.ui.components import Component

from ..access.in_the_way import Obstacle
from .models import Organization

_panels: list[type[Component]] = []


def register_organization_panel(panel: type[Component]) -> None:
    """Show `panel(organization, request)` on every organization's page, in the order of registration."""
    _panels.append(panel)


def organization_panels(organization: Any, request: Any) -> list[Component]:
    """Return the panels for `organization`, as this request's user may see them."""
    return [panel(organization, request) for panel in _panels]


def children_in_use(organization: Any, user: Any) -> Iterator[Obstacle]:
    """Which child organizations `user` would have to archive before their parent is, one by one: no list is filtered so."""
    children = Organization.objects.visible_to(user).filter(parent=organization, archived_at=None)
    for child in children:
        yield Obstacle(str(child), None, reverse("organizations:profile", args=[child.pk]))


class ChildrenPanel(Component):
    """The child organizations of a parent."""

    template_name = "mentorpro_plugin/organizations/children.html"

    def __init__(self, organization: Organization, request: Any) -> None:
        self.organization, self.user = organization, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        children = Organization.objects.visible_to(self.user).filter(parent=self.organization)
        return {"children": children if self.organization.is_parent else Organization.objects.none()}
