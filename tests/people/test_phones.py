"""Telephone numbers are read fast where they are usual, and mean what the library says."""

import random

import phonenumbers
import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.people.phones import (
    _usual_number,
    number_from_e164,
    read_phone,
    read_phone_as_e164,
    split_e164,
)

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
#: Fixed lines, mobiles, and numbers for which the caller pays.
KINDS = (0, 1, 3)


def all_examples(first=""):
    """A number of each kind, with its region: of all whose codes begin so."""
    for region in REGIONS:
        numbers = (phonenumbers.example_number_for_type(region, kind) for kind in KINDS)
        yield from ((region, number) for number in numbers if number and region.startswith(first))


def notations(number, chance):
    """The number as people write it, and others a digit or a prefix away."""
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    yield from (phonenumbers.format_number(number, form) for form in range(4))
    for digits in (national, chance(national), f"{national}1"):
        yield from (digits, f"+{code}{digits}", f"{code}{digits}", f"({digits[:3]}) {digits[3:]}")
        yield from (
            f"0{digits}",
            f"1 {digits}",
            f"00{code}{digits}",
            f"011-{code}-{digits}",
            f"+{code}0{digits}",
        )


def answer(read, text, region):
    try:
        return read(text, region=region)
    except ValidationError as refusal:
        return refusal.messages


@pytest.mark.parametrize("first", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
def test_whatever_is_read_at_a_glance_is_what_the_library_reads(first):
    dice = random.Random(first)

    def chance(digits):
        place = dice.randrange(len(digits))
        return digits[:place] + str(dice.randrange(10)) + digits[place + 1 :]

    for region, number in all_examples(first):
        for text in notations(number, chance):
            for read_in in (region, "US"):
                expected = answer(lambda text, region: read_phone(text, region=region).as_e164, text, read_in)
                assert answer(read_phone_as_e164, text, read_in) == expected, (text, read_in)


@pytest.mark.parametrize(
    "text",
    ["(907) 555-0142", "907.555.0142", "9075550142", "+1 907 555 0142", "19075550142", " 907 555 0142 "],
)
def test_usual_notations_are_read_at_a_glance(text):
    assert _usual_number(text, "US") == "+19075550142"


@pytest.mark.parametrize(
    "text", ["", "+", "555-01", "٩٠٧٥٥٥٠١٤٢", "907 555 0142 x5", "1-800-FLOWERS", "+999 12345678"]
)
def test_others_are_left_to_the_library(text):
    assert _usual_number(text, "US") is None


def test_a_number_comes_back_from_what_is_stored():
    for _region, number in all_examples():
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        expected = phonenumbers.parse(e164)

        found = number_from_e164(e164)

        assert found.as_e164 == e164
        assert (found.country_code, found.national_number) == (
            expected.country_code,
            expected.national_number,
        )
        assert (found.italian_leading_zero, found.number_of_leading_zeros) == (
            expected.italian_leading_zero,
            expected.number_of_leading_zeros,
        )
        assert split_e164(e164)[1] == phonenumbers.national_significant_number(expected)


def test_a_number_without_a_calling_code_can_t_be_split():
    with pytest.raises(ValueError, match="21"):
        split_e164("+21")
