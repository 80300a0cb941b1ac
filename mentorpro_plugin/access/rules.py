"""One rule for every permission of the table, and the door to the Wagtail admin."""

from typing import Any

import rules
from django.db import models

from .extents import holds
from .reach import reach_of
from .roles import STAFF
from .table import codenames


def _permitted(codename: str) -> rules.Predicate:
    def permitted(user: Any, instance: models.Model | None = None) -> bool:
        return holds(user, codename, instance)

    return rules.predicate(f"permitted_to_{codename}")(permitted)


@rules.predicate
def works_in_the_admin(user: Any) -> bool:
    """`user` is a Super Admin or program staff, and not deactivated."""
    return reach_of(user).role in STAFF


for _codename in codenames():
    rules.add_perm(f"mentorpro_plugin.{_codename}", _permitted(_codename))

# Wagtail asks this of everyone who opens /admin/. A rule instead of a group: there is nothing to keep in step.
rules.add_perm("wagtailadmin.access_admin", works_in_the_admin)
