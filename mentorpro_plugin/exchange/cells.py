"""What single cells of a roster mean. Each function raises ValidationError, a whole sentence, for what means nothing."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..people.models import Person
from ..people.phones import read_phone
from .text import folded, shortened

#: Roles that a roster may give. The accounts that answer for organizations are made one by one.
ROSTER_ROLES = (*COORDINATORS, *PARTICIPANTS)

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d+")
# No number in any notation is longer; `read_phone` would quote all of it.
_LONGEST_PHONE = 40


def read_role(text: str) -> Role:
    """Return the role that `text` names."""
    role = _roles().get(folded(text))
    if role is None:
        raise ValidationError(_("There is no role “%(text)s”.") % {"text": shortened(text)})
    if role not in ROSTER_ROLES:
        raise ValidationError(_("A roster may not give the role “%(text)s”.") % {"text": shortened(text)})
    return role


def _roles() -> dict[str, Role]:
    """Return roles by their names: in English, and in the language in use."""
    return {folded(name): role for role in Role for name in (role.value.replace("_", " "), str(role.label))}


def read_number(text: str, *, region: str) -> PhoneNumber:
    """Return the telephone number `text`, as written in `region`."""
    refuse_scientific(text)
    if len(text) > _LONGEST_PHONE:
        raise ValidationError(_("“%(text)s” is not a telephone number.") % {"text": shortened(text)})
    return read_phone(text, region=region)


def read_id(text: str) -> str:
    refuse_scientific(text)
    return read_text(text, "id_number")


def read_email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as refusal:
        raise ValidationError(
            _("“%(text)s” is not an e-mail address.") % {"text": shortened(text)}
        ) from refusal
    return read_text(text, "email")


def read_text(text: str, attribute: str) -> str:
    """Return `text`, if it fits into that attribute of a person."""
    longest = Person._meta.get_field(attribute).max_length
    if longest is not None and len(text) > longest:
        raise ValidationError(
            _("“%(text)s” is too long: it has %(length)d characters, and %(longest)d fit.")
            % {"text": shortened(text), "length": len(text), "longest": longest}
        )
    return text


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
