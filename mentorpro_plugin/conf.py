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
    # Wrong passwords for one address, or wrong codes of one person's second factor, after which no more are looked at;
    # and minutes after the last of them until they are.
    "PASSWORD_TRIES": 10,
    "PASSWORD_LOCK_MINUTES": 30,
    # Hours without a visit after which a session of staff ends.
    "STAFF_SESSION_HOURS": 12,
    # Roles that must have a second factor, such as ["super_admin", "parent"].
    "REQUIRE_SECOND_FACTOR": [],
    # Minutes that a message stays unread before its reader is told of it by e-mail or text message.
    "NOTICE_AFTER_MINUTES": 15,
    # Whether people are told by e-mail of their new assignments.
    "ASSIGNMENT_NOTICES": True,
    # Files that a message takes at most, and megabytes (of 1,000,000 bytes) of each.
    "ATTACHMENTS_PER_MESSAGE": 5,
    "ATTACHMENT_MAX_MB": 10,
    # Days that the files of an import are kept after it has ended.
    "IMPORTS_KEPT_DAYS": 30,
    # People beyond the reach of one member of staff whose numbers, IDs or addresses may be found to be taken, by imports
    # and forms, within 24 hours of the first.
    "BEYOND_REACH_A_DAY": 1_000,
    # Text messages that may leave within 24 hours (an hour, for addresses) of the first. 0 allows none. Countries are
    # two letters; "*" stands for each that isn't named.
    "TEXTS_A_DAY_PER_PHONE": 5,
    "TEXTS_AN_HOUR_PER_ADDRESS": 20,
    "TEXTS_A_DAY_PER_ORGANIZATION": 2_000,
    "TEXTS_A_DAY_PER_COUNTRY": {"*": 2_000},
    "TEXTS_A_DAY": 5_000,
    # What sends text messages: console, file, locmem, twilio, or the dotted path of a TextBackend; and its arguments.
    "SMS_BACKEND": "",
    "SMS_OPTIONS": {},
    # Per process that delivers: messages of each channel on their way at once. Then, in seconds, the lease on a message
    # and the pauses between attempts, doubled each time from the first to the longest; and attempts until it is given
    # up: about a day.
    "OUTBOX_SENDERS": {"email": 2, "text": 4},
    "OUTBOX_LEASE": 45,
    "OUTBOX_FIRST_PAUSE": 2,
    "OUTBOX_LONGEST_PAUSE": 40,
    "OUTBOX_ATTEMPTS": 2_500,
    # Scheme and host of front doors that have one of their own: {"mentor": "https://mentors.example.org"}.
    "DOOR_URLS": {},
    # Beginnings of paths that are served at those hosts too, besides the door's own, static and media files.
    "SHARED_PATHS": [],
    # Dotted path of a callable without arguments that returns the terms to agree to (see `portal/terms.py`), or None.
    "TERMS": None,
}


def setting(name: str) -> Any:
    """Return the setting `name`: the site's own value, or the default. Raises KeyError for an unknown name."""
    return {**DEFAULTS, **getattr(settings, "MENTORPRO", {})}[name]


def imported_setting(name: str) -> Any:
    """Return the object that the dotted path in setting `name` points at."""
    return import_string(setting(name))
