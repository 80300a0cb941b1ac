"""Goals in Chromium: on a telephone and on a desk, by keyboard alone, and without a script."""

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.models import Goal, GoalComment, GoalStep
from tests.conftest import DESKTOP, PHONE
from tests.lives import plan, propose

from .conftest import answer_to, tab_to
from .test_accessibility import OVERFLOW, TWICE
from .test_portal import SMALL

MENTOR, MENTEE = "first_year_mentor", "first_year_mentee"
PAGES = {
    MENTEE: [
        "/mentee/goals/",
        "/mentee/goals/add/",
        "/mentee/goals/add/?q=nothing",
        "/mentee/goals/add/own/",
        "/mentee/goals/add/{catalogue}/",
        "/mentee/goals/{open}/",
        "/mentee/goals/{open}/change/",
        "/mentee/goals/{bare}/",
        "/mentee/goals/{proposed}/",
        "/mentee/goals/{done}/",
        "/mentee/goals/{done}/done/",
    ],
    MENTOR: [
        "/mentor/goals/",
        "/mentor/goals/of/{mentee}/",
        "/mentor/goals/of/{mentee}/propose/",
        "/mentor/goals/of/{mentee}/propose/own/",
        "/mentor/goals/{open}/",
        "/mentor/goals/{proposed}/",
    ],
}


@pytest.fixture
def rows(world):
    """Goals in each state, by name, and whose and of what they are."""
    mentee = world.people[MENTEE]
    done = Goal.State.DONE
    return {
        "mentee": mentee.pk,
        "catalogue": world.catalogue["riverside"].pk,
        "open": plan(world, MENTEE).pk,
        "bare": Goal._base_manager.create(mentee=mentee, title="Supercalifragilistic" * 10).pk,
        "proposed": propose(world, MENTEE, MENTOR).pk,
        "done": Goal._base_manager.create(mentee=mentee, title="قراءة كتاب", state=done, progress=100).pk,
    }


@pytest.mark.parametrize("viewer", PAGES)
def test_pages_are_accessible_and_fit(page_of, rows, axe, viewer):
    page = page_of(viewer)
    faults = []

    for address in PAGES[viewer]:
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            response = page.goto(address.format(**rows))
            assert response.status == 200, address
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found = axe(page) + page.evaluate(OVERFLOW) + page.evaluate(TWICE) + page.evaluate(SMALL)
                faults += [f"{address} {size['width']} {scheme}: {fault}" for fault in found]

    assert "\n".join(faults) == ""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_goal_is_set_and_a_step_ticked_by_keyboard_alone(page_of, size):
    page = page_of(MENTEE, **size)
    page.goto("/mentee/goals/")

    def press(target, key="Enter"):
        tab_to(page, target)
        page.keyboard.press(key)

    press(page.get_by_role("link", name="Set a goal"))
    page.wait_for_url("**/goals/add/")
    press(page.get_by_role("link", name="Write one in your own words"))
    page.wait_for_url("**/goals/add/own/")
    tab_to(page, page.get_by_label("What do you want to reach?"))
    page.keyboard.type("Read two books")
    tab_to(page, page.get_by_label("Steps"))
    page.keyboard.type("Find one\nFind another")
    press(page.get_by_role("button", name="Set this goal"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Read two books")

    step = page.get_by_role("checkbox", name="Find one")
    press(step, "Space")
    expect(step).to_be_checked()
    # The list is another one by now: whoever ticks one step wants to go on from there.
    expect(step).to_be_focused()
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "50")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("status").get_by_text("All steps are done. Is the goal reached?")).to_be_visible()

    other = page.get_by_role("checkbox", name="Find another")
    expect(other).to_be_focused()
    page.keyboard.press("Space")
    expect(other).not_to_be_checked()
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "50")
    assert [bool(row.done_at) for row in GoalStep._base_manager.order_by("pk")] == [True, False]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_goal_is_set_ticked_commented_and_done_without_a_script(page_of, size):
    page = page_of(MENTEE, **size, java_script_enabled=False)
    page.goto("/mentee/goals/")
    page.get_by_role("link", name="Set a goal").click()
    page.get_by_role("link", name="Write one in your own words").click()
    page.get_by_role("button", name="Set this goal").click()
    expect(page.get_by_label("What do you want to reach?")).to_have_attribute("aria-invalid", "true")

    page.get_by_label("What do you want to reach?").fill("Read two books")
    page.get_by_label("Until when?").fill("2099-05-01")
    page.get_by_label("Steps").fill("Find one\nFind another")
    page.get_by_role("button", name="Set this goal").click()
    page.get_by_role("checkbox", name="Find one").click()
    expect(page.get_by_role("checkbox", name="Find one")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Find another")).not_to_be_checked()
    page.get_by_role("textbox", name="Comment").fill("It was the green one.")
    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_role("article")).to_contain_text("It was the green one.")
    page.get_by_role("button", name="I did it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Well done!")
    goal = Goal._base_manager.get()
    assert (goal.state, str(goal.due_on)) == (Goal.State.DONE, "2099-05-01")
    assert GoalComment._base_manager.get(goal=goal).text == "It was the green one."


def test_proposal_of_a_mentor_is_accepted(page_of, world):
    mentor, mentee = page_of(MENTOR), page_of(MENTEE, **PHONE)
    mentor.goto("/mentor/goals/")
    mentor.get_by_role("link", name="Propose a goal").first.click()
    with answer_to(mentor, world.catalogue["riverside"].title):
        mentor.get_by_role("searchbox", name="Search").fill(world.catalogue["riverside"].title)
    mentor.locator("#offered a").first.click()
    mentor.get_by_role("button", name="Propose this goal").click()
    expect(mentor.get_by_text("You proposed this goal. It waits for an answer.")).to_be_visible()

    mentee.goto("/mentee/goals/")
    mentee.get_by_role("region", name="Proposed to you").get_by_role("link").click()
    mentee.get_by_role("button", name="Yes, this is my goal").click()

    expect(mentee.get_by_role("button", name="I did it")).to_be_visible()
    assert Goal._base_manager.get().state == Goal.State.OPEN
