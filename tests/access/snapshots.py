"""What the database holds, for comparing before with after."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model

from mentorpro_plugin.models import (
    Conversation,
    Goal,
    HistoryEntry,
    Identifier,
    Message,
    Organization,
    Person,
    Program,
)

Snapshot = dict[str, list[dict[str, Any]]]


def snapshot() -> Snapshot:
    """Every row of the plugin, and of the users, by model.

    But for entries on refusals: that somebody was refused is written down, and changes nothing of anybody.
    """
    models = [
        model for model in apps.get_app_config("mentorpro_plugin").get_models() if not model._meta.proxy
    ]
    rows = {model: model._base_manager.order_by("pk") for model in [*models, get_user_model()]}
    rows[HistoryEntry] = rows[HistoryEntry].exclude(action=HistoryEntry.Action.ACCESS_DENIED)
    return {model._meta.label: list(of_model.values()) for model, of_model in rows.items()}


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


def owners_of(changes: dict[str, list[dict[str, Any]]]) -> set[int | None]:
    """Organizations that the changed rows belong to, by primary key; None for rows of none."""
    organization_of = {
        "person_id": dict(Person._base_manager.values_list("pk", "organization")),
        "program_id": dict(Program._base_manager.values_list("pk", "organization")),
        "identifier_id": dict(Identifier._base_manager.values_list("pk", "organization")),
        "conversation_id": dict(Conversation._base_manager.values_list("pk", "organization")),
        "message_id": dict(Message._base_manager.values_list("pk", "conversation__organization")),
        "mentee_id": dict(Person._base_manager.values_list("pk", "organization")),
        "goal_id": dict(Goal._base_manager.values_list("pk", "mentee__organization")),
    }
    owners = set()
    for label, rows in changes.items():
        for row in rows:
            if label == Organization._meta.label:
                owners.add(row["id"])
            elif "organization_id" in row:
                owners.add(row["organization_id"])
            elif label == get_user_model()._meta.label:
                owners.add(
                    Person._base_manager.filter(user=row["id"]).values_list("organization", flat=True).first()
                )
            else:
                field = next(name for name in organization_of if name in row)
                owners.add(organization_of[field].get(row[field]))
    return owners
