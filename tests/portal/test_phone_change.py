"""A new telephone number of one's own: a code to each, one transaction, and nothing told about other people's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mentorpro_plugin.models import HistoryEntry, LoginCode, OutboxMessage, Person
from mentorpro_plugin.portal.codes import LIFE
from tests.factories import fictional_phone

from .knocking import Visitor, code_of, errors_of, messages, newest_code, other_than


@pytest.fixture
def mentee(world):
    return world.people["first_year_mentee"]


@pytest.fixture
def client(client_of):
    return client_of("first_year_mentee")


def fresh(person):
    return Person._base_manager.get(pk=person.pk)


def ask(client, phone, region="US"):
    return client.post("/mentee/me/phone/", {"number": phone, "region": region})


def codes():
    """The codes on their way, by the number that they go to."""
    return {message.recipient: code_of(message) for message in messages() if message.secret}


def give(client, **given):
    return client.post("/mentee/me/phone/codes/", given)


def test_number_changes_with_both_codes(client, mentee):
    old, new = mentee.phone.as_e164, fictional_phone()

    asked = ask(client, new)
    sent = codes()
    done = give(client, old=sent[old], new=sent[new])

    person, [entry] = fresh(mentee), HistoryEntry._base_manager.filter(action="phone_changed")
    assert asked.url == "/mentee/me/phone/codes/"
    assert set(sent) == {old, new}
    assert done.url == "/mentee/me/"
    assert (person.phone.as_e164, person.id_number) == (new, mentee.id_number)
    assert (entry.changes, entry.actor_id, entry.person_id) == ({"phone": None}, mentee.user_id, mentee.pk)
    assert "Log in with the new one from now on." in client.get("/mentee/me/").content.decode()


def test_whoever_changed_it_stays_in_and_every_other_session_is_out(client, client_of, mentee):
    other, old, new = client_of("first_year_mentee"), mentee.phone.as_e164, fictional_phone()
    ask(client, new)
    sent = codes()

    give(client, old=sent[old], new=sent[new])

    assert client.get("/mentee/me/").status_code == 200
    assert other.get("/mentee/me/").url == "/mentee/log-in/?next=/mentee/me/"


def test_new_number_logs_in_and_the_old_one_does_not(client, mentee):
    old, new = mentee.phone.as_e164, fictional_phone()
    ask(client, new)
    sent = codes()
    give(client, old=sent[old], new=sent[new])
    count = len(messages())

    with_old, with_new = Visitor(), Visitor()
    with_old.ask(old)
    nothing_sent = len(messages()) == count
    with_new.ask(new)
    with_new.give(newest_code())

    assert nothing_sent
    assert with_new.is_in


def test_code_for_the_old_number_dies_with_it(client, mentee):
    old, new, thief = mentee.phone.as_e164, fictional_phone(), Visitor()
    thief.ask(old)
    in_flight = newest_code()
    ask(client, new)
    sent = {message.recipient: code_of(message) for message in messages()[1:]}

    give(client, old=sent[old], new=sent[new])
    thief.give(in_flight)

    assert not thief.is_in
    assert not OutboxMessage._base_manager.filter(expires_at__gt=timezone.now()).exists()


@pytest.mark.parametrize("first", ["old", "new"])
def test_codes_may_come_one_after_the_other(client, mentee, first):
    old, new = mentee.phone.as_e164, fictional_phone()
    ask(client, new)
    right = {"old": codes()[old], "new": codes()[new]}
    wrong = {name: other_than(code) for name, code in right.items()}
    second = "new" if first == "old" else "old"

    half = give(client, **{first: right[first], second: wrong[second]})
    again = client.get("/mentee/me/phone/codes/").content.decode()
    done = give(client, **{second: right[second]})

    assert errors_of(half, second) == ["That is not the code. Look at the newest message."]
    assert f"The code of your {first} number was right." in half.content.decode()
    assert list(half.context["form"].fields) == [second]
    assert f'name="{first}"' not in again
    assert done.url == "/mentee/me/"
    assert fresh(mentee).phone.as_e164 == new


@pytest.mark.parametrize("missing", ["old", "new"])
def test_one_code_alone_changes_nothing(client, mentee, missing):
    old, new = mentee.phone.as_e164, fictional_phone()
    ask(client, new)
    given = {"old": codes()[old], "new": codes()[new]}
    given[missing] = ""

    response = give(client, **given)

    assert errors_of(response, missing) == ["This field is required."]
    assert fresh(mentee).phone == mentee.phone


def test_code_of_one_number_is_no_code_of_the_other(client, mentee):
    old, new = mentee.phone.as_e164, fictional_phone()
    ask(client, new)
    sent = codes()

    give(client, old=sent[new], new=sent[old])

    # Two random codes may be the same, once in a million.
    assert fresh(mentee).phone == mentee.phone or sent[old] == sent[new]


def test_code_of_a_number_asked_for_before_does_not_confirm_another(client, mentee):
    own, victim = fictional_phone(), fictional_phone()
    ask(client, own)
    of_own = codes()[own]
    ask(client, victim)
    of_old = [code_of(message) for message in messages() if message.recipient == mentee.phone.as_e164][-1]

    response = give(client, old=of_old, new=of_own)

    assert errors_of(response, "new") != [] or of_own == codes()[victim]
    assert fresh(mentee).phone == mentee.phone


def test_codes_are_bound_to_the_session_that_asked(client, client_of, mentee):
    ask(client, fictional_phone())

    response = client_of("first_year_mentee").get("/mentee/me/phone/codes/")

    assert response.url == "/mentee/me/phone/"


def test_three_wrong_codes_are_the_end_of_it(client, mentee):
    old, new = mentee.phone.as_e164, fictional_phone()
    ask(client, new)
    sent = codes()

    answers = [
        errors_of(give(client, old=other_than(sent[old]), new=other_than(sent[new])), "old")
        for _try in range(3)
    ]
    give(client, old=sent[old], new=sent[new])

    assert answers[-1] == ["This code no longer works. Ask for new ones."]
    assert fresh(mentee).phone == mentee.phone


def test_codes_run_out(client, mentee):
    old, new = mentee.phone.as_e164, fictional_phone()
    ask(client, new)
    sent = codes()
    for row in LoginCode._base_manager.all():
        row.expires_at -= LIFE + timedelta(seconds=1)
        row.save()

    give(client, old=sent[old], new=sent[new])

    assert fresh(mentee).phone == mentee.phone


def test_number_of_somebody_else_is_answered_like_any_other(client, client_of, world, mentee):
    """Up to the codes: same status, length, cookies, and messages."""
    taken, free = world.people["moot_mentor"].phone.as_e164, fictional_phone()
    answers = []

    for client_ in (client, client_of("first_year_mentee")):
        number = taken if client_ is client else free
        before = len(messages())
        asked = ask(client_, number)
        shown = client_.get("/mentee/me/phone/codes/")
        wrong = give(client_, old="000000", new="000000")
        sent = [(row.kind, row.channel, bool(row.secret), row.person_id) for row in messages()[before:]]
        answers.append(
            (
                asked.status_code,
                asked.url,
                sorted(asked.cookies),
                len(shown.content),
                len(wrong.content),
                sent,
            )
        )

    assert answers[0] == answers[1]


def test_conflict_is_told_once_both_codes_were_right(client, world, mentee):
    old, taken = mentee.phone.as_e164, world.people["moot_mentor"].phone.as_e164
    ask(client, taken)
    sent = codes()

    refused = give(client, old=sent[old], new=sent[taken])
    again = give(client, old=sent[old], new=sent[taken])

    assert refused.url == again.url == "/mentee/me/phone/"
    assert "This phone number belongs to another person." in client.get("/mentee/me/phone/").content.decode()
    assert fresh(mentee).phone == mentee.phone
    assert fresh(mentee).session_epoch == 0
    assert LoginCode._base_manager.filter(used_at=None).count() == 0


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "This field is required."),
        ("hello", "“hello” is not a telephone number."),
        ("+1 800 555 0199", "This number can't receive text messages."),
        ("x" * 41, "Ensure this value has at most 40 characters (it has 41)."),
    ],
)
def test_what_is_no_number_is_refused_and_nothing_sent(client, number, sentence):
    response = ask(client, number)

    assert errors_of(response, "number") == [sentence]
    assert messages() == []


def test_own_number_is_no_new_number(client, mentee):
    response = ask(client, mentee.phone.as_national)

    assert errors_of(response, "number") == ["This is your number already."]
    assert messages() == []


def test_number_is_read_in_the_country_that_was_chosen(client, mentee):
    ask(client, "0491 570 156", region="AU")

    assert "+61491570156" in codes()


def test_nobody_makes_us_text_more_numbers_than_their_own_budget_allows(client, mentee):
    answers = [ask(client, fictional_phone()) for _number in range(7)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [200] * 2
    assert "No more codes can be sent to your number today." in answers[-1].content.decode()
    assert len(messages()) == 10


def test_used_up_budget_of_the_new_number_is_told_to_nobody(client, client_of, world, mentee):
    new = fictional_phone()
    for name in ["transfer_mentee", "cohort_mentee", "drop_in_mentee", "moot_mentee", "clinic_mentee"]:
        ask(client_of(name), new)
    before = len(messages())

    asked = ask(client, new)

    assert asked.url == "/mentee/me/phone/codes/"
    assert [message.recipient for message in messages()[before:]] == [mentee.phone.as_e164]


def test_codes_stand_in_no_session_no_history_and_no_message_in_clear(client, mentee):
    ask(client, fictional_phone())
    sent = set(codes().values())

    kept = str(dict(client.session)) + str(list(HistoryEntry._base_manager.values_list("changes")))
    written = "".join(message.body for message in messages())

    assert [code for code in sent if code in kept + written] == []
    assert "Give it to nobody." in written


def test_mentor_changes_their_number_too(client_of, world):
    mentor, new = world.people["first_year_mentor"], fictional_phone()
    client = client_of("first_year_mentor")
    client.post("/mentor/me/phone/", {"number": new, "region": "US"})
    sent = codes()

    client.post("/mentor/me/phone/codes/", {"old": sent[mentor.phone.as_e164], "new": sent[new]})

    assert fresh(mentor).phone.as_e164 == new
