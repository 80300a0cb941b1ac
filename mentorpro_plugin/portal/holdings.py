"""What the front doors hold on a person, and of it in the raw data of an organization."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..exports.tables import Column as RawColumn
from ..exports.tables import key, moment, register_table
from ..holdings import Column, register_holding
from .codes import hash_of_contact
from .models import Consent, LoginCode


def _codes(person: Any) -> Q:
    own = Q(person=person.pk)
    # Asked for before the number was on the roster, or after it was taken off.
    contacts = [person.phone.as_e164] if person.phone else []
    return own | Q(person=None, contact_hash__in=[hash_of_contact(contact) for contact in contacts])


register_holding(
    "consents",
    Consent,
    _("Agreements to the terms"),
    lambda person: Q(person=person.pk),
    columns={
        "version": Column("version", _("Version of the terms")),
        "given": Column("given_at", _("When they agreed")),
    },
)
register_holding("login_codes", LoginCode, _("Log-in codes"), _codes)
register_holding(
    "issued_codes",
    LoginCode,
    _("Log-in codes that they issued to others"),
    lambda person: Q(issued_by=person.user_id),
    sets={"issued_by": None},
)
register_holding(
    "devices",
    UserSession,
    _("Devices they were logged in on"),
    lambda person: Q(user=person.user_id),
    columns={
        "device": Column("user_agent", _("Browser and system")),
        "since": Column("created_at", _("When they logged in")),
        "last_seen": Column("last_seen_at", _("When it was last used, to the hour")),
    },
)
register_table(
    "consents",
    Consent,
    _("Agreements to the terms"),
    lambda bounds: Q(person__organization__in=bounds.organizations),
    columns={
        "number": key("pk", _("Number of the agreement")),
        "person": key("person_id", _("Number of the person"), "people"),
        "version": RawColumn("version", _("Version of the terms")),
        "given": moment("given_at", _("When they agreed")),
    },
)
