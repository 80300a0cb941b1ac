"""How often a secret may be guessed: wrong passwords for an address, wrong codes of a second factor.

Counted in the database, so that every process knows of it, and by a single statement, so that of many tries at once no
more are checked than of many in a row. Nobody's tries count against a neighbour behind the same IP address.
"""

import unicodedata
from datetime import datetime, timedelta
from math import ceil

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from ..conf import setting
from .models import PasswordTries

#: What an address may hold that its reader doesn't see: marks on letters, spaces, control and format characters.
_UNSEEN = {"Mn", "Me", "Cc", "Cf", "Zs", "Zl", "Zp"}


def subject_of_address(address: str) -> str:
    """Return what the tries for `address` are counted under: the same for all ways to write it."""
    return _hashed("address", _plain(address))


def _subject_of_spelling(address: str) -> str:
    return _hashed("spelling", address.strip().casefold())


def subject_of_second_factor(user_pk: object) -> str:
    """Return what the tries of codes for the user with this primary key are counted under."""
    return _hashed("second factor", str(user_pk))


def take_try(subject: str) -> PasswordTries | None:
    """Count a try before it is checked; return its row, or None where it must not be checked any more.

    Each try keeps the count alive for as long as a lock lasts. Tries while locked prolong nothing.
    """
    now = timezone.now()
    ends = now + timedelta(minutes=setting("PASSWORD_LOCK_MINUTES"))
    most = setting("PASSWORD_TRIES")
    rows = PasswordTries.objects.filter(subject=subject)
    for _attempt in range(2):
        if rows.filter(resets_at__gt=now, wrong__lt=most).update(wrong=F("wrong") + 1, resets_at=ends):
            return rows.first()
        if rows.filter(resets_at__lte=now).update(wrong=1, resets_at=ends):
            return rows.first()
        try:
            with transaction.atomic():
                return PasswordTries.objects.create(subject=subject, wrong=1, resets_at=ends)
        except IntegrityError:
            # Somebody else's first try came in between: count after theirs. Or else it is locked.
            continue
    return None


def take_password_try(address: str) -> PasswordTries | None:
    """Count a password for `address` before it is checked: among those for all its variants, which lock it, and by itself.

    Returns and locks as `take_try`.
    """
    tries = take_try(subject_of_address(address))
    if tries is not None:
        take_try(_subject_of_spelling(address))
    return tries


def forget_password_tries(address: str) -> None:
    """Begin anew for this address; what was guessed at its variants, which may be somebody else's, stays counted."""
    spelling = PasswordTries.objects.filter(subject=_subject_of_spelling(address))
    own = spelling.filter(resets_at__gt=timezone.now()).first()
    spelling.delete()
    variants = PasswordTries.objects.filter(subject=subject_of_address(address))
    if own is not None:
        variants.update(wrong=Greatest(F("wrong") - own.wrong, 0))
    variants.filter(wrong=0).delete()


def locked_until(subject: str) -> datetime | None:
    """Until when nothing is checked for `subject`; None if it is checked."""
    row = PasswordTries.objects.filter(subject=subject, wrong__gte=setting("PASSWORD_TRIES")).first()
    return row.resets_at if row is not None and row.resets_at > timezone.now() else None


def forget_tries(subject: str) -> None:
    """Begin anew: the right secret was given, or another one was chosen."""
    PasswordTries.objects.filter(subject=subject).delete()


def forget_old_tries() -> None:
    """Delete what counts no more."""
    PasswordTries.objects.filter(resets_at__lte=timezone.now()).delete()


def minutes_left(subject: str) -> str:
    """Return how long `subject` stays locked, in words."""
    until = locked_until(subject)
    minutes = max(1, ceil((until - timezone.now()).total_seconds() / 60)) if until else 1
    return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}


def _plain(address: str) -> str:
    """Return `address` in the one spelling that its variants share: no case, no accents, no width, nothing unseen.

    Databases compare more alike than Python does, so it is folded by way of capitals, where “ı” and “i” are one.
    """
    text = address
    for _round in range(2):
        text = "".join(
            character
            for character in unicodedata.normalize("NFKD", text)
            if unicodedata.category(character) not in _UNSEEN
        )
        text = text.upper().casefold()
    return unicodedata.normalize("NFKC", text)


def _hashed(kind: str, text: str) -> str:
    return salted_hmac(
        f"mentorpro.tries.{kind}", text.encode("utf-8", "replace"), algorithm="sha256"
    ).hexdigest()
