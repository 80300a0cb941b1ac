"""The catalogue that mentees choose goals from."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from .models import CatalogueGoal


@transaction.atomic
def save_catalogue_goal(catalogue_goal: CatalogueGoal, *, by: Any) -> CatalogueGoal:
    """Add a goal to the catalogue, or save its changes. Goals that mentees made of it stay as they are.

    Raises PermissionDenied if `by` may not, ValidationError for a title taken.
    """
    before = None
    if catalogue_goal.pk:
        before = CatalogueGoal._base_manager.select_for_update().get(pk=catalogue_goal.pk)
    if not by.has_perm("mentorpro_plugin.change_cataloguegoal", before or catalogue_goal):
        raise PermissionDenied
    if before and before.organization_id != catalogue_goal.organization_id:
        # Mentees of its tree chose it.
        raise PermissionDenied
    catalogue_goal.clean()
    catalogue_goal.full_clean()
    with refusals_as_sentences(CatalogueGoal):
        catalogue_goal.save()
    record(
        catalogue_goal,
        HistoryEntry.Action.CHANGED if before else HistoryEntry.Action.ADDED,
        by=by,
        organization=catalogue_goal.organization_id,
        changes=changes_between(
            before,
            catalogue_goal,
            plain=("organization_id", "is_offered"),
            personal=("title", "description"),
        ),
    )
    return catalogue_goal
