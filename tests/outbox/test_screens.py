"""The Outbox tab: what became of messages, to those who may see whom they go to; and sending again."""

import html
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.users.models import UserProfile

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.models import OutboxMessage, TextBudget
from mentorpro_plugin.outbox.actions import send_again
from mentorpro_plugin.outbox.refusals import kept, told

from .helpers import code, email, reread

State = OutboxMessage.State
LISTING = "/admin/outbox/"


def failed(message, error="Twilio sends nothing to this number (21211)."):
    OutboxMessage._base_manager.filter(pk=message.pk).update(
        state=State.FAILED, error=error, due_at=None, secret=None, attempts=7
    )
    return reread(message)


def page_of(client, **query):
    response = client.get(LISTING, query)
    assert response.status_code == 200
    return response.content.decode()


def used(organization=None, budget="organization", count=1, subject=None):
    TextBudget(
        budget=budget,
        subject=str(organization.pk) if organization else subject or "",
        organization=organization,
        used=count,
        resets_at=timezone.now() + timedelta(hours=1),
    ).save()


def test_listing_shows_fate_and_reason_but_never_the_text(world, client_of):
    person = world.people["first_year_mentee"]
    failed(code(person=person, body="Your code is {secret}, dear.", secret="864209"))

    page = page_of(client_of("first_year_pm"))

    assert person.full_name in page
    assert reverse("mentees:profile", args=[person.pk]) in page
    for text in ("log-in code", "text message", "failed", "Twilio sends nothing to this number (21211)."):
        assert text in page
    for text in ("864209", "dear", person.phone.as_e164):
        assert text not in page


def test_reason_is_told_in_the_language_of_its_reader(world, client_of):
    with translation.override("es"):
        failed(code(person=world.people["first_year_mentee"]), error=kept("Twilio doesn't answer."))
        person = world.people["transfer_mentee"]
        reason = kept("Twilio sends nothing to this number (%(code)s).", code=21211)
        failed(code(person=person), error=f"{reason}\n{kept('Given up after %(count)s attempts.', count=7)}")

    english = html.unescape(page_of(client_of("engineering_child")))
    user = world.user("engineering_child")
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": "es"})
    spanish = html.unescape(page_of(client_of("engineering_child")))

    assert "Twilio doesn't answer." in english
    assert "Twilio sends nothing to this number (21211). Given up after 7 attempts." in english
    assert "Twilio doesn't answer." not in spanish
    assert "(21211)" in spanish
    assert "Twilio sends nothing" not in spanish


@pytest.mark.parametrize(
    "text",
    ["Twilio doesn't answer.", "100 % of %(nothing)s", "[", '["a", "b"]', '["%(x)s", {}]', "7", '"ab"', ""],
)
def test_reason_in_any_other_form_is_shown_as_it_is(text):
    assert told(text) == text


def test_listing_counts_messages(world, client_of):
    for _number in range(2):
        email(person=world.people["first_year_mentee"])

    assert "2 messages" in page_of(client_of("first_year_pm"))


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("super_admin", {"first_year_mentee", "cohort_mentee", "moot_mentee"}),
        ("riverside_parent", {"first_year_mentee", "cohort_mentee"}),
        ("nursing_child", {"cohort_mentee"}),
        ("first_year_pm", {"first_year_mentee"}),
        ("transfer_pm", set()),
    ],
)
def test_listing_holds_messages_to_the_people_one_may_see(world, client_of, name, seen):
    keys = ("first_year_mentee", "cohort_mentee", "moot_mentee")
    for key in keys:
        email(person=world.people[key])

    page = page_of(client_of(name))

    assert {key for key in keys if world.people[key].full_name in page} == seen


def test_message_to_nobody_in_particular_is_a_super_admins(world, client_of):
    email("owner@example.org")

    assert "owner@example.org" in page_of(client_of("super_admin"))
    assert "owner@example.org" not in page_of(client_of("riverside_parent"))


def test_listing_is_filtered_by_state_and_channel(world, client_of):
    mentee, mentor = world.people["first_year_mentee"], world.people["first_year_mentor"]
    failed(email(person=mentee))
    code(person=mentor)
    client = client_of("engineering_child")

    assert mentee.full_name in page_of(client, state="failed")
    assert mentor.full_name not in page_of(client, state="failed")
    assert mentee.full_name not in page_of(client, channel="text")
    assert mentor.full_name in page_of(client, channel="text")


def test_failed_message_is_sent_again_by_who_may_change_the_person(world, client_of):
    message = failed(email(person=world.people["first_year_mentee"]))
    address = reverse("outbox:send_again", args=[message.pk])
    client = client_of("first_year_pm")
    assert address in page_of(client)

    response = client.post(address, follow=True)

    assert "is being sent again" in response.content.decode()
    row = reread(message)
    assert (row.state, row.attempts, row.error) == (State.WAITING, 0, "")
    assert row.due_at <= timezone.now()
    assert client.get(address).status_code == 405


def test_message_to_somebody_out_of_reach_is_not_there(world, client_of):
    message = failed(email(person=world.people["moot_mentee"]))

    response = client_of("first_year_pm").post(reverse("outbox:send_again", args=[message.pk]))

    assert response.status_code == 404
    assert reread(message).state == State.FAILED


def test_only_who_may_change_the_person_sends_again(world):
    message = failed(email(person=world.people["first_year_mentee"]))
    stranger = world.user("moot_pm")

    with scope_of(reach_of(stranger)), pytest.raises(PermissionDenied):
        send_again(message, by=stranger)


@pytest.mark.parametrize("reason", ["its code is gone", "it has run out", "it has not failed"])
def test_message_of_no_use_is_not_sent_again(world, client_of, reason):
    person, by = world.people["first_year_mentee"], world.user("super_admin")
    if reason == "its code is gone":
        message = failed(code(person=person))
        assert reverse("outbox:send_again", args=[message.pk]) not in page_of(client_of("super_admin"))
    elif reason == "it has run out":
        message = failed(email(person=person, expires_at=timezone.now()))
    else:
        message = email(person=person)
    before = reread(message).state

    with scope_of(reach_of(by)), pytest.raises(ValidationError):
        send_again(message, by=by)

    assert reread(message).state == before


def test_used_up_budget_is_named_to_whom_it_concerns(world, client_of, set_plugin):
    set_plugin(TEXTS_A_DAY_PER_ORGANIZATION=3, TEXTS_A_DAY_PER_COUNTRY={"*": 3}, TEXTS_A_DAY=4)
    used(world.organizations["engineering"], count=3)
    used(world.organizations["nursing"], count=2)
    used(world.organizations["law"], count=3)
    used(budget="country", subject="US", count=3)
    used(budget="overall", count=3)
    used(budget="phone", subject="0" * 64, count=5)

    own = page_of(client_of("first_year_pm"))
    tree = page_of(client_of("riverside_parent"))
    everything = page_of(client_of("super_admin"))

    sentence = "%s Organization has used up its 3 text messages for a day."
    for page in (own, tree, everything):
        assert sentence % "Enginmark" in page
        assert sentence % "Nursmark" not in page
    for page in (own, tree):
        assert "Lawmark" not in page
        assert "numbers of US" not in page
        assert "phone number gets no more" not in page
    assert sentence % "Lawmark" in everything
    assert "to numbers of US are used up" in everything
    assert "1 phone number gets no more text messages today." in everything
    assert "The site has used up" not in everything


@pytest.mark.parametrize("count", [1, 15])
def test_listing_takes_as_many_queries_for_many_rows(world, client_of, count):
    for position in range(count):
        failed(email(person=world.people["first_year_mentee"], key=f"row {position}"))
    client = client_of("first_year_pm")
    client.get(LISTING)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(LISTING)

    assert len(queries) == 10
