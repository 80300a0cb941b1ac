"""The plugin's settings: `MENTORPRO = {...}` in the site's settings, read here and nowhere else."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

DEFAULTS: dict[str, Any] = {
    # Region (ISO 3166-1 alpha-2) in which national telephone numbers of a new parent organization are read.
    "DEFAULT_REGION": "US",
    # Days without activity after which a person counts as inactive.
    "INACTIVE_AFTER_DAYS": 15,
    # Dotted path of a callable `(role, email) -> unsaved user`, for user models with required fields of their own.
    "BUILD_USER": "mentorpro_plugin.people.users.build_user",
}


def setting(name: str) -> Any:
    """Return the setting `name`: the site's own value, or the default. Raises KeyError for an unknown name."""
    return {**DEFAULTS, **getattr(settings, "MENTORPRO", {})}[name]


def imported_setting(name: str) -> Any:
    """Return the object that the dotted path in setting `name` points at."""
    return import_string(setting(name))
