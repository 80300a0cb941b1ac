"""Who can be assigned to what, and under whom: what every assignment that is opened is held to."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..people.models import Person
from ..programs.models import Program

#: Whose role the lead of a role has. Roles missing here have no lead.
LEAD_ROLE = {Role.MENTEE: Role.MENTOR, Role.MENTOR: Role.PROGRAM_MANAGER}

#: Code of the refusal to take somebody out of a program in which they lead others.
STILL_LEADS = "still_leads"


def fresh_lead(pk: int | None) -> Person | None:
    """Return the lead with this primary key as they are now."""
    return Person._base_manager.get(pk=pk) if pk is not None else None


def check_visible(person: Person, by: Any) -> None:
    if not by.has_perm(person.permission("view"), person):
        raise PermissionDenied


def check_reach(person: Person, program: Program, by: Any) -> None:
    check_visible(person, by)
    if not by.has_perm(person.permission("assign"), program):
        raise PermissionDenied


def check_fit(person: Person, program: Program, lead: Person | None) -> None:
    """Raise ValidationError unless `person` can be assigned to `program` under `lead`; all as they are now."""
    if person.is_deactivated:
        raise ValidationError(
            _("%(name)s is deactivated, and can't be assigned until reactivated.") % {"name": person}
        )
    if person.role not in (*COORDINATORS, *PARTICIPANTS):
        raise ValidationError(
            _("%(name)s is a %(role)s, and takes part in no program.")
            % {"name": person, "role": person.get_role_display()}
        )
    if program.organization_id != person.organization_id:
        raise ValidationError({"program": _("This program belongs to another organization.")})
    if program.is_archived:
        raise ValidationError({"program": _("“%(program)s” is archived.") % {"program": program}})
    lead_role = LEAD_ROLE.get(Role(person.role))
    if lead_role is None:
        if lead is not None:
            raise ValidationError(
                {"lead": _("A %(role)s has no lead.") % {"role": person.get_role_display()}}
            )
        return
    if lead is None:
        if person.role == Role.MENTEE and program.flash_mentoring:
            return
        raise ValidationError(
            {
                "lead": _("“%(program)s” needs a %(role)s here.")
                % {"program": program, "role": lead_role.label}
            }
        )
    check_lead(lead, lead_role, program)


def check_primary(person: Person, lead: Person | int | None) -> None:
    if lead is None or person.role != Role.MENTEE:
        raise ValidationError(_("Only the mentor of an open assignment can be primary."))


def check_lead(lead: Person, lead_role: Role, program: Program) -> None:
    """Raise ValidationError unless `lead`, as they are now, has the role, is in the program and isn't deactivated."""
    if lead.role != lead_role:
        raise ValidationError(
            {"lead": _("%(name)s is not a %(role)s.") % {"name": lead, "role": lead_role.label}}
        )
    if lead.is_deactivated:
        raise ValidationError({"lead": _("%(name)s is deactivated, and can't be chosen.") % {"name": lead}})
    if program.pk not in lead.open_program_ids:
        raise ValidationError(
            {"lead": _("%(name)s isn't assigned to “%(program)s”.") % {"name": lead, "program": program}}
        )


def still_leading(person: Any, program: Program, led: int) -> ValidationError:
    """Return the refusal to take `person` out of a program in which they lead `led` people."""
    sentence = ngettext(
        "%(name)s still leads %(count)d person in “%(program)s”. Assign that person to somebody else first.",
        "%(name)s still leads %(count)d people in “%(program)s”. Assign them to somebody else first.",
        led,
    )
    return ValidationError(sentence % {"name": person, "count": led, "program": program}, code=STILL_LEADS)
