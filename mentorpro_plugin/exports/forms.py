"""Asking for raw data, once or regularly."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from ..access.archive_views import ArchivableChoiceField
from ..access.reach import reach_of
from ..organizations.models import Organization
from .models import ExportSchedule
from .queries import exportable_by

_WITH_FILES_HELP = _("Without them the export is smaller; it still says which files there are.")
_ORGANIZATION_HELP = _("A parent organization is exported with all its children.")


class RawExportForm(forms.Form):
    """Whose raw data, and with what."""

    organization = ArchivableChoiceField(
        label=_("Organization"), queryset=Organization.objects.none(), help_text=_ORGANIZATION_HELP
    )
    with_files = forms.BooleanField(
        label=_("With the files that were sent in messages"),
        required=False,
        initial=True,
        help_text=_WITH_FILES_HELP,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = exportable_by(user)
        self.initial.setdefault("organization", reach_of(user).organization)


class ScheduleForm(WagtailAdminModelForm):
    """How often, on top of that."""

    class Meta:
        model = ExportSchedule
        fields = ["organization", "every", "with_files"]
        field_classes = {"organization": ArchivableChoiceField}
        help_texts = {"organization": _ORGANIZATION_HELP, "with_files": _WITH_FILES_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["organization"]
            return
        self.fields["organization"].queryset = exportable_by(self.for_user)
        self.initial["organization"] = (
            self.initial.get("organization") or reach_of(self.for_user).organization
        )
