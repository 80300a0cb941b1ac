"""The demo's `/outbox/`: what would have been sent, for whoever tries the site on their own machine.

It reads the files that mail and text messages end up as there, codes and all. So it exists with DEBUG only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from heapq import nlargest
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_safe

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.demo.circle import CIRCLE
from mentorpro_plugin.models import Assignment, Person
from mentorpro_plugin.shell.doors import DOOR_OF_ROLE, Door, door_url

MOST_SHOWN = 50

#: Between two mails in one file, as Django writes it: a line, and the next mail's headers or the end.
_BETWEEN_MAILS = re.compile(rb"^-{79}\n(?=[A-Z][A-Za-z-]*: |\Z)", re.MULTILINE)
_CODE = re.compile(r"(?<![\w+-])\d{6,8}(?![\w-])")


@dataclass(frozen=True)
class Shown:
    """One message, as the page shows it; `code` is the code to log in by that stands in it, or empty."""

    at: datetime
    is_text: bool
    recipient: str
    subject: str
    text: str
    code: str


def folder() -> Path:
    return settings.DATA_DIR / "outbox"


def files() -> list[Path]:
    """The newest files of the outbox, newest first; no more than could be shown."""
    kinds = {".log", ".sms"}
    found = [path for path in folder().glob("*") if path.suffix in kinds] if folder().is_dir() else []
    return nlargest(MOST_SHOWN, found, key=_age)


def _age(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def newest() -> list[Shown]:
    """The newest messages, newest first; of one second, those of the newest file, and its last."""
    return nlargest(
        MOST_SHOWN,
        (message for path in files() for message in reversed([*_messages(path)])),
        key=lambda message: message.at,
    )


def _messages(path: Path) -> Iterator[Shown]:
    for part in _BETWEEN_MAILS.split(path.read_bytes()):
        message = message_from_bytes(part, policy=default)
        if message["To"] and message["Date"]:
            yield _shown(message, is_text=path.suffix == ".sms")


def _shown(message: EmailMessage, *, is_text: bool) -> Shown:
    body = message.get_body(preferencelist=("plain", "html"))
    text = body.get_content().strip() if body else ""
    found = _CODE.search(text)
    return Shown(
        # Mail says "-0000" where it means UTC without a place, which Python reads as no time zone at all.
        at=parsedate_to_datetime(message["Date"]).replace(tzinfo=UTC),
        is_text=is_text,
        recipient=message["To"],
        subject=message["Subject"] or "",
        text=text,
        code=found[0] if found else "",
    )


def _etag(request: HttpRequest) -> str:
    ages = [_age(path) for path in files()] if settings.DEBUG else []
    return quote_etag(f"{hash(('list' in request.GET, *ages)):x}")


@require_safe
@condition(etag_func=_etag)
def outbox(request: HttpRequest) -> HttpResponse:
    """The page; with `?list`, the messages alone, which the page asks for from time to time."""
    if not settings.DEBUG:
        raise Http404
    context = {"messages": newest(), "folder": folder()}
    if "list" in request.GET:
        response = render(request, "mentorpro_site/_outbox_messages.html", context)
    else:
        response = render(request, "mentorpro_site/outbox.html", {**context, "visitors": visitors()})
    patch_cache_control(response, no_cache=True, private=True)
    return response


def visitors() -> list[tuple[Person, Door, str]]:
    """People to try the front doors as, each with their door and its address: the demo's, whose numbers never change;
    else a mentee and her mentor; or nobody.
    """
    people = Person._base_manager.filter(status=Person.Status.ENABLED)
    circle = list(people.filter(phone__in=[named.phone for named in CIRCLE]).order_by("role", "pk"))
    return [(person, door := DOOR_OF_ROLE[person.role], door_url(door)) for person in circle or _match()]


def _match() -> list[Person]:
    assignments = Assignment._base_manager.filter(
        ended_at=None,
        person__role=Role.MENTEE,
        person__status=Person.Status.ENABLED,
        lead__status=Person.Status.ENABLED,
    )
    matched = assignments.select_related("person", "lead").order_by("pk").first()
    return [matched.person, matched.lead] if matched else []
