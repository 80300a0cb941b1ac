"""What people change about themselves, and what a new telephone number ends."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from mentorpro_plugin.access.reach import EVERYTHING, reach_of, scope_of
from mentorpro_plugin.models import HistoryEntry, Person
from mentorpro_plugin.people.actions import change_own_phone, change_person

PHONE = "+19075550142"


@pytest.fixture
def by(world):
    """The Parent account of Riverside, within its scope."""
    user = world.user("riverside_parent")
    with scope_of(reach_of(user)):
        yield user


def fresh(world, name):
    return Person._base_manager.get(pk=world.people[name].pk)


def test_new_number_ends_what_the_old_one_opened_and_a_new_name_does_not(world, by):
    person = fresh(world, "first_year_mentee")
    person.phone = PHONE

    change_person(person, by=by)
    person.first_name = "Renamed"
    change_person(person, by=by)

    assert (person.session_epoch, fresh(world, "first_year_mentee").session_epoch) == (1, 1)


def test_new_number_of_staff_ends_nothing_since_they_log_in_by_email(world, by):
    person = fresh(world, "first_year_pm")
    person.phone = PHONE

    change_person(person, by=by)

    assert fresh(world, "first_year_pm").session_epoch == 0


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
def test_own_number_is_changed_and_recorded_without_what_it_was(world, name):
    person = fresh(world, name)

    with scope_of(EVERYTHING):
        change_own_phone(person, PHONE, by=world.user(name))

    kept = fresh(world, name)
    [entry] = HistoryEntry._base_manager.all()
    assert (kept.phone.as_e164, kept.session_epoch) == (PHONE, 1)
    assert kept.id_number == world.people[name].id_number
    assert " 19075550142" in kept.search_text
    assert (entry.action, entry.changes, entry.actor_id) == ("phone_changed", {"phone": None}, kept.user_id)


@pytest.mark.parametrize(
    ("name", "by_name"),
    [
        ("first_year_mentee", "first_year_mentor"),
        ("first_year_mentee", "riverside_parent"),
        ("first_year_mentee", "super_admin"),
        ("first_year_pm", "first_year_pm"),
        ("engineering_left_mentee", "engineering_left_mentee"),
    ],
)
def test_number_is_changed_this_way_by_nobody_but_its_participant(world, name, by_name):
    person = fresh(world, name)

    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        change_own_phone(person, PHONE, by=world.user(by_name))

    assert fresh(world, name).phone == world.people[name].phone


def test_own_number_that_belongs_to_another_is_refused(world):
    person = fresh(world, "first_year_mentee")

    with scope_of(EVERYTHING), pytest.raises(ValidationError) as refusal:
        change_own_phone(person, world.people["moot_mentee"].phone, by=world.user("first_year_mentee"))

    assert refusal.value.messages == ["This phone number belongs to another person."]
    assert fresh(world, "first_year_mentee").session_epoch == 0


def test_own_profile_is_recorded_as_such_and_choices_as_they_were(world):
    person = fresh(world, "first_year_mentee")
    person.about, person.notice, person.language = " I like\r\n\r\n\r\nchess.\u202e ", "none", "es"

    with scope_of(EVERYTHING):
        change_person(person, by=world.user("first_year_mentee"))

    kept = fresh(world, "first_year_mentee")
    [entry] = HistoryEntry._base_manager.all()
    assert kept.about == "I like\n\nchess."
    assert entry.action == "profile_changed"
    assert entry.changes == {"language": ["", "es"], "notice": ["text", "none"], "about": None}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("about", "x" * 1_001, "Write at most 1000 characters about yourself."),
        ("language", "tlh", "This site doesn't speak that language."),
        ("notice", "smoke", "Choose how to be told of unread messages."),
    ],
)
def test_own_choice_that_does_not_exist_is_refused(world, field, value, sentence):
    person = fresh(world, "first_year_mentee")
    setattr(person, field, value)

    with scope_of(EVERYTHING), pytest.raises(ValidationError) as refusal:
        change_person(person, by=world.user("first_year_mentee"))

    assert refusal.value.message_dict == {field: [sentence]}
