"""Which screens of the Wagtail admin are open to whom.

Wagtail's stock screens ask about models, not organizations: the site history names everyone's people, the user
screen makes superusers, tag and page look-ups ask nothing. So program staff start with no screen at all, and each
one they have is named here or belongs to a viewset that scopes its rows.
"""

from typing import Any
from urllib.parse import unquote

from django.contrib.auth import get_user_model
from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve, reverse

from .reach import reach_of
from .roles import PROGRAM_STAFF

#: Screens of Wagtail itself that show nothing but the user's own account and the frame around our screens.
OPEN_TO_STAFF = frozenset(
    {
        "wagtailadmin_home",
        "wagtailadmin_account",
        "wagtailadmin_login",
        "wagtailadmin_logout",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_dismissibles",
        "wagtailadmin_password_reset",
        "wagtailadmin_password_reset_done",
        "wagtailadmin_password_reset_confirm",
        "wagtailadmin_password_reset_complete",
    }
)

_scoped_namespaces: set[str] = set()


def open_to_staff(namespace: str) -> None:
    """Declare that every screen under the URL `namespace` scopes its own rows."""
    _scoped_namespaces.add(namespace)


def is_scoped_url(url: str | None) -> bool:
    """Whether `url` leads to a screen that scopes its own rows."""
    try:
        return url is not None and not _scoped_namespaces.isdisjoint(_resolved(url).namespaces)
    except Resolver404:
        return False


def is_open_to(user: Any, match: ResolverMatch, kwargs: dict[str, Any]) -> bool:
    """Whether `user` may enter the screen that `match` leads to; the screen itself still asks about its rows."""
    if not is_admin(match):
        return True
    if reach_of(user).role in PROGRAM_STAFF:
        return match.view_name in OPEN_TO_STAFF or bool(_scoped_namespaces.intersection(match.namespaces))
    if not user.has_perm("wagtailadmin.access_admin"):
        # Wagtail sends them to the log-in from everywhere, which tells them nothing.
        return True
    return not _touches_a_person(match, kwargs)


def is_admin(match: ResolverMatch) -> bool:
    # Where the admin is, and how its address is written, is the site's choice; viewsets carry no common namespace. So
    # whatever begins like the admin's home is the admin.
    return match.route.startswith(_resolved(reverse("wagtailadmin_home")).route)


def _resolved(url: str) -> ResolverMatch:
    """Return what `url`, as `reverse` gives it, leads to. Raises Resolver404."""
    # `reverse` writes the prefix under which the server mounts the site, which `resolve` doesn't know.
    return resolve("/" + unquote(url).removeprefix(get_script_prefix()))


def _touches_a_person(match: ResolverMatch, kwargs: dict[str, Any]) -> bool:
    """Whether this is Wagtail's user screen, aimed at the account of a Person.

    Those accounts are kept by the rosters; the stock screen would set their flags, password and groups past all
    rules. The bulk screen may aim at everybody, so it is closed as a whole.
    """
    user_model = get_user_model()
    if match.view_name == "wagtail_bulk_action":
        return kwargs.get("model_name") == user_model._meta.model_name
    if "wagtailusers_users" not in match.namespaces or "pk" not in kwargs:
        return False
    return user_model._base_manager.filter(pk=kwargs["pk"], mentorpro_person__isnull=False).exists()
