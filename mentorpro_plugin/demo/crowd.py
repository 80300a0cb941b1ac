"""The people of one organization: which programs they are in, and with whom."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ..access.roles import Role
from ..people.actions import account_role
from ..people.models import Person
from ..programs.models import Program
from .households import Household
from .register import Register

#: Mentees of a mentor: mostly a handful, now and then twenty; about four on average.
_LOADS = (0, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 20)
#: A program takes one Program Manager more for so many people.
_PEOPLE_OF_A_MANAGER = 400
#: With fewer people, an organization has one Program Manager and one Success Coordinator.
_SMALL = 40
#: How many mentors to look back on, for mentees with more than one.
_NEIGHBOURS = 8
#: With fewer people, an organization makes no sense.
SMALLEST = 12


class Crowd:
    """Draws `size` people for an organization with `programs`, given with their share of the people."""

    def __init__(self, register: Register, programs: Sequence[tuple[Program, int]], size: int) -> None:
        self.register = register
        self.programs = programs
        self.size = size
        self.rng = register.rng
        self.calendar = register.calendar

    def households(self) -> Iterator[Household]:
        """Yield the staff first, then program after program, at the end those who aren't assigned.

        Only what is needed later on is kept, so that an organization may have any size.
        """
        staff = Household()
        self.account = self.register.enter(
            staff, account_role(self.register.organization), added_at=self.calendar.ago(800)
        )
        managers = self._staff(staff)
        yield staff
        left = self.size - len(staff.people)
        unassigned = left // 12
        mentors: deque[Person] = deque(maxlen=_NEIGHBOURS)
        for (program, _share), people in zip(self.programs, self._split(left - unassigned), strict=True):
            mentors.clear()
            yield from self._program(program, managers[program.pk], people, mentors)
        for number in range(unassigned):
            yield self._newcomer(Role.MENTOR if number % 4 == 0 else Role.MENTEE, mentors)

    def _split(self, people: int) -> list[int]:
        total = sum(share for _program, share in self.programs)
        counts = [people * share // total for _program, share in self.programs]
        counts[0] += people - sum(counts)
        return counts

    def _staff(self, household: Household) -> dict[int, list[Person]]:
        """Program Managers, of whom the first runs two programs, and Success Coordinators. Map programs to managers."""
        is_small = self.size < _SMALL
        managers: dict[int, list[Person]] = {}
        manager = coordinator = None
        for number, (program, _share) in enumerate(self.programs):
            if manager is None or (number > 1 and not is_small):
                manager = self._at_work(household, Role.PROGRAM_MANAGER)
            if coordinator is None or (number != 2 and not is_small):
                coordinator = self._at_work(household, Role.SUCCESS_COORDINATOR)
            for person in (manager, coordinator):
                household.assign(
                    person, program, by=self.account, started_at=self.calendar.some_time_ago(400, 360)
                )
            managers[program.pk] = [manager]
        if not is_small:
            for role in (Role.PROGRAM_MANAGER, Role.SUCCESS_COORDINATOR):
                self.register.enter(household, role, added_at=self.calendar.some_time_ago(60, 2))
        return managers

    def _at_work(self, household: Household, role: Role) -> Person:
        return self.register.enter(
            household, role, added_at=self.calendar.some_time_ago(700, 410), at_work=True
        )

    def _program(
        self, program: Program, managers: list[Person], people: int, mentors: deque[Person]
    ) -> Iterator[Household]:
        """Yield a mentor with mentees, again and again, `people` in all. `mentors` keeps the latest mentors."""
        managers = list(managers)
        done = 0
        while done < people:
            household = Household()
            if done >= _PEOPLE_OF_A_MANAGER * len(managers):
                managers.append(self._at_work(household, Role.PROGRAM_MANAGER))
                started_at = self.calendar.some_time_ago(400, 360)
                household.assign(managers[-1], program, by=self.account, started_at=started_at)
            else:
                self._circle(household, program, self.rng.choice(managers), mentors, most=people - done)
            done += len(household.people)
            yield household

    def _circle(
        self, household: Household, program: Program, manager: Person, mentors: deque[Person], *, most: int
    ) -> None:
        added_at = self.calendar.some_time_ago(350, 240)
        mentor = self.register.enter(household, Role.MENTOR, added_at=added_at)
        household.assign(mentor, program, manager, by=manager, started_at=added_at + timedelta(days=2))
        # Nobody new is given to a mentor who is deactivated.
        others = [other for other in mentors if not other.is_deactivated]
        for _number in range(min(self.rng.choice(_LOADS), most - 1)):
            self._mentee(household, program, manager, mentor, others)
        mentors.append(mentor)

    def _mentee(
        self, household: Household, program: Program, manager: Person, mentor: Person, others: list[Person]
    ) -> None:
        rng = self.rng
        started_at = self.calendar.some_time_ago(120, 3)
        added_at = started_at - timedelta(days=rng.uniform(0.1, 110))
        mentee = self.register.enter(household, Role.MENTEE, added_at=added_at)
        if others and rng.random() < 0.12:
            self._past(household, mentee, program, rng.choice(others), until=started_at, by=manager)
        if program.flash_mentoring and rng.random() < 0.6:
            household.assign(mentee, program, by=manager, started_at=started_at)
            return
        leads = [mentor]
        if others and rng.random() < 0.15:
            leads += rng.sample(others, min(len(others), rng.choice((1, 1, 2))))
        primaries = {1: rng.choice((0, 1)), 2: 1, 3: 2}[len(leads)]
        for number, lead in enumerate(leads):
            household.assign(
                mentee,
                program,
                lead,
                by=manager,
                started_at=started_at + timedelta(hours=30 * number),
                is_primary=number < primaries,
            )

    def _newcomer(self, role: Role, mentors: deque[Person]) -> Household:
        """Somebody without an open assignment; with some, one has ended."""
        household = Household()
        until = self.calendar.some_time_ago(90, 1)
        person = self.register.enter(
            household, role, added_at=until - timedelta(days=self.rng.uniform(1, 100))
        )
        if role == Role.MENTEE and mentors and self.rng.random() < 0.3:
            program = self.programs[-1][0]
            self._past(household, person, program, self.rng.choice(mentors), until=until, by=self.account)
        return household

    def _past(
        self,
        household: Household,
        mentee: Person,
        program: Program,
        lead: Person,
        *,
        until: datetime,
        by: Person,
    ) -> None:
        """An assignment that is over since before `until`."""
        started_at = self.calendar.between(mentee.added_at, until)
        ended_at = self.calendar.between(started_at, until)
        household.assign(mentee, program, lead, by=by, started_at=started_at, ended_at=ended_at)
