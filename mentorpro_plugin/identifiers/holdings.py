"""What identifiers hold on a person."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..holdings import Column, register_holding
from .models import GivenIdentifier

register_holding(
    "identifiers",
    GivenIdentifier,
    _("Identifiers given"),
    lambda person: Q(person=person.pk),
    columns={
        "identifier": Column("identifier__name", _("Identifier")),
        "value": Column("value__name", _("Value")),
    },
)
