"""Template tags of the plugin."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

from ..access.guide import nobody_may, sections
from ..access.reach import reach_of
from ..access.roles import PROGRAM_STAFF
from ..shell.doors import DOORS
from ..shell.doors import door_link as link_to_door

register = template.Library()


@register.filter
def rough_age(moment: datetime) -> str:
    """How long ago `moment` was, in its biggest unit alone: “2 weeks”; nothing for less than a minute."""
    return timesince(moment, depth=1) if timezone.now() - moment >= timedelta(minutes=1) else ""


@register.simple_tag
def is_program_staff(user: Any) -> bool:
    """Whether `user` is a Parent, Child, Program Manager or Success Coordinator account."""
    return reach_of(user).role in PROGRAM_STAFF


@register.simple_tag
def door_link(name: str, view: str = "home") -> str:
    """What a page of the site links to: a front door (`mentor` or `mentee`), or a view behind it."""
    return link_to_door(DOORS[name], view)


@register.inclusion_tag("mentorpro_plugin/access/_guide.html")
def permissions_guide(own_role: str | None = None) -> dict[str, Any]:
    """The permissions guide, for any page below an `h1`. `own_role` is the reader's, if known; the page loads
    `mentorpro_plugin/css/guide.css`.
    """
    return {"sections": list(sections()), "nobody_may": nobody_may(), "own_role": own_role}
