"""When people came, and what became of them since: dates that fit together, all relative to now."""

from datetime import datetime, timedelta
from random import Random

from ..people.models import Person

_KINDS = (*[Person.Activity.LOGIN] * 3, *[Person.Activity.MESSAGE] * 4, Person.Activity.GOAL)


class Calendar:
    """Draws moments: at the same distances from `now` for the same `rng`."""

    def __init__(self, now: datetime, rng: Random) -> None:
        self.now = now
        self._rng = rng

    def ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def some_time_ago(self, longest: float, shortest: float) -> datetime:
        """A moment between `longest` and `shortest` days ago."""
        return self.ago(self._rng.uniform(longest, shortest))

    def between(self, start: datetime, end: datetime) -> datetime:
        return start + (end - start) * self._rng.random()

    def live(self, person: Person, *, added_at: datetime, at_work: bool = False) -> None:
        """Give `person` a past since `added_at`: never logged in, active today, lately, or long ago. A few are
        deactivated; nobody is who is `at_work`.
        """
        person.added_at = added_at
        if not at_work and self._rng.random() < 0.03:
            person.status = Person.Status.DEACTIVATED
        chance = self._rng.uniform(0.2, 0.7) if at_work else self._rng.random()
        if chance < 0.2:
            return
        if chance < 0.35:
            last = self.now - timedelta(minutes=self._rng.randint(1, 180))
        elif chance < 0.7:
            last = self.some_time_ago(14.5, 0.5)
        else:
            last = self.between(added_at, self.ago(15.5))
        last = max(last, added_at + timedelta(minutes=10))
        person.last_activity_at = last
        person.last_activity_kind = self._rng.choice(_KINDS)
        person.first_login_at = self.between(added_at, last)
