"""Codes that staff issue: who may, for whom, how often, and that they let in once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.models import HistoryEntry, LoginCode, OutboxMessage, Person
from mentorpro_plugin.portal.staff_codes import MOST_AN_HOUR, issue_staff_code

from .knocking import Visitor


@pytest.fixture
def mentee(world):
    return world.people["first_year_mentee"]


def issue(client, person):
    return client.post(reverse("login-codes:issue", args=[person.pk]))


def test_code_is_shown_with_what_to_do_with_it_and_lets_in_once(client_of, mentee):
    response = issue(client_of("first_year_pm"), mentee)

    code, html = response.context["code"], response.content.decode()
    visitor, second = Visitor(), Visitor()
    for browser in (visitor, second):
        browser.ask(mentee.phone.as_e164)
        browser.give(code)
    assert f"{code[:3]}<span" in html
    assert "Good for 10 minutes, and for one log-in." in html
    assert "/mentee/" in html
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert (visitor.is_in, second.is_in) == (True, False)


def test_code_lets_nobody_else_in(client_of, world, mentee):
    code = issue(client_of("first_year_pm"), mentee).context["code"]
    visitor = Visitor()

    visitor.ask(world.people["transfer_mentee"].phone.as_e164)
    visitor.give(code)

    assert not visitor.is_in


def test_code_is_recorded_and_kept_nowhere(client_of, world, mentee):
    code = issue(client_of("first_year_pm"), mentee).context["code"]

    row, entry = LoginCode._base_manager.get(), HistoryEntry._base_manager.get(action="code_issued")
    assert (row.purpose, row.person_id, row.issued_by_id) == (
        "staff_issued",
        mentee.pk,
        world.people["first_year_pm"].user_id,
    )
    assert (entry.person_id, entry.actor_id, entry.changes) == (mentee.pk, row.issued_by_id, {})
    assert code not in str(LoginCode._base_manager.values().get())
    assert not OutboxMessage._base_manager.exists()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("first_year_mentee", "first_year_mentee"),
        ("first_year_mentor", "first_year_mentee"),
        ("first_year_pm", "transfer_mentee"),
        ("engineering_child", "cohort_mentee"),
        ("riverside_parent", "moot_mentee"),
        ("first_year_sc", "engineering_free_mentee"),
        ("riverside_parent", "first_year_pm"),
        ("super_admin", "riverside_parent"),
    ],
)
def test_whoever_may_not_change_the_person_issues_none(world, name, target):
    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        issue_staff_code(world.people[target], by=world.user(name))

    assert LoginCode._base_manager.count() == 0


@pytest.mark.parametrize("name", ["super_admin", "riverside_parent", "engineering_child", "first_year_sc"])
def test_whoever_may_change_the_person_issues_one(client_of, mentee, name):
    assert issue(client_of(name), mentee).status_code == 200


def test_deactivated_get_none(client_of, world):
    person = world.people["engineering_left_mentee"]
    client = client_of("engineering_child")

    response = client.post(reverse("login-codes:issue", args=[person.pk]), follow=True)
    html = response.content.decode()

    assert response.redirect_chain == [(f"/admin/mentees/{person.pk}/", 302)]
    assert "is deactivated. Reactivate them before they log in." in html
    assert "Issue a log-in code" not in html
    assert LoginCode._base_manager.count() == 0


def test_so_many_an_hour_and_no_more(world, mentee):
    by = world.user("first_year_pm")
    with scope_of(EVERYTHING):
        for _code in range(MOST_AN_HOUR):
            issue_staff_code(mentee, by=by)
        with pytest.raises(ValidationError) as refusal:
            issue_staff_code(mentee, by=world.user("engineering_child"))
        for row in LoginCode._base_manager.all():
            row.created_at -= timedelta(hours=1)
            row.save()

        issue_staff_code(mentee, by=by)

    assert refusal.value.messages == [
        f"{MOST_AN_HOUR} codes were issued within an hour. Wait a little before you issue another."
    ]


def test_newer_code_makes_the_older_one_useless(client_of, mentee):
    client, visitor = client_of("first_year_pm"), Visitor()
    old, new = issue(client, mentee).context["code"], issue(client, mentee).context["code"]
    visitor.ask(mentee.phone.as_e164)

    if old != new:
        visitor.give(old)
    was_in = visitor.is_in
    visitor.give(new)

    assert (was_in, visitor.is_in) == (False, True)


def test_code_dies_with_the_number(client_of, world, mentee):
    code = issue(client_of("first_year_pm"), mentee).context["code"]
    Person._base_manager.filter(pk=mentee.pk).update(phone="+19075550142", session_epoch=1)

    for number in (mentee.phone.as_e164, "+19075550142"):
        visitor = Visitor()
        visitor.ask(number)
        visitor.give(code)
        assert not visitor.is_in


def test_nothing_is_issued_by_looking(client_of, mentee):
    client = client_of("first_year_pm")

    profile = client.get(f"/admin/mentees/{mentee.pk}/").content.decode()
    looked = client.get(reverse("login-codes:issue", args=[mentee.pk]))

    assert "Issue a log-in code" in profile
    assert looked.status_code == 405
    assert LoginCode._base_manager.count() == 0
