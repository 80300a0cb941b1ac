"""A small world with named people, in which every test of access plays.

Riverside University is a parent with two schools; Hillside College is a stranger with one. Each school has programs,
managers, coordinators, mentors and mentees, so that there is always something that could leak. The last name of
everybody and the name of everything in an organization carries its marker word.
"""

from dataclasses import dataclass, field

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import Identifier, IdentifierValue
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program

from .factories import (
    AssignmentFactory,
    GivenIdentifierFactory,
    IdentifierFactory,
    OrganizationFactory,
    PersonFactory,
    ProgramFactory,
)


@dataclass
class World:
    organizations: dict[str, Organization] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)

    def user(self, name):
        """The user of a person, as a request would load it: with nothing kept from before."""
        return type(self.people[name].user)._base_manager.get(pk=self.people[name].user_id)

    def value(self, name: str) -> IdentifierValue:
        return IdentifierValue._base_manager.get(name=name)


#: Word in every name of an organization's own rows, by organization.
MARKERS = {
    "riverside": "Riverside",
    "engineering": "Enginmark",
    "nursing": "Nursmark",
    "hillside": "Hillmark",
    "law": "Lawmark",
}


def make_world() -> World:
    """Build the world: about 40 people. Runs past all scopes and permissions."""
    world = World()
    _make_organizations(world)
    _make_staff(world)
    for school, programs in {
        "engineering": ("first_year", "transfer"),
        "nursing": ("cohort", "drop_in"),
        "law": ("moot", "clinic"),
    }.items():
        _make_school(world, school, programs)
    _make_identifiers(world)
    return world


def _make_organizations(world):
    def organization(key, parent=None):
        world.organizations[key] = OrganizationFactory(
            name=f"{MARKERS[key]} Organization", parent=world.organizations.get(parent)
        )

    organization("riverside")
    organization("engineering", "riverside")
    organization("nursing", "riverside")
    organization("hillside")
    organization("law", "hillside")
    for key, (school, flash) in {
        "first_year": ("engineering", False),
        "transfer": ("engineering", False),
        "cohort": ("nursing", False),
        "drop_in": ("nursing", True),
        "moot": ("law", False),
        "clinic": ("law", True),
    }.items():
        world.programs[key] = ProgramFactory(
            name=f"{key.replace('_', ' ').title()} {MARKERS[school]}",
            organization=world.organizations[school],
            flash_mentoring=flash,
        )


def add(world: World, key: str, role: Role, organization: str | None, **fields) -> Person:
    """Add a person to the world, marked with their organization."""
    fields.setdefault("first_name", key.replace("_", " ").title())
    fields.setdefault("last_name", MARKERS.get(organization, "Topmark"))
    fields.setdefault("email", f"{key}@example.org")
    fields.setdefault("id_number", f"{key}-{MARKERS.get(organization, 'Topmark')}".upper())
    world.people[key] = PersonFactory(role=role, organization=world.organizations.get(organization), **fields)
    return world.people[key]


def assign(world: World, key: str, program: str, lead: str | None = None, **fields) -> Assignment:
    """Open an assignment in the world; kept as `<person>@<program>` or `<person>@<program>/<lead>`."""
    name = f"{key}@{program}" + (f"/{lead}" if lead else "")
    world.assignments[name] = AssignmentFactory(
        person=world.people[key], program=world.programs[program], lead=world.people.get(lead), **fields
    )
    return world.assignments[name]


def _make_staff(world):
    add(world, "super_admin", Role.SUPER_ADMIN, None)
    add(world, "riverside_parent", Role.PARENT, "riverside")
    add(world, "hillside_parent", Role.PARENT, "hillside")
    for school in ("engineering", "nursing", "law"):
        add(world, f"{school}_child", Role.CHILD, school)


def _make_school(world, school, programs):
    for program in programs:
        add(world, f"{program}_pm", Role.PROGRAM_MANAGER, school)
        add(world, f"{program}_sc", Role.SUCCESS_COORDINATOR, school)
        add(world, f"{program}_mentor", Role.MENTOR, school)
        add(world, f"{program}_mentee", Role.MENTEE, school)
        assign(world, f"{program}_pm", program)
        assign(world, f"{program}_sc", program)
        assign(world, f"{program}_mentor", program, f"{program}_pm")
        assign(world, f"{program}_mentee", program, f"{program}_mentor")
    add(world, f"{school}_free_mentor", Role.MENTOR, school)
    add(world, f"{school}_free_mentee", Role.MENTEE, school)
    add(world, f"{school}_free_pm", Role.PROGRAM_MANAGER, school)
    add(world, f"{school}_left_pm", Role.PROGRAM_MANAGER, school, status=Person.Status.DEACTIVATED)
    assign(world, f"{school}_left_pm", programs[0])
    add(world, f"{school}_left_mentee", Role.MENTEE, school, status=Person.Status.DEACTIVATED)
    assign(world, f"{school}_left_mentee", programs[0], f"{programs[0]}_mentor")


def _make_identifiers(world):
    values = {"riverside": ("Freshmark", "Seniormark"), "hillside": ("Hillyear", "Hilldone")}
    for organization, names in values.items():
        world.identifiers[organization] = IdentifierFactory(
            organization=world.organizations[organization],
            name=f"Grade {MARKERS[organization]}",
            values=names,
        )
    for person, name in {"first_year_mentee": "Freshmark", "moot_mentee": "Hillyear"}.items():
        value = world.value(name)
        GivenIdentifierFactory(person=world.people[person], identifier=value.identifier, value=value)
