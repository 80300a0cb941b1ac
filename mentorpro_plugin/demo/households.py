"""People who belong together, with all that hangs on them, before they are written."""

from dataclasses import dataclass, field
from datetime import datetime

from ..assignments.models import Assignment
from ..identifiers.models import GivenIdentifier
from ..people.models import Person
from ..programs.models import Program


@dataclass
class Household:
    """Unsaved people, their assignments and identifiers.

    Everybody's open assignments are in the household of the person; leads may be in this one or an earlier one.
    """

    people: list[Person] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    given: list[GivenIdentifier] = field(default_factory=list)

    def assign(
        self,
        person: Person,
        program: Program,
        lead: Person | None = None,
        *,
        by: Person,
        started_at: datetime,
        ended_at: datetime | None = None,
        is_primary: bool = False,
    ) -> None:
        """Assign `person`, as `by` would have; with `ended_at`, an assignment that is over."""
        self.assignments.append(
            Assignment(
                person=person,
                program=program,
                lead=lead,
                is_primary=is_primary,
                started_at=started_at,
                started_by=by.user,
                ended_at=ended_at,
                ended_by=by.user if ended_at else None,
            )
        )
        if ended_at is None:
            person.is_assigned = True
