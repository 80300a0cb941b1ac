"""The form for writing to many people."""

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..text import clean_lines, is_blank
from .actions import MAX_LENGTH
from .to_many import PLACEHOLDER

EMAIL, MESSAGE = "email", "message"
_IN_BRACES = re.compile(r"\{[^{}\n]{0,40}\}")


class WriteToManyForm(forms.Form):
    """What to write, and how it gets there."""

    channel = forms.ChoiceField(label=_("Write"), widget=forms.RadioSelect)
    subject = forms.CharField(label=_("Subject"), max_length=150, required=False)
    text = forms.CharField(
        label=_("Text"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("“{first_name}” becomes the first name of each person."),
    )
    # Made with the page, so that the same page sent again writes nothing twice.
    batch = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, channels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {EMAIL: _("an e-mail"), MESSAGE: _("a message in MentorPRO")}
        self.fields["channel"].choices = [(channel, labels[channel]) for channel in channels]
        self.fields["channel"].initial = channels[0]
        self.fields["batch"].initial = uuid4
        if len(channels) == 1:
            self.fields["channel"].widget = forms.HiddenInput()
        if EMAIL in channels:
            self.fields["subject"].help_text = _(
                "For an e-mail. Answers to it go to the address of the site: say in the text how you are reached."
            )
        else:
            del self.fields["subject"]

    def clean_subject(self) -> str:
        return self._checked(" ".join(self.cleaned_data["subject"].split()))

    def clean_text(self) -> str:
        text = self._checked(clean_lines(self.cleaned_data["text"]))
        if is_blank(text):
            raise ValidationError(_("Write something."))
        return text

    def _checked(self, text: str) -> str:
        for found in _IN_BRACES.findall(text):
            if found != PLACEHOLDER:
                raise ValidationError(
                    _("Nothing is known to put in place of “%(found)s”. There is “%(known)s” only."),
                    params={"found": found, "known": PLACEHOLDER},
                )
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("channel") == EMAIL and "subject" in cleaned and is_blank(cleaned["subject"]):
            self.add_error("subject", _("An e-mail needs a subject."))
        return cleaned
