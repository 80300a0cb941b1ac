"""In which language somebody is written to."""

from typing import Any

from django.conf import settings

from .models import Person


def language_of(user: Any, person: Person | None) -> str:
    """Return the language chosen in the admin, else behind a front door, if the site still speaks it; else the site's.

    Either of both may be None. Takes a query for the user's settings in the admin.
    """
    profile = getattr(user, "wagtail_userprofile", None)
    chosen = (profile.preferred_language if profile else "") or (person.language if person else "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
