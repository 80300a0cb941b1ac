"""What assignments hold on a person."""

from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from ..holdings import Column, full_name, register_holding
from .models import Assignment

register_holding(
    "assignments",
    Assignment,
    _("Assignments, ended ones too"),
    lambda person: Q(person=person.pk),
    columns={
        "program": Column("program__name", _("Program")),
        "lead": Column(full_name("lead"), _("Mentor of a mentee, Program Manager of a mentor")),
        "primary": Column("is_primary", _("Whether this was a Primary Mentor")),
        "from": Column("started_at", _("When it began")),
        "to": Column("ended_at", _("When it ended")),
    },
)
register_holding(
    "led_assignments",
    Assignment,
    _("Assignments of others that name them as lead"),
    lambda person: Q(lead=person.pk),
    columns={
        "person": Column(full_name("person"), _("Whom they led")),
        "program": Column("program__name", _("Program")),
        "from": Column("started_at", _("When it began")),
        "to": Column("ended_at", _("When it ended")),
    },
    # One that was opened in the very moment of the deletion ends with it.
    sets={"lead": None, "is_primary": False, "ended_at": Coalesce("ended_at", Now())},
)
register_holding(
    "begun_assignments",
    Assignment,
    _("Assignments of others that they made"),
    lambda person: Q(started_by=person.user_id),
    sets={"started_by": None},
)
register_holding(
    "closed_assignments",
    Assignment,
    _("Assignments of others that they ended"),
    lambda person: Q(ended_by=person.user_id),
    sets={"ended_by": None},
)
