"""What goals put into the frame of the portal's pages, and among the news on the first of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..access.roles import Role
from ..people.models import Person
from ..shell.news import MOST_SHOWN, News, register_news
from ..shell.tabs import Tab, register_tab
from .models import Goal

#: A goal is in the news for so many days before it is due; for mentors, after it was reached.
DAYS_IN_THE_NEWS = 7


def register_goals() -> None:
    register_tab(Tab(gettext_lazy("Goals"), "goals", "goal", order=40, count=count_proposals))
    register_news(goal_news, order=40)


def count_proposals(request: Any) -> int:
    """How many proposals wait for the mentee's answer. One query, none for mentors."""
    person = request.user.mentorpro_person
    if person.role != Role.MENTEE:
        return 0
    return Goal.objects.filter(mentee=person, state=Goal.State.PROPOSED).count()


def goal_news(request: Any, person: Person) -> Iterator[News]:
    """For mentees: proposals, and goals that are late or due soon. For mentors: what their mentees have reached."""
    return _news_of_mentee(person) if person.role == Role.MENTEE else _news_of_mentor(request.user)


def _news_of_mentee(person: Person) -> Iterator[News]:
    soon = timezone.localdate() + timedelta(days=DAYS_IN_THE_NEWS)
    goals = Goal.objects.filter(mentee=person)
    waiting = goals.filter(state=Goal.State.PROPOSED) | goals.filter(state=Goal.State.OPEN, due_on__lte=soon)
    for goal in waiting.select_related("proposed_by").order_by("due_on", "pk")[:MOST_SHOWN]:
        if goal.is_proposed:
            who = goal.proposed_by.full_name if goal.proposed_by else ""
            text = _("proposes a goal: “{goal}”") if who else _("A goal was proposed to you: “{goal}”")
            yield News(_isolated(text, goal), "goal", (goal.pk,), who=who, icon="goal")
        else:
            yield News(_isolated(_due_sentence(goal), goal), "goal", (goal.pk,), icon="calendar")


def _due_sentence(goal: Goal) -> str:
    if goal.is_late:
        return _("“{goal}” is late: it was due on {day}.")
    if goal.is_due_today:
        return _("“{goal}” is due today.")
    return _("“{goal}” is due on {day}.")


def _news_of_mentor(user: Any) -> Iterator[News]:
    lately = timezone.now() - timedelta(days=DAYS_IN_THE_NEWS)
    reached = Goal.objects.visible_to(user).filter(state=Goal.State.DONE, done_at__gte=lately)
    for goal in reached.select_related("mentee").order_by("-done_at", "-pk")[:MOST_SHOWN]:
        text = _isolated(_("reached a goal: “{goal}”"), goal)
        yield News(text, "goal", (goal.pk,), who=goal.mentee.full_name, icon="goal")


def _isolated(text: str, goal: Goal) -> str:
    """The sentence with the goal's title in it, which may be written in the other direction."""
    day = date_format(goal.due_on, "DATE_FORMAT") if goal.due_on else ""
    return format_html(text, goal=format_html("<bdi>{}</bdi>", goal.title), day=day)
