"""Somebody who left a marker wherever a person can leave something; and looking for it everywhere."""

import io
import json
import zipfile
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.admin.models import FormState
from wagtail.models import ModelLogEntry, ReferenceIndex, Revision
from wagtail.users.models import UserProfile

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.history import record
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.conversations.models import private_storage
from mentorpro_plugin.models import (
    Assignment,
    Attachment,
    Consent,
    Goal,
    GoalComment,
    GoalStep,
    LoginCode,
    Message,
    OutboxMessage,
    Person,
)
from mentorpro_plugin.outbox.budgets import take_text
from mentorpro_plugin.portal.codes import issue_code
from tests.exchange.steps import csv_of, previewed, stored, uploaded
from tests.lives import converse
from tests.world import World

#: In a name, a text, an address: found in none of the fixtures.
MARKER = "Zyxquort"
PHONE = "+18085550177"


def mark(world: World, key: str) -> Person:
    """Let the person of the world leave MARKER in every field, table and file that a person can."""
    person = world.people[key]
    person.first_name, person.last_name = f"{MARKER}before", f"{MARKER}last"
    person.email, person.id_number, person.about = f"{MARKER}@example.org".lower(), f"ID-{MARKER}", MARKER
    person.phone = PHONE
    person.save()
    _stand_in_imports(world, person)
    user = person.user
    user.first_name, user.last_name, user.email = MARKER, MARKER, person.email
    user.save()
    if person.role == Role.MENTEE:
        _plan(world, person)
    _write(world, person, key)
    _send_and_log_in(world, person)
    _leave_in_frameworks(world, person)
    return person


def _plan(world, person):
    goal = Goal(mentee=person, title=MARKER, description=MARKER)
    goal.save()
    GoalStep(goal=goal, text=MARKER).save()
    GoalComment(goal=goal, author=person, text=MARKER).save()


def _write(world, person, key):
    other = "cohort_pm" if key == "transfer_sc" else "transfer_sc"
    conversation = converse(world, key, other)
    for author in (person, world.people[other]):
        message = Message(conversation=conversation, author=author, text=f"{MARKER} said")
        message.save()
        attachment = Attachment(
            message=message, name=f"{MARKER}.txt", kind="document", content_type="text/plain", size=8
        )
        attachment.file.save(f"{MARKER}.txt", ContentFile(MARKER.encode()), save=True)
    own = world.people["first_year_mentee"]
    if own != person:
        foreign = Goal(mentee=own, title="Theirs", proposed_by=person)
        foreign.save()
        GoalComment(goal=foreign, author=person, text=MARKER).save()


def _send_and_log_in(world, person):
    colleague = world.people["engineering_free_mentee"]
    Consent(person=person, version=MARKER).save()
    issue_code(contact=PHONE, purpose=LoginCode.Purpose.LOG_IN, person=person, browser="browser")
    take_text(number=PHONE, organization=person.organization_id, ip="")
    for to, kind, state in (
        (person, OutboxMessage.Kind.LOGIN_CODE, OutboxMessage.State.WAITING),
        (person, OutboxMessage.Kind.FROM_STAFF, OutboxMessage.State.SENT),
        (colleague, OutboxMessage.Kind.UNREAD_NOTICE, OutboxMessage.State.SENT),
        (colleague, OutboxMessage.Kind.ASSIGNMENT, OutboxMessage.State.WAITING),
        (None, OutboxMessage.Kind.SECURITY, OutboxMessage.State.FAILED),
    ):
        OutboxMessage(
            kind=kind,
            channel=OutboxMessage.Channel.EMAIL,
            person=to,
            organization=to.organization if to else None,
            recipient=to.email if to else person.email,
            subject=f"{person.first_name} wrote to you",
            body=f"{person.full_name}: {MARKER if to is person else ''}",
            html=f"<b>{person.first_name}</b>",
            state=state,
            due_at=None if state != OutboxMessage.State.WAITING else timezone.now() + timedelta(days=1),
        ).save()
    record(
        person,
        HistoryEntry.Action.CHANGED,
        by=person.user,
        organization=person.organization_id,
        person=person.pk,
        changes={"first_name": None},
    )
    Assignment._base_manager.filter(person=colleague).update(started_by=person.user)


def _leave_in_frameworks(world, person):
    user = person.user
    kinds = ContentType.objects.get_for_models(Person, get_user_model())
    for kind, key in ((kinds[Person], person.pk), (kinds[get_user_model()], user.pk)):
        ModelLogEntry(
            content_type=kind, object_id=key, label=MARKER, action="wagtail.edit", timestamp=timezone.now()
        ).save()
        Revision(
            content_type=kind,
            base_content_type=kind,
            object_id=key,
            object_str=MARKER,
            content={"name": MARKER},
            created_at=timezone.now(),
        ).save()
        FormState(
            content_type=kind,
            object_id=key,
            user=world.user("super_admin"),
            data=f"first_name={MARKER}",
            last_updated_at=timezone.now(),
            parent_object_id="",
        ).save()
        ReferenceIndex(
            content_type=kind,
            base_content_type=kind,
            object_id=key,
            to_content_type=kind,
            to_object_id=key,
            model_path=MARKER,
            content_path=MARKER,
            content_path_hash="00000000-0000-0000-0000-000000000001",
        ).save()
    profile, _ = UserProfile.objects.get_or_create(user=user)
    profile.avatar.save(f"{MARKER}.png", ContentFile(MARKER.encode()), save=True)
    EmailAddress.objects.get_or_create(user=user, email=person.email)
    UserSession.objects.get_or_create(
        user=user, session_key="x" * 32, defaults={"ip": "127.0.0.1", "user_agent": MARKER}
    )
    for status, path in (("READY", "tests.removal.nothing"), ("FAILED", "tests.removal.nothing")):
        DBTaskResult(
            status=status,
            args_kwargs={"args": [person.full_name], "kwargs": {}},
            task_path=path,
            backend_name="default",
            run_after=timezone.now() + timedelta(days=9),
            return_value=person.email,
            exception_class_path="",
            traceback=f"IntegrityError: {PHONE}",
        ).save()


def _stand_in_imports(world, person):
    """An import that changed them, one that waits for a yes, and one in whose file only their name stands."""
    parent, confines = world.user("riverside_parent"), person.organization
    row = {
        "Role": person.get_role_display(),
        "First Name": f"{MARKER}first",
        "Last Name": f"{MARKER}last",
        "ID": f"ID-{MARKER}",
        "Phone Number": PHONE,
    }
    changing = stored(csv_of(row), by=parent, organization=confines, name=f"{MARKER}last_{MARKER}first.csv")
    assert (changing.state, changing.counts["changed"]) == ("done", 1)
    person.refresh_from_db()
    waiting = previewed(csv_of(row | {"E-mail": person.email}), by=parent, organization=confines)
    assert waiting.state == "preview"
    named = f"Role,Name,Mentor\nMentee,Somebody Else,{person.first_name} {person.last_name}\n"
    assert uploaded(named.encode("cp1252"), by=parent, organization=confines).state == "mapping"


def dump() -> str:
    """Return everything in the database as text, table by table."""
    lines = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            lines += [
                f"{table}: {json.dumps([_text(value) for value in row], ensure_ascii=False)}"
                for row in cursor.fetchall()
            ]
    return "\n".join(lines)


def _text(value):
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


def hits_in_database() -> list[str]:
    """Return the rows in which the marker, or the number, stands."""
    words = (MARKER.lower(), PHONE.lstrip("+"), PHONE[2:])
    return [line for line in dump().splitlines() if any(word in line.lower() for word in words)]


def files(storage, folder="") -> list[str]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return []
    here = [f"{folder}/{name}".lstrip("/") for name in names]
    return here + [name for inner in folders for name in files(storage, f"{folder}/{inner}".lstrip("/"))]


def hits_in_files(storage) -> list[str]:
    """Return the files whose name or content has the marker; of archives, whose content when it is unpacked."""
    found = []
    for name in files(storage):
        with storage.open(name) as file:
            if MARKER.lower() in name.lower() or MARKER.encode() in _unpacked(file.read()):
                found.append(name)
    return found


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(_unpacked(archive.read(name)) for name in archive.namelist())


def private_files() -> list[str]:
    return files(private_storage())
