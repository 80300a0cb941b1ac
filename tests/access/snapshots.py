"""What the database holds, for comparing before with after."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model

Snapshot = dict[str, list[dict[str, Any]]]


def snapshot() -> Snapshot:
    """Every row of the plugin, and of the users, by model."""
    models = [
        model for model in apps.get_app_config("mentorpro_plugin").get_models() if not model._meta.proxy
    ]
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in [*models, get_user_model()]
    }


def changed(before: Snapshot, after: Snapshot) -> dict[str, list[Any]]:
    """Rows that differ, by model: as they are now, or as they were if they are gone."""
    found = {}
    for label, rows in after.items():
        old = {row["id"]: row for row in before[label]}
        new = {row["id"]: row for row in rows}
        differing = [new.get(pk, old.get(pk)) for pk in old.keys() | new.keys() if new.get(pk) != old.get(pk)]
        if differing:
            found[label] = differing
    return found
