"""The question before a deletion."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext


class DeletionForm(forms.Form):
    """Takes YES for an answer, and nothing else."""

    wants_export = forms.BooleanField(
        label=gettext_lazy("Keep an export first"), required=False, initial=True
    )
    answer = forms.CharField(
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].label = _("Type %(yes)s to delete for good") % {"yes": self.yes}
        self.fields["answer"].error_messages["required"] = self._refusal

    @property
    def yes(self) -> str:
        """The word that is asked for, in the reader's language."""
        return pgettext("the word to type before a deletion", "YES")

    @property
    def _refusal(self) -> str:
        return _("Type %(yes)s if the person is to be deleted. Nothing was deleted.") % {"yes": self.yes}

    def clean_answer(self) -> str:
        answer = self.cleaned_data["answer"].strip()
        # The English word too: whoever reads the guide in English may work in another language.
        if answer.casefold() not in {self.yes.casefold(), "yes"}:
            raise ValidationError(self._refusal)
        return answer
