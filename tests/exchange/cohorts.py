"""Rosters of any size into the tests' world: mentors, each with mentees who stand before them in the file."""

import csv
from collections.abc import Iterator
from pathlib import Path

from mentorpro_plugin.exchange.reading import Table
from mentorpro_plugin.exchange.rows import SourceRow

HEADINGS = ("Role", "First Name", "Last Name", "ID", "Phone Number", "E-mail", "Grade Riverside")
HEADINGS += ("Program", "Program Manager", "Mentor")
#: A mentor with their mentees.
GROUP = 10


def rows(
    name: str, size: int, area: int, program: str = "first_year", first_name: str = "First"
) -> Iterator[list[str]]:
    """Yield cells of a cohort of the world's School of Engineering, whose IDs begin with `name`.

    `size` is a multiple of GROUP. The telephone numbers are of the area with the code `area`.
    """
    for number in range(size):
        mentor = number - number % GROUP + GROUP - 1
        leads = ["", f"{name}{mentor}"] if number != mentor else [f"{program}_pm-enginmark", ""]
        yield [
            "Mentor" if number == mentor else "Mentee",
            f"{first_name}{number}",
            f"Last{number * 7919 % size}",
            f"{name}{number}",
            f"+1{area}{2_000_000 + number}",
            f"{name}{number}@example.org",
            "Seniormark" if number % 2 else "Freshmark",
            f"{program.replace('_', ' ')} enginmark",
            *leads,
        ]


def table(*cohort: object) -> Table:
    lines = enumerate(rows(*cohort), 2)
    return Table(HEADINGS, [SourceRow(line, tuple(cells)) for line, cells in lines])


def written(path: Path, *cohort: object) -> Path:
    """Write a cohort as CSV."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows(*cohort)])
    return path
