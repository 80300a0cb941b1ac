"""Who can be assigned to what, and by whom be led: the choices of the forms."""

from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from ..access.roles import Role
from ..people.models import Mentor, Person, ProgramManager, codename_of, open_assignments
from ..programs.models import Program
from .actions import LEAD_ROLE

_LEAD_MODEL = {Role.MENTOR: Mentor, Role.PROGRAM_MANAGER: ProgramManager}


def programs_for(role: Role, user: Any, *, organization: int) -> QuerySet[Program]:
    """Programs of the organization to which `user` may assign people of `role`."""
    return Program.objects.permitted(user, f"assign_{codename_of(role)}").filter(organization=organization)


def leads_for(role: Role, user: Any, program: Program) -> QuerySet[Person]:
    """People who can lead somebody of `role` in `program`: of the right role, in the program, not deactivated."""
    model = _LEAD_MODEL[LEAD_ROLE[role]]
    in_program = open_assignments(person=OuterRef("pk"), program=program)
    return model.objects.visible_to(user).selectable().filter(Exists(in_program))


def candidates_for(role: Role, user: Any, program: Program) -> QuerySet[Person]:
    """People of `role` whom `user` may assign to `program`: of its organization, not deactivated, not in it yet."""
    model = apps.get_model("mentorpro_plugin", codename_of(role))
    in_program = open_assignments(person=OuterRef("pk"), program=program)
    people = model.objects.visible_to(user).selectable().filter(organization=program.organization_id)
    return people.exclude(Exists(in_program)).order_by("is_assigned", "last_name", "first_name", "pk")
