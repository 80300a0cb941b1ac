"""What time it is where the reader is: browsers say it in a cookie, since nothing else that they send does."""

import zoneinfo
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

#: Set by `portal.js`, with the name of a time zone. From the second page on.
COOKIE = "timezone"


def time_zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """Return the time zone of the browser; the site's own while that isn't known, or isn't one."""
    name = request.COOKIES.get(COOKIE, "")
    return zoneinfo.ZoneInfo(name) if name in _known() else timezone.get_default_timezone()


@cache
def _known() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
