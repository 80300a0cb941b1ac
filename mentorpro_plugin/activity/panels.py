"""The timeline on a person's profile."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from wagtail.admin.ui.components import Component

from .timeline import Happening, happenings

#: How many lines a page of a timeline has.
PAGE = 50


class TimelinePanel(Component):
    """What happened to one person, newest first, for those who may see it; older lines by a link."""

    template_name = "mentorpro_plugin/activity/timeline.html"

    def __init__(self, person: Any, request: Any) -> None:
        self.person, self.request = person, request

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        viewer = self.request.user
        if not viewer.has_perm("mentorpro_plugin.view_history", self.person):
            return {"is_shown": False}
        before = _moment(self.request.GET.get("before", ""))
        found = happenings(self.person, viewer, before=before, limit=PAGE + 1)
        shown = _page_of(found)
        return {
            "is_shown": True,
            "rows": shown,
            "history_url": f"{reverse('history:index')}?person={self.person.pk}",
            "before": before,
            "older": shown[-1].at.astimezone(UTC).isoformat() if len(found) > PAGE else "",
        }


def _page_of(found: list[Happening]) -> list[Happening]:
    """Cut a page off `found`, between two moments: the next one asks for what is older than the last line."""
    if len(found) <= PAGE:
        return found
    shown = [happening for happening in found[:PAGE] if happening.at > found[PAGE].at]
    # A page full of one moment, such as nothing but an import of many rows makes.
    return shown or [happening for happening in found if happening.at == found[0].at]


def _moment(text: str) -> datetime | None:
    """Read what `older` was written as; None for whatever else an address may hold."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
