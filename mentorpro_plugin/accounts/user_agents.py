"""Browsers in words. Nothing else of what they say about themselves is kept."""

import re

from django.utils.translation import gettext as _

# The first that fits: nearly every browser says that it is some others too.
_BROWSERS = [
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
]
_SYSTEMS = [
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone|iPod"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("Windows", r"Windows"),
    ("Mac", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
]
_APART = "|"


def shortened(user_agent: str) -> str:
    """Return browser and system of a User-Agent header, such as `Chrome|Android`; each may be empty.

    What is shortened already stays as it is.
    """
    if _APART in user_agent and user_agent in _KNOWN:
        return user_agent
    return _APART.join((_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)))


def in_words(short: str) -> str:
    """Return what `shortened` made, for a reader: “Chrome on Android”."""
    browser, _bar, system = short.partition(_APART)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("An unknown device")


def _first(names: list[tuple[str, str]], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")


_KNOWN = {
    _APART.join((browser, system))
    for browser in ["", *(name for name, _pattern in _BROWSERS)]
    for system in ["", *(name for name, _pattern in _SYSTEMS)]
}
