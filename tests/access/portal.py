"""Every address behind the two front doors, and what each type of user may expect of it.

An address is one line in exactly one of the classes below, by its name without the door's namespace. One that is in
none fails `test_every_address_is_classified`; one that is there is tried by everybody, on every row there is.

Rows matter most where they are of the same organization and still not one's own: mentees can be minors.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.urls import reverse

from mentorpro_plugin.access.roles import PARTICIPANTS
from mentorpro_plugin.conversations.models import Attachment, Message
from mentorpro_plugin.goals.models import Goal, GoalStep
from mentorpro_plugin.shell.doors import DOORS

from .asking import Probe
from .expectations import Facts

BOTH = tuple(DOORS)


@dataclass(frozen=True)
class OnRows:
    """An address with the key of a row in it. `is_for` says, from the specification, whom a row is for.

    With a `body` it is tried by POST. Behind a door that isn't among `doors` it answers 404 to everybody there.
    """

    rows: Callable[[Facts], Iterable[Any]]
    is_for: Callable[[Facts, Any, Any], bool]
    key: Callable[[Any], list[Any]] = lambda row: [row.pk]
    body: Callable[[Facts, Any], dict[str, Any]] | None = None
    doors: tuple[str, ...] = BOTH
    #: What the one it is for is answered: a page, the way to the next, or what a function of the row says.
    answers: str | Callable[[Facts, Any, Any], str] = "shown"
    #: What the kind of a row depends on, where not on the row as a whole.
    kind: Callable[[Facts, Any, Any], Any] = Facts.kind_of


@dataclass(frozen=True)
class Own:
    """An address without a row: it is about whoever asks. With a `body` it is tried by POST."""

    body: dict[str, Any] | None = None
    doors: tuple[str, ...] = BOTH
    answers: str = "shown"


def converses_with(facts: Facts, user: Any, other: Any) -> bool:
    """Whether `user` has a conversation with `other`, or may begin one."""
    me = facts.person_of[user.pk]
    if any({row.first_id, row.second_id} == {me.pk, other.pk} for row in facts.conversations):
        return True
    return other.status != "deactivated" and other.pk != me.pk and facts.may(user, "write_message", other)


def may_write_now(facts: Facts, user: Any, other: Any) -> bool:
    """Whether `user` may write to `other`: by the table, or to answer staff who have written and still may."""
    me = facts.person_of[user.pk]
    if other.status == "deactivated":
        return False
    was_written_to = Message._base_manager.filter(
        author=other, conversation__participations__person=me
    ).exists()
    may_answer = other.role not in PARTICIPANTS and was_written_to
    return facts.may(user, "write_message", other) or (
        may_answer and facts.may(other.user, "write_message", me)
    )


def attachments(facts: Facts) -> Iterable[Any]:
    return Attachment._base_manager.select_related("message__conversation")


def sees_goal(facts: Facts, user: Any, goal: Any) -> bool:
    return facts.may(user, "view_goal", goal)


def is_own_mentee(facts: Facts, user: Any, person: Any) -> bool:
    """Whether `person` is one of those whom `user` leads as a mentor."""
    return facts.may(user, "set_goal", Goal(mentee=person))


def is_offered(facts: Facts, user: Any, goal: Any) -> bool:
    return goal.is_offered and goal.organization_id == facts.person_of[user.pk].tree_id


def kind_of_proposal(facts: Facts, user: Any, pair: tuple[Any, Any]) -> Any:
    """Every goal for those whom `user` may propose one to; for others, one that is offered and one that isn't."""
    person, goal = pair
    if _me(facts, user) is None:
        return None
    if is_own_mentee(facts, user, person):
        return (person.pk, goal.pk)
    return (facts.kind_of(user, person), is_offered(facts, user, goal))


def on_goal(
    *,
    doors: tuple[str, ...] = BOTH,
    answers: str | Callable[[Facts, Any, Any], str] = "shown",
    post: bool = False,
) -> list[OnRows]:
    body = (lambda facts, row: {}) if post else None
    return [OnRows(lambda facts: facts.goals, sees_goal, body=body, doors=doors, answers=answers)]


def on_mentee() -> list[OnRows]:
    return [OnRows(lambda facts: facts.people, is_own_mentee, doors=("mentor",))]


#: For everybody, logged in or not: what it takes to come in, and to install. With what stands in the address.
OPEN: dict[str, list[Any]] = {
    "install": [],
    "language": [],
    "log_in": [],
    "log_in_code": [],
    "log_in_resend": [],
    "log_out": [],
    "manifest": [],
    "offline": [],
    "qr_code": [],
    "service_worker": [],
    "stop_notices": ["no-such-token"],
    "wrong_door": [],
}

#: Pages about whoever asks: nothing on them is of anybody that they don't know.
OWN: dict[str, Own] = {
    "home": Own(),
    "messages": Own(),
    "messages_news": Own(),
    "me": Own(),
    "me_details": Own(),
    "me_devices": Own(),
    "me_phone": Own(),
    # Nothing is under way: the way to the form before it.
    "me_phone_codes": Own(answers="done"),
    # The site under test has no terms, unless a test says so.
    "me_terms": Own(answers="hidden"),
    # They were welcomed: the way home.
    "welcome": Own(answers="done"),
    "welcome_details": Own(answers="done"),
    "welcome_terms": Own(answers="done"),
    "people": Own(),
    "goals": Own(),
    "goal_add": Own(doors=("mentee",)),
    "goal_add_own": Own(doors=("mentee",)),
}

#: Pages and files of one row, and what is done to one row: one of these for each method.
ON_ROWS: dict[str, list[OnRows]] = {
    "person": [
        OnRows(
            lambda facts: facts.people,
            # The own profile is another page.
            lambda facts, user, person: person.user_id != user.pk and facts.sees(user, person),
        )
    ],
    "conversation": [
        OnRows(lambda facts: facts.people, converses_with),
        OnRows(
            lambda facts: facts.people,
            converses_with,
            body=lambda facts, row: {"text": "Hello"},
            answers=lambda facts, user, row: "done" if may_write_now(facts, user, row) else "422",
        ),
    ],
    "conversation_news": [OnRows(lambda facts: facts.people, converses_with)],
    "conversation_read": [
        OnRows(
            lambda facts: facts.people,
            converses_with,
            body=lambda facts, row: {"up_to": 10**9},
            answers="204",
        )
    ],
    "attachment": [
        OnRows(
            attachments,
            lambda facts, user, row: facts.may(user, "view_conversation", row.message.conversation),
        )
    ],
    "goal": on_goal(),
    # An empty one: shown again, with the reason.
    "goal_comment": on_goal(post=True),
    # What is only proposed is answered first: the way to the goal itself.
    "goal_change": on_goal(
        doors=("mentee",),
        answers=lambda facts, user, goal: "done" if goal.state == Goal.State.PROPOSED else "shown",
    ),
    **{
        name: on_goal(doors=("mentee",), answers="done", post=True)
        for name in ("goal_accept", "goal_decline", "goal_done", "goal_drop", "goal_progress", "goal_reopen")
    },
    "goal_step": [
        OnRows(
            lambda facts: GoalStep._base_manager.select_related("goal"),
            lambda facts, user, row: sees_goal(facts, user, row.goal),
            key=lambda row: [row.goal_id, row.pk],
            body=lambda facts, row: {"done": "on"},
            doors=("mentee",),
            answers="done",
        )
    ],
    "goal_withdraw": [
        OnRows(
            lambda facts: facts.goals,
            lambda facts, user, row: (
                sees_goal(facts, user, row) and row.proposed_by_id == facts.person_of[user.pk].pk
            ),
            body=lambda facts, row: {},
            doors=("mentor",),
            answers="done",
        )
    ],
    "goal_add_chosen": [OnRows(lambda facts: facts.catalogue_goals, is_offered, doors=("mentee",))],
    "goals_of": on_mentee(),
    "goal_propose": on_mentee(),
    "goal_propose_own": on_mentee(),
    "goal_propose_chosen": [
        OnRows(
            lambda facts: product(facts.people, facts.catalogue_goals),
            lambda facts, user, pair: (
                is_own_mentee(facts, user, pair[0]) and is_offered(facts, user, pair[1])
            ),
            key=lambda pair: [pair[0].pk, pair[1].pk],
            doors=("mentor",),
            kind=kind_of_proposal,
        )
    ],
}

#: Answers that come before any row is looked for.
TURNED_AWAY = ("log in", "wrong door")

CLASSIFIED = {*OPEN, *OWN, *ON_ROWS}


def portal_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Every address of both doors, with every row there is, and what `user` is to be answered.

    Whoever is turned away before any row is looked for is turned away alike from all: of those, a few rows do.
    """
    for door in DOORS:
        turned_away = _answer(facts, user, door, BOTH, is_for=True, answers="") in TURNED_AWAY
        for name, own in OWN.items():
            answer = _answer(facts, user, door, own.doors, is_for=True, answers=own.answers)
            yield _probe(door, name, [], answer, own.body)
        for name, screen in ((name, screen) for name, screens in ON_ROWS.items() for screen in screens):
            rows = list(screen.rows(facts))
            for row in rows[:3] if turned_away else rows:
                is_for = _me(facts, user) is not None and screen.is_for(facts, user, row)
                answers = screen.answers
                if callable(answers):
                    answers = answers(facts, user, row) if is_for else ""
                answer = _answer(facts, user, door, screen.doors, is_for=is_for, answers=answers)
                body = screen.body(facts, row) if screen.body else None
                # A door without this address knows no rows: there it is enough to ask about some that are for them.
                kind = screen.kind(facts, user, row) if door in screen.doors else is_for
                yield _probe(door, name, screen.key(row), answer, body, kind)


def _me(facts: Facts, user: Any) -> Any:
    """The Person who asks; None for whoever isn't one, or was shut out."""
    return None if facts.me(user) is None else facts.person_of.get(user.pk)


def _answer(facts: Facts, user: Any, door: str, doors: tuple[str, ...], *, is_for: bool, answers: str) -> str:
    me = _me(facts, user)
    if me is None:
        return "log in"
    if me.role != DOORS[door].role:
        return "wrong door"
    return answers if is_for and door in doors else "hidden"


def _probe(
    door: str, name: str, key: list[Any], answer: str, body: dict[str, Any] | None, kind: Any = None
) -> Probe:
    path = reverse(f"{door}:{name}", args=key)
    return Probe(f"{door}:{name}", path, answer, "get" if body is None else "post", body, kind)


def secrets_behind_the_doors(facts: Facts, user: Any, secrets: set[str]) -> set[str]:
    """Cut `secrets` to what `user` must not read in the portal: whom they wrote with, they may know by name."""
    me = facts.person_of.get(getattr(user, "pk", None))
    if me is None:
        return secrets
    known = {me.full_name, me.email, me.id_number, *_spellings(me)}
    for conversation in facts.conversations:
        pair = {conversation.first_id, conversation.second_id}
        if me.pk in pair:
            known |= {facts.person[pk].full_name for pk in pair}
    return secrets - known


def _spellings(person: Any) -> set[str]:
    if not person.phone:
        return set()
    digits = person.phone.as_e164
    return {digits.lstrip("+"), digits[2:], person.phone.as_international, person.phone.as_national}
