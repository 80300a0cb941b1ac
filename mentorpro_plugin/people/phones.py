"""Telephone numbers as people write them."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber


def read_phone(text: str, *, region: str) -> PhoneNumber:
    """Return the number that `text` means: international, or in the usual notations of `region` (such as US).

    Raises ValidationError, a sentence that quotes the text, for anything else.
    """
    try:
        number = PhoneNumber.from_string(text.strip(), region=region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not number.is_valid():
        raise ValidationError(_("“%(text)s” is not a telephone number.") % {"text": text.strip()})
    return number
