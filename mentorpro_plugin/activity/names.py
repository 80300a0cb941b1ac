"""Who did something, as far as the reader may know."""

from typing import Any

from django.utils.translation import gettext as _

from ..access.reach import reach_of


def name_of(user: Any, viewer: Any) -> str:
    """Return who `user` is to `viewer`: their name in the viewer's own organizations, else their role only."""
    if user is None:
        return ""
    person = getattr(user, "mentorpro_person", None)
    if person is None:
        return _("the site's administrator")
    reach = reach_of(viewer)
    if reach.everything or person.organization_id in reach.organizations:
        return str(person)
    return person.get_role_display()
