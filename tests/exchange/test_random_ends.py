"""Random rosters that begin and end assignments, right and wrong: nobody is led by somebody who isn't there, nothing of a
refused row is stored, and the same file again changes nothing.
"""

import random

import pytest

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.reading import SourceRow, Table
from mentorpro_plugin.exchange.rosters import import_roster
from mentorpro_plugin.people.models import Person

from ..world import add, assign
from .helpers import HEADINGS

pytestmark = pytest.mark.django_db

PROGRAMS = {"first_year": "First Year Enginmark", "transfer": "Transfer Enginmark"}
MANAGERS, MENTORS, MENTEES = ("P0", "P1"), ("M0", "M1", "M2", "M3"), ("E0", "E1", "E2", "E3", "E4", "E5")
#: Two whom the file adds.
NEW = {"NEW1": ("Mentor", "907 555 0142"), "NEW2": ("Mentee", "907 555 0143")}


class Scene:
    """People who are assigned somehow, and rows about some of them, as `chance` has it."""

    def __init__(self, world, chance):
        self._world, self._chance = world, chance
        roles = {Role.PROGRAM_MANAGER: MANAGERS, Role.MENTOR: MENTORS, Role.MENTEE: MENTEES}
        for role, keys in roles.items():
            for key in keys:
                is_off = role != Role.PROGRAM_MANAGER and chance.random() < 0.1
                status = Person.Status.DEACTIVATED if is_off else Person.Status.ENABLED
                add(world, key, role, "engineering", id_number=key, status=status)
        for program in PROGRAMS:
            leads = self._assigned(program, MANAGERS, [None])
            leads = self._assigned(program, MENTORS, leads)
            self._assigned(program, MENTEES, leads)

    def _assigned(self, program, keys, leads):
        """Assign some to the program, under one or two leads each; return who they are."""
        found = [key for key in keys if leads and self._chance.random() < 0.6]
        for key in found:
            for lead in self._chance.sample(leads, min(len(leads), self._chance.choice([1, 1, 2]))):
                assign(self._world, key, program, lead)
        return found

    def table(self):
        keys = [*MANAGERS, *MENTORS, *MENTEES, *NEW]
        rows = [self._row(key) for key in self._chance.sample(keys, self._chance.randint(1, len(keys)))]
        headings = (*HEADINGS, "End")
        return Table(
            headings,
            [
                SourceRow(line, tuple(row.get(heading, "") for heading in headings))
                for line, row in enumerate(rows, 2)
            ],
        )

    def _row(self, key):
        row = {"ID": key, "First Name": self._chance.choice(["", "Changed"])}
        if self._chance.random() < 0.05:
            row["E-mail"] = "nobody"
        if key in NEW:
            role, phone = NEW[key]
            row |= {
                "Role": role,
                "Phone Number": phone,
                "First Name": "New",
                "Organization": "Enginmark Organization",
            }
        programs = [
            self._chance.choice(list(PROGRAMS.values())) for _ in range(self._chance.choice([0, 1, 2, 2]))
        ]
        managers = [self._leads(MANAGERS) if key in (*MENTORS, "NEW1") else "" for _program in programs]
        mentors = [
            self._leads((*MENTORS, "NEW1")) if key in (*MENTEES, "NEW2") else "" for _program in programs
        ]
        parts = {
            "Program": programs,
            "Program Manager": managers,
            "Mentor": mentors,
            "Primary Mentor": [self._chance.choice(["", *cell.split("; ")]) for cell in mentors],
            "End": [self._chance.choice(["", "", "end"]) for _program in programs],
        }
        return row | {heading: " | ".join(cells) if any(cells) else "" for heading, cells in parts.items()}

    def _leads(self, keys):
        return "; ".join(self._chance.sample(keys, self._chance.choice([0, 1, 1, 2])))


def there():
    """What is there of each person, by ID."""
    found = {
        key: [name, is_assigned]
        for key, name, is_assigned in Person._base_manager.values_list(
            "id_number", "first_name", "is_assigned"
        )
    }
    opened = Assignment._base_manager.filter(ended_at=None).order_by("program", "lead")
    for key, *assignment in opened.values_list("person__id_number", "program", "lead", "is_primary"):
        found[key].append(assignment)
    return found


def check_whole():
    opened = Assignment._base_manager.filter(ended_at=None)
    places = set(opened.values_list("person", "program"))
    assert set(opened.exclude(lead=None).values_list("lead", "program")) <= places
    assigned = Person._base_manager.filter(is_assigned=True).values_list("pk", flat=True)
    assert set(assigned) == {person for person, _program in places}


# The same ones each time: whoever changes something else shall not meet them by chance.
@pytest.mark.parametrize("seed", range(12))
def test_random_rosters_are_stored_whole(world, seed):
    table = Scene(world, random.Random(seed)).table()
    by = world.user("riverside_parent")
    before, entries = there(), HistoryEntry._base_manager.count()

    done = import_roster(table, by=by)
    if not done.is_stored:
        # Nothing is left to be refused while it is stored.
        assert done.plan.count(Kind.REFUSED), list(done.refusals)
        assert (there(), HistoryEntry._base_manager.count()) == (before, entries)
        done = import_roster(table, by=by, only_valid=True)
    after = there()
    again = import_roster(table, by=by, only_valid=True)

    check_whole()
    identities = {row.line: row.cells[HEADINGS.index("ID")] for row in table.rows}
    refused = [identities[row.line] for row in done.refused]
    assert len(refused) == done.count(Kind.REFUSED)
    assert [after.get(key) for key in refused] == [before.get(key) for key in refused]
    assert (again.count(Kind.NEW), again.count(Kind.CHANGED), there()) == (0, 0, after)
