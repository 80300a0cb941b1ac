"""What single cells of a roster mean. Each function raises ValidationError, a whole sentence, for what means nothing."""

import re
from functools import cache, lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..people.models import Person
from ..people.phones import read_phone_as_e164
from .text import folded, shortened
from .wordings import ROLES

#: Roles that a roster may give. The accounts that answer for organizations are made one by one.
ROSTER_ROLES = (*COORDINATORS, *PARTICIPANTS)

# With a plus, as programs write it: 12E5 may well be an ID.
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+\d+")
# Some programs write a column of numbers so if a cell of it is empty.
_AS_FLOAT = re.compile(r"(\+?\d{7,15})\.0")
# No number in any notation is longer; `read_phone` would quote all of it.
_LONGEST_PHONE = 40
# Addresses in which nothing has to be looked at more closely: short enough for any part of them.
_USUAL_EMAIL = re.compile(
    r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}", re.ASCII | re.IGNORECASE
)
_LONGEST_USUAL_EMAIL = 64


def read_role(text: str) -> Role:
    """Return the role that `text` names."""
    role = _roles(get_language()).get(folded(text))
    if role is None:
        raise ValidationError(_("There is no role “%(text)s”.") % {"text": shortened(text)})
    if role not in ROSTER_ROLES:
        raise ValidationError(_("A roster may not give the role “%(text)s”.") % {"text": shortened(text)})
    return role


@lru_cache(maxsize=8)
def _roles(language: str | None) -> dict[str, Role]:
    """Return roles by their names: in seven languages, and in the language in use."""
    return {folded(name): role for role in Role for name in (*ROLES[role.value].split(","), str(role.label))}


def read_number(text: str, *, region: str) -> str:
    """Return the telephone number `text`, as written in `region`, in E.164."""
    refuse_scientific(text)
    if len(text) > _LONGEST_PHONE:
        raise ValidationError(_("“%(text)s” is not a telephone number.") % {"text": shortened(text)})
    if is_float := _AS_FLOAT.fullmatch(text):
        text = is_float[1]
    return read_phone_as_e164(text, region=region)


def read_id(text: str) -> str:
    refuse_scientific(text)
    return read_text(text, "id_number")


def read_email(text: str) -> str:
    try:
        if len(text) > _LONGEST_USUAL_EMAIL or not _USUAL_EMAIL.fullmatch(text):
            validate_email(text)
    except ValidationError as refusal:
        raise ValidationError(
            _("“%(text)s” is not an e-mail address.") % {"text": shortened(text)}
        ) from refusal
    return read_text(text, "email")


def read_text(text: str, attribute: str) -> str:
    """Return `text`, if it fits into that attribute of a person."""
    longest = _longest(attribute)
    if longest is not None and len(text) > longest:
        raise ValidationError(
            _("“%(text)s” is too long: it has %(length)d characters, and %(longest)d fit.")
            % {"text": shortened(text), "length": len(text), "longest": longest}
        )
    return text


@cache
def _longest(attribute: str) -> int | None:
    return Person._meta.get_field(attribute).max_length


def refuse_scientific(text: str) -> None:
    """Refuse a number of which Excel has kept only the first digits: 6.17555E+09."""
    if _SCIENTIFIC.fullmatch(text):
        raise ValidationError(
            _(
                "“%(text)s” is a number that Excel has shortened; its other digits can't be restored."
                " Format the column as text and enter the number anew."
            )
            % {"text": shortened(text)}
        )
