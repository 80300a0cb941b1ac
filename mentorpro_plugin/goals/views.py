"""Goals behind the front doors: a mentee's own, and for mentors those of their mentees."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from ..access.roles import Role
from ..access.views import add_refusal
from ..people.models import Person
from ..shell.views import PortalView, is_of_htmx, lead_to
from .actions import (
    change_goal,
    comment_on_goal,
    locked,
    propose_goal,
    set_goal,
    set_progress,
    tick_step,
    untick_step,
)
from .forms import ChangeGoalForm, CommentForm, GoalForm, PlanForm, ProgressForm
from .models import CatalogueGoal, Goal, GoalStep
from .queries import (
    OPEN_STATES,
    PAST_STATES,
    comments_before,
    goals_for,
    is_known_to,
    mentees_of,
    offered_to,
)

#: Mentees on a page of a mentor's, and how many goals of each stand there.
MENTEES_PAGE, MOST_OF_EACH = 20, 3
#: Past goals on a page.
PAST_PAGE = 10
#: Goals of the catalogue on a page; more are searched.
MOST_OFFERED = 50


class GoalsOfMixin:
    """Shows all goals of one mentee: the open ones, and a page of those that are over."""

    def goals_of(self, mentee: Person) -> dict[str, Any]:
        goals = goals_for(self.request.user).filter(mentee=mentee)
        current = list(goals.filter(state__in=OPEN_STATES))
        past = Paginator(goals.filter(state__in=PAST_STATES), PAST_PAGE)
        return {
            "mentee": mentee,
            "proposed": [goal for goal in current if goal.is_proposed],
            "open": [goal for goal in current if goal.is_open],
            "past": past.get_page(self.request.GET.get("page")),
        }


class GoalsView(GoalsOfMixin, PortalView):
    """The Goals tab."""

    template_name = "mentorpro_plugin/goals/mine.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.person.role == Role.MENTEE:
            return self.render(self.goals_of(self.person))
        page = Paginator(mentees_of(request.user), MENTEES_PAGE).get_page(request.GET.get("page"))
        return self.render(
            {"page": page, "groups": self._groups(list(page.object_list))},
            template_name="mentorpro_plugin/goals/of_mentees.html",
        )

    def _groups(self, mentees: list[Person]) -> list[dict[str, Any]]:
        """Each mentee with a few open goals, and how many more there are."""
        by_mentee: dict[int, list[Goal]] = {mentee.pk: [] for mentee in mentees}
        for goal in goals_for(self.request.user).filter(mentee__in=by_mentee, state__in=OPEN_STATES):
            by_mentee[goal.mentee_id].append(goal)
        return [
            {
                "mentee": mentee,
                "goals": by_mentee[mentee.pk][:MOST_OF_EACH],
                "more": max(0, len(by_mentee[mentee.pk]) - MOST_OF_EACH),
            }
            for mentee in mentees
        ]


class AboutMenteeView(PortalView):
    """A page about a mentee's goals: behind the mentees' door one's own, behind the mentors' a mentee's in the address."""

    mentee: Person

    def turn_away(self, request: HttpRequest) -> HttpResponse | None:
        away = super().turn_away(request)
        if away is None:
            self.mentee = self._find_mentee(request)
        return away

    def _find_mentee(self, request: HttpRequest) -> Person:
        is_named = "mentee" in self.kwargs
        if is_named != (self.person.role == Role.MENTOR):
            raise Http404
        return (
            get_object_or_404(mentees_of(request.user), pk=self.kwargs["mentee"]) if is_named else self.person
        )

    @property
    def is_own(self) -> bool:
        return self.mentee.pk == self.person.pk

    @property
    def goals_url(self) -> str:
        return self.url("goals") if self.is_own else self.url("goals_of", self.mentee.pk)

    @property
    def choose_url(self) -> str:
        return self.url("goal_add") if self.is_own else self.url("goal_propose", self.mentee.pk)

    @property
    def own_words_url(self) -> str:
        if self.is_own:
            return self.url("goal_add_own")
        return self.url("goal_propose_own", self.mentee.pk)

    def chosen_url(self, goal: CatalogueGoal) -> str:
        if self.is_own:
            return self.url("goal_add_chosen", goal.pk)
        return self.url("goal_propose_chosen", self.mentee.pk, goal.pk)


class GoalsOfView(GoalsOfMixin, AboutMenteeView):
    """All goals of one of a mentor's mentees."""

    template_name = "mentorpro_plugin/goals/mine.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render(self.goals_of(self.mentee))


class ChooseGoalView(AboutMenteeView):
    """What the catalogue offers, to be searched; and the way to one's own words."""

    template_name = "mentorpro_plugin/goals/choose.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        query = request.GET.get("q", "").strip()[:100]
        found = list(offered_to(self.mentee, query=query)[: MOST_OFFERED + 1])
        context = {
            "mentee": self.mentee,
            "query": query,
            "offered": [(goal, self.chosen_url(goal)) for goal in found[:MOST_OFFERED]],
            "has_more": len(found) > MOST_OFFERED,
        }
        if is_of_htmx(request):
            return self.render(context, template_name="mentorpro_plugin/goals/_offered.html")
        return self.render(context)


class NewGoalView(AboutMenteeView):
    """Sets a goal, or proposes one: from the catalogue, if one is in the address, or in one's own words."""

    template_name = "mentorpro_plugin/goals/form.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(self._form_class())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self._form_class(request.POST)
        if not form.is_valid():
            return self._show(form)
        act = set_goal if self.is_own else propose_goal
        try:
            goal = act(mentee=self.mentee, catalogue_goal=self._chosen, by=request.user, **form.words())
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self._show(form)
        if self.is_own:
            messages.success(request, _("Your goal is set. Good luck!"))
        else:
            messages.success(request, _("Your proposal waits for an answer."))
        return self.redirect("goal", goal.pk)

    @property
    def _form_class(self) -> type[PlanForm]:
        return PlanForm if "catalogue" in self.kwargs else GoalForm

    @property
    def _chosen(self) -> CatalogueGoal | None:
        if "catalogue" not in self.kwargs:
            return None
        return get_object_or_404(offered_to(self.mentee), pk=self.kwargs["catalogue"])

    def _show(self, form: PlanForm) -> HttpResponse:
        if "title" in form.fields and not self.is_own:
            # The question is the mentee's.
            form.fields["title"].label = _("Goal")
        return self.render(
            {"form": form, "mentee": self.mentee, "chosen": self._chosen, "back_url": self.choose_url}
        )


class OneGoalView(PortalView):
    """A page on one goal that the viewer may see. `role`, if given, is for whom it is at all."""

    role: Role | None = None
    goal: Goal

    def turn_away(self, request: HttpRequest) -> HttpResponse | None:
        away = super().turn_away(request)
        if away is None:
            if self.role not in (None, self.person.role):
                raise Http404
            self.goal = get_object_or_404(goals_for(request.user), pk=self.kwargs["pk"])
        return away

    @property
    def is_own(self) -> bool:
        return self.goal.mentee_id == self.person.pk

    @property
    def goal_url(self) -> str:
        return self.url("goal", self.goal.pk)

    @property
    def goals_url(self) -> str:
        return self.url("goals") if self.is_own else self.url("goals_of", self.goal.mentee_id)

    def act(self, action: Any, *subject: Any, **words: Any) -> bool:
        """Call `action` as the viewer; say in the next page what it refuses. Returns whether it was done."""
        try:
            action(*(subject or [self.goal]), by=self.request.user, **words)
        except ValidationError as refusal:
            messages.error(self.request, " ".join(refusal.messages))
            return False
        return True

    def back_to_goal(self, anchor: str = "") -> HttpResponse:
        return lead_to(self.request, self.goal_url + anchor)


class GoalView(OneGoalView):
    """A goal: its steps to tick, its day, what was said about it, and what can be done with it."""

    template_name = "mentorpro_plugin/goals/goal.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def show(self, comment_form: CommentForm | None = None) -> HttpResponse:
        before = self.request.GET.get("before", "")
        comments, has_earlier = comments_before(
            self.goal, int(before) if before.isdecimal() and len(before) < 19 else None
        )
        known = is_known_to(
            self.request.user, [self.goal.proposed_by_id, *(row.author_id for row in comments)]
        )
        for comment in comments:
            comment.is_known = comment.author_id in known
        can_change = self.is_own and self.goal.is_open
        return self.render(
            {
                "goal": self.goal,
                "steps": list(GoalStep.objects.filter(goal=self.goal)),
                "can_change": can_change,
                "proposer": self.goal.proposed_by if self.goal.proposed_by_id in known else None,
                "may_withdraw": self.goal.is_proposed
                and self.goal.proposed_by_id == self.person.pk
                and not self.goal.mentee.is_deactivated,
                "progress_form": ProgressForm(goal=self.goal),
                "comments": comments,
                "earlier": comments[0].pk if has_earlier else None,
                "may_comment": self.is_own or not self.goal.mentee.is_deactivated,
                "comment_form": comment_form or CommentForm(),
            },
            template_name=GoalView.template_name,
        )


class CommentView(GoalView):
    """Takes a comment; shows the goal again where it doesn't fit."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = CommentForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            comment_on_goal(self.goal, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.show(form)
        return self.back_to_goal("#comments")


class ChangeGoalView(OneGoalView):
    """New words, another day, other steps."""

    role = Role.MENTEE
    template_name = "mentorpro_plugin/goals/form.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(ChangeGoalForm(goal=self.goal))

    @transaction.atomic
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        # Locked before the form reads it: what the form compares with is what is saved over.
        self.goal = locked(self.goal)
        form = ChangeGoalForm(request.POST, goal=self.goal)
        if not form.is_valid():
            return self._show(form)
        try:
            change_goal(self.goal, by=request.user, **form.words())
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self._show(form)
        messages.success(request, _("Your goal was changed."))
        return self.redirect("goal", self.goal.pk)

    def _show(self, form: ChangeGoalForm) -> HttpResponse:
        if not self.goal.is_open:
            return self.redirect("goal", self.goal.pk)
        return self.render(
            {"form": form, "goal": self.goal, "mentee": self.person, "back_url": self.goal_url}
        )


class StepView(OneGoalView):
    """Ticks a step, or takes the tick off. Takes the wished-for state, so that two taps don't undo each other."""

    template_name = "mentorpro_plugin/goals/_steps.html"
    role = Role.MENTEE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, step: int, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(GoalStep.objects.filter(goal=self.goal), pk=step)
        done = self.act(tick_step if request.POST.get("done") == "on" else untick_step, row)
        if not done or not is_of_htmx(request):
            return self.back_to_goal("#steps" if done else "")
        self.goal.refresh_from_db(fields=["progress"])
        steps = list(GoalStep.objects.filter(goal=self.goal))
        return self.render({"goal": self.goal, "steps": steps, "can_change": True})


class ProgressView(OneGoalView):
    """Takes how far a goal without steps is."""

    role = Role.MENTEE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ProgressForm(request.POST, goal=self.goal)
        if not form.is_valid():
            messages.error(request, _("Choose how far you are."))
        else:
            self.act(set_progress, progress=form.cleaned_data["progress"])
        return self.back_to_goal()


class MoveView(OneGoalView):
    """Does one thing to a goal, by POST: `action` from the actions, with the sentence to say afterwards."""

    http_method_names = ["post"]
    role = Role.MENTEE
    action: Any = None
    sentence: Any = ""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.act(self.action):
            messages.success(request, self.sentence)
        return self.back_to_goal()


class WithdrawView(OneGoalView):
    """Takes back a mentor's own proposal."""

    role = Role.MENTOR
    http_method_names = ["post"]
    action: Any = None

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.goal.proposed_by_id != self.person.pk:
            raise Http404
        if not self.act(self.action):
            return self.back_to_goal()
        messages.success(request, _("You took your proposal back."))
        return lead_to(request, self.goals_url)


class DoneView(OneGoalView):
    """Marks a goal as done by POST; then says well done, and what could come next."""

    role = Role.MENTEE
    action: Any = None
    template_name = "mentorpro_plugin/goals/done.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.goal.is_done:
            return self.back_to_goal()
        others = goals_for(request.user).filter(mentee=self.person, state=Goal.State.OPEN)
        done = Goal.objects.visible_to(request.user).filter(mentee=self.person, state=Goal.State.DONE)
        return self.render({"goal": self.goal, "open": others[:MOST_OF_EACH], "done_count": done.count()})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.act(self.action):
            return self.back_to_goal()
        return lead_to(request, self.url("goal_done", self.goal.pk))
