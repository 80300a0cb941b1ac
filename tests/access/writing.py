"""Valid POSTs for every screen that writes, aimed at the rows of one organization or across two."""

from django.urls import reverse

from mentorpro_plugin.models import IdentifierValue
from tests.factories import fictional_phone

from .screens import Probe

#: Where each school's people are in the world: parent organization, program, and roster's people by role.
TREES = {"engineering": "riverside", "nursing": "riverside", "law": "hillside"}
PROGRAMS = {"engineering": "transfer", "nursing": "cohort", "law": "moot"}


def posts_at(world, school, closed) -> list[Probe]:
    """One valid POST for every screen that writes, aimed at the rows of `school` and its tree."""
    organization, tree = world.organizations[school], world.organizations[TREES[school]]
    program = world.programs[PROGRAMS[school]]
    key = PROGRAMS[school]
    identifier = world.identifiers[TREES[school]]
    return [
        *_posts_at_organization(organization, tree, program, identifier),
        *_posts_at_people(world, organization, school, key),
        assign_post(world.people[f"{school}_free_mentee"], program, world.people[f"{key}_mentor"]),
        post(
            "assignments:assign_in_program",
            program,
            "mentee",
            people=world.people[f"{school}_free_mentee"],
            lead=world.people[f"{key}_mentor"],
        ),
        post("assignments:unassign", world.assignments[f"{key}_mentee@{key}/{key}_mentor"]),
        post("assignments:primary", world.assignments[f"{key}_mentee@{key}/{key}_mentor"], is_primary="on"),
        post("assignments:reopen", closed[school]),
    ]


def post(screen, *rows, **body) -> Probe:
    keys = {field: value.pk if hasattr(value, "pk") else value for field, value in body.items()}
    return Probe(
        screen, reverse(screen, args=[getattr(row, "pk", row) for row in rows]), "done", "post", keys
    )


def assign_post(person, program, lead, organization=None):
    """ASSIGN on a person's profile."""
    return post(
        "assignments:assign",
        person,
        organization=organization or person.organization_id,
        program=program,
        leads=lead,
    )


def _posts_at_organization(organization, tree, program, identifier):
    values = list(IdentifierValue._base_manager.filter(identifier=identifier))
    formset = {"values-MIN_NUM_FORMS": 1, "values-MAX_NUM_FORMS": 1000, "values-INITIAL_FORMS": 0}
    new = {"values-TOTAL_FORMS": 1, "values-0-name": "Newmark", "values-0-id": "", "values-0-ORDER": 1}
    old = {"values-TOTAL_FORMS": len(values), "values-INITIAL_FORMS": len(values)}
    for position, value in enumerate(values):
        old |= {
            f"values-{position}-id": value.pk,
            f"values-{position}-name": f"Taken{position}",
            f"values-{position}-ORDER": position,
        }
    yield post("organizations:add", parent=tree, name="Annex", region="US")
    yield post("organizations:edit", organization, name="Taken", region="DE")
    yield post("programs:add", organization=organization, name="Annex")
    yield post("programs:edit", program, name="Taken", flash_mentoring="on")
    yield post("identifiers:add", organization=tree, name="Annex", **formset, **new)
    yield post("identifiers:edit", identifier, name="Taken", **{**formset, **old})


def _posts_at_people(world, organization, school, key):
    targets = {
        "mentors": f"{key}_mentor",
        "mentees": f"{key}_mentee",
        "program-managers": f"{key}_pm",
        "success-coordinators": f"{key}_sc",
        "organization-accounts": f"{school}_child",
    }
    for namespace, target in targets.items():
        new = {
            "first_name": "New",
            "last_name": "Person",
            "id_number": "",
            "email": f"{namespace}@example.net",
        }
        taken = {**new, "email": f"{namespace}-taken@example.net", "id_number": f"{namespace}-TAKEN"}
        yield post(f"{namespace}:add", organization=organization, phone=fictional_phone(), **new)
        yield post(f"{namespace}:edit", world.people[target], phone=fictional_phone(), **taken)


def crossings(world) -> list[Probe]:
    """Own rows in the address, rows of others in the body; and the other way round."""
    people, programs = world.people, world.programs
    free, mentor = people["engineering_free_mentee"], people["first_year_mentor"]
    probes = []
    for school, key in {"law": "moot", "nursing": "cohort"}.items():
        foreign_lead, foreign_free = people[f"{key}_mentor"], people[f"{school}_free_mentee"]
        own = reverse("assignments:assign_in_program", args=[programs["first_year"].pk, "mentee"])
        theirs = reverse("assignments:assign_in_program", args=[programs[key].pk, "mentee"])
        probes += [
            assign_post(free, programs[key], foreign_lead),
            assign_post(free, programs[key], mentor),
            assign_post(free, programs["first_year"], foreign_lead),
            assign_post(free, programs["first_year"], foreign_lead, world.organizations[school]),
            assign_post(free, programs[key], foreign_lead, world.organizations[school]),
            assign_post(foreign_free, programs["first_year"], mentor),
            assign_post(foreign_free, programs["first_year"], mentor, world.organizations["engineering"]),
            Probe("in program", own, "", "post", {"people": foreign_free.pk, "lead": mentor.pk}),
            Probe("in program", own, "", "post", {"people": free.pk, "lead": foreign_lead.pk}),
            Probe("in program", own, "", "post", {"people": [free.pk, foreign_free.pk], "lead": mentor.pk}),
            Probe("in program", theirs, "", "post", {"people": free.pk, "lead": mentor.pk}),
        ]
    return probes
