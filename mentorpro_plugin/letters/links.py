"""Addresses in e-mails to staff."""

from typing import Any

from django.conf import settings
from django.urls import reverse


def admin_url(view: str = "wagtailadmin_home", *args: Any) -> str:
    """Return the whole address of a page of the admin."""
    return settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse(view, args=args)


def days_of_link() -> int:
    """Return for how many days a link to set a password is good."""
    return settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60)
