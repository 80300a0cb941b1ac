"""What goals hold on a person."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..holdings import Column, full_name, register_holding
from .models import Goal, GoalComment, GoalStep

register_holding(
    "goals",
    Goal,
    _("Goals"),
    lambda person: Q(mentee=person.pk),
    columns={
        "goal": Column("pk", _("Number of the goal")),
        "title": Column("title", _("Title")),
        "description": Column("description", _("Description")),
        "state": Column("state", _("Whether it is proposed, open, done, dropped or declined")),
        "progress": Column("progress", _("How far it is, in percent")),
        "due": Column("due_on", _("When it is due")),
        "proposed_by": Column(full_name("proposed_by"), _("Who proposed it")),
        "set": Column("created_at", _("When it was set")),
        "done": Column("done_at", _("When it was done")),
    },
)
register_holding(
    "goal_steps",
    GoalStep,
    _("Steps of goals"),
    lambda person: Q(goal__mentee=person.pk),
    columns={
        "goal": Column("goal_id", _("Number of the goal")),
        "step": Column("text", _("The step")),
        "done": Column("done_at", _("When it was done")),
    },
)
register_holding(
    "goal_comments",
    GoalComment,
    _("Comments on goals: on their own, and by them on others'"),
    lambda person: Q(goal__mentee=person.pk) | Q(author=person.pk),
    columns={
        "goal": Column("goal_id", _("Number of the goal")),
        "author": Column(full_name("author"), _("Who wrote it")),
        "written": Column("written_at", _("When it was written")),
        "comment": Column("text", _("What it says")),
    },
)
register_holding(
    "proposed_goals",
    Goal,
    _("Goals of others that they proposed"),
    lambda person: Q(proposed_by=person.pk),
    sets={"proposed_by": None},
)
