"""Organizations and programs that never were: two trees written by hand, any number of others put together."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from .names import LONGEST, Name

GRADES = ("Freshman", "Sophomore", "Junior", "Senior")


@dataclass(frozen=True)
class PlannedProgram:
    name: str
    flash_mentoring: bool = False
    #: Share of the organization's people, relative to its other programs.
    share: int = 1


@dataclass(frozen=True)
class PlannedOrganization:
    name: str
    programs: tuple[PlannedProgram, ...]
    #: Share of all people, relative to the other organizations.
    share: float = 1.0
    #: Names that some of the mentees bear in any case.
    names: tuple[Name, ...] = ()


@dataclass(frozen=True)
class PlannedTree:
    """A parent organization and its children."""

    parent: PlannedOrganization
    children: tuple[PlannedOrganization, ...]
    domain: str
    #: Values by identifier.
    identifiers: dict[str, tuple[str, ...]]
    region: str = "US"


LARKSPUR = PlannedTree(
    PlannedOrganization("Larkspur University", (PlannedProgram("First-Generation Scholars"),), 0.8),
    (
        PlannedOrganization(
            "Larkspur College of Engineering",
            (
                PlannedProgram("First-Year Engineers", share=3),
                PlannedProgram("Drop-In Hours", flash_mentoring=True, share=2),
                PlannedProgram("Transfer Bridge", share=2),
            ),
            2.1,
            (LONGEST, Name("Thị Mai", "Trần"), Name("Wulandari", "")),
        ),
        PlannedOrganization(
            "Larkspur School of Nursing",
            (PlannedProgram("Nursing Cohort"),),
            1.3,
        ),
        PlannedOrganization("Larkspur Conservatory", (PlannedProgram("Portfolio Mentors"),), 0.7),
    ),
    "larkspur.example.org",
    {"Grade": GRADES, "Campus": ("Old Quad", "Lakeside", "Harbor Street")},
)

SKERRY = PlannedTree(
    PlannedOrganization("Skerry Trust", (PlannedProgram("Lighthouse Mentors"),), 0.4),
    (PlannedOrganization("Skerry Youth Mentors", (PlannedProgram("Harbour Mentors"),), 0.8),),
    "skerry.example.com",
    {"Year": ("First year", "Second year", "Third year"), "Town": ("Port Averil", "Stonnisay")},
    "GB",
)

_PLACES = (
    "Alder Point", "Ashgrove", "Bellwether", "Birchmere", "Briar Hollow", "Cedar Falls", "Cobalt Bay", "Coldwater",
    "Copper Ridge", "Dunmore", "Eastbrook", "Elmhaven", "Fernmoor", "Foxglove", "Glenmary", "Goldenrod", "Granite Arch",
    "Hawthorn Vale", "Heron Lake", "Highmoor", "Indigo", "Juniper", "Kestrel", "Kingfisher", "Lindenmere", "Maplecroft",
    "Meadowlark", "Millrace", "Northgate", "Oakhurst", "Pinecrest", "Quarry Hill", "Redwing", "Rosewood", "Saltmarsh",
    "Silverton", "Sycamore", "Tamarack", "Thistledown", "Westerly",
)  # fmt: skip
_KINDS = (
    "University",
    "College",
    "Polytechnic",
    "Foundation",
    "Community College",
    "Mentoring Alliance",
    "Institute",
)
_SCHOOLS = (
    "School of Business", "School of Education", "College of Sciences", "School of Law", "College of Arts",
    "School of Social Work", "School of Public Health", "College of Agriculture", "School of Design", "Honors College",
)  # fmt: skip
_PROGRAMS = (
    "First-Year Mentors", "Transfer Mentors", "Career Circles", "Women in Science", "Peer Coaches", "Alumni Match",
    "Bridge to College", "Study Partners", "Research Buddies", "Spring Cohort", "Autumn Cohort", "Graduate Pathways",
    "Family First", "Leadership Lab",
)  # fmt: skip
_FLASH = ("Drop-In Hours", "Ask a Mentor", "Lunch Break Mentors")
_CAMPUSES = ("North Campus", "South Campus", "Downtown", "Riverside", "Online")
_CHILDREN = 3


def plan(organizations: int, rng: Random) -> Iterator[PlannedTree]:
    """Yield trees of `organizations` in all: the two written by hand first, the last one cut to what is left."""
    for tree in _trees(rng):
        fitting = tree.children[: organizations - 1]
        yield PlannedTree(tree.parent, fitting, tree.domain, tree.identifiers, tree.region)
        organizations -= 1 + len(fitting)
        if organizations == 0:
            return


def _trees(rng: Random) -> Iterator[PlannedTree]:
    yield LARKSPUR
    yield SKERRY
    number = 0
    while True:
        yield _invented(number, rng)
        number += 1


def _invented(number: int, rng: Random) -> PlannedTree:
    again, number = divmod(number, len(_PLACES) * len(_KINDS))
    place = _PLACES[number % len(_PLACES)]
    kind = _KINDS[number // len(_PLACES)]
    name = f"{place} {kind}" + (f" {again + 1}" if again else "")
    return PlannedTree(
        PlannedOrganization(name, _programs(rng), _share(rng)),
        tuple(
            PlannedOrganization(f"{place} {school}", _programs(rng), _share(rng))
            for school in rng.sample(_SCHOOLS, _CHILDREN)
        ),
        f"{name.lower().replace(' ', '-')}.example.org",
        {"Grade": GRADES, "Campus": tuple(rng.sample(_CAMPUSES, 3))},
    )


def _programs(rng: Random) -> tuple[PlannedProgram, ...]:
    regular = [
        PlannedProgram(name, share=rng.randint(1, 3)) for name in rng.sample(_PROGRAMS, rng.randint(3, 4))
    ]
    if rng.random() < 0.4:
        regular.append(PlannedProgram(rng.choice(_FLASH), flash_mentoring=True))
    return tuple(regular)


def _share(rng: Random) -> float:
    return rng.lognormvariate(0, 0.4)
