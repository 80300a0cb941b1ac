"""What the browser keeps of a log-in: a random token that binds codes to it, and where in the log-in it is."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from ..outbox.secret import Unreadable, decrypt, encrypt

#: Longer than any code lives.
LIFE = timedelta(hours=1)
_BROWSER = "mentorpro_browser"
_PENDING = "mentorpro_login"


def browser_token(request: HttpRequest, response: HttpResponseBase) -> str:
    """Return the token of the browser that asks, and keep it there for an hour from now."""
    token = known_browser(request) or secrets.token_urlsafe(24)
    _set(response, _BROWSER, token)
    return token


def known_browser(request: HttpRequest) -> str:
    """Return the token that the browser brings; empty where there is none, or it isn't ours."""
    return _get(request, _BROWSER) or ""


@dataclass(frozen=True)
class Pending:
    """A log-in between number and code. Kept in the browser, so that no table holds who is trying.

    `channel` is where the last code went: "text" or "email". `next` is a path behind the door, or empty.
    """

    number: str = field(repr=False)
    region: str
    stay: bool
    next: str
    channel: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        fields = _get(request, _PENDING)
        return cls(**fields) if fields else None

    def keep(self, response: HttpResponseBase) -> None:
        _set(response, _PENDING, asdict(self))

    @staticmethod
    def forget(response: HttpResponseBase) -> None:
        response.delete_cookie(_name(_PENDING), samesite="Lax")


def _get(request: HttpRequest, name: str) -> Any:
    """Return what a cookie of ours holds; None where it is missing, altered or too old."""
    try:
        sealed = signing.loads(request.COOKIES.get(_name(name), ""), salt=name, max_age=LIFE)
        return json.loads(decrypt(sealed.encode()))
    except (signing.BadSignature, Unreadable):
        return None


def _set(response: HttpResponseBase, name: str, value: Any) -> None:
    # Encrypted too, since error reports and the logs of proxies show cookies.
    response.set_cookie(
        _name(name),
        signing.dumps(encrypt(json.dumps(value)).decode(), salt=name),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(name: str) -> str:
    # Where all is https, no other host of the domain can set a cookie that is called so.
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name
