"""A small world with named people, in which every test of access plays.

Riverside University is a parent with two schools; Hillside College is a stranger with one. Each school has programs,
managers, coordinators, mentors and mentees, so that there is always something that could leak. The last name of
everybody and the name of everything in an organization carries its marker word.
"""

from dataclasses import dataclass, field

from django.contrib.auth import get_user_model

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import refresh_is_assigned
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.goals.models import CatalogueGoal
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
    user_for,
)


@dataclass
class World:
    organizations: dict[str, Organization] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    catalogue: dict[str, CatalogueGoal] = field(default_factory=dict)

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
    """Build the world: about 40 people. Runs past all scopes and permissions.

    Hundreds of tests begin with it, so people and assignments are written together.
    """
    world = World()
    _make_organizations(world)
    people, assignments = _staff(), []
    for school, programs in {
        "engineering": ("first_year", "transfer"),
        "nursing": ("cohort", "drop_in"),
        "law": ("moot", "clinic"),
    }.items():
        people += _people_of(school, programs)
        assignments += _assignments_of(school, programs)
    _make_people(world, people)
    _make_assignments(world, assignments)
    _make_identifiers(world)
    _make_catalogues(world)
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
    world.people[key] = PersonFactory(**_details(world, key, role, organization, **fields))
    return world.people[key]


def _details(world, key, role, organization, **fields):
    """What the factory is told about a person."""
    marker = MARKERS.get(organization, "Topmark")
    return {
        "role": role,
        "organization": world.organizations.get(organization),
        "first_name": key.replace("_", " ").title(),
        "last_name": marker,
        "email": f"{key}@example.org",
        "id_number": f"{key}-{marker}".upper(),
        **fields,
    }


def assign(world: World, key: str, program: str, lead: str | None = None, **fields) -> Assignment:
    """Open an assignment in the world; kept as `<person>@<program>` or `<person>@<program>/<lead>`."""
    name = _assignment_name(key, program, lead)
    world.assignments[name] = AssignmentFactory(
        person=world.people[key], program=world.programs[program], lead=world.people.get(lead), **fields
    )
    return world.assignments[name]


def _assignment_name(key, program, lead):
    return f"{key}@{program}" + (f"/{lead}" if lead else "")


def _staff():
    """Key, role and organization of those above the programs."""
    return [
        ("super_admin", Role.SUPER_ADMIN, None),
        ("riverside_parent", Role.PARENT, "riverside"),
        ("hillside_parent", Role.PARENT, "hillside"),
        *((f"{school}_child", Role.CHILD, school) for school in ("engineering", "nursing", "law")),
    ]


def _people_of(school, programs):
    """Likewise, for one school; with a status, if it isn't the usual one."""
    for program in programs:
        yield f"{program}_pm", Role.PROGRAM_MANAGER, school
        yield f"{program}_sc", Role.SUCCESS_COORDINATOR, school
        yield f"{program}_mentor", Role.MENTOR, school
        yield f"{program}_mentee", Role.MENTEE, school
    yield f"{school}_free_mentor", Role.MENTOR, school
    yield f"{school}_free_mentee", Role.MENTEE, school
    yield f"{school}_free_pm", Role.PROGRAM_MANAGER, school
    yield f"{school}_left_pm", Role.PROGRAM_MANAGER, school, Person.Status.DEACTIVATED
    yield f"{school}_left_mentee", Role.MENTEE, school, Person.Status.DEACTIVATED


def _assignments_of(school, programs):
    """Person, program and lead, by key."""
    for program in programs:
        yield f"{program}_pm", program, None
        yield f"{program}_sc", program, None
        yield f"{program}_mentor", program, f"{program}_pm"
        yield f"{program}_mentee", program, f"{program}_mentor"
    yield f"{school}_left_pm", programs[0], None
    yield f"{school}_left_mentee", programs[0], f"{programs[0]}_mentor"


def _make_people(world, people):
    for key, role, organization, *status in people:
        fields = {"status": status[0]} if status else {}
        details = _details(world, key, role, organization, **fields)
        user = user_for(role, details["email"], *status)
        world.people[key] = PersonFactory.build(user=user, **details)
    get_user_model()._base_manager.bulk_create(person.user for person in world.people.values())
    for person in world.people.values():
        person.user = person.user  # now that it has a key
        person.complete()
    Person._base_manager.bulk_create(world.people.values())


def _make_assignments(world, assignments):
    for key, program, lead in assignments:
        world.assignments[_assignment_name(key, program, lead)] = AssignmentFactory.build(
            person=world.people[key], program=world.programs[program], lead=world.people.get(lead)
        )
        world.people[key].is_assigned = True
    Assignment._base_manager.bulk_create(world.assignments.values())
    refresh_is_assigned(*(person.pk for person in world.people.values()))


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


def _make_catalogues(world):
    for tree in ("riverside", "hillside"):
        world.catalogue[tree] = CatalogueGoal(
            organization=world.organizations[tree],
            title=f"Résumé {MARKERS[tree]}",
            description=f"How {MARKERS[tree]} writes one.",
        )
    CatalogueGoal._base_manager.bulk_create(world.catalogue.values())
