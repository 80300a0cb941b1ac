"""What exports of raw data hold on a person: who asked for them."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..holdings import register_holding
from .models import ExportSchedule, RawExport

register_holding(
    "own_raw_exports",
    RawExport,
    _("Exports of raw data that they asked for"),
    lambda person: Q(by=person.user_id),
    sets={"by": None},
)
register_holding(
    "own_export_schedules",
    ExportSchedule,
    _("Regular exports that they set up"),
    lambda person: Q(by=person.user_id),
    sets={"by": None},
)
