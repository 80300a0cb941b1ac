"""Goals as screens list them: with their steps counted, and only those that the reader may see."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ..access.reach import reach_of
from ..access.roles import Role
from ..people.models import Mentee, Person
from .models import CatalogueGoal, Goal, GoalComment

#: Comments on a page.
COMMENTS_PAGE = 30
#: States of a goal that somebody works on, or may soon.
OPEN_STATES = (Goal.State.PROPOSED, Goal.State.OPEN)
#: States of a goal that is over.
PAST_STATES = (Goal.State.DONE, Goal.State.DROPPED, Goal.State.DECLINED)
#: States of a goal that counts as used: not one that was turned down.
_USED_STATES = (Goal.State.OPEN, Goal.State.DONE)


def goals_for(user: Any) -> QuerySet[Goal]:
    """Goals that `user` may see, those that changed last first, each with `step_count` and `steps_done`."""
    return (
        Goal.objects.visible_to(user)
        .select_related("mentee", "proposed_by")
        # Counting groups, and grouping forgets the model's order.
        .order_by("-changed_at", "-pk")
        .annotate(
            step_count=Count("steps"), steps_done=Count("steps", filter=Q(steps__done_at__isnull=False))
        )
    )


def mentees_of(user: Any) -> QuerySet[Person]:
    """The mentees whom a mentor leads, by name."""
    return Mentee.objects.visible_to(user).order_by("first_name", "last_name", "pk")


def offered_to(mentee: Person, *, query: str = "") -> QuerySet[CatalogueGoal]:
    """Goals of the catalogue that `mentee` can choose: offered in the tree, not open already, with every word of
    `query`.
    """
    taken = Goal.objects.filter(mentee=mentee, catalogue_goal=OuterRef("pk"), state__in=OPEN_STATES)
    goals = CatalogueGoal.objects.filter(~Exists(taken), organization=mentee.tree_id, is_offered=True)
    # Databases bear so many conditions and no more.
    for word in query.replace("\x00", "").split()[:10]:
        goals = goals.filter(Q(title__icontains=word) | Q(description__icontains=word))
    return goals


def comments_before(goal: Goal, before: int | None = None) -> tuple[list[GoalComment], bool]:
    """A page of comments, oldest first, that end before the primary key `before`; and whether there are older ones."""
    comments = GoalComment.objects.filter(goal=goal).select_related("author")
    if before is not None:
        comments = comments.filter(pk__lt=before)
    page = list(comments.order_by("-pk")[: COMMENTS_PAGE + 1])
    return page[:COMMENTS_PAGE][::-1], len(page) > COMMENTS_PAGE


def is_known_to(user: Any, people: Iterable[int | None]) -> set[int]:
    """Those of `people`, by primary key, whose names `user` may read at a goal.

    A mentee knows whoever has been her mentor. Mentors know themselves and those they are matched with: not who was a
    mentor of their mentee before.
    """
    keys = {pk for pk in people if pk is not None}
    reach = reach_of(user)
    if reach.role == Role.MENTEE or not keys:
        return keys
    seen = Person.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    return {*seen, *(keys & {reach.person})}


def catalogue_with_use(catalogue: QuerySet[CatalogueGoal], user: Any) -> QuerySet[CatalogueGoal]:
    """`catalogue` with `mentee_count`: how many mentees within the reach of `user` have or had each goal."""
    used = (
        Goal.objects.visible_to(user)
        .filter(catalogue_goal=OuterRef("pk"), state__in=_USED_STATES)
        .order_by()
        .values("catalogue_goal")
        .annotate(count=Count("mentee", distinct=True))
        .values("count")
    )
    return catalogue.annotate(mentee_count=Coalesce(Subquery(used, output_field=IntegerField()), 0))
