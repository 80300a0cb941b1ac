"""Setting, proposing, changing and reaching goals: who may, what is refused, and what is kept of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from mentorpro_plugin.goals import actions
from mentorpro_plugin.goals.actions import (
    MOST_OPEN,
    MOST_STEPS,
    accept_goal,
    change_goal,
    comment_on_goal,
    complete_goal,
    decline_goal,
    drop_goal,
    propose_goal,
    reopen_goal,
    set_goal,
    set_progress,
    tick_step,
    untick_step,
    withdraw_goal,
)
from mentorpro_plugin.goals.catalogue import save_catalogue_goal
from mentorpro_plugin.models import (
    Assignment,
    CatalogueGoal,
    Goal,
    GoalComment,
    GoalStep,
    HistoryEntry,
    Person,
)

MENTEE, MENTOR = "first_year_mentee", "first_year_mentor"


def count_of(mentee):
    return Goal._base_manager.filter(mentee__email=f"{mentee}@example.org").count()


def history():
    return list(HistoryEntry._base_manager.order_by("pk").values_list("action", flat=True))


def kept(goal):
    return Goal._base_manager.get(pk=goal.pk)


def steps_of(goal):
    rows = GoalStep._base_manager.filter(goal=goal)
    return [(row.text, row.done_at is not None) for row in rows]


def step(goal, text):
    return GoalStep._base_manager.get(goal=goal, text=text)


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def sentences_of(refusal):
    return refusal.value.messages


def test_mentee_sets_a_goal_of_her_own(world, acting):
    with acting(MENTEE) as by:
        goal = set_goal(
            mentee=world.people[MENTEE],
            title="  Find an\tinternship ",
            description="Somewhere\r\n\r\n\r\n\r\nwarm.",
            due_on=in_days(30),
            steps=["Ask around", " ", "Apply"],
            by=by,
        )

    goal = kept(goal)
    assert (goal.title, goal.description, goal.due_on) == (
        "Find an internship",
        "Somewhere\n\nwarm.",
        in_days(30),
    )
    assert (goal.state, goal.progress, goal.proposed_by) == ("open", 0, None)
    assert steps_of(goal) == [("Ask around", False), ("Apply", False)]


def test_goal_stands_in_the_history_without_its_words_and_in_the_last_activity(world, acting):
    with acting(MENTEE) as by:
        goal = set_goal(mentee=world.people[MENTEE], title="Quit smoking", by=by)

    [entry] = HistoryEntry._base_manager.all()
    mentee = Person._base_manager.get(pk=world.people[MENTEE].pk)
    assert (entry.action, entry.person, entry.actor_id) == ("goal_set", mentee, mentee.user_id)
    assert (entry.subject_type, entry.subject_id) == ("goal", goal.pk)
    assert "smoking" not in str(entry.changes)
    assert mentee.last_activity_kind == "goal"
    assert timezone.now() - mentee.last_activity_at < timedelta(minutes=1)


def test_goal_from_the_catalogue_takes_its_words(world, acting):
    chosen = world.catalogue["riverside"]

    with acting(MENTEE) as by:
        goal = set_goal(mentee=world.people[MENTEE], catalogue_goal=chosen, by=by)

    assert (goal.title, goal.description) == (chosen.title, chosen.description)
    assert kept(goal).catalogue_goal == chosen


@pytest.mark.parametrize("tree", ["riverside", "hillside"])
def test_goal_that_is_not_offered_to_her_is_refused(world, acting, not_offered, tree):
    chosen = not_offered if tree == "riverside" else world.catalogue["hillside"]

    with acting(MENTEE) as by, pytest.raises(ValidationError) as refusal:
        set_goal(mentee=world.people[MENTEE], catalogue_goal=chosen, by=by)

    assert sentences_of(refusal) == [
        "This goal is not offered any more. Choose another one, or write your own."
    ]
    assert count_of(MENTEE) == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": " \x00\u202e "}, "Give the goal a title."),
        ({"title": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
        (
            {"title": "Read", "description": "x" * 2_001},
            "Ensure this value has at most 2000 characters (it has 2001).",
        ),
        ({"title": "Read", "due_on": in_days(-1)}, "This day is past. Choose one ahead, or leave it empty."),
        ({"title": "Read", "steps": ["Page"] * 21}, f"A goal has at most {MOST_STEPS} steps."),
        ({"title": "Read", "steps": ["x" * 201]}, "A step is at most 200 characters long."),
    ],
)
@pytest.mark.parametrize("action", ["set_goal", "propose_goal"])
def test_what_does_not_fit_is_refused_with_a_sentence(world, acting, action, fields, sentence):
    who = MENTEE if action == "set_goal" else MENTOR
    with acting(who) as by, pytest.raises(ValidationError) as refusal:
        getattr(actions, action)(mentee=world.people[MENTEE], by=by, **fields)

    assert sentences_of(refusal) == [sentence]
    assert (count_of(MENTEE), history()) == (0, [])


def test_goal_sent_twice_is_one(world, acting):
    with acting(MENTEE) as by:
        set_goal(mentee=world.people[MENTEE], title="Read", by=by)
        with pytest.raises(ValidationError) as refusal:
            set_goal(mentee=world.people[MENTEE], title="READ", by=by)

    assert sentences_of(refusal) == ["There is an open goal with this title already."]
    assert count_of(MENTEE) == 1


def test_goal_can_be_set_again_once_it_is_done(world, acting, goal_of):
    goal_of(MENTEE, title="Read", state="done")

    with acting(MENTEE) as by:
        set_goal(mentee=world.people[MENTEE], title="Read", by=by)

    assert count_of(MENTEE) == 2


def test_too_many_open_goals_are_refused(world, acting, goal_of):
    for number in range(MOST_OPEN):
        goal_of(MENTEE, title=f"Goal {number}")
    done = goal_of(MENTEE, title="Done", state="done")

    with acting(MENTEE) as by:
        with pytest.raises(ValidationError) as refusal:
            set_goal(mentee=world.people[MENTEE], title="One more", by=by)
        with pytest.raises(ValidationError):
            reopen_goal(done, by=by)

    assert sentences_of(refusal) == [
        "There are 50 open goals already. First, one has to be done or given up."
    ]


@pytest.mark.parametrize(
    ("who", "mentee"),
    [
        (MENTOR, MENTEE),
        ("first_year_pm", MENTEE),
        ("engineering_child", MENTEE),
        ("super_admin", MENTEE),
        (MENTEE, "transfer_mentee"),
        (MENTEE, "moot_mentee"),
        ("engineering_left_mentee", "engineering_left_mentee"),
    ],
)
def test_nobody_else_sets_goals(world, acting, who, mentee):
    with acting(who) as by, pytest.raises(PermissionDenied):
        set_goal(mentee=world.people[mentee], title="Read", by=by)


@pytest.mark.parametrize(
    ("who", "mentee"),
    [
        (MENTEE, MENTEE),
        ("first_year_pm", MENTEE),
        ("riverside_parent", MENTEE),
        (MENTOR, "transfer_mentee"),
        (MENTOR, "moot_mentee"),
        (MENTOR, MENTOR),
        ("super_admin", MENTEE),
    ],
)
def test_only_her_mentor_proposes_goals(world, acting, who, mentee):
    with acting(who) as by, pytest.raises(PermissionDenied):
        propose_goal(mentee=world.people[mentee], title="Read", by=by)


def test_mentor_proposes_and_mentee_accepts(world, acting):
    with acting(MENTOR) as by:
        goal = propose_goal(mentee=world.people[MENTEE], title="Read", steps=["Choose a book"], by=by)
    assert (kept(goal).state, kept(goal).proposed_by) == ("proposed", world.people[MENTOR])

    with acting(MENTEE) as by:
        accept_goal(goal, by=by)
        accept_goal(goal, by=by)

    assert kept(goal).state == "open"
    assert history() == ["goal_proposed", "goal_accepted"]


def test_proposal_is_declined_and_stays_so(world, acting, goal_of):
    goal = goal_of(MENTEE, state="proposed", proposed_by=world.people[MENTOR])

    with acting(MENTEE) as by:
        decline_goal(goal, by=by)
        for answer in (accept_goal, reopen_goal, complete_goal, drop_goal):
            with pytest.raises(ValidationError) as refusal:
                answer(goal, by=by)
            assert sentences_of(refusal) == ["This can't be done: the goal is declined."]

    assert (kept(goal).state, history()) == ("declined", ["goal_declined"])


def test_mentor_takes_a_proposal_back_until_it_is_answered(world, acting, goal_of):
    waiting = goal_of(MENTEE, title="One", state="proposed", proposed_by=world.people[MENTOR])
    answered = goal_of(MENTEE, title="Two", proposed_by=world.people[MENTOR])
    of_another = goal_of(MENTEE, title="Three", state="proposed")

    with acting(MENTOR) as by:
        withdraw_goal(waiting, by=by)
        with pytest.raises(ValidationError):
            withdraw_goal(answered, by=by)
        with pytest.raises(PermissionDenied):
            withdraw_goal(of_another, by=by)

    assert set(Goal._base_manager.filter(mentee=world.people[MENTEE])) == {answered, of_another}
    assert history() == ["goal_withdrawn"]


MENTEES_OWN = {
    "change": lambda goal, by: change_goal(goal, title="Other", description="", due_on=None, steps=[], by=by),
    "tick": lambda goal, by: tick_step(step(goal, "One"), by=by),
    "untick": lambda goal, by: untick_step(step(goal, "One"), by=by),
    "progress": lambda goal, by: set_progress(goal, progress=50, by=by),
    "complete": lambda goal, by: complete_goal(goal, by=by),
    "reopen": lambda goal, by: reopen_goal(goal, by=by),
    "drop": lambda goal, by: drop_goal(goal, by=by),
    "accept": lambda goal, by: accept_goal(goal, by=by),
    "decline": lambda goal, by: decline_goal(goal, by=by),
}


@pytest.mark.parametrize("what", MENTEES_OWN)
@pytest.mark.parametrize(
    "who", [MENTOR, "transfer_mentee", "first_year_sc", "riverside_parent", "moot_mentee"]
)
def test_goal_is_the_mentees_to_change(acting, goal_of, what, who):
    goal = goal_of(MENTEE, steps=["One"])
    before = Goal._base_manager.values().get(pk=goal.pk)

    with acting(who) as by, pytest.raises(PermissionDenied):
        MENTEES_OWN[what](goal, by)

    assert Goal._base_manager.values().get(pk=goal.pk) == before
    assert (steps_of(goal), history()) == ([("One", False)], [])


@pytest.mark.parametrize("what", ["change", "tick", "untick", "progress", "drop"])
def test_goal_that_is_done_changes_no_more(acting, goal_of, what):
    goal = goal_of(MENTEE, steps=["One"], state="done")

    with acting(MENTEE) as by, pytest.raises(ValidationError) as refusal:
        MENTEES_OWN[what](goal, by)

    assert sentences_of(refusal) == ["This can't be done: the goal is done."]


def test_progress_follows_the_steps(acting, goal_of):
    goal = goal_of(MENTEE, steps=["One", "Two", "Three"])

    with acting(MENTEE) as by:
        seen = [
            tick_step(step(goal, "One"), by=by).progress,
            tick_step(step(goal, "One"), by=by).progress,
            tick_step(step(goal, "Three"), by=by).progress,
            untick_step(step(goal, "One"), by=by).progress,
        ]
        with pytest.raises(ValidationError) as refusal:
            set_progress(goal, progress=90, by=by)

    assert seen == [33, 33, 66, 33]
    assert kept(goal).progress == 33
    assert sentences_of(refusal) == ["The progress of this goal follows from its steps."]
    assert history() == ["goal_progressed"] * 3


def test_progress_without_steps_is_said(acting, goal_of):
    goal = goal_of(MENTEE)

    with acting(MENTEE) as by:
        set_progress(goal, progress=40, by=by)
        with pytest.raises(ValidationError):
            set_progress(goal, progress=101, by=by)

    assert kept(goal).progress == 40
    assert HistoryEntry._base_manager.get().changes == {"progress": [0, 40]}


def test_changed_steps_keep_their_order_and_their_ticks(acting, goal_of):
    goal = goal_of(MENTEE, title="Read", steps=["One", "Two", "Three"])
    first = step(goal, "One")
    words = {"title": "Read", "description": "", "due_on": None}

    with acting(MENTEE) as by:
        for text in ("One", "Three"):
            tick_step(step(goal, text), by=by)
        change_goal(goal, steps=["One", "Middle", "Three", "Four"], by=by, **words)

    assert steps_of(goal) == [("One", True), ("Middle", False), ("Three", True), ("Four", False)]
    assert step(goal, "One") == first
    assert kept(goal).progress == 50


def test_change_that_changes_nothing_leaves_no_history(acting, goal_of):
    goal = goal_of(MENTEE, title="Read", steps=["One"])

    with acting(MENTEE) as by:
        change_goal(goal, title="Read", description="", due_on=None, steps=["One"], by=by)

    assert history() == []


def test_late_goal_can_be_reworded_without_a_new_day(acting, goal_of):
    goal = goal_of(MENTEE, due_on=in_days(-3))
    words = {"title": "Read", "description": "", "steps": []}

    with acting(MENTEE) as by:
        change_goal(goal, due_on=in_days(-3), by=by, **words)
        with pytest.raises(ValidationError):
            change_goal(goal, due_on=in_days(-2), by=by, **words)

    assert (kept(goal).title, kept(goal).due_on) == ("Read", in_days(-3))
    assert HistoryEntry._base_manager.get().changes == {"title": None}


def test_goal_is_done_and_taken_up_again(acting, goal_of):
    goal = goal_of(MENTEE, steps=["One", "Two"])

    with acting(MENTEE) as by:
        tick_step(step(goal, "One"), by=by)
        complete_goal(goal, by=by)
        complete_goal(goal, by=by)
        done = kept(goal)
        reopen_goal(goal, by=by)

    assert (done.state, done.progress) == ("done", 50)
    assert timezone.now() - done.done_at < timedelta(minutes=1)
    assert (kept(goal).state, kept(goal).done_at, kept(goal).progress) == ("open", None, 50)
    assert history() == ["goal_progressed", "goal_done", "goal_reopened"]


def test_goal_that_was_given_up_is_taken_up_again_unless_another_has_its_title(acting, goal_of):
    goal = goal_of(MENTEE, title="Read")

    with acting(MENTEE) as by:
        drop_goal(goal, by=by)
        goal_of(MENTEE, title="Read")
        with pytest.raises(ValidationError) as refusal:
            reopen_goal(goal, by=by)

    assert sentences_of(refusal) == ["There is an open goal with this title already."]
    assert (kept(goal).state, history()) == ("dropped", ["goal_dropped"])


def test_mentee_and_mentor_comment(world, acting, goal_of):
    goal = goal_of(MENTEE)

    for who in (MENTEE, MENTOR):
        with acting(who) as by:
            comment_on_goal(goal, text=f"I am {who}.\r\n", by=by)

    comments = GoalComment._base_manager.values_list("author", "text")
    assert list(comments) == [(world.people[who].pk, f"I am {who}.") for who in (MENTEE, MENTOR)]
    assert history() == ["goal_commented", "goal_commented"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" \x00\n", "Write something first."),
        ("x" * 2_001, "Ensure this value has at most 2000 characters (it has 2001)."),
    ],
)
def test_comment_that_does_not_fit_is_refused(acting, goal_of, text, sentence):
    goal = goal_of(MENTEE)

    with acting(MENTEE) as by, pytest.raises(ValidationError) as refusal:
        comment_on_goal(goal, text=text, by=by)

    assert sentences_of(refusal) == [sentence]


@pytest.mark.parametrize(
    "who", ["first_year_pm", "engineering_child", "transfer_mentor", "moot_mentor", "super_admin"]
)
def test_nobody_else_comments(acting, goal_of, who):
    goal = goal_of(MENTEE)

    with acting(who) as by, pytest.raises(PermissionDenied):
        comment_on_goal(goal, text="Hello", by=by)


def test_mentor_who_is_no_longer_matched_has_no_access(world, acting, goal_of):
    goal = goal_of(MENTEE, state="proposed", proposed_by=world.people[MENTOR])
    matches = Assignment._base_manager.filter(person=world.people[MENTEE], lead=world.people[MENTOR])
    matches.update(ended_at=timezone.now())

    with acting(MENTOR) as by:
        for attempt in (
            lambda: propose_goal(mentee=world.people[MENTEE], title="Read", by=by),
            lambda: comment_on_goal(goal, text="Hello", by=by),
            lambda: withdraw_goal(goal, by=by),
        ):
            with pytest.raises(PermissionDenied):
                attempt()
        assert goal not in Goal.objects.visible_to(by)


def test_goals_of_a_deactivated_mentee_are_read_only_for_her_mentor(world, acting, goal_of):
    goal = goal_of("engineering_left_mentee", state="proposed", proposed_by=world.people[MENTOR])

    with acting(MENTOR) as by:
        for attempt in (
            lambda: propose_goal(mentee=world.people["engineering_left_mentee"], title="Read", by=by),
            lambda: comment_on_goal(goal, text="Hello", by=by),
            lambda: withdraw_goal(goal, by=by),
        ):
            with pytest.raises(ValidationError) as refusal:
                attempt()
            [sentence] = sentences_of(refusal)
            assert sentence.startswith("Engineering Left Mentee Enginmark is deactivated.")
        assert list(Goal.objects.visible_to(by)) == [goal]


def test_catalogue_goal_is_added_and_changed(world, acting):
    with acting("riverside_parent") as by:
        goal = CatalogueGoal(organization=world.organizations["riverside"], title=" Thesis ")
        save_catalogue_goal(goal, by=by)
        goal.is_offered = False
        save_catalogue_goal(goal, by=by)

    row = CatalogueGoal._base_manager.get(pk=goal.pk)
    assert (row.title, row.is_offered) == ("Thesis", False)
    assert history() == ["added", "changed"]
    assert HistoryEntry._base_manager.latest("pk").changes == {"is_offered": [True, False]}


@pytest.mark.parametrize("who", ["engineering_child", "first_year_pm", MENTEE, "hillside_parent"])
def test_catalogue_is_the_parents(world, acting, who):
    goal = world.catalogue["riverside"]
    goal.title = "Taken over"

    with acting(who) as by:
        with pytest.raises(PermissionDenied):
            save_catalogue_goal(goal, by=by)
        with pytest.raises(PermissionDenied):
            save_catalogue_goal(
                CatalogueGoal(organization=world.organizations["riverside"], title="New"), by=by
            )

    assert CatalogueGoal._base_manager.get(pk=goal.pk).title == "Résumé Riverside"


def test_catalogue_goal_stays_in_its_tree(world, acting):
    goal = world.catalogue["riverside"]
    goal.organization = world.organizations["hillside"]

    with acting("super_admin") as by, pytest.raises(PermissionDenied):
        save_catalogue_goal(goal, by=by)


@pytest.mark.parametrize(
    ("organization", "title", "sentence"),
    [
        ("riverside", "résumé RIVERSIDE", "This organization already has a goal with this title."),
        ("riverside", "\x00", "Give the goal a title."),
        ("engineering", "New", "Goals belong to a parent organization; its children share them."),
    ],
)
def test_catalogue_goal_that_does_not_fit_is_refused(world, acting, organization, title, sentence):
    goal = CatalogueGoal(organization=world.organizations[organization], title=title)

    with acting("super_admin") as by, pytest.raises(ValidationError) as refusal:
        save_catalogue_goal(goal, by=by)

    assert sentences_of(refusal) == [sentence]
