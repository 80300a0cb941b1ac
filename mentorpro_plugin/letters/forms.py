"""The form in which a Super Admin rewrites an e-mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..outbox.actions import one_line
from .actions import check_text
from .kinds import LetterKind
from .models import Letter


class LetterForm(forms.Form):
    """Subject and text of one kind of e-mail, checked as the action checks them."""

    subject = forms.CharField(label=_("Subject"), max_length=Letter._meta.get_field("subject").max_length)
    body = forms.CharField(
        label=_("Text"),
        max_length=Letter._meta.get_field("body").max_length,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_(
            "An empty line begins a new paragraph. A line that begins with “- ” or “1. ” becomes part of a list. An"
            " address on a line of its own becomes a button. A line is left out where all its placeholders are empty."
        ),
    )

    def __init__(self, *args: Any, kind: LetterKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for field in self.fields.values():
            # Whatever language the text is in.
            field.widget.attrs["dir"] = "auto"

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return self.cleaned_data["body"].replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            check_text(self.kind, subject=cleaned["subject"], body=cleaned["body"])
        return cleaned
