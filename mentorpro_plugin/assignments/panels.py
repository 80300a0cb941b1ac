"""What profiles and program pages show of assignments."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from ..access.in_the_way import Obstacle
from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..activity.names import name_of
from ..people.links import profile_url, roster_url
from ..people.models import Person
from ..people.panels import ROLE_PLURALS
from ..programs.models import Program
from .fitting import LEAD_ROLE
from .models import Assignment

#: How many rows a panel shows; the roster, filtered, shows all.
MOST_SHOWN = 50


class AssignedProgramsPanel(Component):
    """Assigned Programs of a profile: open rows with what can be done to them, ended ones below."""

    template_name = "mentorpro_plugin/assignments/assigned_programs.html"

    def __init__(self, person: Person, request: Any) -> None:
        self.person, self.user = person, request.user

    @property
    def is_shown(self) -> bool:
        return self.person.role in (*COORDINATORS, *PARTICIPANTS)

    def rows(self) -> list[Assignment]:
        """Assignments in programs that the viewer may see, each with what the viewer may do to it."""
        rows = list(
            Assignment.objects.filter(person=self.person, program__in=Program.objects.visible_to(self.user))
            .select_related("program", "lead", "started_by__mentorpro_person", "ended_by__mentorpro_person")
            .order_by("-is_primary", "program__name", "-started_at")
        )
        for row in rows:
            row.may_assign = self.user.has_perm(self.person.permission("assign"), row.program)
            row.may_set_primary = (
                row.is_open
                and row.lead is not None
                and self.person.role == Role.MENTEE
                and self.user.has_perm("mentorpro_plugin.set_primary_mentor", row.program)
            )
            row.lead_url = profile_url(row.lead) if row.lead else ""
            row.started_by_name = name_of(row.started_by, self.user)
            row.ended_by_name = name_of(row.ended_by, self.user)
        return rows

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        rows = self.rows() if self.is_shown else []
        lead_role = LEAD_ROLE.get(Role(self.person.role))
        may_assign = self.user.has_perm(self.person.permission("assign")) and not self.person.is_deactivated
        return {
            "panel": self,
            "person": self.person,
            "open": [row for row in rows if row.is_open],
            "ended": [row for row in rows if not row.is_open],
            "lead_label": lead_role.label if lead_role else "",
            "shows_primary": self.person.role == Role.MENTEE,
            "assign_url": reverse("assignments:assign", args=[self.person.pk]) if may_assign else "",
            "csrf_token": parent_context.get("csrf_token", ""),
        }


class LedPeoplePanel(Component):
    """Whom somebody leads: a mentor's mentees, a Program Manager's mentors."""

    template_name = "mentorpro_plugin/assignments/led_people.html"

    def __init__(self, person: Person, request: Any) -> None:
        self.person, self.user = person, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        is_shown = self.person.role in LEAD_ROLE.values()
        led = self._led() if is_shown else Assignment.objects.none()
        rows = list(led[: MOST_SHOWN + 1])
        for row in rows:
            row.person_url = profile_url(row.person)
        return {
            "is_shown": is_shown,
            "heading": _("Mentees") if self.person.role == Role.MENTOR else _("Mentors"),
            "rows": rows[:MOST_SHOWN],
            "has_more": len(rows) > MOST_SHOWN,
            "person": self.person,
            "reassign_url": reverse("assignments:reassign", args=[self.person.pk])
            if any(self.user.has_perm(row.person.permission("assign"), row.program) for row in rows)
            else "",
        }

    def _led(self) -> QuerySet[Assignment]:
        return (
            Assignment.objects.open()
            .filter(
                lead=self.person,
                program__in=Program.objects.visible_to(self.user),
                person__in=Person.objects.visible_to(self.user),
            )
            .select_related("person", "program")
            .order_by("person__last_name", "person__first_name", "pk")
        )


def people_assigned(program: Program, user: Any) -> Iterator[Obstacle]:
    """Whom `user` would have to remove from `program` before it is archived, role by role."""
    counts = _assigned_by_role(program, user)
    for role in (*COORDINATORS, *PARTICIPANTS):
        if count := counts.get(role):
            yield Obstacle(ROLE_PLURALS[role], count, roster_url(role, program=program.pk))


def _assigned_by_role(program: Program, user: Any) -> dict[str, int]:
    """How many people `user` sees in `program`, by role."""
    visible = Person.objects.visible_to(user)
    in_program = Assignment.objects.open().filter(program=program, person__in=visible)
    by_role = in_program.order_by().values_list("person__role")
    return dict(by_role.annotate(count=Count("person", distinct=True)))


class ProgramPeoplePanel(Component):
    """Who is in a program: a row for each role, with the count, the way to the roster, and ASSIGN."""

    template_name = "mentorpro_plugin/assignments/program_people.html"

    def __init__(self, program: Program, request: Any) -> None:
        self.program, self.user = program, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        counts = _assigned_by_role(self.program, self.user)
        rows = []
        for role in (*COORDINATORS, *PARTICIPANTS):
            permission = Person(role=role).permission("assign")
            may_assign = self.user.has_perm(permission, self.program) and not self.program.is_archived
            rows.append(
                {
                    "label": ROLE_PLURALS[role],
                    "count": counts.get(role, 0),
                    "url": roster_url(role, program=self.program.pk),
                    "button_url": reverse("assignments:assign_in_program", args=[self.program.pk, role.value])
                    if may_assign
                    else "",
                }
            )
        return {"rows": rows}
