"""Who may write to whom, what is kept of it, and what is refused with which sentence."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, reach_of, scope_of
from mentorpro_plugin.assignments.actions import assign, unassign
from mentorpro_plugin.conversations.actions import may_write, why_not
from mentorpro_plugin.conversations.queries import correspondents_of
from mentorpro_plugin.models import Conversation, Message, Participation, Person
from mentorpro_plugin.people.lifecycle import deactivate, reactivate

MENTOR, MENTEE, PM, SC = "first_year_mentor", "first_year_mentee", "first_year_pm", "first_year_sc"

#: Whom each may write to of their own accord, worked out by hand from the table.
MATRIX = {
    "super_admin": set(),
    "riverside_parent": set(),
    "engineering_child": {
        *(f"{program}_{role}" for program in ("first_year", "transfer") for role in ("mentor", "mentee")),
        "engineering_free_mentor",
        "engineering_free_mentee",
    },
    PM: {MENTOR, MENTEE},
    SC: {MENTOR, MENTEE},
    "engineering_free_pm": set(),
    "engineering_left_pm": set(),
    MENTOR: {MENTEE, PM},
    MENTEE: {MENTOR},
    "engineering_left_mentee": set(),
    "engineering_free_mentor": set(),
    "engineering_free_mentee": set(),
    "moot_mentor": {"moot_mentee", "moot_pm"},
}


def side(world, name, conversation=None):
    sides = Participation._base_manager.filter(person=world.people[name])
    return sides.get(conversation=conversation) if conversation else sides.get()


@pytest.mark.parametrize("author", MATRIX)
def test_everyone_writes_to_those_of_the_table_and_nobody_else(world, author):
    user, me = world.user(author), world.people[author]

    with scope_of(reach_of(user)):
        allowed = {name for name, person in world.people.items() if may_write(user, me, person)}
        listed = set(correspondents_of(user).values_list("pk", flat=True))

    assert allowed == MATRIX[author]
    assert listed == {world.people[name].pk for name in MATRIX[author]}


def test_super_admin_with_a_superusers_rights_writes_to_nobody(world, write):
    with pytest.raises(PermissionDenied):
        write("super_admin", MENTEE)

    assert not Message._base_manager.exists()


def test_nobody_writes_in_the_name_of_another(world):
    from mentorpro_plugin.conversations.actions import write_message

    with scope_of(EVERYTHING), pytest.raises(PermissionDenied):
        write_message(
            author=world.people[MENTOR], to=world.people[MENTEE], text="Hi", by=world.user("first_year_pm")
        )


@pytest.mark.parametrize(
    "to", ["transfer_mentor", "engineering_free_mentor", "moot_mentor", PM, SC, MENTEE, "super_admin"]
)
def test_mentee_begins_with_own_mentors_only(world, write, to):
    with pytest.raises(PermissionDenied):
        write(MENTEE, to)

    assert not Conversation._base_manager.exists()


@pytest.mark.parametrize("staff", [PM, SC, "engineering_child"])
def test_whoever_staff_wrote_to_may_answer(world, write, staff):
    write(staff, MENTEE, "How are you?")
    write(MENTEE, staff, "Fine.")

    assert list(Message._base_manager.order_by("pk").values_list("text", flat=True)) == [
        "How are you?",
        "Fine.",
    ]
    assert Conversation._base_manager.count() == 1


def test_answer_is_refused_once_staff_may_write_no_longer(world, write):
    write(PM, MENTEE)
    by = world.user("engineering_child")
    with scope_of(EVERYTHING):
        unassign(world.assignments[f"{MENTEE}@first_year/{MENTOR}"], by=by)

    with pytest.raises(ValidationError) as refusal:
        write(MENTEE, PM)

    assert refusal.value.messages == [
        "You and First Year Pm Enginmark no longer share a program. You can read your messages, but not write."
    ]


def test_unassigned_meanwhile_is_refused_and_assigned_again_is_not(world, write):
    write(MENTEE, MENTOR)
    by = world.user("engineering_child")
    with scope_of(EVERYTHING):
        unassign(world.assignments[f"{MENTEE}@first_year/{MENTOR}"], by=by)

    for author, to in ((MENTEE, MENTOR), (MENTOR, MENTEE)):
        with pytest.raises(ValidationError) as refusal:
            write(author, to)
        assert refusal.value.messages == [
            f"You are no longer matched with {world.people[to]}. You can read your messages, but not write."
        ]

    with scope_of(EVERYTHING):
        assign(
            person=world.people[MENTEE],
            program=world.programs["first_year"],
            lead=world.people[MENTOR],
            by=by,
        )
    write(MENTEE, MENTOR, "Back again.")
    assert Message._base_manager.count() == 2


@pytest.mark.parametrize(("author", "to"), [(MENTEE, MENTOR), (PM, MENTOR)])
def test_nobody_writes_to_somebody_deactivated(world, write, author, to):
    write(author, to)
    with scope_of(EVERYTHING):
        deactivate(world.people[to], by=world.user("engineering_child"))

    with pytest.raises(ValidationError) as refusal:
        write(author, to)

    assert refusal.value.messages == [
        f"{world.people[to]} is deactivated. You can read your messages, but not write."
    ]
    with scope_of(EVERYTHING):
        reactivate(world.people[to], by=world.user("engineering_child"))
    write(author, to)
    assert Message._base_manager.count() == 2


def test_deactivated_person_writes_to_nobody_even_with_a_user_loaded_before(world):
    from mentorpro_plugin.conversations.actions import write_message

    by, author, to = world.user(MENTEE), world.people[MENTEE], world.people[MENTOR]
    with scope_of(reach_of(by)):
        write_message(author=author, to=to, text="One", by=by)
    with scope_of(EVERYTHING):
        deactivate(author, by=world.user("engineering_child"))

    with scope_of(EVERYTHING), pytest.raises(ValidationError) as refusal:
        write_message(author=author, to=to, text="Two", by=by)

    assert refusal.value.messages == ["Your account is deactivated."]
    assert Message._base_manager.count() == 1


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\u200d", "\x00\x01", "\u202e"])
def test_message_without_anything_to_see_is_refused(world, write, text):
    with pytest.raises(ValidationError) as refusal:
        write(MENTEE, MENTOR, text)

    assert refusal.value.message_dict == {"text": ["Write something, or attach a file."]}
    assert not Conversation._base_manager.exists()


def test_message_has_at_most_5000_characters(world, write):
    write(MENTEE, MENTOR, "😀" * 5_000)

    with pytest.raises(ValidationError) as refusal:
        write(MENTEE, MENTOR, "x" * 5_001)

    assert refusal.value.message_dict == {
        "text": ["A message has at most 5000 characters; this one has 5001."]
    }
    assert Message._base_manager.get().text == "😀" * 5_000


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b", "ab"),
        ("half \ud83d of a character", "half  of a character"),
        ("abc\u202egnp.exe\u2066", "abcgnp.exe"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\n\n one\ttwo \n\n\n\nthree\n", "one two\n\nthree"),
        ("می\u200cخواهم 👩\u200d👩\u200d👧", "می\u200cخواهم 👩\u200d👩\u200d👧"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_text_is_kept_without_what_nobody_types(world, write, text, kept):
    write(MENTEE, MENTOR, text)

    assert Message._base_manager.get().text == kept


def test_message_counts_for_the_other_and_is_noted_as_activity(world, write):
    before = timezone.now()

    first = write(MENTEE, MENTOR, "One")
    second = write(MENTEE, MENTOR, "Two")

    own, others = side(world, MENTEE), side(world, MENTOR)
    assert (own.unread_count, own.unread_since, own.last_message_at) == (0, None, second.sent_at)
    assert (others.unread_count, others.unread_since, others.last_message_at) == (
        2,
        first.sent_at,
        second.sent_at,
    )
    author = Person._base_manager.get(pk=world.people[MENTEE].pk)
    assert author.last_activity_kind == Person.Activity.MESSAGE
    assert author.last_activity_at >= before
    assert Person._base_manager.get(pk=world.people[MENTOR].pk).last_activity_at is None


def test_message_sent_again_with_its_key_is_there_once(world, write):
    key = uuid4()

    first = write(MENTEE, MENTOR, "Once", key=key)
    again = write(MENTEE, MENTOR, "Once", key=key)

    assert again == first
    assert Message._base_manager.count() == 1
    assert side(world, MENTOR).unread_count == 1


def test_key_of_an_old_page_swallows_no_other_message(world, write):
    key = uuid4()
    write(MENTEE, MENTOR, "One", key=key)

    write(MENTEE, MENTOR, "Two", key=key)
    write(MENTOR, MENTEE, "One", key=key)

    assert Message._base_manager.count() == 3


def test_message_sent_again_after_an_unassignment_is_not_refused(world, write):
    key = uuid4()
    first = write(MENTEE, MENTOR, "Once", key=key)
    with scope_of(EVERYTHING):
        unassign(world.assignments[f"{MENTEE}@first_year/{MENTOR}"], by=world.user("engineering_child"))

    assert write(MENTEE, MENTOR, "Once", key=key) == first


def test_sentence_is_empty_while_one_may_write(world):
    user = world.user(MENTEE)

    with scope_of(reach_of(user)):
        assert why_not(user, world.people[MENTEE], world.people[MENTOR]) == ""
