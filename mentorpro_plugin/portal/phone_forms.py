"""Forms for a new telephone number of one's own."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumbers import number_type

from ..outbox.budgets import MOBILE
from ..people.models import Person
from ..people.phones import read_phone
from .codes import DIGITS
from .forms import read_code
from .regions import region_choices


class NewPhoneForm(forms.Form):
    """The new number, in any usual notation of its country. `phone` is the number once the form is valid."""

    region = forms.ChoiceField(label=gettext_lazy("Country"), choices=region_choices)
    number = forms.CharField(
        label=gettext_lazy("New phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("A number that receives text messages."),
    )

    phone: Any

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, initial={"region": person.organization.region}, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "number" in cleaned and "region" in cleaned:
            try:
                self.phone = self._read(cleaned["number"], cleaned["region"])
            except ValidationError as refusal:
                self.add_error("number", refusal)
        return cleaned

    def _read(self, text: str, region: str) -> Any:
        phone = read_phone(text, region=region)
        if phone == self.person.phone:
            raise ValidationError(_("This is your number already."))
        if number_type(phone) not in MOBILE:
            raise ValidationError(_("This number can't receive text messages."))
        return phone


class BothCodesForm(forms.Form):
    """The codes that are still to be given: `right` names those that were."""

    old = forms.CharField(label=gettext_lazy("Code sent to your old number"), max_length=40)
    new = forms.CharField(label=gettext_lazy("Code sent to your new number"), max_length=40)

    def __init__(self, *args: Any, right: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in right:
            del self.fields[name]
        for field in self.fields.values():
            field.widget.attrs |= {
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "data-digits": DIGITS,
            }

    def clean_old(self) -> str:
        return read_code(self.cleaned_data["old"])

    def clean_new(self) -> str:
        return read_code(self.cleaned_data["new"])
