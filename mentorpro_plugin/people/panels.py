"""What an organization's page and the admin's home show of people."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component

from ..access.in_the_way import Obstacle
from ..access.reach import reach_of
from ..access.roles import ACCOUNTS, COORDINATORS, PARTICIPANTS, PROGRAM_STAFF, Role
from ..access.table import Span, span_of
from ..outbox.models import OutboxMessage
from ..outbox.queries import failed_count
from .links import NAMESPACES, roster_url
from .models import Person

ROLE_PLURALS = {
    Role.MENTOR: _("Mentors"),
    Role.MENTEE: _("Mentees"),
    Role.PROGRAM_MANAGER: _("Program Managers"),
    Role.SUCCESS_COORDINATOR: _("Success Coordinators"),
}


def people_in_use(organization: Any, user: Any) -> Iterator[Obstacle]:
    """Whom `user` would have to deactivate before `organization` is archived, role by role."""
    people = Person.objects.visible_to(user).filter(organization=organization).selectable()
    counts = dict(people.order_by().values_list("role").annotate(Count("pk")))
    for role, label in ROLE_PLURALS.items():
        if count := counts.get(role):
            yield Obstacle(label, count, roster_url(role, organization=organization.pk))
    if accounts := sum(counts.get(role, 0) for role in ACCOUNTS):
        url = roster_url(Role.PARENT, organization=organization.pk)
        yield Obstacle(_("Organization accounts"), accounts, url)


class OrganizationPeoplePanel(Component):
    """The way into an organization's own people, role by role."""

    template_name = "mentorpro_plugin/people/organization_people.html"

    def __init__(self, organization: Any, request: Any) -> None:
        self.organization, self.user = organization, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        people = Person.objects.visible_to(self.user).filter(organization=self.organization)
        counts = dict(people.order_by().values_list("role").annotate(Count("pk")))
        rows = [
            {
                "label": label,
                "count": counts.get(role, 0),
                "url": roster_url(role, organization=self.organization.pk),
                "button_url": self._add_url(role),
            }
            for role, label in ROLE_PLURALS.items()
        ]
        if self.user.has_perm("mentorpro_plugin.view_organizationaccount", self._any_account()):
            rows.append(
                {
                    "label": _("Organization accounts"),
                    "count": sum(counts.get(role, 0) for role in ACCOUNTS),
                    "url": roster_url(Role.PARENT, organization=self.organization.pk),
                    "button_url": self._add_url(Role.PARENT),
                }
            )
        return {"rows": rows}

    def _any_account(self) -> Person:
        return Person(role=Role.CHILD, organization=self.organization)

    def _add_url(self, role: Role) -> str:
        if not self.user.has_perm(Person(role=role).permission("add"), self.organization):
            return ""
        return f"{reverse(f'{NAMESPACES[role]}:add')}?organization={self.organization.pk}"


class HomePanel(Component):
    """What waits on the admin's home page: how many people there are, and who is unassigned."""

    order = 50
    template_name = "mentorpro_plugin/people/home.html"

    def __init__(self, request: Any) -> None:
        self.user = request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        reach = reach_of(self.user)
        if reach.role not in PROGRAM_STAFF:
            # Counting everybody would slow a Super Admin's every visit.
            return {"rows": []}
        counts = {
            row["role"]: row
            for row in Person.objects.visible_to(self.user)
            .order_by()
            .values("role")
            .annotate(count=Count("pk"), unassigned=Count("pk", filter=Q(is_assigned=False)))
        }
        rows = []
        for role in (*PARTICIPANTS, *COORDINATORS):
            codename = Person(role=role).permission("view").split(".")[1]
            if span_of(reach, codename) == Span.NONE:
                continue
            row = counts.get(role, {"count": 0, "unassigned": 0})
            rows.append(
                {
                    "label": ROLE_PLURALS[role],
                    "count": row["count"],
                    "url": roster_url(role),
                    "unassigned": row["unassigned"],
                    "unassigned_url": reverse(f"{NAMESPACES[role]}:unassigned"),
                }
            )
        # A Program Manager or Success Coordinator sees next to nobody until they have a program: say why.
        return {
            "rows": rows,
            "lacks_program": reach.role in COORDINATORS and not reach.programs,
            "failed": failed_count(self.user),
            "failed_url": f"{reverse('outbox:index')}?state={OutboxMessage.State.FAILED}",
        }
