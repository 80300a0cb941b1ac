"""Deleting people for good: nothing is left of them but the export and the receipt, and nobody else loses anything."""

import csv
import io
import logging
import zipfile

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.db import connection
from django.db.models import CASCADE, SET_NULL
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentorpro_plugin import leases
from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.conversations.models import private_storage
from mentorpro_plugin.exports.working import RawExportJob
from mentorpro_plugin.holdings import holdings
from mentorpro_plugin.models import (
    Assignment,
    Conversation,
    Deletion,
    Message,
    Participation,
    Person,
    RawExport,
)
from mentorpro_plugin.people.actions import change_person
from mentorpro_plugin.people.lifecycle import reactivate
from mentorpro_plugin.purging import purge_expired
from mentorpro_plugin.removal import working
from mentorpro_plugin.removal.actions import request_deletion
from tests.access.snapshots import changed, snapshot
from tests.factories import PersonFactory
from tests.lives import live

from .marking import MARKER, hits_in_database, hits_in_files, mark

pytestmark = pytest.mark.django_db


def delete(world, key, *, by="riverside_parent", wants_export=True):
    with scope_of(EVERYTHING):
        deletion = request_deletion(world.people[key], wants_export=wants_export, by=world.user(by))
    return Deletion._base_manager.get(pk=deletion.pk)


@pytest.fixture(autouse=True)
def empty_storage():
    yield
    storage = private_storage()
    for folder in ("deletions", "attachments", "imports"):
        for name in _below(storage, folder):
            storage.delete(name)


def _below(storage, folder):
    if not storage.exists(folder):
        return
    folders, names = storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in names)
    for inner in folders:
        yield from _below(storage, f"{folder}/{inner}")


def test_nothing_of_a_marked_person_is_left_but_the_export(world, client_of, caplog):
    live(world)
    person = mark(world, "transfer_mentee")
    client = client_of("transfer_mentee")
    raw_export = RawExport(organization=world.organizations["riverside"], by=world.user("super_admin"))
    raw_export.save()
    RawExportJob.work_on(raw_export.pk)
    assert hits_in_database()
    assert any(name.startswith("raw-exports/") for name in hits_in_files(private_storage()))
    before = snapshot()

    with caplog.at_level(logging.DEBUG):
        deletion = delete(world, "transfer_mentee")

    assert (deletion.state, deletion.error) == (Deletion.State.DONE, "")
    assert hits_in_database() == []
    assert hits_in_files(storages["default"]) == []
    assert hits_in_files(private_storage()) == [] or hits_in_files(private_storage()) == [deletion.export]
    assert [record for record in caplog.records if MARKER in record.getMessage()] == []
    assert client.get("/mentee/").status_code == 302
    assert not get_user_model().objects.filter(pk=person.user_id).exists()
    _nobody_else_lost_anything(person, before)


def _nobody_else_lost_anything(person, before):
    """Whatever differs was the person's, named them, or is the receipt."""
    after = snapshot()
    differing = changed(before, after)
    for label in ("Person", "Goal", "GoalStep", "GoalComment", "Consent", "GivenIdentifier", "Assignment"):
        rows = differing.pop(f"mentorpro_plugin.{label}", [])
        keys = {"person_id", "mentee_id", "author_id"}
        for row in rows:
            assert (
                row["id"] == person.pk
                or person.pk in [row.get(key) for key in keys]
                or "goal_id" in row
                or "proposed_by_id" in row
                or "lead_id" in row
            ), (label, row)
    texts = [row for row in before["mentorpro_plugin.Message"] if MARKER not in row["text"]]
    gone = {row["id"] for row in differing.pop("mentorpro_plugin.Message")}
    kept = {row["id"] for row in after["mentorpro_plugin.Message"]}
    conversations = {
        row["id"]
        for row in before["mentorpro_plugin.Conversation"]
        if person.pk in (row["first_id"], row["second_id"])
    }
    assert gone == {
        row["id"] for row in before["mentorpro_plugin.Message"] if row["conversation_id"] in conversations
    }
    assert {row["id"] for row in texts if row["conversation_id"] not in conversations} <= kept
    assert [row["id"] for row in differing.pop("auth.User")] == [person.user_id]


def test_export_holds_what_was_held(world):
    live(world)
    person = mark(world, "transfer_mentee")
    person.about = "=1+1"
    person.save()

    deletion = delete(world, "transfer_mentee")

    with private_storage().open(deletion.export) as file, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        tables = {name: archive.read(name) for name in archive.namelist() if name.endswith(".csv")}
        attachments = [name for name in archive.namelist() if name.startswith("attachments/")]
        readme = archive.read("README.txt").decode()
    rows = {name: list(csv.reader(io.StringIO(text.decode("utf-8-sig")))) for name, text in tables.items()}
    assert all(text.startswith(b"\xef\xbb\xbf") for text in tables.values())
    assert {f"{holding.name}.csv" for holding in holdings() if holding.columns} | {
        "data_dictionary.csv"
    } == set(rows)
    [facts] = [dict(zip(rows["person.csv"][0], row, strict=True)) for row in rows["person.csv"][1:]]
    assert (facts["first_name"], facts["phone"], facts["about"]) == (
        f"{MARKER}first",
        "+18085550177",
        "'=1+1",
    )
    assert len(rows["messages.csv"]) - 1 == deletion.deleted["messages"] == deletion.counts["messages"]
    assert len(attachments) == deletion.deleted["attachments"] > 0
    assert "messages.csv" in readme
    described = {tuple(row[:2]) for row in rows["data_dictionary.csv"][1:]}
    assert described == {
        (name, column) for name, table in rows.items() if name != "data_dictionary.csv" for column in table[0]
    }


def test_receipt_stays_and_history_knows_numbers_only(world):
    person, parent = world.people["transfer_mentee"], world.user("riverside_parent")
    number = person.pk

    deletion = delete(world, "transfer_mentee")

    actions = HistoryEntry._base_manager.filter(person=number).order_by("pk").values_list("action", "actor")
    assert list(actions)[-4:] == [
        ("deactivated", parent.pk),
        ("deletion_started", parent.pk),
        ("exported", parent.pk),
        ("deleted", parent.pk),
    ]
    assert (deletion.person_pk, deletion.requested_by_id) == (number, parent.pk)
    assert deletion.deleted == deletion.counts
    assert (deletion.lease, deletion.due_at) == (None, None)


def test_every_key_to_a_person_or_user_is_held_or_goes_with_the_user(db):
    held = {holding.model for holding in holdings()}
    targets = (Person, get_user_model())
    # They keep numbers, on purpose: see decision 16. Wagtail's log shows a number for a user who is gone.
    numbers = {"HistoryEntry", "Deletion", "ModelLogEntry", "PageLogEntry"}
    forgotten = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if field.remote_field is None or field.remote_field.model not in targets:
                continue
            goes_by_itself = model._meta.app_label != "mentorpro_plugin" and field.remote_field.on_delete in (
                CASCADE,
                SET_NULL,
            )
            if model not in held and model.__name__ not in numbers and not goes_by_itself:
                forgotten.append(f"{model.__name__}.{field.name}")

    assert forgotten == []


def test_lead_of_open_assignments_is_refused(world):
    with pytest.raises(ValidationError, match="still leads"):
        delete(world, "transfer_mentor")

    assert not Deletion._base_manager.exists()
    assert not Person._base_manager.get(pk=world.people["transfer_mentor"].pk).is_deactivated


@pytest.mark.parametrize("by", ["engineering_child", "transfer_pm", "transfer_sc", "hillside_parent"])
def test_only_super_admin_and_parent_of_the_tree_delete(world, by):
    with pytest.raises(PermissionDenied):
        delete(world, "transfer_mentee", by=by)


def test_nobody_deletes_themselves_or_the_last_parent_account(world):
    with pytest.raises(PermissionDenied):
        delete(world, "riverside_parent", by="riverside_parent")
    with pytest.raises(ValidationError, match="last account"):
        delete(world, "riverside_parent", by="super_admin")


def test_person_under_deletion_is_neither_changed_nor_reactivated(world):
    person, parent = world.people["transfer_mentee"], world.user("riverside_parent")
    Person._base_manager.filter(pk=person.pk).update(status=Person.Status.DEACTIVATED)
    Deletion(person_pk=person.pk, role=person.role, organization=person.organization).save()
    person.refresh_from_db()
    person.first_name = "Other"

    with scope_of(EVERYTHING):
        with pytest.raises(ValidationError, match="being deleted"):
            reactivate(person, by=parent)
        with pytest.raises(ValidationError, match="being deleted"):
            change_person(person, by=parent)
        with pytest.raises(ValidationError, match="being deleted already"):
            request_deletion(person, wants_export=True, by=parent)


def test_number_can_be_added_again_afterwards(world):
    phone = world.people["transfer_mentee"].phone
    delete(world, "transfer_mentee", wants_export=False)

    assert PersonFactory(organization=world.organizations["engineering"], phone=phone).pk


@pytest.mark.parametrize(
    ("fault", "reason"), [("full", "disk_full"), ("broken", "storage"), ("lost", "file_missing")]
)
def test_nothing_is_deleted_where_the_export_fails(world, monkeypatch, fault, reason):
    live(world)
    person = mark(world, "transfer_mentee")
    storage = type(private_storage())
    if fault == "full":
        monkeypatch.setattr(storage, "_save", _full)
    elif fault == "broken":
        monkeypatch.setattr(storage, "size", lambda self, name: 7)
    else:
        message = Message._base_manager.filter(author=person).last()
        row = message.attachments.model._base_manager.get(message=message)
        row.file.storage.delete(row.file.name)
    before = snapshot()

    deletion = delete(world, "transfer_mentee")

    assert (deletion.state, deletion.error) == (Deletion.State.FAILED, reason)
    assert deletion.reason.endswith(".")
    assert deletion.deleted == {}
    assert set(changed(before, snapshot())) == {
        "auth.User",
        "mentorpro_plugin.Deletion",
        "mentorpro_plugin.HistoryEntry",
        "mentorpro_plugin.OutboxMessage",
        "mentorpro_plugin.Person",
    }
    assert list(_below(private_storage(), "deletions")) == []
    monkeypatch.undo()
    if fault != "lost":
        assert delete(world, "transfer_mentee").state == Deletion.State.DONE
    assert delete_without_export(world, person) if fault == "lost" else True


def test_account_that_nobody_may_switch_on_is_let_in_again_where_its_deletion_fails(world, monkeypatch):
    monkeypatch.setattr(type(private_storage()), "_save", _full)

    deletion = delete(world, "engineering_child")

    person = Person._base_manager.get(pk=world.people["engineering_child"].pk)
    assert deletion.state == Deletion.State.FAILED
    assert not person.is_deactivated
    assert person.user.is_active


def delete_without_export(world, person):
    return delete(world, "transfer_mentee", wants_export=False).state == Deletion.State.DONE


def _full(self, name, content):
    import errno

    raise OSError(errno.ENOSPC, "No space left on device")


def test_expired_exports_and_files_without_a_row_are_purged(world):
    live(world)
    mark(world, "transfer_mentee")
    deletion = delete(world, "transfer_mentee")
    kept = purge_expired()
    Deletion._base_manager.update(export_expires_at=timezone.now())

    purged = purge_expired()

    assert (kept["exports"], purged["exports"]) == (0, 1)
    assert not private_storage().exists(deletion.export)
    deletion.refresh_from_db()
    assert (deletion.export, deletion.state) == ("", Deletion.State.DONE)


def _queries_to_delete(world, key, messages):
    person, other = world.people[key], world.people["transfer_mentor"]
    first, second = sorted((person, other), key=lambda row: row.pk)
    conversation = Conversation(organization=person.organization, first=first, second=second)
    conversation.save()
    for side, counterpart in ((first, second), (second, first)):
        Participation(conversation=conversation, person=side, other=counterpart).save()
    Message._base_manager.bulk_create(
        Message(conversation=conversation, author=person, text=f"{number}") for number in range(messages)
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert delete(world, key, wants_export=False).state == Deletion.State.DONE
    return len(queries)


def test_queries_grow_with_tables_and_not_with_rows(world):
    few = _queries_to_delete(world, "transfer_mentee", 10)
    many = _queries_to_delete(world, "engineering_free_mentee", 5_100)

    # One batch more: what goes, the lease, the rows, a savepoint. Whoever has fewer tables needs fewer queries.
    assert many <= few + 6
    assert working.BATCH == 5_000


def test_one_that_was_left_is_taken_up(world, settings):
    person = world.people["transfer_mentee"]
    Person._base_manager.filter(pk=person.pk).update(status=Person.Status.DEACTIVATED)
    left = Deletion(
        person_pk=person.pk,
        role=person.role,
        organization=person.organization,
        state=Deletion.State.DELETING,
        lease="00000000-0000-0000-0000-000000000001",
        due_at=timezone.now() + leases.LEASE,
    )
    left.save()

    assert working.take_up_left_deletions() == 0
    working.carry_out.call(left.pk)
    left.refresh_from_db()
    assert left.state == Deletion.State.DELETING
    Deletion._base_manager.update(due_at=timezone.now())
    assert working.take_up_left_deletions() == 1
    left.refresh_from_db()
    assert left.state == Deletion.State.DONE


def test_assignment_opened_under_a_lead_in_that_moment_ends(world):
    person = world.people["transfer_mentor"]
    led = Assignment._base_manager.filter(lead=person, ended_at=None)
    keys = list(led.values_list("pk", flat=True))
    Deletion(
        person_pk=person.pk, role=person.role, organization=person.organization, wants_export=False
    ).save()

    working.carry_out.call(Deletion._base_manager.get().pk)

    assert Deletion._base_manager.get().state == Deletion.State.DONE
    assert [row.lead_id for row in Assignment._base_manager.filter(pk__in=keys)] == [None] * len(keys)


def test_three_dots_offer_delete_to_those_who_may(world, client_of):
    person = world.people["transfer_mentee"]
    roster = f"/admin/mentees/?organization={person.organization_id}"
    address = f"/admin/deletions/person/{person.pk}/"

    offered = {
        name: address in client_of(name).get(roster).content.decode()
        for name in ("super_admin", "riverside_parent", "engineering_child", "transfer_pm", "transfer_sc")
    }

    assert [name for name, is_offered in offered.items() if is_offered] == ["super_admin", "riverside_parent"]
