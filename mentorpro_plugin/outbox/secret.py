"""What nobody but the recipient may read, encrypted while it waits in the database."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """It was encrypted with a key that is neither SECRET_KEY nor one of SECRET_KEY_FALLBACKS."""


def encrypt(text: str) -> bytes:
    return _cipher().encrypt(text.encode())


def decrypt(token: bytes) -> str:
    try:
        return _cipher().decrypt(bytes(token)).decode()
    except InvalidToken:
        # Not chained: nothing of the token stands in a traceback.
        raise Unreadable from None


def _cipher() -> MultiFernet:
    return MultiFernet([_fernet(str(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    # A key of its own, so that whoever finds out this one can't sign sessions with it.
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mentorpro.outbox.secret").derive(
        key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
