"""What imports hold on a person in tables. Their files are looked through by a sweep of their own."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..holdings import Column, register_holding
from .models import ImportedPerson, RosterImport

register_holding(
    "imported",
    ImportedPerson,
    _("Imports that added or changed them"),
    lambda person: Q(person=person.pk),
    columns={
        "uploaded": Column("roster_import__created_at", _("When the file was uploaded")),
        "line": Column("line", _("Line of the file")),
        "added": Column("is_new", _("Whether it added them")),
    },
)
register_holding(
    "own_imports",
    RosterImport,
    _("Imports of theirs"),
    lambda person: Q(by=person.user_id),
    sets={"by": None},
)
register_holding(
    "undone_imports",
    RosterImport,
    _("Imports that they had undone"),
    lambda person: Q(undone_by=person.user_id),
    sets={"undone_by": None},
)
