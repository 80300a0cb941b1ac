"""Who has a second way to prove who they are, and who must have one. Without `allauth.mfa`, nobody has or must."""

from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse

from ..access.roles import STAFF
from ..conf import setting
from .history import person_of


def is_offered() -> bool:
    """Whether this site lets its staff set one up: allauth's app is installed and its pages have addresses."""
    if not apps.is_installed("allauth.mfa"):
        return False
    try:
        return bool(reverse("mfa_index"))
    except NoReverseMatch:
        return False


def must_have_one(user: Any) -> bool:
    """Whether the setting REQUIRE_SECOND_FACTOR names the role of `user`."""
    person = person_of(user)
    return person is not None and person.role in STAFF and person.role in setting("REQUIRE_SECOND_FACTOR")


def authenticators_of(user_pk: Any) -> Any:
    """Return the rows that allauth keeps of the user with this primary key: app, passkeys and recovery codes."""
    return apps.get_model("mfa", "Authenticator")._base_manager.filter(user=user_pk)


def factors_of(user: Any) -> Any:
    """Return those that prove something; recovery codes alone are no second factor."""
    return authenticators_of(user.pk).filter(type__in=["totp", "webauthn"])


def has_one(user: Any) -> bool:
    return factors_of(user).exists()


def lacks_one(user: Any) -> bool:
    """Whether `user` must set one up before anything else. One query for those whom the setting names."""
    return must_have_one(user) and is_offered() and not has_one(user)


def may_lose(user: Any, factor: int) -> bool:
    """Whether `user` may do without the factor with this primary key."""
    return not must_have_one(user) or factors_of(user).exclude(pk=factor).exists()
