"""Finding people by what staff have at hand: a name, part of a number as typed, an e-mail address, an ID."""

import re
import unicodedata

import phonenumbers
from anyascii import anyascii
from django.db.models import Q

from ..text import clean_text
from .phones import split_e164

_PHONE_LIKE = re.compile(r"[\d\s()+./–-]{4,}")

#: Words of a search beyond these are left out.
MOST_WORDS = 10
#: Characters of a search that are read: SQLite refuses to look for some 50,000.
_LONGEST = 1_000


def folded(text: str) -> str:
    """Return `text` for comparison: one Unicode form, no case, single spaces, no invisible direction marks."""
    if text.isascii() and text.isprintable():
        # Most of it; there is nothing else to do.
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKC", clean_text(text))
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(visible.casefold().split())


def search_text(*, first_name: str, last_name: str, email: str, id_number: str, phone: str) -> str:
    """Return the words that a person is found by, each with a space before it.

    Names stand twice where they aren't plain Latin letters: as written, and in the letters of an English keyboard,
    so that "Tran" finds "Trần". `phone` is E.164; its national part is a word of its own.
    """
    names = folded(f"{first_name} {last_name}")
    latin = names if names.isascii() else folded(anyascii(names))
    words = [names, latin if latin != names else "", folded(email), folded(id_number)]
    if phone:
        words += [phone.lstrip("+"), _national_part(phone)]
    return "".join(f" {word}" for word in words if word)


def _national_part(phone: str) -> str:
    try:
        return split_e164(phone)[1]
    except ValueError:
        # Kept as it was typed, before it was known to be no number.
        return phonenumbers.national_significant_number(phonenumbers.parse(phone))


def search_condition(query: str, *, regions: list[str]) -> Q:
    """Return the condition under which a person matches `query`: every word begins one of the person's words.

    A query of digits and punctuation is a telephone number or a part of one, as typed on paper: it is read in each
    of `regions`, and also matched anywhere in the digits.
    """
    query = folded(query[:_LONGEST])
    if _PHONE_LIKE.fullmatch(query):
        digits = re.sub(r"\D", "", query)
        if len(digits) >= 4:
            condition = Q(search_text__contains=digits)
            for region in regions:
                if number := _international(query, region):
                    condition |= Q(search_text__contains=f" {number}")
            return condition
    condition = Q()
    # Databases bear so many conditions and no more; nobody is called by more words.
    for word in list(dict.fromkeys(query.split()))[:MOST_WORDS]:
        condition &= Q(search_text__contains=f" {word}")
    return condition


def _international(query: str, region: str) -> str | None:
    """Digits of `query` in E.164, without the plus, read in `region`; None where it isn't a number there."""
    try:
        number = phonenumbers.parse(query, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).lstrip("+")
