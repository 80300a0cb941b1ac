"""What is asked for at a front door: a number, then a code."""

import re
import unicodedata
from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from ..conf import setting
from ..people.phones import read_possible_phone
from .codes import DIGITS
from .regions import region_choices


class NumberForm(forms.Form):
    """The telephone number, in any usual notation. `e164` is the number once the form is valid."""

    region = forms.ChoiceField(label=_("Country"), choices=region_choices)
    number = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        help_text=_("The number that your program knows. We send a code to it."),
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel", "autofocus": True}
        ),
    )
    stay = forms.BooleanField(
        label=_("Stay logged in on this device for 30 days"),
        required=False,
        help_text=_("Only on a device of your own."),
    )
    # Whatever it holds: nobody can mend a field that isn't shown. `next_path` has the say.
    next = forms.Field(required=False, widget=forms.HiddenInput)

    e164: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].initial = setting("DEFAULT_REGION")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "number" in cleaned and "region" in cleaned:
            try:
                self.e164 = read_possible_phone(cleaned["number"], region=cleaned["region"])
            except forms.ValidationError as error:
                self.add_error("number", error)
        return cleaned


class CodeForm(forms.Form):
    """The code, as it was read, heard or pasted: in any script's digits, with spaces or dashes between them."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "data-digits": DIGITS,
            }
        ),
    )

    def clean_code(self) -> str:
        return read_code(self.cleaned_data["code"])


def read_code(text: str) -> str:
    """Return the digits of a code as people give it. Raises ValidationError for what is none."""
    code = "".join(_digit(character) for character in text)
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", code):
        raise forms.ValidationError(
            _("The code has %(digits)d digits and nothing else."), params={"digits": DIGITS}
        )
    return code


def _digit(character: str) -> str:
    """Return the digit that `character` stands for, nothing for what separates digits, and the rest as it is."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return "" if unicodedata.category(character) in {"Zs", "Pd", "Cf", "Cc"} else character


def shown_number(e164: str) -> str:
    """Return a number as people write it internationally: +1 212-555-0142."""
    return phonenumbers.format_number(
        PhoneNumber.from_string(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
