"""Valid POSTs for every screen that writes, aimed at the rows of one organization or across two."""

from hashlib import sha256
from uuid import uuid4

from django.urls import reverse

from mentorpro_plugin.models import (
    ExportSchedule,
    IdentifierValue,
    Letter,
    OutboxMessage,
    RawExport,
    RosterImport,
)
from tests.factories import AssignmentFactory, OrganizationFactory, ProgramFactory, fictional_phone
from tests.lives import upload

from .screens import STATUS_ROSTERS, Probe

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
        *_posts_at_catalogue(tree, world.catalogue[TREES[school]]),
        *_posts_at_people(world, organization, school, key),
        *_posts_at_many(world, school, key),
        *_archive_posts(organization, tree),
        _reassign_post(world, school, program, key),
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
        post("welcome:send", world.people[f"{key}_pm"]),
        post("deletions:delete", world.people[f"{school}_free_mentee"], answer="YES"),
        *_posts_at_raw_data(organization, tree),
        # About nobody's rows: for Super Admins alone.
        post("letters:edit", "welcome_mentor", "en", subject="Taken", body="{door_address}"),
        post("letters:restore", *_changed_letter()),
        post("outbox:send_again", _failed_message_to(world.people[f"{school}_free_mentee"])),
        post("imports:add", file=Roster(), organization=organization),
        post("imports:cancel", upload(world, f"{key}_pm", RosterImport.State.MAPPING)),
        post("imports:undo", _done_import_of(world, f"{key}_pm")),
    ]


class Roster:
    """A file to upload, as often as a test likes."""

    name = "roster.csv"
    content_type = "text/csv"

    def read(self):
        return b"ID,First Name\r\nTAKEN,Taken\r\n"


def _done_import_of(world, key):
    done = upload(world, key, RosterImport.State.DONE)
    RosterImport._base_manager.filter(pk=done.pk).update(batch=uuid4())
    return done


def _posts_at_raw_data(organization, tree):
    being_written = RawExport(organization=tree)
    being_written.save()
    schedule = ExportSchedule(organization=tree)
    schedule.save()
    yield post("exports:add", organization=organization)
    yield post("exports:cancel", being_written)
    yield post("exports:regular_add", organization=organization, every="month")
    yield post("exports:regular_edit", schedule, every="month")
    yield post("exports:regular_remove", schedule)


def _reassign_post(world, school, program, key):
    """The mentees of the program's mentor to another, who was put into it for that."""
    other = world.people[f"{school}_free_mentor"]
    AssignmentFactory(person=other, program=program, lead=world.people[f"{key}_pm"])
    return post(
        "assignments:reassign", world.people[f"{key}_mentor"], program=program, lead=other, confirm="1"
    )


def _failed_message_to(person):
    message = OutboxMessage(
        kind=OutboxMessage.Kind.UNREAD_NOTICE,
        channel=OutboxMessage.Channel.EMAIL,
        person=person,
        organization=person.organization,
        recipient=person.email,
        state=OutboxMessage.State.FAILED,
        due_at=None,
    )
    message.save()
    return message


def _changed_letter():
    """Kind and language of an e-mail that has another text than the built-in one."""
    text = {"subject": "Changed", "body": "{door_address}"}
    letter, _is_new = Letter.objects.get_or_create(kind="welcome_mentee", language="en", defaults=text)
    return letter.kind, letter.language


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


def _posts_at_catalogue(tree, goal):
    yield post("goals:add", organization=tree, title="Annex", is_offered="on")
    yield post("goals:edit", goal, title="Taken")
    yield post("goals:offer", goal)


def _targets(school, key):
    """Somebody in each roster, by its namespace."""
    return {
        "mentors": f"{key}_mentor",
        "mentees": f"{key}_mentee",
        "program-managers": f"{key}_pm",
        "success-coordinators": f"{key}_sc",
        "organization-accounts": f"{school}_child",
    }


def _posts_at_people(world, organization, school, key):
    for namespace, target in _targets(school, key).items():
        new = {
            "first_name": "New",
            "last_name": "Person",
            "id_number": "",
            "email": f"{namespace}@example.net",
        }
        taken = {**new, "email": f"{namespace}-taken@example.net", "id_number": f"{namespace}-TAKEN"}
        yield post(f"{namespace}:add", organization=organization, phone=fictional_phone(), **new)
        if namespace in STATUS_ROSTERS:
            yield post(f"{namespace}:status", world.people[target], status="deactivated")
        yield post(f"{namespace}:edit", world.people[target], phone=fictional_phone(), **taken)


def _posts_at_many(world, school, key):
    """Each of the bulk actions, confirmed, at people of the school."""
    writing = {
        "channel": "email",
        "subject": "News",
        "text": "There is news.",
        "batch": uuid4(),
        "step": "send",
    }
    for namespace, target in _targets(school, key).items():
        yield _bulk_post(namespace, "write", world.people[target], **writing)
        if namespace in STATUS_ROSTERS:
            yield _bulk_post(namespace, "deactivate", world.people[target])
    yield _bulk_post("program-managers", "reactivate", world.people[f"{school}_left_pm"])


def _bulk_post(namespace, action, person, **body):
    path = f"{reverse(f'{namespace}:bulk', args=[action])}?id={person.pk}"
    mark = sha256(str(person.pk).encode()).hexdigest()[:32]
    return Probe(f"{namespace}:bulk", path, "done", "post", {"mark": mark, **body})


def _archive_posts(organization, tree):
    """With nothing in them, or it would be refused for another reason."""
    program = ProgramFactory(organization=organization)
    yield post("programs:archive", program, archive="on")
    yield post("organizations:archive", OrganizationFactory(parent=tree), archive="on")


def denials(probe: Probe) -> set[str]:
    """How staff are answered who may not. Whom they don't see, they can't select: so they are led back to the list."""
    is_of_many = probe.name.endswith(":bulk")
    return {"hidden", "refused", "shown", "done"} if is_of_many else {"hidden", "refused", "shown"}


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
