"""Says at the start what a site lacks that would let its staff log in safely."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from ..access.roles import STAFF
from ..conf import setting
from .backends import PasswordBackend
from .second_factor import is_offered

_MIDDLEWARE = "mentorpro_plugin.accounts.middleware.StaffLogInMiddleware"
_HOW = "See “Staff's log-in” in docs/owners/settings.md; or silence this where staff log in by something of your own."


@checks.register("mentorpro_plugin")
def check_staff_log_in(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if not any(issubclass(_backend(path), PasswordBackend) for path in settings.AUTHENTICATION_BACKENDS):
        found.append(
            checks.Warning(
                "Nothing limits how often the passwords of staff may be guessed:"
                " AUTHENTICATION_BACKENDS names no mentorpro_plugin.accounts.backends.PasswordBackend.",
                hint=_HOW,
                id="mentorpro_plugin.W001",
            )
        )
    if not is_offered():
        found.append(
            checks.Warning(
                "Staff can't set up a second factor: allauth.mfa isn't installed, or"
                " mentorpro_plugin.accounts.urls has no address.",
                hint=_HOW,
                id="mentorpro_plugin.W002",
            )
        )
    elif _MIDDLEWARE not in settings.MIDDLEWARE:
        found.append(
            checks.Warning(
                f"Wagtail's own log-in stays open beside the one with a second factor: MIDDLEWARE lacks {_MIDDLEWARE}.",
                hint=_HOW,
                id="mentorpro_plugin.W003",
            )
        )
    required = set(setting("REQUIRE_SECOND_FACTOR"))
    if unknown := required - set(STAFF):
        found.append(
            checks.Error(
                f"MENTORPRO['REQUIRE_SECOND_FACTOR'] names what is no role of staff: {', '.join(sorted(unknown))}.",
                hint=f"Roles of staff are: {', '.join(STAFF)}.",
                id="mentorpro_plugin.E001",
            )
        )
    elif required and not is_offered():
        found.append(
            checks.Error(
                "MENTORPRO['REQUIRE_SECOND_FACTOR'] demands a second factor that nobody can set up.",
                hint=_HOW,
                id="mentorpro_plugin.E002",
            )
        )
    return found


def _backend(path: str) -> type:
    return import_string(path)
