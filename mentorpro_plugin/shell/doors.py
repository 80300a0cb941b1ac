"""The two front doors: where mentors go in, and where mentees do."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..access.roles import Role
from ..conf import setting


@dataclass(frozen=True)
class Door:
    """A front door. `name` is its URL namespace, its path and its key in the settings.

    `short_title` is what stands below the icon on a telephone, where a dozen letters fit.
    """

    name: str
    role: Role
    title: Any
    short_title: Any


MENTOR_DOOR = Door("mentor", Role.MENTOR, _("MentorPRO for mentors"), _("Mentor"))
MENTEE_DOOR = Door("mentee", Role.MENTEE, _("MentorPRO for mentees"), _("Mentee"))
DOORS = {door.name: door for door in (MENTOR_DOOR, MENTEE_DOOR)}
DOOR_OF_ROLE = {door.role: door for door in DOORS.values()}


def door_path(door: Door, view: str = "home", *args: Any) -> str:
    """Return the path of a portal view behind `door`, such as `/mentee/messages/`."""
    return reverse(f"{door.name}:{view}", args=args)


def door_url(door: Door, view: str = "home", *args: Any) -> str:
    """Return the whole address of a portal view, for mail, text messages and posters: at the door's own host, if any."""
    return base_url(door) + door_path(door, view, *args)


def door_link(door: Door, view: str = "home", *args: Any) -> str:
    """Return what a page of the site links to: a path, unless the door has a host of its own."""
    return (
        door_url(door, view, *args) if setting("DOOR_URLS").get(door.name) else door_path(door, view, *args)
    )


def base_url(door: Door | None) -> str:
    """Return scheme and host of `door`: its own from MENTORPRO["DOOR_URLS"], or those of the site, as for None."""
    own = setting("DOOR_URLS").get(door.name) if door else None
    return (own or settings.WAGTAILADMIN_BASE_URL).rstrip("/")


def door_of_host(host: str) -> Door | None:
    """Return the door whose own host this is (`example.org` or `example.org:8000`), if any."""
    for name, url in setting("DOOR_URLS").items():
        parts = urlsplit(url or "")
        if url and _plain(parts.netloc, parts.scheme) == _plain(host, parts.scheme):
            return DOORS[name]
    return None


def _plain(host: str, scheme: str) -> str:
    """Return `host` as it is mostly written: `Example.org.:443` is another way to say `example.org`."""
    usual_port = ":443" if scheme == "https" else ":80"
    name, colon, port = host.lower().removesuffix(usual_port).partition(":")
    return f"{name.removesuffix('.')}{colon}{port}"


def door_of_path(path: str) -> Door | None:
    """Return the door behind which `path` lies, whether or not there is a page; None for the rest of the site."""
    return next((door for door in DOORS.values() if path.startswith(door_path(door))), None)


def door_of_request(request: HttpRequest) -> Door | None:
    """Return the door at which this request stands, if any."""
    return door_of_path(request.path) or door_of_host(request.get_host())
