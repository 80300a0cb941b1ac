"""Telephone numbers as people write them."""

import re
from functools import cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from ..organizations.models import without_extension

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Digits as they are usually grouped, and nothing besides that could mean something.
_USUAL = re.compile(r"\+?[0-9 ().-]+", re.ASCII)
_NO_DIGITS = re.compile(r"[^0-9]+")
_LONGEST_USUAL = 40
_LONGEST_CALLING_CODE = 3
#: Kinds of numbers by the names of their descriptions, the most frequent first.
_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)


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
    if number.extension:
        raise ValidationError(without_extension(number.extension))
    return number


def read_phone_as_e164(text: str, *, region: str) -> str:
    """Return what `read_phone` does, as E.164, and raise as it does.

    Some twelve times as fast for usual notations of usual numbers: rosters have a hundred thousand.
    """
    return _usual_number(text, region) or read_phone(text, region=region).as_e164


def number_from_e164(e164: str) -> PhoneNumber:
    """Return the number that some valid one's `as_e164` was, without reading it anew."""
    calling_code, national = split_e164(e164)
    number = PhoneNumber(country_code=int(calling_code), national_number=int(national))
    if national.startswith("0") and len(national) > 1:
        number.italian_leading_zero = True
        zeros = len(national) - len(national[:-1].lstrip("0")) - 1
        if zeros != 1:
            number.number_of_leading_zeros = zeros
    return number


def split_e164(e164: str) -> tuple[str, str]:
    """Return calling code and national part of a number in E.164. Raises ValueError for one without a calling code."""
    for length in range(2, _LONGEST_CALLING_CODE + 2):
        # No calling code begins another.
        if e164[1:length].isdigit() and int(e164[1:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return e164[1:length], e164[length:]
    raise ValueError(e164)


def read_possible_phone(text: str, *, region: str) -> str:
    """Return the number that `text` means, in E.164, valid or not: whatever could be some country's number.

    For whoever must not learn which numbers there are. Raises ValidationError for the rest; that depends on the text
    and the region alone.
    """
    try:
        number = PhoneNumber.from_string(text.strip(), region=region)
    except phonenumbers.NumberParseException:
        number = None
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if (
        number is None
        or phonenumbers.is_possible_number_with_reason(number) != possible
        or not _E164.fullmatch(number.as_e164)
    ):
        raise ValidationError(_("“%(text)s” is not a telephone number.") % {"text": text.strip()})
    return number.as_e164


def _usual_number(text: str, region: str) -> str | None:
    """Return the number that `text` means, in E.164, if that can be told at a glance; else None.

    Says nothing that the library wouldn't, from the same metadata: whatever it might take for a prefix of any kind,
    or look for among several regions with one calling code, is left to it.
    """
    text = text.strip()
    if len(text) > _LONGEST_USUAL or not _USUAL.fullmatch(text):
        return None
    digits = _NO_DIGITS.sub("", text)
    if text[0] == "+":
        try:
            calling_code, national = split_e164(f"+{digits}")
        except ValueError:
            return None
        numbering = _numbering_of(int(calling_code))
        return f"+{digits}" if numbering and numbering.has(national) else None
    numbering = _numbering_of(phonenumbers.country_code_for_region(region))
    if numbering is None or numbering.region != region or numbering.begins_abroad(digits):
        return None
    if numbering.has(digits):
        return f"+{numbering.calling_code}{digits}"
    national = digits.removeprefix(numbering.calling_code)
    if national != digits and not numbering.could_be(digits) and numbering.has(national):
        return f"+{digits}"
    return None


@cache
def _numbering_of(calling_code: int) -> "_Numbering | None":
    """Return how numbers are formed in the main region of a calling code; None where that isn't told by them alone."""
    region = phonenumbers.region_code_for_country_code(calling_code)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    return None if metadata is None or metadata.leading_digits else _Numbering(region, metadata)


class _Numbering:
    """The numbers of a region, by the library's metadata."""

    def __init__(self, region: str, metadata: phonenumbers.PhoneMetadata) -> None:
        self.region = region
        self.calling_code = str(metadata.country_code)
        self._abroad = re.compile(metadata.international_prefix or "(?!)")
        self._prefix = re.compile(metadata.national_prefix_for_parsing or "(?!)")
        self._general = _pattern(metadata.general_desc)
        kinds = (getattr(metadata, kind) for kind in _KINDS)
        self._kinds = [_pattern(kind) for kind in kinds if kind and kind.national_number_pattern]

    def begins_abroad(self, digits: str) -> bool:
        """Whether `digits` begin as numbers of other countries are dialled."""
        return self._abroad.match(digits) is not None

    def could_be(self, digits: str) -> bool:
        return _fits(digits, self._general)

    def has(self, digits: str) -> bool:
        """Whether `digits` are a number of some kind, and nothing of them could be a prefix."""
        return (
            not digits.startswith("0")
            and _fits(digits, self._general)
            and any(_fits(digits, kind) for kind in self._kinds)
            and not self._prefix.match(digits)
        )


def _pattern(kind: phonenumbers.PhoneNumberDesc) -> tuple[frozenset[int], re.Pattern]:
    """Return how long numbers of a kind are, any length if that doesn't say, and their pattern."""
    return frozenset(kind.possible_length), re.compile(kind.national_number_pattern)


def _fits(digits: str, pattern: tuple[frozenset[int], re.Pattern]) -> bool:
    lengths, expression = pattern
    return (not lengths or len(digits) in lengths) and expression.fullmatch(digits) is not None
