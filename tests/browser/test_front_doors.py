"""The story of the front doors: a mentee and a mentor get in, write and set goals; staff see it, and shut a door."""

import re
import time

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.conversations.models import Message
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.outbox.texts import locmem
from mentorpro_plugin.people.models import Person
from tests.conftest import DESKTOP, PHONE

from .conftest import as_on_paper

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

#: What a page may take to show what the other one wrote.
SOON = 5_000  # milliseconds


@pytest.fixture
def log_in(new_page, settings):
    """Let somebody in by telephone, past the welcome: returns the page, at home behind their door."""
    settings.MENTORPRO = {**settings.MENTORPRO, "TERMS": "home.terms.current_terms"}

    def log_in(person, door, **options):
        locmem.outbox.clear()
        page = new_page(**options)
        page.goto(f"/{door}/")
        page.get_by_label("Phone number").fill(as_on_paper(person))
        page.get_by_role("button", name="Send me a code").click()
        expect(page.get_by_label("Code")).to_be_focused()
        deliver_due()
        page.get_by_label("Code").press_sequentially(re.search(r"\d{6}", locmem.outbox[-1].body)[0])
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("I have read this and I agree").check()
        page.get_by_role("button", name="Agree and continue").click()
        page.get_by_role("button", name="Done").click()
        page.wait_for_url(f"**/{door}/")
        return page

    return log_in


def tab(page, name):
    return page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{name}"))


def test_mentee_writes_and_sets_a_goal_mentor_answers_and_is_shut_out(world, log_in, page_of):
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]
    Person._base_manager.filter(pk__in=[mentee.pk, mentor.pk]).update(welcomed_at=None)
    hers = log_in(mentee, "mentee", **PHONE)

    tab(hers, "Messages").click()
    hers.get_by_role("link", name=str(mentor)).click()
    hers.get_by_label(re.compile("^Message to")).fill("Hello, may I ask you about physics?")
    hers.get_by_role("button", name="Send").click()
    expect(hers.get_by_text("may I ask you about physics?")).to_be_visible()
    conversation = hers.url

    tab(hers, "Goals").click()
    hers.get_by_role("link", name="Set a goal").click()
    hers.get_by_role("link", name="Write one in your own words").click()
    hers.get_by_label("What do you want to reach?").fill("Pass physics")
    hers.get_by_role("button", name="Set this goal").click()
    expect(hers.get_by_role("heading", name="Pass physics").first).to_be_visible()
    hers.goto(conversation)

    his = log_in(mentor, "mentor", **DESKTOP)
    expect(his.get_by_text(str(mentee)).first).to_be_visible()
    tab(his, "Messages").click()
    his.get_by_role("link", name=re.compile(str(mentee))).click()
    expect(his.get_by_text("may I ask you about physics?")).to_be_visible()
    his.get_by_label(re.compile("^Message to")).fill("Of course. Tomorrow at four?")
    his.get_by_role("button", name="Send").click()
    sent = time.monotonic()
    expect(hers.get_by_text("Tomorrow at four?")).to_be_visible(timeout=SOON)
    assert time.monotonic() - sent < SOON / 1_000

    staff = page_of("first_year_pm")
    staff.goto("/admin/mentees/")
    row = staff.get_by_role("row").filter(has_text=mentee.first_name)
    expect(row).to_contain_text("a goal")
    staff.goto("/admin/mentors/")
    expect(staff.get_by_role("row").filter(has_text=mentor.first_name)).to_contain_text("a message")

    staff.goto(f"/admin/mentors/{mentor.pk}/")
    staff.get_by_role("switch", name="Enabled").click()
    expect(staff.locator("h2").get_by_text("Deactivated")).to_be_visible()
    # His page asks for news by itself, and so finds out.
    his.wait_for_url("**/mentor/log-in/**")

    hers.reload()
    expect(hers.get_by_text("Tomorrow at four?")).to_be_visible()
    expect(hers.get_by_text("Deactivated").first).to_be_visible()
    expect(hers.get_by_role("button", name="Send")).to_have_count(0)
    token = hers.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    answer = hers.request.post(
        conversation,
        form={"text": "Are you there?", "csrfmiddlewaretoken": token},
        headers={"Referer": conversation},
    )
    assert answer.status in {200, 400, 403, 422}
    assert "deactivated" in answer.text()
    assert Message._base_manager.count() == 2

    staff.get_by_role("switch", name="Deactivated").click()
    expect(staff.get_by_role("switch", name="Enabled")).to_be_visible()
    his.goto("/mentor/")
    his.wait_for_url("**/mentor/log-in/**")
