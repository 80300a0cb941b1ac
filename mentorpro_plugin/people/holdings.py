"""What is held on a person in their own row, and in the user that they log in as."""

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..holdings import Column, register_holding
from .models import Person, ReachBudget

register_holding(
    "person",
    Person,
    _("Profile"),
    lambda person: Q(pk=person.pk),
    columns={
        "number": Column("pk", _("Number by which the history goes on knowing this person")),
        "role": Column("role", _("Role")),
        "organization": Column("organization__name", _("Organization")),
        "first_name": Column("first_name", _("First name")),
        "last_name": Column("last_name", _("Last name")),
        "id": Column("id_number", _("ID that the organization gave")),
        "phone": Column("phone", _("Phone number")),
        "email": Column("email", _("E-mail address")),
        "language": Column("language", _("Language they read")),
        "about": Column("about", _("What they wrote about themselves")),
        "told_by": Column("notice", _("How they wanted to be told of messages")),
        "added": Column("added_at", _("When they were added")),
        "first_log_in": Column("first_login_at", _("When they logged in for the first time")),
        "last_activity": Column("last_activity_at", _("When they last did something")),
        "last_activity_kind": Column("last_activity_kind", _("What that was")),
    },
    is_core=True,
)
register_holding(
    "account",
    get_user_model(),
    _("Account to log in with"),
    lambda person: Q(pk=person.user_id),
    columns={"last_log_in": Column("last_login", _("When they last logged in"))},
    is_core=True,
)
register_holding(
    "reach_budget",
    ReachBudget,
    _("Counts of people beyond their reach whom they came upon"),
    lambda person: Q(user=person.user_id),
)
