"""Goals behind the front doors: what mentees and mentors see, do, and are refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.models import Assignment, CatalogueGoal, Goal, GoalComment, GoalStep, Person
from tests.world import add, assign

MENTEE, MENTOR = "first_year_mentee", "first_year_mentor"


@pytest.fixture
def mentee(client_of):
    return client_of(MENTEE)


@pytest.fixture
def mentor(client_of):
    return client_of(MENTOR)


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def goals_of(world, name):
    return Goal._base_manager.filter(mentee=world.people[name])


def test_mentee_without_goals_is_told_how_to_begin(mentee):
    page = text_of(mentee.get("/mentee/goals/"))

    assert "You have no goal at the moment." in page
    assert reverse("mentee:goal_add") in page


def test_mentee_sets_a_goal_in_her_own_words(world, mentee):
    due_on = timezone.localdate() + timedelta(days=9)

    response = mentee.post(
        "/mentee/goals/add/own/",
        {"title": "Read a book", "due_on": due_on.isoformat(), "steps": "Choose it\r\n\r\nRead it\r\n"},
        follow=True,
    )

    goal = goals_of(world, MENTEE).get()
    assert response.redirect_chain == [(f"/mentee/goals/{goal.pk}/", 302)]
    assert (goal.title, goal.due_on) == ("Read a book", due_on)
    assert [step.text for step in GoalStep._base_manager.filter(goal=goal)] == ["Choose it", "Read it"]
    assert "Your goal is set." in text_of(response)


def test_mentee_chooses_from_what_her_own_tree_offers(world, mentee, not_offered):
    offered, stranger = world.catalogue["riverside"], world.catalogue["hillside"]

    page = text_of(mentee.get("/mentee/goals/add/"))
    answers = {
        goal: mentee.get(f"/mentee/goals/add/{goal.pk}/").status_code for goal in (not_offered, stranger)
    }
    mentee.post(f"/mentee/goals/add/{offered.pk}/", {"title": "Mine", "due_on": "", "steps": ""})

    assert offered.title in page
    assert not_offered.title not in page
    assert stranger.title not in page
    assert answers == {not_offered: 404, stranger: 404}
    assert (goals_of(world, MENTEE).get().title) == offered.title
    # What she works on already isn't offered once more.
    assert offered.title not in text_of(mentee.get("/mentee/goals/add/"))
    assert mentee.post(f"/mentee/goals/add/{offered.pk}/", {}).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"), [("résu", True), ("WRITES", True), ("résumé chess", False), ("\x00", True)]
)
def test_catalogue_is_searched(world, mentee, query, found):
    whole = text_of(mentee.get("/mentee/goals/add/", {"q": query}))
    part = text_of(mentee.get("/mentee/goals/add/", {"q": query}, headers={"HX-Request": "true"}))

    assert (world.catalogue["riverside"].title in whole) == found
    assert (world.catalogue["riverside"].title in part) == found
    assert "<html" not in part
    if not found:
        assert "No goal matches your search." in part


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "This field is required."),
        ({"title": "\u200b\u200f"}, "Give the goal a title."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"title": "Read", "description": "x" * 2_001}, "at most 2000 characters"),
        ({"title": "Read", "due_on": "yesterday"}, "Enter a valid date."),
        ({"title": "Read", "due_on": "2020-02-02"}, "This day is past."),
        ({"title": "Read", "steps": "one\n" * 21}, "A goal has at most 20 steps."),
        ({"title": "Read", "steps": "x" * 201}, "A step is at most 200 characters long."),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(world, mentee, fields, sentence):
    page = text_of(mentee.post("/mentee/goals/add/own/", fields))

    assert sentence in page
    assert not goals_of(world, MENTEE).exists()


HOSTILE = [
    "<script>alert(1)</script>",
    "a\x00b",
    "\u202eevil",
    "\ud83d\ude00 emoji",
    "{{ 7*7 }}{% if %}",
    "' or 1=1 --",
    "é" * 200,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_kept_or_refused_and_nothing_of_it_runs(world, client_of, mentee, mentor, text):
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    words = {"title": text, "description": text, "steps": text}

    answer = mentee.post("/mentee/goals/add/own/", words)
    if "\x00" in text:
        assert text_of(answer).count("Null characters are not allowed.") == 3
        return
    goal = goals_of(world, MENTEE).get()
    mentee.post(f"/mentee/goals/{goal.pk}/comment/", {"text": text})

    pages = [
        text_of(mentee.get(f"/mentee/goals/{goal.pk}/")),
        text_of(mentee.get("/mentee/goals/")),
        text_of(mentee.get("/mentee/")),
        text_of(mentor.get(f"/mentor/goals/{goal.pk}/")),
        text_of(mentor.get("/mentor/goals/")),
        text_of(client_of("first_year_pm").get(f"/admin/mentees/{world.people[MENTEE].pk}/")),
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "\x00" not in page
        assert "\u202e" not in page
    assert GoalComment._base_manager.filter(goal=goal).count() == 1


def test_step_is_ticked_and_unticked_with_and_without_a_script(mentee, goal_of):
    goal = goal_of(MENTEE, steps=["One", "Two"])
    step = GoalStep._base_manager.filter(goal=goal).first()
    address = f"/mentee/goals/{goal.pk}/steps/{step.pk}/"

    plain = mentee.post(address, {"done": "on"})
    part = text_of(mentee.post(address, {"done": "on"}, headers={"HX-Request": "true"}))
    half = Goal._base_manager.get(pk=goal.pk).progress
    off = text_of(mentee.post(address, {}, headers={"HX-Request": "true"}))

    assert plain["Location"] == f"/mentee/goals/{goal.pk}/#steps"
    assert part.lstrip().startswith("<section") or "<html" not in part
    assert part.count('aria-checked="true"') == 1
    assert 'value="50"' in part
    assert half == 50
    assert off.count('aria-checked="true"') == 0


def test_step_of_another_goal_is_not_there(mentee, goal_of):
    goal, other = goal_of(MENTEE, title="One"), goal_of("transfer_mentee", title="Two", steps=["Foreign"])
    foreign = GoalStep._base_manager.get(goal=other)

    for address in (
        f"/mentee/goals/{goal.pk}/steps/{foreign.pk}/",
        f"/mentee/goals/{other.pk}/steps/{foreign.pk}/",
    ):
        assert mentee.post(address, {"done": "on"}).status_code == 404
    assert GoalStep._base_manager.get(pk=foreign.pk).done_at is None


def test_goal_is_done_with_a_friendly_page_and_can_be_taken_up_again(mentee, goal_of):
    goal = goal_of(MENTEE, title="Read")
    address = f"/mentee/goals/{goal.pk}/done/"

    too_early = mentee.get(address)
    page = text_of(mentee.post(address, follow=True))
    again = text_of(mentee.post(f"/mentee/goals/{goal.pk}/reopen/", follow=True))

    assert too_early["Location"] == f"/mentee/goals/{goal.pk}/"
    assert "You reached your goal:" in page
    assert "It is your first one here." in page
    assert "The goal is open again." in again
    assert Goal._base_manager.get(pk=goal.pk).state == "open"


def test_lateness_is_said_in_words(mentee, mentor, goal_of):
    today = timezone.localdate()
    for title, days in {"Late": -1, "Today": 0, "Soon": 3}.items():
        goal_of(MENTEE, title=title, due_on=today + timedelta(days=days))

    for page in (text_of(mentee.get("/mentee/goals/")), text_of(mentor.get("/mentor/goals/"))):
        assert page.count("Late: it was due on") == 1
        assert page.count("Due today") == 1
        assert page.count("Due on") == 1


def test_change_keeps_what_the_form_showed(mentee, goal_of):
    goal = goal_of(MENTEE, title="Read", steps=["One", "Two"], due_on=timezone.localdate())
    form = mentee.get(f"/mentee/goals/{goal.pk}/change/").context["form"]

    response = mentee.post(
        f"/mentee/goals/{goal.pk}/change/",
        {field.name: field.value() or "" for field in form} | {"title": "Read more"},
        follow=True,
    )

    assert "Your goal was changed." in text_of(response)
    after = Goal._base_manager.get(pk=goal.pk)
    assert (after.title, after.due_on) == ("Read more", goal.due_on)
    assert [step.text for step in GoalStep._base_manager.filter(goal=goal)] == ["One", "Two"]


def test_change_in_a_second_browser_does_not_undo_the_first(mentee, goal_of):
    goal = goal_of(MENTEE, title="Read", steps=["One", "Two"])
    url = f"/mentee/goals/{goal.pk}/change/"
    opened = {field.name: field.value() or "" for field in mentee.get(url).context["form"]}
    # As browsers send it.
    opened["steps"] = "One\r\nTwo"
    mentee.post(url, opened | {"steps": "One\r\nThree", "description": "Slowly"})

    refused = mentee.post(url, opened | {"title": "Read more"})

    page = text_of(refused)
    assert "“More about it”, “Steps” were changed while you had this form open" in page
    assert "This was changed meanwhile to “Slowly”." in page
    assert Goal._base_manager.get(pk=goal.pk).title == "Read"
    shown = {field.name: field.value() or "" for field in refused.context["form"]}
    mentee.post(url, shown)
    after = Goal._base_manager.get(pk=goal.pk)
    assert (after.title, after.description) == ("Read more", "Slowly")
    assert [step.text for step in GoalStep._base_manager.filter(goal=goal)] == ["One", "Three"]


def test_goal_that_is_over_has_no_form(mentee, goal_of):
    goal = goal_of(MENTEE, state="done", done_at=timezone.now())

    for response in (
        mentee.get(f"/mentee/goals/{goal.pk}/change/"),
        mentee.post(f"/mentee/goals/{goal.pk}/change/", {"title": "Other"}),
    ):
        assert response["Location"] == f"/mentee/goals/{goal.pk}/"
    assert Goal._base_manager.get(pk=goal.pk).title == goal.title


def test_progress_without_steps_is_chosen(mentee, goal_of):
    goal = goal_of(MENTEE)

    mentee.post(f"/mentee/goals/{goal.pk}/progress/", {"progress": "40"})
    refused = mentee.post(f"/mentee/goals/{goal.pk}/progress/", {"progress": "41"}, follow=True)

    assert "Choose how far you are." in text_of(refused)
    assert Goal._base_manager.get(pk=goal.pk).progress == 40


def test_mentor_proposes_and_mentee_answers(world, mentee, mentor):
    person = world.people[MENTEE]
    mentor.post(f"/mentor/goals/of/{person.pk}/propose/own/", {"title": "Read a book"})
    goal = goals_of(world, MENTEE).get()

    waiting = text_of(mentee.get("/mentee/"))
    page = text_of(mentee.get(f"/mentee/goals/{goal.pk}/"))
    accepted = text_of(mentee.post(f"/mentee/goals/{goal.pk}/accept/", follow=True))

    assert (goal.state, goal.proposed_by) == ("proposed", world.people[MENTOR])
    assert f"proposes a goal: “<bdi>{goal.title}</bdi>”" in waiting
    assert f"<bdi>{world.people[MENTOR].full_name}</bdi> proposed this goal." in page
    assert "It is your goal now." in accepted
    assert Goal._base_manager.get(pk=goal.pk).state == "open"


def test_question_what_one_wants_to_reach_is_the_mentees(world, mentee, mentor):
    question = "What do you want to reach?"

    assert question in text_of(mentee.get("/mentee/goals/add/own/"))
    assert question not in text_of(mentor.get(f"/mentor/goals/of/{world.people[MENTEE].pk}/propose/own/"))


def test_mentor_takes_a_proposal_back(world, mentor, goal_of):
    goal = goal_of(MENTEE, state="proposed", proposed_by=world.people[MENTOR])

    response = mentor.post(f"/mentor/goals/{goal.pk}/withdraw/")

    assert response["Location"] == f"/mentor/goals/of/{world.people[MENTEE].pk}/"
    assert not goals_of(world, MENTEE).exists()


def test_mentor_and_mentee_comment(world, mentee, mentor, goal_of):
    goal = goal_of(MENTEE)

    mentor.post(f"/mentor/goals/{goal.pk}/comment/", {"text": "How is it going?"})
    mentee.post(f"/mentee/goals/{goal.pk}/comment/", {"text": "Well,\nthank you."})
    refused = text_of(mentee.post(f"/mentee/goals/{goal.pk}/comment/", {"text": ""}))

    page = text_of(mentor.get(f"/mentor/goals/{goal.pk}/"))
    assert "How is it going?" in page
    assert "Well,<br>thank you." in page
    assert "This field is required." in refused
    assert GoalComment._base_manager.filter(goal=goal).count() == 2


def test_older_comments_are_a_page_away(world, mentee, goal_of):
    goal = goal_of(MENTEE)
    GoalComment._base_manager.bulk_create(
        GoalComment(goal=goal, author=world.people[MENTEE], text=f"Word {number:02}") for number in range(40)
    )

    latest = mentee.get(f"/mentee/goals/{goal.pk}/")
    older = mentee.get(f"/mentee/goals/{goal.pk}/?before={latest.context['earlier']}")

    shown = [[comment.text for comment in page.context["comments"]] for page in (older, latest)]
    assert [text for page in shown for text in page] == [f"Word {number:02}" for number in range(40)]
    assert older.context["earlier"] is None
    for nonsense in ("x", "-1", "9" * 40, "²"):
        assert mentee.get(f"/mentee/goals/{goal.pk}/", {"before": nonsense}).status_code == 200


def test_mentor_does_not_learn_who_was_a_mentor_before(world, client_of, mentee, goal_of):
    former = add(world, "former", "mentor", "engineering", first_name="Formerly")
    goal = goal_of(MENTEE, state="proposed", proposed_by=former)
    GoalComment._base_manager.create(goal=goal, author=former, text="I was here.")

    seen_by_mentor = text_of(client_of(MENTOR).get(f"/mentor/goals/{goal.pk}/"))

    assert "I was here." in seen_by_mentor
    assert "Formerly" not in seen_by_mentor
    assert "A mentor from before" in seen_by_mentor
    assert "Formerly" in text_of(mentee.get(f"/mentee/goals/{goal.pk}/"))


def test_mentor_who_is_no_longer_matched_finds_nothing(world, mentor, goal_of):
    goal = goal_of(MENTEE, title="Secretmark")
    person = world.people[MENTEE]
    Assignment._base_manager.filter(person=person).update(ended_at=timezone.now())

    answers = [
        mentor.get(f"/mentor/goals/{goal.pk}/").status_code,
        mentor.get(f"/mentor/goals/of/{person.pk}/").status_code,
        mentor.post(f"/mentor/goals/{goal.pk}/comment/", {"text": "Hello"}).status_code,
        mentor.post(f"/mentor/goals/of/{person.pk}/propose/own/", {"title": "Read"}).status_code,
    ]

    assert answers == [404] * 4
    assert "Secretmark" not in text_of(mentor.get("/mentor/goals/"))


def test_goals_of_a_deactivated_mentee_are_read_only(world, mentor, goal_of):
    person = world.people["engineering_left_mentee"]
    goal = goal_of("engineering_left_mentee", title="Left behind")

    page = text_of(mentor.get(f"/mentor/goals/{goal.pk}/"))
    commented = text_of(mentor.post(f"/mentor/goals/{goal.pk}/comment/", {"text": "Hello"}))
    proposed = text_of(mentor.post(f"/mentor/goals/of/{person.pk}/propose/own/", {"title": "Read"}))

    assert "Deactivated" in page
    assert "nothing can be added here" in page
    assert "nothing can be added here" in commented
    assert "is deactivated. You can read the goals, and no longer change them." in proposed
    assert goals_of(world, "engineering_left_mentee").count() == 1
    assert not GoalComment._base_manager.filter(goal=goal).exists()


def test_goals_are_in_the_news_when_they_are_due_and_when_they_are_reached(mentee, mentor, goal_of):
    today = timezone.localdate()
    goal_of(MENTEE, title="Late one", due_on=today - timedelta(days=2))
    goal_of(MENTEE, title="Next week", due_on=today + timedelta(days=7))
    goal_of(MENTEE, title="Far away", due_on=today + timedelta(days=8))
    goal_of(MENTEE, title="Reached", state="done", done_at=timezone.now())
    goal_of(MENTEE, title="Long ago", state="done", done_at=timezone.now() - timedelta(days=8))

    of_mentee, of_mentor = text_of(mentee.get("/mentee/")), text_of(mentor.get("/mentor/"))

    assert "“<bdi>Late one</bdi>” is late" in of_mentee
    assert "“<bdi>Next week</bdi>” is due on" in of_mentee
    assert "Far away" not in of_mentee
    assert "reached a goal: “<bdi>Reached</bdi>”" in of_mentor
    assert "Long ago" not in of_mentor


def _many_goals(world, goal_of, *, count):
    for number in range(count):
        goal = goal_of(MENTEE, title=f"Open {number}", steps=["One", "Two"])
        goal_of(MENTEE, title=f"Proposed {number}", state="proposed", proposed_by=world.people[MENTOR])
        goal_of(MENTEE, title=f"Done {number}", state="done", done_at=timezone.now())
    GoalComment._base_manager.bulk_create(
        GoalComment(goal=goal, author=world.people[name], text="Word")
        for _round in range(count)
        for name in (MENTEE, MENTOR)
    )
    CatalogueGoal._base_manager.bulk_create(
        CatalogueGoal(organization=world.organizations["riverside"], title=f"Offer {number}")
        for number in range(count)
    )
    return goal


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize(
    ("who", "address", "queries"),
    [
        (MENTEE, "/mentee/goals/", 9),
        (MENTEE, "/mentee/goals/add/", 7),
        (MENTEE, "/mentee/goals/{goal}/", 9),
        (MENTOR, "/mentor/goals/", 8),
        (MENTOR, "/mentor/goals/of/{mentee}/", 9),
        (MENTOR, "/mentor/goals/{goal}/", 9),
    ],
)
def test_pages_take_as_many_queries_for_many_goals_as_for_one(
    world, client_of, goal_of, django_assert_num_queries, who, address, queries, count
):
    goal = _many_goals(world, goal_of, count=count)
    for number in range(count):
        add(world, f"other{number}", "mentee", "engineering")
        assign(world, f"other{number}", "first_year", MENTOR)
    client = client_of(who)
    path = address.format(goal=goal.pk, mentee=world.people[MENTEE].pk)
    client.get(path)

    with django_assert_num_queries(queries):
        response = client.get(path)

    assert response.status_code == 200


def test_tick_counts_as_the_last_activity(world, mentee, goal_of):
    goal = goal_of(MENTEE, steps=["One"])
    step = GoalStep._base_manager.get(goal=goal)

    mentee.post(f"/mentee/goals/{goal.pk}/steps/{step.pk}/", {"done": "on"})

    assert Person._base_manager.get(pk=world.people[MENTEE].pk).last_activity_kind == "goal"
