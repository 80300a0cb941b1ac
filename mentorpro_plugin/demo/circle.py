"""Mentors and mentees by name, matched with each other, whose numbers never change: for a first look by phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..access.roles import Role
from ..activity.history import entry
from ..activity.models import HistoryEntry
from ..conf import imported_setting
from ..conversations.models import Conversation, Message, Participation
from ..goals.models import CatalogueGoal, Goal, GoalComment, GoalStep
from ..organizations.models import Organization
from ..people.models import Person
from .households import Household
from .lives import Calendar
from .numbers import FictionalNumber
from .writing import Writer, insert

Action = HistoryEntry.Action
LOGIN, MESSAGE, GOAL = Person.Activity.LOGIN, Person.Activity.MESSAGE, Person.Activity.GOAL


@dataclass(frozen=True)
class Named:
    """One of the circle. The line is of 332-555, an area code that nobody else of the demo has."""

    role: Role
    first_name: str
    last_name: str
    line: int
    about: str = ""

    @property
    def phone(self) -> FictionalNumber:
        return FictionalNumber(country_code=1, national_number=3_325_550_000 + self.line)


ROSA = Named(Role.MENTOR, "Rosa", "Delgado", 101, "Bridge engineer, and the first of my family at college.")
IDRIS = Named(Role.MENTOR, "Idris", "Okafor", 102, "I build prosthetic hands. Ask me about internships.")
MAYA = Named(Role.MENTEE, "Maya", "Lindqvist", 111, "First year. Likes robots, fears calculus.")
JONAS = Named(Role.MENTEE, "Jonas", "Pereira", 112)
# Never logged in: sees the welcome.
AIKO = Named(Role.MENTEE, "Aiko", "Tanaka", 113)
CIRCLE = (ROSA, IDRIS, MAYA, JONAS, AIKO)

#: Mentee, mentor, and whether that is the Primary Mentor.
_MATCHES = ((MAYA, ROSA, True), (MAYA, IDRIS, False), (JONAS, ROSA, True), (AIKO, IDRIS, True))

#: Author, reader, hours ago and text, oldest first.
_LETTERS = (
    (ROSA, MAYA, 190, "Hi Maya! I'm Rosa, your mentor this year. How was the first week?"),
    (MAYA, ROSA, 187, "Hi Rosa! Loud, but good. I got lost on the way to the lab. Twice."),
    (ROSA, MAYA, 186, "Everybody does 🙂 Is there anything that worries you?"),
    (MAYA, ROSA, 163, "Calculus. The quiz on Friday went badly."),
    (
        ROSA,
        MAYA,
        161,
        "Then let's make a plan for it. The help desk is open on Tuesdays: https://www.example.org/help",
    ),
    (JONAS, ROSA, 120, "Hello Ms Delgado, can we move our meeting to Thursday?"),
    (ROSA, JONAS, 119, "Of course. Four o'clock, same place?"),
    (MAYA, IDRIS, 74, "Hi Idris, Rosa says you know about summer internships?"),
    (IDRIS, MAYA, 72, "I do. Send me your résumé when it's ready, and we'll go through it together."),
    (MAYA, ROSA, 26, "I went to the help desk. Integrals make sense now!"),
    (ROSA, MAYA, 3, "I'm proud of you. Tell me how the next quiz goes?"),
    (JONAS, ROSA, 2, "Four is fine. I'll bring the application."),
)
#: Up to how many hours ago each has read what was written to them. Not the latest ones.
_READ = {MAYA: 25, ROSA: 20, IDRIS: 70, JONAS: 100}

_CATALOGUE = {
    "Pass the first calculus exam": "Know where help is to be had, practise, and look at old exams.",
    "Write a résumé": "One page, read by somebody else before it goes out.",
    "Meet a professor in office hours": "Prepare one question, and go.",
    "Find a summer internship": "Look around, apply, and talk to somebody who had one.",
}


@dataclass(frozen=True)
class _Plan:
    """A goal: steps done and to do, comments by author, all with hours ago."""

    mentee: Named
    title: str
    set_ago: float
    steps: tuple[tuple[str, float | None], ...] = ()
    comments: tuple[tuple[Named, float, str], ...] = ()
    due_in_days: int | None = None
    done_ago: float | None = None
    proposed_by: Named | None = None


_PLANS = (
    _Plan(
        MAYA,
        "Pass the first calculus exam",
        160,
        (("Go to the help desk", 27), ("Work through two old exams", 5), ("Sleep before the exam", None)),
        ((ROSA, 24, "Two old exams is plenty. Begin with last year's."),),
        due_in_days=12,
    ),
    _Plan(MAYA, "Join the robotics club", 150, (("Visit the open evening", 100),), done_ago=98),
    _Plan(
        JONAS,
        "Write a résumé",
        60,
        (("List what I have done", 50), ("Ask Rosa to read it", None)),
        due_in_days=6,
    ),
    _Plan(JONAS, "Meet a professor in office hours", 18, proposed_by=ROSA),
)


def add_circle(writer: Writer, calendar: Calendar, manager: Person, *, domain: str) -> None:
    """Add the circle to the manager's first program, with a past: log-ins, conversations, goals. Flushes `writer`."""
    _Circle(writer, calendar, manager, domain).build()


class _Circle:
    def __init__(self, writer: Writer, calendar: Calendar, manager: Person, domain: str) -> None:
        self.writer, self.calendar, self.manager, self.domain = writer, calendar, manager, domain
        self.organization: Organization = manager.organization  # type: ignore[assignment]
        self.people: dict[Named, Person] = {}
        self.entries: list[HistoryEntry] = []

    def build(self) -> None:
        self._add_people()
        self.writer.flush()
        self._write_letters()
        self._set_goals()
        self._log_in()
        insert(HistoryEntry, sorted(self.entries, key=lambda written: written.at))

    def _ago(self, hours: float) -> datetime:
        return self.calendar.ago(hours / 24)

    def _add_people(self) -> None:
        household = Household()
        program = (
            self.manager.assignments.model._base_manager.filter(person=self.manager).earliest("pk").program
        )
        for named in CIRCLE:
            self.people[named] = person = self._person(named)
            household.people.append(person)
        for named in (ROSA, IDRIS):
            household.assign(
                self.people[named], program, self.manager, by=self.manager, started_at=self.calendar.ago(20)
            )
        for mentee, mentor, is_primary in _MATCHES:
            household.assign(
                self.people[mentee],
                program,
                self.people[mentor],
                by=self.manager,
                started_at=self.calendar.ago(9),
                is_primary=is_primary,
            )
        self.writer.add(household)

    def _person(self, named: Named) -> Person:
        email = f"{named.first_name.lower()}@mail.{self.domain}"
        person = Person(
            user=imported_setting("BUILD_USER")(named.role, email),
            role=named.role,
            organization=self.organization,
            first_name=named.first_name,
            last_name=named.last_name,
            phone=named.phone,
            email=email,
            about=named.about,
            added_at=self.calendar.ago(30),
        )
        if doings := _doings(named):
            hours, kind = min(doings)
            person.last_activity_at, person.last_activity_kind = self._ago(hours), kind
            person.first_login_at = person.welcomed_at = self._ago(max(doings)[0])
        return person

    def _write_letters(self) -> None:
        conversations: dict[frozenset[Named], Conversation] = {}
        for author, reader, hours, _text in _LETTERS:
            pair = frozenset((author, reader))
            if pair not in conversations:
                first, second = sorted(
                    (self.people[author], self.people[reader]), key=lambda person: person.pk
                )
                conversations[pair] = Conversation(
                    organization=self.organization, first=first, second=second, started_at=self._ago(hours)
                )
        insert(Conversation, conversations.values())
        messages = [
            Message(
                conversation=conversations[frozenset((author, reader))],
                author=self.people[author],
                text=text,
                sent_at=self._ago(hours),
            )
            for author, reader, hours, text in _LETTERS
        ]
        insert(Message, messages)
        insert(
            Participation,
            [
                self._side(conversation, named, next(iter(pair - {named})), messages)
                for pair, conversation in conversations.items()
                for named in sorted(pair, key=lambda named: named.line)
            ],
        )

    def _side(
        self, conversation: Conversation, named: Named, other: Named, messages: list[Message]
    ) -> Participation:
        """What `named` has read of `conversation`, and what waits."""
        own = [message for message in messages if message.conversation is conversation]
        theirs = [message for message in own if message.author_id == self.people[other].pk]
        unread = [message for message in theirs if message.sent_at > self._ago(_READ[named])]
        seen = [message for message in own if message not in unread]
        return Participation(
            conversation=conversation,
            person=self.people[named],
            other=self.people[other],
            read_up_to=max(message.pk for message in seen),
            unread_count=len(unread),
            unread_since=unread[0].sent_at if unread else None,
            last_message_at=own[-1].sent_at,
        )

    def _set_goals(self) -> None:
        parent = self.organization.parent or self.organization
        catalogue = {
            title: CatalogueGoal(organization=parent, title=title, description=description)
            for title, description in _CATALOGUE.items()
        }
        insert(CatalogueGoal, catalogue.values())
        goals = {plan: self._goal(plan, catalogue.get(plan.title)) for plan in _PLANS}
        insert(Goal, goals.values())
        insert(
            GoalStep,
            [
                GoalStep(goal=goal, text=text, done_at=None if ago is None else self._ago(ago))
                for plan, goal in goals.items()
                for text, ago in plan.steps
            ],
        )
        comments = [
            (goal, named, ago, text) for plan, goal in goals.items() for named, ago, text in plan.comments
        ]
        insert(
            GoalComment,
            [
                GoalComment(goal=goal, author=self.people[named], text=text, written_at=self._ago(ago))
                for goal, named, ago, text in comments
            ],
        )
        for plan, goal in goals.items():
            proposer = plan.proposed_by
            action = Action.GOAL_PROPOSED if proposer else Action.GOAL_SET
            self._note(goal, action, plan.set_ago, by=proposer or plan.mentee, of=plan.mentee)
            if plan.done_ago is not None:
                self._note(goal, Action.GOAL_DONE, plan.done_ago, by=plan.mentee, of=plan.mentee)
            for named, ago, _text in plan.comments:
                self._note(goal, Action.GOAL_COMMENTED, ago, by=named, of=plan.mentee)

    def _goal(self, plan: _Plan, catalogue_goal: CatalogueGoal | None) -> Goal:
        done = [ago for _text, ago in plan.steps if ago is not None]
        state = Goal.State.OPEN
        if plan.proposed_by:
            state = Goal.State.PROPOSED
        elif plan.done_ago is not None:
            state = Goal.State.DONE
        return Goal(
            mentee=self.people[plan.mentee],
            catalogue_goal=catalogue_goal,
            title=plan.title,
            description=_CATALOGUE.get(plan.title, ""),
            due_on=None if plan.due_in_days is None else self.calendar.ago(-plan.due_in_days).date(),
            state=state,
            progress=100 * len(done) // len(plan.steps) if plan.steps else 0,
            proposed_by=self.people[plan.proposed_by] if plan.proposed_by else None,
            created_at=self._ago(plan.set_ago),
            changed_at=self._ago(min([plan.set_ago, *done, *filter(None, [plan.done_ago])])),
            done_at=None if plan.done_ago is None else self._ago(plan.done_ago),
        )

    def _log_in(self) -> None:
        """A log-in a moment before each day on which somebody did something."""
        for named, person in self.people.items():
            for hours in {int(ago // 24): ago for ago, _kind in sorted(_doings(named))}.values():
                self._note(person, Action.LOGGED_IN, hours, by=named, of=named)

    def _note(self, subject: Any, action: HistoryEntry.Action, hours: float, *, by: Named, of: Named) -> None:
        written = entry(
            subject,
            action,
            by=self.people[by].user,
            organization=self.organization.pk,
            person=self.people[of].pk,
        )
        written.at = self._ago(hours)
        if action == Action.LOGGED_IN:
            written.at -= timedelta(minutes=3)
        self.entries.append(written)


def _doings(named: Named) -> list[tuple[float, str]]:
    """What `named` has done, as hours ago and kind."""
    doings: list[tuple[float, str]] = [
        (hours, MESSAGE) for author, _to, hours, _text in _LETTERS if author is named
    ]
    for plan in _PLANS:
        if (plan.proposed_by or plan.mentee) is named:
            doings.append((plan.set_ago, GOAL))
        if plan.mentee is named:
            doings += [(ago, GOAL) for _text, ago in plan.steps if ago is not None]
            doings += [(ago, GOAL) for ago in (plan.done_ago,) if ago is not None]
        doings += [(ago, GOAL) for author, ago, _text in plan.comments if author is named]
    return doings
