"""Who can be assigned to what, and by whom be led: the choices of the forms."""

from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from ..access.roles import Role
from ..people.models import Mentor, Person, ProgramManager, codename_of, open_assignments
from ..programs.models import Program
from .fitting import LEAD_ROLE
from .models import Assignment
from .reassigning import LED_ROLE

_LEAD_MODEL = {Role.MENTOR: Mentor, Role.PROGRAM_MANAGER: ProgramManager}


def programs_for(role: Role, user: Any, *, organization: int) -> QuerySet[Program]:
    """Programs of the organization to which `user` may assign people of `role`."""
    programs = Program.objects.permitted(user, f"assign_{codename_of(role)}")
    return programs.filter(organization=organization, archived_at=None)


def leads_for(role: Role, user: Any, program: Program) -> QuerySet[Person]:
    """People who can lead somebody of `role` in `program`: of the right role, in the program, not deactivated."""
    model = _LEAD_MODEL[LEAD_ROLE[role]]
    in_program = open_assignments(person=OuterRef("pk"), program=program)
    return model.objects.visible_to(user).selectable().filter(Exists(in_program))


def led_assignments(lead: Person, user: Any) -> QuerySet[Assignment]:
    """Open assignments under `lead` that `user` may end and begin."""
    codename = f"assign_{codename_of(LED_ROLE[Role(lead.role)])}"
    return Assignment.objects.open().filter(
        lead=lead,
        program__in=Program.objects.permitted(user, codename),
        person__in=Person.objects.visible_to(user),
    )


def successors_of(lead: Person, user: Any, programs: QuerySet[Program]) -> QuerySet[Person]:
    """People who can lead in at least one of `programs` instead of `lead`."""
    in_programs = open_assignments(person=OuterRef("pk"), program__in=programs)
    people = _LEAD_MODEL[Role(lead.role)].objects.visible_to(user).selectable().exclude(pk=lead.pk)
    return people.filter(Exists(in_programs)).order_by("last_name", "first_name", "pk")


def candidates_for(role: Role, user: Any, program: Program) -> QuerySet[Person]:
    """People of `role` whom `user` may assign to `program`: of its organization, not deactivated, not in it yet."""
    model = apps.get_model("mentorpro_plugin", codename_of(role))
    in_program = open_assignments(person=OuterRef("pk"), program=program)
    people = model.objects.visible_to(user).selectable().filter(organization=program.organization_id)
    return people.exclude(Exists(in_program)).order_by("is_assigned", "last_name", "first_name", "pk")
