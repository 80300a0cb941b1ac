"""Exports of raw data on their way: broken off, taken up, given up, gone; and those that begin by themselves."""

import errno
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.test import override_settings
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exports import working
from mentorpro_plugin.exports.actions import (
    begin_due_exports,
    cancel_raw_export,
    is_resting,
    next_time,
    note_download,
    remove_schedule,
    save_schedule,
)
from mentorpro_plugin.exports.keeping import KEPT
from mentorpro_plugin.exports.working import RawExportJob, take_up_left_exports
from mentorpro_plugin.leases import LEASE
from mentorpro_plugin.models import Attachment, Deletion, ExportSchedule, Person, RawExport
from mentorpro_plugin.purging import purge_expired
from mentorpro_plugin.removal.actions import request_deletion
from tests.lives import live
from tests.removal.marking import files, hits_in_files, mark

State, Reason = RawExport.State, RawExport.Reason


@pytest.fixture
def waiting(world):
    """An export that waits for a worker."""
    export = RawExport(organization=world.organizations["riverside"], by=world.user("riverside_parent"))
    export.save()
    return export


@pytest.fixture
def stored(world, storage):
    """An export that can be fetched."""
    export = RawExport(organization=world.organizations["riverside"], by=world.user("riverside_parent"))
    export.save()
    RawExportJob.work_on(export.pk)
    return fresh(export)


def fresh(export):
    return RawExport._base_manager.select_related("organization").get(pk=export.pk)


def on_the_way(monkeypatch, do):
    """Have `do()` called while the export is being written, at a moment when it looks whether it may go on."""
    monkeypatch.setattr(working, "OFTEN", 0.0)
    done = []
    save = type(working.private_storage())._save

    def doing(self, name, content):
        if not done:
            done.append(do())
        return save(self, name, content)

    monkeypatch.setattr(type(working.private_storage()), "_save", doing)


def test_only_one_worker_writes_it(waiting, storage):
    RawExport._base_manager.filter(pk=waiting.pk).update(lease=uuid4(), due_at=timezone.now() + LEASE)

    RawExportJob.work_on(waiting.pk)

    assert (fresh(waiting).state, files(storage)) == (State.WRITING, [])


def test_what_a_killed_worker_left_is_written_anew(waiting, storage):
    RawExport._base_manager.filter(pk=waiting.pk).update(lease=uuid4(), due_at=timezone.now(), attempts=1)
    storage.save(f"raw-exports/{waiting.pk}/half.zip", ContentFile(b"half"))

    assert take_up_left_exports() == 1

    assert fresh(waiting).state == State.DONE
    assert files(storage) == [fresh(waiting).file]


def test_it_is_given_up_after_so_many_attempts(waiting, storage):
    RawExport._base_manager.filter(pk=waiting.pk).update(attempts=working.MOST_ATTEMPTS)

    RawExportJob.work_on(waiting.pk)

    export = fresh(waiting)
    assert (export.state, export.error, export.reason[-1]) == (State.FAILED, Reason.BROKEN_OFF, ".")


@pytest.mark.parametrize("fault", ["disk_full", "storage", "file_missing"])
def test_there_is_none_where_it_can_t_be_whole(world, waiting, storage, monkeypatch, fault):
    live(world)
    before = files(storage)
    if fault == "disk_full":
        monkeypatch.setattr(type(storage), "_save", _full)
    elif fault == "storage":
        monkeypatch.setattr(type(storage), "size", lambda self, name: 7)
    else:
        attachment = Attachment._base_manager.filter(
            message__conversation__organization=world.organizations["engineering"]
        ).first()
        before.remove(attachment.file.name)
        storage.delete(attachment.file.name)

    RawExportJob.work_on(waiting.pk)

    export = fresh(waiting)
    assert (export.state, export.error, export.file, export.has_file) == (State.FAILED, fault, "", False)
    assert export.reason.endswith(".")
    assert files(storage) == before
    assert not HistoryEntry._base_manager.filter(action="exported").exists()


def _full(self, name, content):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("change", ["deactivated", "demoted"])
def test_it_is_broken_off_once_its_user_may_not_export(world, waiting, storage, monkeypatch, change):
    parent = world.people["riverside_parent"]

    def lose():
        if change == "deactivated":
            with scope_of(EVERYTHING):
                Person._base_manager.filter(pk=parent.pk).update(status="deactivated")
        else:
            Person._base_manager.filter(pk=parent.pk).update(role="child")

    on_the_way(monkeypatch, lose)

    RawExportJob.work_on(waiting.pk)

    export = fresh(waiting)
    assert (export.state, export.error) == (State.FAILED, Reason.RIGHT_LOST)
    assert files(storage) == []


def test_whoever_was_deactivated_before_gets_none(world, storage, waiting):
    Person._base_manager.filter(pk=world.people["riverside_parent"].pk).update(status="deactivated")

    RawExportJob.work_on(waiting.pk)

    assert fresh(waiting).error == Reason.RIGHT_LOST


def test_cancelled_means_nothing_is_left(world, waiting, storage, monkeypatch):
    on_the_way(monkeypatch, lambda: cancel_raw_export(waiting, by=world.user("riverside_parent")))

    RawExportJob.work_on(waiting.pk)

    export = fresh(waiting)
    assert (export.state, export.file, export.due_at, files(storage)) == (State.CANCELLED, "", None, [])


def test_what_has_ended_is_not_cancelled(world, stored):
    assert cancel_raw_export(stored, by=world.user("riverside_parent")) is False
    assert fresh(stored).state == State.DONE


@pytest.mark.parametrize("by", ["engineering_child", "first_year_pm", "hillside_parent"])
def test_others_neither_cancel_nor_fetch(world, stored, by):
    for action in (cancel_raw_export, note_download):
        with pytest.raises(PermissionDenied):
            action(stored, by=world.user(by))


def test_fetching_is_written_down(world, stored):
    note_download(stored, by=world.user("super_admin"))

    entry = HistoryEntry._base_manager.get(action="downloaded")
    assert (entry.subject_id, entry.actor_id) == (stored.pk, world.people["super_admin"].user_id)


def test_it_can_be_fetched_for_a_week(stored, storage):
    assert stored.has_file
    assert stored.expires_at - stored.finished_at == pytest.approx(KEPT, abs=timedelta(seconds=5))
    kept = purge_expired()["raw_exports"]
    RawExport._base_manager.update(expires_at=timezone.now())

    assert not fresh(stored).has_file
    assert (kept, purge_expired()["raw_exports"]) == (0, 1)
    assert (fresh(stored).file, files(storage)) == ("", [])


def test_files_that_no_export_knows_are_purged_once_they_are_old(stored, storage, monkeypatch):
    orphan = storage.save(f"raw-exports/{stored.pk}/orphan.zip", ContentFile(b"left"))
    lost = storage.save("raw-exports/999999/lost.zip", ContentFile(b"left"))

    young = purge_expired()["raw_exports"]
    monkeypatch.setattr("mentorpro_plugin.purging.SETTLED", timedelta(0))
    old = purge_expired()["raw_exports"]

    assert (young, old) == (0, 2)
    assert not storage.exists(orphan)
    assert not storage.exists(lost)
    assert storage.exists(stored.file)


def delete(world, key):
    with scope_of(EVERYTHING):
        return request_deletion(world.people[key], wants_export=False, by=world.user("riverside_parent"))


def test_exports_that_hold_somebody_go_with_them(world, storage):
    mark(world, "transfer_mentee")
    exports = {}
    for name, by in {
        "riverside": "super_admin",
        "engineering": "super_admin",
        "nursing": "super_admin",
    }.items():
        exports[name] = RawExport(organization=world.organizations[name], by=world.user(by))
        exports[name].save()
        RawExportJob.work_on(exports[name].pk)

    delete(world, "transfer_mentee")

    found = {name: fresh(export) for name, export in exports.items()}
    assert {name: (export.state, export.has_file) for name, export in found.items()} == {
        "riverside": (State.DONE, False),
        "engineering": (State.DONE, False),
        "nursing": (State.DONE, True),
    }
    assert found["riverside"].reason.startswith("Somebody in it was deleted")
    assert [name for name in files(storage) if name.startswith("raw-exports")] == [found["nursing"].file]
    assert hits_in_files(storage) == []


def test_exports_that_are_being_written_are_broken_off_by_a_deletion(world, waiting, storage, monkeypatch):
    schedule = ExportSchedule(
        organization=waiting.organization, by=waiting.by, next_at=timezone.now() + timedelta(days=7)
    )
    schedule.save()
    RawExport._base_manager.filter(pk=waiting.pk).update(schedule=schedule)
    on_the_way(monkeypatch, lambda: delete(world, "engineering_free_mentee"))

    RawExportJob.work_on(waiting.pk)

    export = fresh(waiting)
    assert (export.state, export.error, files(storage)) == (State.FAILED, Reason.PERSON_DELETED, [])
    # What was to come regularly comes an hour later.
    schedule.refresh_from_db()
    assert schedule.next_at < timezone.now() + timedelta(hours=2)


def test_an_export_waits_until_whoever_is_being_deleted_is_gone(world, waiting, storage):
    person = world.people["transfer_mentee"]
    deletion = Deletion(person_pk=person.pk, role=person.role, organization=person.organization)
    deletion.save()

    for _ in range(working.MOST_ATTEMPTS + 2):
        RawExport._base_manager.filter(pk=waiting.pk).update(due_at=timezone.now())
        RawExportJob.work_on(waiting.pk)
        assert (fresh(waiting).state, fresh(waiting).lease) == (State.WRITING, None)
        assert fresh(waiting).due_at > timezone.now()
    Deletion._base_manager.update(state=Deletion.State.DONE)
    RawExport._base_manager.filter(pk=waiting.pk).update(due_at=timezone.now())
    RawExportJob.work_on(waiting.pk)

    assert fresh(waiting).state == State.DONE


def schedule_for(world, *, by="riverside_parent", organization="riverside", **fields):
    schedule = ExportSchedule(organization=world.organizations[organization], **fields)
    return save_schedule(schedule, by=world.user(by))


def test_regular_exports_begin_when_they_are_due(world, storage):
    schedule = schedule_for(world, with_files=False)

    assert (begin_due_exports(), begin_due_exports()) == (1, 0)

    [export] = RawExport._base_manager.all()
    assert (export.state, export.schedule, export.with_files, export.by_id) == (
        State.DONE,
        schedule,
        False,
        schedule.by_id,
    )
    schedule.refresh_from_db()
    assert timedelta(days=6, hours=22) < schedule.next_at - timezone.now() <= timedelta(days=7, hours=2)


def test_a_regular_export_that_meets_another_waits_for_its_next_time(world, waiting):
    schedule_for(world)

    assert begin_due_exports() == 0
    assert begin_due_exports() == 0
    assert RawExport._base_manager.count() == 1


@pytest.mark.parametrize("change", ["deactivated", "deleted"])
def test_regular_exports_rest_until_somebody_who_may_takes_them_over(world, storage, change):
    schedule = schedule_for(world)
    if change == "deactivated":
        Person._base_manager.filter(pk=world.people["riverside_parent"].pk).update(status="deactivated")
    else:
        ExportSchedule._base_manager.update(by=None)
    schedule = ExportSchedule._base_manager.get()

    rested = begin_due_exports()
    is_at_rest = is_resting(schedule)
    save_schedule(schedule, by=world.user("super_admin"))

    assert (rested, is_at_rest, is_resting(schedule), begin_due_exports()) == (0, True, False, 1)


def test_regular_exports_are_set_up_once_by_whoever_may(world):
    schedule_for(world)

    with pytest.raises(ValidationError, match="exported regularly already"):
        schedule_for(world, by="super_admin")
    for by in ("engineering_child", "hillside_parent", "first_year_pm"):
        with pytest.raises(PermissionDenied):
            schedule_for(world, organization="engineering", by=by)
        with pytest.raises(PermissionDenied):
            remove_schedule(ExportSchedule._base_manager.get(), by=world.user(by))


def test_what_becomes_of_regular_exports_is_written_down(world):
    schedule = schedule_for(world)
    schedule.every = ExportSchedule.Every.MONTH
    save_schedule(schedule, by=world.user("super_admin"))
    remove_schedule(schedule, by=world.user("riverside_parent"))

    entries = HistoryEntry._base_manager.filter(subject_type="exportschedule").order_by("pk")
    assert list(entries.values_list("action", flat=True)) == ["added", "changed", "deleted"]
    assert not ExportSchedule._base_manager.exists()


def moment(text):
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("every", "first", "after", "expected"),
    [
        ("week", "2026-03-02 06:30", "2026-03-02 06:30", "2026-03-09 06:30"),
        ("week", "2026-03-02 06:30", "2026-04-20 06:29", "2026-04-20 06:30"),
        ("month", "2026-01-31 06:30", "2026-01-31 06:30", "2026-02-28 06:30"),
        ("month", "2026-01-31 06:30", "2026-02-28 06:30", "2026-03-31 06:30"),
        ("month", "2026-01-15 06:30", "2026-12-15 07:00", "2027-01-15 06:30"),
        ("month", "2026-01-15 06:30", "2027-02-10 07:00", "2027-02-15 06:30"),
    ],
)
def test_next_time_is_at_the_same_hour_of_the_same_day(every, first, after, expected):
    schedule = ExportSchedule(every=every, created_at=moment(first))

    assert next_time(schedule, after=moment(after)) == moment(expected)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_next_time_comes_also_when_clocks_are_changed(zone):
    with override_settings(TIME_ZONE=zone), timezone.override(zone):
        schedule = ExportSchedule(every="week", created_at=moment("2026-03-22 02:30"))
        after = schedule.created_at
        for _ in range(60):
            following = next_time(schedule, after=after)
            assert timedelta(days=6, hours=22) <= following - after <= timedelta(days=7, hours=2)
            after = following
