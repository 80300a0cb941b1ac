"""Getting in on a telephone: typed, pasted, by keyboard alone, without scripts; and what axe finds."""

import re

import pytest
from playwright.sync_api import expect

from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.outbox.texts import locmem
from mentorpro_plugin.people.models import Person
from tests.conftest import DESKTOP, PHONE

from .conftest import as_on_paper, tab_to

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def texts():
    """What has been sent as text messages."""
    locmem.outbox.clear()
    return locmem.outbox


@pytest.fixture
def mentee(world):
    person = world.people["first_year_mentee"]
    Person._base_manager.filter(pk=person.pk).update(welcomed_at=person.added_at)
    return person


def received_code(texts):
    """The code of the newest text message, as its reader would type it."""
    deliver_due()
    (code,) = re.findall(r"^(\d{6}) is your code", texts[-1].body)
    return code


def ask(page, person, door="mentee"):
    page.goto(f"/{door}/log-in/")
    page.get_by_label("Phone number").fill(as_on_paper(person))
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_label("Code")).to_be_focused()


def test_code_goes_off_by_itself_once_it_is_whole(phone_page, mentee, texts):
    ask(phone_page, mentee)
    code = received_code(texts)

    phone_page.get_by_label("Code").press_sequentially(f"{code[:3]} {code[3:]}")

    phone_page.wait_for_url("**/mentee/")
    expect(phone_page.get_by_role("navigation")).to_be_visible()


def test_keyboard_alone_gets_in_and_out_of_a_wrong_code(phone_page, mentee, texts):
    phone_page.goto("/mentee/log-in/")
    expect(phone_page.get_by_label("Phone number")).to_be_focused()
    phone_page.keyboard.type(as_on_paper(mentee))
    tab_to(phone_page, phone_page.get_by_role("checkbox"))
    phone_page.keyboard.press("Space")
    tab_to(phone_page, phone_page.get_by_role("button", name="Send me a code"))
    phone_page.keyboard.press("Enter")
    expect(phone_page.get_by_label("Code")).to_be_focused()
    code = received_code(texts)

    phone_page.keyboard.type("000000" if code != "000000" else "111111")
    expect(phone_page.get_by_text("This is not the code that we sent.")).to_be_visible()
    expect(phone_page.get_by_label("Code")).to_be_focused()
    phone_page.keyboard.press("ControlOrMeta+a")
    phone_page.keyboard.type(code)

    phone_page.wait_for_url("**/mentee/")
    (session,) = [cookie for cookie in phone_page.context.cookies() if cookie["name"] == "sessionid"]
    assert session["expires"] > 0


def test_works_without_scripts(new_page, mentee, texts):
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto("/mentee/log-in/")
    page.get_by_label("Phone number").fill(as_on_paper(mentee))
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_text("Seconds until you can ask for another code:")).to_be_visible()
    page.get_by_role("button", name="Send it by e-mail instead").click()
    # Too early: nothing goes out, and the page says how long to wait.
    expect(page.get_by_text("Seconds until you can ask for another code:")).to_be_visible()
    page.get_by_label("Code").fill(received_code(texts))
    page.get_by_role("button", name="Log in").click()

    page.wait_for_url("**/mentee/")
    assert len(texts) == 1


def test_another_code_can_be_asked_for_when_the_time_has_run_down(phone_page, mentee, texts):
    phone_page.clock.install()
    ask(phone_page, mentee)
    again = phone_page.get_by_role("button", name="Send another text message")
    expect(again).to_be_disabled()

    phone_page.clock.fast_forward(30_000)
    expect(phone_page.get_by_text(re.compile(r"code: (2\d|30)$"))).to_be_visible()
    expect(again).to_be_disabled()

    phone_page.clock.fast_forward(31_000)
    expect(again).to_be_enabled()
    expect(phone_page.get_by_text("Seconds until")).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(new_page, world, mentee, texts, axe, size, scheme):
    page = new_page(**size, color_scheme=scheme)
    page.goto("/mentee/log-in/")
    found = {"number": axe(page)}
    page.get_by_label("Phone number").fill("hello")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_text("is not a telephone number")).to_be_visible()
    found["refused"] = axe(page)
    ask(page, world.people["first_year_mentor"])
    found["code"] = axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Code").press_sequentially("abc")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("digits and nothing else")).to_be_visible()
    found["wrong"] = axe(page)
    page.get_by_label("Code").fill(received_code(texts))
    expect(page.get_by_text("you are a mentor")).to_be_visible()
    found["wrong door"] = axe(page)

    assert {step: faults for step, faults in found.items() if faults} == {}
    page.get_by_role("link", name="MentorPRO for mentors").click()
    page.wait_for_url("**/mentor/log-in/**")


def test_on_a_desk_the_form_is_a_card_in_the_middle(new_page, world):
    page = new_page(**DESKTOP)
    page.goto("/mentee/log-in/")

    card = page.locator("main form").bounding_box()
    width = page.viewport_size["width"]
    assert card["width"] < 480
    assert card["x"] + card["width"] / 2 == pytest.approx(width / 2, abs=8)


def test_log_in_page_is_light(new_page, world, live_server):
    """Under 100 KB with all that it loads, as sent without compression."""
    page = new_page(**PHONE)
    sizes = {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto("/mentee/log-in/")
    page.wait_for_load_state("load")

    assert sum(size for url, size in sizes.items() if "/offline/" not in url) < 100_000, sizes
