"""Goals: setting, proposing, changing and reaching them, and saying something about them."""

from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..access.extents import holds
from ..access.reach import reach_of
from ..activity.changes import changes_between
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..constraints import refusals_as_sentences
from ..people.activity import note_activity
from ..people.models import Person
from ..text import clean_lines, clean_text, is_blank
from .models import LONGEST_STEP, CatalogueGoal, Goal, GoalComment, GoalStep

#: More open goals than this nobody works on, nor can a page show.
MOST_OPEN = 50
#: Likewise, steps of a goal.
MOST_STEPS = 20

Action = HistoryEntry.Action
State = Goal.State


@transaction.atomic
def set_goal(
    *,
    mentee: Person,
    title: str = "",
    description: str = "",
    due_on: date | None = None,
    steps: Sequence[str] = (),
    catalogue_goal: CatalogueGoal | None = None,
    by: Any,
) -> Goal:
    """Set a goal that `mentee` works on from now, from the catalogue or freely.

    Title and description are the catalogue's where they are empty. Raises PermissionDenied if `by` isn't the mentee,
    ValidationError for what doesn't fit: no title, a day past, a goal not offered, an open one with this title, too
    many open ones or steps.
    """
    goal = _new(mentee, title, description, due_on, catalogue_goal)
    _check_own(goal, by)
    return _add(goal, steps, Action.GOAL_SET, by)


@transaction.atomic
def propose_goal(
    *,
    mentee: Person,
    title: str = "",
    description: str = "",
    due_on: date | None = None,
    steps: Sequence[str] = (),
    catalogue_goal: CatalogueGoal | None = None,
    by: Any,
) -> Goal:
    """Propose a goal to `mentee`, who accepts or declines it.

    Raises PermissionDenied if `by` isn't a mentor of the mentee, ValidationError as `set_goal` does, and for a mentee
    who is deactivated.
    """
    goal = _new(mentee, title, description, due_on, catalogue_goal)
    _check_mentor(goal, by)
    goal.state = State.PROPOSED
    goal.proposed_by_id = reach_of(by).person
    return _add(goal, steps, Action.GOAL_PROPOSED, by)


@transaction.atomic
def change_goal(
    goal: Goal, *, title: str, description: str, due_on: date | None, steps: Sequence[str], by: Any
) -> Goal:
    """Save new words, day and steps. A step that is worded as before keeps its tick.

    Raises PermissionDenied if `by` isn't the mentee, ValidationError as `set_goal` does, and for a goal that isn't
    open.
    """
    goal = locked(goal)
    before = copy(goal)
    _check_own(goal, by)
    _check_state(goal, State.OPEN)
    goal.title, goal.description, goal.due_on = title, description, due_on
    is_stepped_anew = _write_steps(goal, _clean_steps(steps))
    changes = changes_between(
        before, goal, plain=("due_on", "progress"), personal=("title", "description")
    ) | ({"steps": None} if is_stepped_anew else {})
    if "due_on" in changes:
        _check_due(goal)
    _save(goal)
    if changes:
        _record(goal, Action.GOAL_CHANGED, by, **changes)
    return goal


@transaction.atomic
def tick_step(step: GoalStep, *, by: Any) -> Goal:
    """Mark `step` as done; ticking twice changes nothing. Returns the goal, whose progress follows.

    Raises PermissionDenied if `by` isn't the mentee, ValidationError for a goal that isn't open.
    """
    return _set_step(step, timezone.now(), by)


@transaction.atomic
def untick_step(step: GoalStep, *, by: Any) -> Goal:
    """Mark `step` as not done after all; otherwise as `tick_step`."""
    return _set_step(step, None, by)


@transaction.atomic
def set_progress(goal: Goal, *, progress: int, by: Any) -> Goal:
    """Set how far a goal without steps is, in percent.

    Raises PermissionDenied if `by` isn't the mentee, ValidationError for a goal with steps or one that isn't open.
    """
    goal = locked(goal)
    _check_own(goal, by)
    _check_state(goal, State.OPEN)
    if GoalStep._base_manager.filter(goal=goal).exists():
        raise ValidationError(_("The progress of this goal follows from its steps."))
    return _move(goal, Action.GOAL_PROGRESSED, by, progress=progress)


@transaction.atomic
def complete_goal(goal: Goal, *, by: Any) -> Goal:
    """Mark `goal` as done; one that is done stays as it is. Steps and progress stay, in case it is taken up again.

    Raises PermissionDenied if `by` isn't the mentee, ValidationError for a goal that isn't open.
    """
    goal = locked(goal)
    _check_own(goal, by)
    if goal.is_done:
        return goal
    _check_state(goal, State.OPEN)
    return _move(goal, Action.GOAL_DONE, by, state=State.DONE, done_at=timezone.now())


@transaction.atomic
def reopen_goal(goal: Goal, *, by: Any) -> Goal:
    """Take up a goal again that was done or given up; one that is open stays as it is.

    Raises PermissionDenied if `by` isn't the mentee, ValidationError where another one with its title is open, or too
    many are.
    """
    goal = locked(goal)
    _check_own(goal, by)
    if goal.is_open:
        return goal
    _check_state(goal, State.DONE, State.DROPPED)
    _refuse_one_too_many(goal)
    return _move(goal, Action.GOAL_REOPENED, by, state=State.OPEN, done_at=None)


@transaction.atomic
def drop_goal(goal: Goal, *, by: Any) -> Goal:
    """Give up an open goal. It stays readable, and can be taken up again.

    Raises PermissionDenied if `by` isn't the mentee, ValidationError for a goal that isn't open.
    """
    goal = locked(goal)
    _check_own(goal, by)
    _check_state(goal, State.OPEN, State.DROPPED)
    return _move(goal, Action.GOAL_DROPPED, by, state=State.DROPPED)


@transaction.atomic
def accept_goal(goal: Goal, *, by: Any) -> Goal:
    """Take on a goal that was proposed.

    Raises PermissionDenied if `by` isn't the mentee, ValidationError if it no longer waits for an answer.
    """
    goal = locked(goal)
    _check_own(goal, by)
    _check_state(goal, State.PROPOSED, State.OPEN)
    return _move(goal, Action.GOAL_ACCEPTED, by, state=State.OPEN)


@transaction.atomic
def decline_goal(goal: Goal, *, by: Any) -> Goal:
    """Answer no to a goal that was proposed. Raises as `accept_goal` does."""
    goal = locked(goal)
    _check_own(goal, by)
    _check_state(goal, State.PROPOSED, State.DECLINED)
    return _move(goal, Action.GOAL_DECLINED, by, state=State.DECLINED)


@transaction.atomic
def withdraw_goal(goal: Goal, *, by: Any) -> None:
    """Take back a proposal that waits for an answer: the goal is gone.

    Raises PermissionDenied if `by` isn't the mentor who proposed it, ValidationError if it no longer waits.
    """
    goal = locked(goal)
    _check_mentor(goal, by)
    if goal.proposed_by_id != reach_of(by).person:
        raise PermissionDenied
    _check_state(goal, State.PROPOSED)
    _record(goal, Action.GOAL_WITHDRAWN, by)
    goal.delete()


@transaction.atomic
def comment_on_goal(goal: Goal, *, text: str, by: Any) -> GoalComment:
    """Say something about `goal`, whatever its state.

    Raises PermissionDenied if `by` is neither the mentee nor a mentor of the mentee, ValidationError for an empty
    text, and for a mentor of somebody deactivated.
    """
    goal = locked(goal)
    author = reach_of(by).person
    if author == goal.mentee_id:
        _check_own(goal, by)
    else:
        _check_mentor(goal, by)
    comment = GoalComment(goal=goal, author_id=author, text=clean_lines(text))
    if is_blank(comment.text):
        raise ValidationError({"text": _("Write something first.")})
    comment.full_clean()
    comment.save()
    _record(goal, Action.GOAL_COMMENTED, by)
    return comment


def _new(
    mentee: Person, title: str, description: str, due_on: date | None, catalogue_goal: CatalogueGoal | None
) -> Goal:
    # As the mentee is now, whatever the caller holds.
    goal = Goal(
        mentee=Person._base_manager.get(pk=mentee.pk), title=title, description=description, due_on=due_on
    )
    if catalogue_goal is not None:
        goal.catalogue_goal = CatalogueGoal._base_manager.get(pk=catalogue_goal.pk)
        goal.title = title or catalogue_goal.title
        goal.description = description or catalogue_goal.description
    return goal


def locked(goal: Goal) -> Goal:
    """The goal as it is now, locked."""
    goals = Goal._base_manager.select_for_update(of=("self",)).select_related("mentee")
    return goals.get(pk=goal.pk)


def _check_own(goal: Goal, by: Any) -> None:
    # Not `has_perm`, with which Django lets a superuser do everything.
    if not holds(by, "set_goal", goal) or goal.mentee_id != reach_of(by).person:
        raise PermissionDenied


def _check_mentor(goal: Goal, by: Any) -> None:
    if not holds(by, "set_goal", goal) or goal.mentee_id == reach_of(by).person:
        raise PermissionDenied
    if goal.mentee.is_deactivated:
        raise ValidationError(
            _("%(name)s is deactivated. You can read the goals, and no longer change them.")
            % {"name": goal.mentee}
        )


def _check_state(goal: Goal, *states: Goal.State) -> None:
    if goal.state not in states:
        raise ValidationError(
            _("This can't be done: the goal is %(state)s.") % {"state": goal.get_state_display()}
        )


def _check_due(goal: Goal) -> None:
    if goal.due_on is not None and goal.due_on < timezone.localdate():
        raise ValidationError({"due_on": _("This day is past. Choose one ahead, or leave it empty.")})


def _check_catalogue(goal: Goal) -> None:
    chosen = goal.catalogue_goal
    if chosen is not None and (chosen.organization_id != goal.mentee.tree_id or not chosen.is_offered):
        raise ValidationError(_("This goal is not offered any more. Choose another one, or write your own."))


def _refuse_one_too_many(goal: Goal) -> None:
    open_ones = Goal._base_manager.filter(mentee=goal.mentee_id, state__in=(State.OPEN, State.PROPOSED))
    if open_ones.count() >= MOST_OPEN:
        raise ValidationError(
            _("There are %(count)d open goals already. First, one has to be done or given up.")
            % {"count": MOST_OPEN}
        )


def _add(goal: Goal, steps: Sequence[str], action: HistoryEntry.Action, by: Any) -> Goal:
    _check_catalogue(goal)
    _check_due(goal)
    _refuse_one_too_many(goal)
    texts = _clean_steps(steps)
    _save(goal)
    _write_steps(goal, texts)
    _record(goal, action, by, catalogue_goal_id=[None, goal.catalogue_goal_id])
    return goal


def _save(goal: Goal) -> None:
    goal.changed_at = timezone.now()
    # Before the fields are checked as well as after: a title of control characters alone is an empty one.
    goal.clean()
    goal.full_clean()
    with refusals_as_sentences(Goal):
        goal.save()


def _move(goal: Goal, action: HistoryEntry.Action, by: Any, **fields: Any) -> Goal:
    """Set `fields`, of which history keeps state and progress. Where nothing changes, nothing is written."""
    changes = {
        name: [getattr(goal, name), value]
        for name, value in fields.items()
        if name in ("state", "progress") and getattr(goal, name) != value
    }
    if not changes:
        return goal
    for name, value in fields.items():
        setattr(goal, name, value)
    _save(goal)
    _record(goal, action, by, **changes)
    return goal


def _clean_steps(steps: Sequence[str]) -> list[str]:
    texts = [text for text in map(clean_text, steps) if not is_blank(text)]
    if len(texts) > MOST_STEPS:
        raise ValidationError({"steps": _("A goal has at most %(count)d steps.") % {"count": MOST_STEPS}})
    if any(len(text) > LONGEST_STEP for text in texts):
        raise ValidationError(
            {"steps": _("A step is at most %(count)d characters long.") % {"count": LONGEST_STEP}}
        )
    return texts


def _write_steps(goal: Goal, texts: list[str]) -> bool:
    """Make `texts` the steps of `goal`, and its progress follow. Returns whether anything changed.

    Steps from the first changed line on are written anew, with the ticks of those that are worded as before: so they
    keep the order of the lines, and adding one at the end touches no other.
    """
    rows = list(GoalStep._base_manager.filter(goal=goal))
    same = 0
    while same < min(len(rows), len(texts)) and rows[same].text == texts[same]:
        same += 1
    replaced = rows[same:]
    if not replaced and same == len(texts):
        return False
    ticks = {row.text: row.done_at for row in replaced if row.done_at}
    GoalStep._base_manager.filter(pk__in=[row.pk for row in replaced]).delete()
    GoalStep._base_manager.bulk_create(
        GoalStep(goal=goal, text=text, done_at=ticks.pop(text, None)) for text in texts[same:]
    )
    _follow_steps(goal)
    return True


def _follow_steps(goal: Goal) -> None:
    """Set the progress to the share of steps that are ticked; without steps, leave it."""
    ticked = [
        moment is not None
        for moment in GoalStep._base_manager.filter(goal=goal).values_list("done_at", flat=True)
    ]
    if ticked:
        goal.progress = sum(ticked) * 100 // len(ticked)


def _set_step(step: GoalStep, done_at: Any, by: Any) -> Goal:
    goal = locked(step.goal)
    _check_own(goal, by)
    _check_state(goal, State.OPEN)
    # Together with its goal: a step may have been taken out since the page was made.
    step = GoalStep._base_manager.filter(goal=goal).get(pk=step.pk)
    if (step.done_at is None) == (done_at is None):
        return goal
    step.done_at = done_at
    step.save(update_fields=["done_at"])
    before = goal.progress
    _follow_steps(goal)
    _save(goal)
    _record(goal, Action.GOAL_PROGRESSED, by, progress=[before, goal.progress])
    return goal


def _record(goal: Goal, action: HistoryEntry.Action, by: Any, **changes: Any) -> None:
    """Write history, and that `by` was active. History holds ids and choices; the words stay with the goal."""
    record(
        goal,
        action,
        by=by,
        organization=goal.mentee.organization_id,
        person=goal.mentee_id,
        changes=changes,
    )
    author = reach_of(by).person
    if author is not None:
        note_activity(author, Person.Activity.GOAL)
