"""What changed in a record, in the form that history keeps."""

from collections.abc import Iterable
from typing import Any

from django.db import models


def changes_between(
    before: models.Model | None,
    after: models.Model,
    *,
    plain: Iterable[str] = (),
    personal: Iterable[str] = (),
) -> dict[str, Any]:
    """Return {field: [from, to]} for `plain` fields that differ, {field: null} for `personal` ones.

    Fields are attribute names (`organization_id`). With nothing before, every plain field that has a value counts.
    """
    changes: dict[str, Any] = {}
    for field in plain:
        old = getattr(before, field, None)
        new = getattr(after, field)
        if old != new:
            changes[field] = [old, new]
    for field in personal:
        if before is not None and getattr(before, field) != getattr(after, field):
            changes[field] = None
    return changes
