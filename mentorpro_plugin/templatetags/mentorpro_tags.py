"""Template tags of the plugin."""

from typing import Any

from django import template

from ..access.reach import reach_of
from ..access.roles import PROGRAM_STAFF

register = template.Library()


@register.simple_tag
def is_program_staff(user: Any) -> bool:
    """Whether `user` is a Parent, Child, Program Manager or Success Coordinator account."""
    return reach_of(user).role in PROGRAM_STAFF
