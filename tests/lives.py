"""What the people of the world write, plan and agree to: something of each kind, in each organization, that could leak.

Every text of somebody holds the words "secret of" and whose it is.
"""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from mentorpro_plugin.access.roles import PARTICIPANTS, Role
from mentorpro_plugin.models import (
    Attachment,
    CatalogueGoal,
    Consent,
    Conversation,
    Deletion,
    ExportSchedule,
    Goal,
    GoalComment,
    GoalStep,
    ImportedPerson,
    LoginCode,
    Message,
    Organization,
    OutboxMessage,
    Participation,
    RawExport,
    RememberedHeading,
    RosterImport,
    TextBudget,
)

from .world import MARKERS, World

#: Who has uploaded rosters: of each kind, and in each organization.
IMPORTERS = (
    "riverside_parent",
    "engineering_child",
    "first_year_pm",
    "transfer_pm",
    "cohort_pm",
    "law_child",
    "moot_pm",
)

#: Who has written to each other beside those who are matched: staff with people of their programs, and matches of old.
_OTHER_PAIRS = [
    ("first_year_pm", "first_year_mentee"),
    ("first_year_sc", "first_year_mentor"),
    ("transfer_sc", "transfer_mentor"),
    ("moot_pm", "moot_mentee"),
    ("engineering_child", "first_year_pm"),
    ("transfer_mentor", "engineering_free_mentee"),
]


def live(world: World) -> World:
    """Let everybody in `world` write, set goals and get mail, past all actions; returns the world."""
    pairs = [(name.partition("@")[0], lead) for name, lead in _leads(world)]
    for first, second in [*pairs, *_OTHER_PAIRS]:
        converse(world, first, second)
    for mentee, mentor in pairs:
        if world.people[mentee].role == Role.MENTEE:
            propose(world, mentee, mentor)
    for key, person in world.people.items():
        if person.role == Role.MENTEE:
            plan(world, key)
        if person.role in PARTICIPANTS:
            _agree_and_get_mail(person)
    for organization in world.organizations.values():
        TextBudget(
            budget=TextBudget.Budget.ORGANIZATION,
            subject=organization.pk,
            organization=organization,
            used=1,
            resets_at=timezone.now() + timedelta(days=1),
        ).save()
        # The receipt of somebody who is gone.
        Deletion(
            person_pk=1_000_000 + organization.pk,
            role=Role.MENTEE,
            organization=organization,
            state=Deletion.State.DONE,
            due_at=None,
        ).save()
        _import_and_export(world, organization)
    for key in IMPORTERS:
        for state in (RosterImport.State.MAPPING, RosterImport.State.PREVIEW):
            upload(world, key, state)
    for key in ("riverside", "hillside"):
        for is_offered in (True, False):
            CatalogueGoal(
                organization=world.organizations[key],
                title=f"{'Offered' if is_offered else 'Withdrawn'} {MARKERS[key]} goal",
                description=f"secret of {MARKERS[key]}",
                is_offered=is_offered,
            ).save()
    return world


def _import_and_export(world: World, organization: Organization) -> None:
    """An import that added everybody of `organization`, and exports of it."""
    done = RosterImport(
        organization=organization,
        file_name=f"secret of {organization.name}.csv",
        state=RosterImport.State.DONE,
        due_at=None,
    )
    done.save()
    people = [person for person in world.people.values() if person.organization == organization]
    for line, person in enumerate(people, 2):
        ImportedPerson(roster_import=done, person=person, line=line, is_new=True).save()
    RememberedHeading(
        organization=organization, heading=f"secretof{organization.pk}", meaning="first_name"
    ).save()
    schedule = ExportSchedule(organization=organization)
    schedule.save()
    RawExport(organization=organization, schedule=schedule, state=RawExport.State.DONE, due_at=None).save()


def upload(world: World, key: str, state: str) -> RosterImport:
    """A roster that somebody uploaded, and that waits for them. Its files aren't kept any more."""
    person = world.people[key]
    name = f"secret file of {key}"
    waiting = RosterImport(
        organization=person.organization,
        by=person.user,
        file_name=f"{name}, {state}.csv",
        state=state,
        due_at=None,
        glance={"headings": ["ID"], "samples": [[f"{name}, cell"]], "rows": 1},
        mapping={"meanings": ["id_number"]},
    )
    waiting.save()
    return waiting


def _leads(world):
    for name in world.assignments:
        if "/" in name:
            yield name, name.partition("/")[2]


def converse(world: World, first: str, second: str) -> Conversation:
    """Two people write to each other, one message each, the first with an attachment; the second one is unread."""
    one, other = sorted((world.people[first], world.people[second]), key=lambda person: person.pk)
    organization = one.organization or other.organization
    conversation = Conversation(organization=organization, first=one, second=other)
    conversation.save()
    now = timezone.now()
    for person, counterpart in ((one, other), (other, one)):
        Participation(
            conversation=conversation,
            person=person,
            other=counterpart,
            unread_count=person is one,
            unread_since=now if person is one else None,
            last_message_at=now,
        ).save()
        message = Message(
            conversation=conversation,
            author=person,
            text=f"secret of {person.full_name} for {counterpart.full_name}",
        )
        message.save()
    name = f"secret-{first}-{second}.txt"
    attachment = Attachment(
        message=conversation.messages.model._base_manager.filter(conversation=conversation).first(),
        name=name,
        kind=Attachment.Kind.DOCUMENT,
        content_type="text/plain",
        size=6,
    )
    attachment.file.save(name, ContentFile(f"secret letter of {first} and {second}".encode()), save=True)
    return conversation


def plan(world: World, key: str, **fields) -> Goal:
    """A mentee sets a goal with a step, and comments on it."""
    mentee = world.people[key]
    whose = f"secret of {mentee.full_name}"
    goal = Goal(mentee=mentee, title=f"Goal, {whose}", description=f"Description, {whose}", **fields)
    goal.save()
    GoalStep(goal=goal, text=f"Step, {whose}").save()
    GoalComment(goal=goal, author=mentee, text=f"Comment, {whose}").save()
    return goal


def propose(world: World, mentee: str, mentor: str) -> Goal:
    """A mentor proposes a goal to a mentee, who hasn't said anything to it yet."""
    goal = Goal(
        mentee=world.people[mentee],
        # Not the mentor's name: whoever else leads the mentee sees the goal, and needn't see that mentor.
        title=f"Proposal of {mentor}, secret of {world.people[mentee].full_name}",
        state=Goal.State.PROPOSED,
        proposed_by=world.people[mentor],
    )
    goal.save()
    return goal


def _agree_and_get_mail(person):
    Consent(person=person, version="1").save()
    LoginCode(
        person=person, contact_hash=f"{person.pk:064}", code_hash="0" * 64, expires_at=timezone.now()
    ).save()
    OutboxMessage(
        kind=OutboxMessage.Kind.LOGIN_CODE,
        channel=OutboxMessage.Channel.EMAIL,
        person=person,
        organization_id=person.organization_id,
        recipient=person.email,
        subject=f"secret of {person.full_name}",
        body="{secret}",
    ).save()
