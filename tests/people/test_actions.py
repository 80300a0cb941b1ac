"""Adding people and changing their details."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError

from mentorpro_plugin.access.reach import EVERYTHING, reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.models import HistoryEntry, OutboxMessage, Person
from mentorpro_plugin.people.actions import add_person, change_person

PHONE = "+19075550142"


@pytest.fixture
def by(world):
    """The Parent account of Riverside, within its scope."""
    user = world.user("riverside_parent")
    with scope_of(reach_of(user)):
        yield user


def new(world, role=Role.MENTEE, organization="engineering", **fields):
    """An unsaved person, complete but for what `fields` say."""
    details = {"first_name": "Linh", "last_name": "Trần", "phone": PHONE, "email": "linh@example.net"}
    return Person(role=role, organization=world.organizations[organization], **details | fields)


def refusal_of(action, person, by):
    """How `action` refuses `person`; nothing may have been written."""
    people, users = list(Person._base_manager.values()), get_user_model()._base_manager.count()
    with pytest.raises(ValidationError) as refusal:
        action(person, by=by)
    assert list(Person._base_manager.values()) == people
    assert get_user_model()._base_manager.count() == users
    assert HistoryEntry._base_manager.count() == 0
    return refusal.value


def test_added_person_is_there_with_a_user_and_an_entry_in_the_history(world, by):
    added = add_person(new(world), by=by)

    kept = Person._base_manager.get(pk=added.pk)
    assert (kept.role, kept.organization, kept.tree) == (
        "mentee",
        world.organizations["engineering"],
        world.organizations["riverside"],
    )
    assert (kept.phone.as_e164, kept.status, kept.is_assigned) == (PHONE, "enabled", False)
    assert (kept.first_login_at, kept.last_activity_at) == (None, None)
    [entry] = HistoryEntry._base_manager.all()
    assert (entry.action, entry.person, entry.organization, entry.actor) == (
        "added",
        kept,
        world.organizations["engineering"],
        by,
    )
    assert entry.changes == {"role": [None, "mentee"], "organization_id": [None, kept.organization_id]}


@pytest.mark.parametrize("role", [Role.MENTOR, Role.MENTEE])
def test_user_of_a_participant_repeats_nothing_and_has_no_password(world, by, role):
    user = add_person(new(world, role), by=by).user

    assert (user.email, user.first_name, user.last_name) == ("", "", "")
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)
    assert not user.has_usable_password()
    assert "linh" not in user.get_username().lower()


@pytest.mark.parametrize("role", [Role.PROGRAM_MANAGER, Role.SUCCESS_COORDINATOR, Role.CHILD])
def test_user_of_staff_can_ask_for_a_first_password(world, by, role, client):
    person = add_person(new(world, role, email="Linh@Example.net"), by=by)

    client.post("/accounts/password/reset/", {"email": "linh@example.net"})

    links = OutboxMessage._base_manager.filter(person=person, kind=OutboxMessage.Kind.PASSWORD)
    assert [link.recipient.lower() for link in links] == ["linh@example.net"]


@pytest.mark.parametrize(("organization", "role"), [("riverside", Role.PARENT), ("engineering", Role.CHILD)])
@pytest.mark.parametrize("asked_for", [Role.PARENT, Role.CHILD])
def test_account_has_the_role_that_its_organization_gives_it(world, by, organization, role, asked_for):
    added = add_person(new(world, asked_for, organization), by=by)

    assert added.role == role


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id_number": ""}, PHONE),
        ({"id_number": "  "}, PHONE),
        ({"id_number": " A-7 "}, "A-7"),
        ({"id_number": "", "phone": None, "role": Role.SUCCESS_COORDINATOR}, "linh@example.net"),
    ],
)
def test_id_left_empty_is_the_phone_number_or_else_the_address(world, by, fields, expected):
    added = add_person(new(world, **fields), by=by)

    assert added.id_number == expected


def test_phone_number_of_another_person_is_refused_wherever_they_are(world, by):
    stranger = world.people["moot_mentee"]

    found = refusal_of(add_person, new(world, phone=stranger.phone), by)

    assert found.message_dict == {"phone": ["This phone number belongs to another person."]}


@pytest.mark.parametrize("owner", ["transfer_mentee", "cohort_mentee"])
def test_id_of_another_person_of_the_tree_is_refused_whatever_its_case(world, by, owner):
    taken = world.people[owner].id_number

    found = refusal_of(add_person, new(world, id_number=taken.lower()), by)

    assert found.messages == ["This ID belongs to another person."]


def test_id_of_a_person_of_another_tree_is_free(world, by):
    taken = world.people["moot_mentee"].id_number

    added = add_person(new(world, id_number=taken), by=by)

    assert added.id_number == taken


def test_address_of_another_member_of_staff_is_refused_whatever_its_case(world, by):
    taken = world.people["moot_pm"].email

    found = refusal_of(add_person, new(world, Role.PROGRAM_MANAGER, email=taken.upper()), by)

    assert found.messages == ["This e-mail address belongs to another member of staff."]


def test_participants_may_share_an_address(world, by):
    taken = world.people["first_year_pm"].email

    add_person(new(world, email=taken), by=by)
    add_person(new(world, email=taken, phone="+19075550143"), by=by)

    assert Person._base_manager.filter(email=taken).count() == 3


@pytest.mark.parametrize("role", [Role.MENTOR, Role.MENTEE])
def test_participant_without_a_phone_number_is_refused(world, by, role):
    found = refusal_of(add_person, new(world, role, phone=None), by)

    assert found.message_dict == {
        "phone": ["A mentor or mentee needs a phone number: it is how they log in."]
    }


@pytest.mark.parametrize("role", [Role.PROGRAM_MANAGER, Role.SUCCESS_COORDINATOR, Role.CHILD])
def test_staff_without_an_address_are_refused(world, by, role):
    found = refusal_of(add_person, new(world, role, email=" "), by)

    assert found.message_dict == {"email": ["Staff need an e-mail address: it is how they log in."]}


def test_person_without_an_organization_is_refused(world, by):
    person = new(world)
    person.organization = None

    with pytest.raises(PermissionDenied):
        add_person(person, by=by)


def test_person_without_a_name_is_refused(world, by):
    found = refusal_of(add_person, new(world, first_name="  "), by)

    assert list(found.message_dict) == ["first_name"]


def fresh(world, name):
    return Person._base_manager.get(pk=world.people[name].pk)


def test_change_is_saved_and_recorded_without_what_it_was(world, by):
    person = fresh(world, "first_year_mentee")
    person.first_name, person.phone, person.email = "Ngọc", PHONE, "ngoc@example.net"

    changed = change_person(person, by=by)

    kept = fresh(world, "first_year_mentee")
    [entry] = HistoryEntry._base_manager.all()
    assert changed is True
    assert (kept.first_name, kept.phone.as_e164, kept.email) == ("Ngọc", PHONE, "ngoc@example.net")
    assert (entry.action, entry.changes) == ("changed", {"first_name": None, "phone": None, "email": None})


def test_change_is_found_by_the_new_words_and_no_more_by_the_old(world, by):
    person = fresh(world, "first_year_mentee")
    old = person.search_text
    person.first_name, person.last_name, person.phone, person.id_number = "Ngọc", "Lê", PHONE, "A-7"

    change_person(person, by=by)

    text = fresh(world, "first_year_mentee").search_text
    assert text != old
    assert all(word in text for word in (" ngọc lê", " ngoc le", " a-7", " 19075550142", " 9075550142"))
    assert "enginmark" not in text


def test_change_that_changes_nothing_leaves_no_trace(world, by):
    changed = change_person(fresh(world, "first_year_mentee"), by=by)

    assert changed is False
    assert HistoryEntry._base_manager.count() == 0


def test_id_that_was_the_phone_number_follows_it(world, by):
    person = add_person(new(world, id_number=""), by=by)
    person = Person._base_manager.get(pk=person.pk)
    person.phone = "+19075550143"

    change_person(person, by=by)

    assert Person._base_manager.get(pk=person.pk).id_number == "+19075550143"


def test_id_of_its_own_stays_when_the_phone_number_changes(world, by):
    person = fresh(world, "first_year_mentee")
    person.phone = PHONE

    change_person(person, by=by)

    assert fresh(world, "first_year_mentee").id_number == world.people["first_year_mentee"].id_number


def test_user_of_staff_follows_name_and_address(world, by):
    person = fresh(world, "first_year_pm")
    person.first_name, person.last_name, person.email = "Linh", "Trần", "Linh@Example.net"

    change_person(person, by=by)

    user = world.user("first_year_pm")
    assert (user.email, user.first_name, user.last_name) == ("linh@example.net", "Linh", "Trần")


def test_name_longer_than_the_sites_user_model_takes_is_cut_there_only(world, by):
    person = fresh(world, "first_year_pm")
    person.last_name = "x" * 100
    longest = get_user_model()._meta.get_field("last_name").max_length

    change_person(person, by=by)

    assert fresh(world, "first_year_pm").last_name == "x" * 100
    assert len(world.user("first_year_pm").last_name) <= longest


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "moot_mentee", "This phone number belongs to another person."),
        ("id_number", "cohort_mentee", "This ID belongs to another person."),
    ],
)
def test_change_to_what_belongs_to_another_is_refused(world, by, field, value, sentence):
    person = fresh(world, "first_year_mentee")
    setattr(person, field, getattr(world.people[value], field))

    found = refusal_of(change_person, person, by)

    assert found.messages == [sentence]


def test_deactivated_person_can_be_changed(world, by):
    person = fresh(world, "engineering_left_mentee")
    person.phone = PHONE

    change_person(person, by=by)

    kept = fresh(world, "engineering_left_mentee")
    assert (kept.phone.as_e164, kept.status) == (PHONE, "deactivated")


def test_super_admin_is_added_by_a_super_admin_only(world):
    for name in ("riverside_parent", "engineering_child", "first_year_pm"):
        with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
            add_person(
                Person(role=Role.SUPER_ADMIN, first_name="New", email="new@example.net"), by=world.user(name)
            )
