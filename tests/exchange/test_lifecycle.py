"""An import on its way from the upload to the roster: who may go on with it, what stops it, and what it leaves."""

import errno
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.conversations.models import private_storage
from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.limits import MOST_BYTES
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.planfile import PlanFile
from mentorpro_plugin.exchange.working import MOST_ATTEMPTS, ImportJob, take_up_left_imports
from mentorpro_plugin.leases import LeaseLost
from mentorpro_plugin.models import Assignment, OutboxMessage, Person
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.lifecycle import deactivate
from mentorpro_plugin.purging import purge_expired

from .helpers import changed_tables, checksums, mentee
from .steps import confirmed, csv_of, do, files_of, kept, mapped, previewed, stored, uploaded, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]

State = RosterImport.State

ANA = mentee(**{"E-mail": "ana@example.org"})
BEN = mentee(First_Name="Ben", ID="N2", Phone_Number="907 555 0143", Program="First Year Enginmark") | {
    "Mentor": "FIRST_YEAR_MENTOR-ENGINMARK",
}
CAM = mentee(First_Name="Cam", ID="N3", Phone_Number="12")
TWO = csv_of(ANA, BEN)
THREE = csv_of(ANA, BEN, CAM)

#: What an import may write about itself, however it ends.
OWN_TABLES = {
    "mentorpro_plugin_rosterimport",
    "mentorpro_plugin_rememberedheading",
}


@pytest.fixture
def child(world):
    return world.user("engineering_child")


def upload_as(user, organization=None, *, content=TWO, name="roster.csv"):
    with scope_of(reach_of(user)):
        return actions.upload(ContentFile(content, name=name), name=name, organization=organization, by=user)


def people():
    return list(
        Person._base_manager.filter(id_number__in=("N1", "N2", "N3")).values_list("id_number", flat=True)
    )


# Uploading


@pytest.mark.parametrize(
    ("who", "named", "confines"),
    [
        ("super_admin", None, None),
        ("super_admin", "law", "law"),
        ("riverside_parent", None, "riverside"),
        ("riverside_parent", "nursing", "nursing"),
        ("engineering_child", None, "engineering"),
        ("engineering_child", "engineering", "engineering"),
        ("first_year_pm", None, "engineering"),
    ],
)
def test_upload_is_confined_to_the_own_organization(world, who, named, confines):
    roster_import = upload_as(world.user(who), world.organizations.get(named))

    assert roster_import.organization == world.organizations.get(confines)


@pytest.mark.parametrize(
    ("who", "named"),
    [
        ("riverside_parent", "law"),
        ("engineering_child", "nursing"),
        ("engineering_child", "riverside"),
        ("first_year_pm", "nursing"),
        ("first_year_sc", None),
        ("first_year_mentor", None),
        ("engineering_left_pm", None),
    ],
)
def test_upload_into_another_organization_is_refused(world, who, named):
    with pytest.raises(PermissionDenied):
        upload_as(world.user(who), world.organizations.get(named))

    assert not RosterImport._base_manager.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("roster.csv", b"", "The file is empty."),
        (
            "roster.csv",
            b"x" * (MOST_BYTES + 1),
            f"The file is larger than {MOST_BYTES // 1024**2} MB. Divide it into several files.",
        ),
        ("roster.pdf", b"%PDF-1.7", "Only CSV, TSV and XLSX files can be read."),
        ("roster", b"Role", "Only CSV, TSV and XLSX files can be read."),
    ],
)
def test_upload_that_will_not_do_is_refused_in_a_sentence(child, name, content, sentence):
    with pytest.raises(ValidationError) as refusal:
        upload_as(child, content=content, name=name)

    assert refusal.value.messages == [sentence]
    assert not RosterImport._base_manager.exists()


def test_upload_into_an_archived_organization_is_refused(world, child):
    archive(world.organizations["engineering"])

    with pytest.raises(ValidationError) as refusal:
        upload_as(child)

    assert refusal.value.messages == [
        "“Enginmark Organization” is archived, and takes nobody and nothing new."
    ]


@pytest.mark.parametrize(
    ("sent", "shown", "file"),
    [
        ("../../etc/passwd.csv", "passwd.csv", "upload.csv"),
        ("C:\\lists\\Ana Ruiz.CSV", "Ana Ruiz.csv", "upload.csv"),
        ('a<b>"c:\x00\u202e.csv', "a_b__c_.csv", "upload.csv"),
    ],
)
def test_names_of_files_are_clean_and_no_part_of_the_path(child, sent, shown, file):
    roster_import = kept(upload_as(child, name=sent))

    assert roster_import.file_name == shown
    assert roster_import.file == f"imports/{roster_import.pk}/{file}"


def test_file_that_is_no_roster_fails_in_a_sentence(child):
    roster_import = uploaded(b"%PDF-1.7 ...", by=child, name="roster.xlsx")

    assert (roster_import.state, bool(roster_import.error)) == (State.FAILED, True)
    assert (roster_import.lease, roster_import.due_at) == (None, None)


# The whole way


def test_counts_equal_the_database(world, child):
    before = set(Person._base_manager.values_list("pk", flat=True))

    roster_import = stored(THREE, by=child, only_valid=True)

    counts = roster_import.counts
    assert (roster_import.state, roster_import.error) == (State.DONE, "")
    assert [counts[kind] for kind in Kind] == [2, 0, 0, 1]
    new = Person._base_manager.exclude(pk__in=before)
    assert set(new.values_list("id_number", flat=True)) == {"N1", "N2"}
    assert (
        ImportedPerson._base_manager.filter(roster_import=roster_import, is_new=True).count() == counts["new"]
    )
    assert Assignment._base_manager.filter(person__in=new).count() == counts["openings"] == 1
    welcomes = OutboxMessage._base_manager.filter(person__in=new, kind=OutboxMessage.Kind.WELCOME)
    assert welcomes.count() == counts["welcomes"] == 1
    written = HistoryEntry._base_manager.filter(via="import")
    assert set(written.values_list("batch", flat=True)) == {roster_import.batch}
    imported = written.get(action="imported")
    assert {kind: imported.changes[kind] for kind in Kind} == {kind: counts[kind] for kind in Kind}
    assert imported.changes["sha256"] == roster_import.digest


def test_same_file_three_times_changes_and_sends_something_once(child):
    stored(TWO, by=child)
    before = checksums()

    again = [stored(TWO, by=child), stored(TWO, by=child)]

    for roster_import in again:
        assert [roster_import.counts[kind] for kind in Kind] == [0, 0, 2, 0]
        assert [roster_import.counts[what] for what in ("welcomes", "notices", "openings")] == [0, 0, 0]
    assert changed_tables(before) == OWN_TABLES - {"mentorpro_plugin_rememberedheading"}


def test_refused_rows_come_back_mended(child):
    roster_import = stored(THREE, by=child, only_valid=True)
    with do(actions.refused_rows, roster_import, by=child) as stream:
        refused = stream.read().decode("utf-8-sig")

    mended = stored(refused.replace(",12,", ",907 555 0144,").encode(), by=child)

    assert refused.count("\n") == 2
    assert [mended.counts[kind] for kind in Kind] == [1, 0, 0, 0]
    assert people() == ["N1", "N2", "N3"]


def test_downloads_are_written_down(child):
    roster_import = stored(THREE, by=child, only_valid=True)

    with do(actions.original_file, roster_import, by=child) as file:
        assert file.read() == THREE
    do(actions.refused_rows, roster_import, by=child).close()

    entries = HistoryEntry._base_manager.filter(action="downloaded").order_by("pk")
    assert [(entry.subject_type, entry.subject_id, entry.actor_id, entry.changes) for entry in entries] == [
        ("rosterimport", roster_import.pk, child.pk, {"file": "upload"}),
        ("rosterimport", roster_import.pk, child.pk, {"file": "refused"}),
    ]


def test_refused_rows_want_a_word_before_the_others_are_stored(child):
    roster_import = previewed(THREE, by=child)

    with pytest.raises(ValidationError):
        confirmed(roster_import, by=child)

    assert kept(roster_import).state == State.PREVIEW
    assert people() == []


def test_another_line_of_headings_is_read_anew(child):
    content = b"Cohort of autumn,,\nRole,Name\n" + TWO
    roster_import = uploaded(content, by=child)

    with scope_of(reach_of(child)):
        actions.set_mapping(
            roster_import,
            actions.Mapping.from_json(roster_import.mapping),
            heading_line=3 if roster_import.glance["heading_line"] != 3 else 2,
            by=child,
        )

    again = kept(roster_import)
    assert again.state == State.MAPPING
    assert again.glance["heading_line"] != roster_import.glance["heading_line"]


def test_line_that_has_no_headings_leaves_all_as_it_was(child):
    roster_import = uploaded(TWO, by=child)

    with scope_of(reach_of(child)):
        mapping = actions.Mapping.from_json(roster_import.mapping)
        actions.set_mapping(roster_import, mapping, heading_line=1_000, by=child)

    again = kept(roster_import)
    assert (again.state, bool(again.error)) == (State.MAPPING, True)
    assert mapped(again, by=child).state == State.PREVIEW


def test_columns_of_another_file_are_refused(child):
    roster_import = uploaded(TWO, by=child)

    with pytest.raises(ValidationError):
        do(actions.set_mapping, roster_import, actions.Mapping(("role",)), by=child)


def test_columns_can_be_changed_after_a_look_at_the_rows(child):
    roster_import = previewed(TWO, by=child)
    [plan] = [name for name in files_of(roster_import) if name.startswith("plan")]

    again = mapped(roster_import, by=child)

    assert again.state == State.PREVIEW
    assert len(files_of(again)) == 2
    assert plan not in files_of(again) or again.plan.endswith(plan)


# Who may go on


@pytest.mark.parametrize(
    "who", ["super_admin", "riverside_parent", "engineering_free_pm", "law_child", "first_year_sc"]
)
def test_nobody_else_says_what_columns_mean_or_confirms(world, who):
    pm = world.user("first_year_pm")
    waiting, shown = uploaded(TWO, by=pm), previewed(TWO, by=pm)

    for step in (mapped, confirmed):
        with pytest.raises(PermissionDenied):
            step(waiting if step is mapped else shown, by=world.user(who))

    assert (kept(waiting).state, kept(shown).state) == (State.MAPPING, State.PREVIEW)
    assert people() == []


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("first_year_pm", True),
        ("super_admin", True),
        ("riverside_parent", True),
        ("engineering_child", True),
        ("nursing_child", False),
        ("hillside_parent", False),
        ("engineering_free_pm", False),
        ("first_year_sc", False),
    ],
)
def test_whoever_answers_for_the_organization_stops_it_and_has_it_undone(world, who, may):
    pm = world.user("first_year_pm")
    shown, done = previewed(TWO, by=pm), stored(TWO, by=pm)
    user = world.user(who)

    for step, roster_import in ((actions.cancel, shown), (actions.undo, done)):
        if may:
            do(step, roster_import, by=user)
        else:
            with pytest.raises(PermissionDenied):
                do(step, roster_import, by=user)

    states = (kept(shown).state, kept(done).state)
    assert states == ((State.CANCELLED, State.UNDONE) if may else (State.PREVIEW, State.DONE))


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("first_year_pm", True),
        ("super_admin", True),
        ("engineering_child", False),
        ("engineering_free_pm", False),
    ],
)
def test_file_is_read_by_its_uploader_and_who_reaches_everybody(world, who, may):
    roster_import = previewed(THREE, by=world.user("first_year_pm"))
    user = world.user(who)

    for fetch in (actions.original_file, actions.refused_rows):
        if may:
            do(fetch, roster_import, by=user).close()
        else:
            with pytest.raises(PermissionDenied):
                do(fetch, roster_import, by=user)

    assert HistoryEntry._base_manager.filter(action="downloaded").count() == (2 if may else 0)


# What changes while a worker is still to come


def archive(organization):
    Organization._base_manager.filter(pk=organization.pk).update(archived_at=timezone.now())


def shut_out(world, user):
    with scope_of(reach_of(world.user("super_admin"))):
        deactivate(world.people["first_year_pm"], by=world.user("super_admin"))


def move(world, user):
    Person._base_manager.filter(user=user).update(organization=world.organizations["nursing"])


def close(world, user):
    archive(world.organizations["engineering"])


def change_role(world, user):
    Person._base_manager.filter(user=user).update(role=Role.SUCCESS_COORDINATOR)


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize("meanwhile", [shut_out, move, close, change_role])
@pytest.mark.parametrize("at", [State.UPLOADED, State.PLANNING, State.STORING])
def test_rights_are_asked_again_by_the_worker(world, meanwhile, at):
    pm = world.user("first_year_pm")
    roster_import = uploaded(TWO, by=pm)
    if at != State.UPLOADED:
        roster_import = mapped(work(roster_import), by=pm)
    if at == State.STORING:
        roster_import = confirmed(work(roster_import), by=pm)
    assert roster_import.state == at
    meanwhile(world, pm)
    before = checksums()

    ended = work(roster_import)

    assert (ended.state, bool(ended.error)) == (State.FAILED, True)
    assert (ended.lease, ended.due_at, ended.finished_at is not None) == (None, None, True)
    assert changed_tables(before) == {"mentorpro_plugin_rosterimport"}


@pytest.mark.usefixtures("no_worker")
def test_who_is_shut_out_while_it_is_being_stored_stores_nothing(world, monkeypatch):
    pm = world.user("first_year_pm")
    roster_import = confirmed(work(mapped(work(uploaded(TWO, by=pm)), by=pm)), by=pm)
    asked = ImportJob._check_rights

    def shut_out_after_the_first(job):
        asked(job)
        Person._base_manager.filter(user=pm).update(status=Person.Status.DEACTIVATED)

    monkeypatch.setattr(ImportJob, "_check_rights", shut_out_after_the_first)

    ended = work(roster_import)

    assert ended.state == State.FAILED
    assert people() == []


@pytest.mark.usefixtures("no_worker")
def test_rows_are_planned_again_when_somebody_changed_the_roster(world, child):
    other = world.people["engineering_free_mentee"]
    roster_import = confirmed(work(mapped(work(uploaded(TWO, by=child)), by=child)), by=child)
    touch(other, first_name="Meanwhile")

    done = work(roster_import)

    assert (done.state, done.error) == (State.DONE, "")
    assert done.mark != roster_import.mark
    assert people() == ["N1", "N2"]
    assert len(files_of(done)) == 2


@pytest.mark.usefixtures("no_worker")
def test_rows_that_do_something_else_by_now_are_shown_again(world, child):
    roster_import = confirmed(work(mapped(work(uploaded(TWO, by=child)), by=child)), by=child)
    touch(world.people["engineering_free_mentee"], phone="+19075550142")
    before = checksums()

    shown = work(roster_import)

    assert shown.state == State.PREVIEW
    assert shown.error == "The roster was changed meanwhile, and some rows do something else by now."
    assert [shown.counts[kind] for kind in Kind] == [1, 0, 0, 1]
    assert changed_tables(before) == {"mentorpro_plugin_rosterimport"}
    with actions.open_plan(shown) as plan:
        assert [row.line for row in plan.rows(Kind.REFUSED)] == [2]


def touch(person, **fields):
    """Change somebody, as a screen does."""
    from mentorpro_plugin.access.reach import EVERYTHING
    from mentorpro_plugin.people.actions import change_person
    from tests.factories import user_for

    user = user_for(Role.SUPER_ADMIN, "changer@example.org")
    user.is_superuser = True
    user.save()
    person = Person._base_manager.get(pk=person.pk)
    for name, value in fields.items():
        setattr(person, name, value)
    with scope_of(EVERYTHING):
        assert change_person(person, by=user)


# Stopping


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize("at", RosterImport.STOPPABLE)
def test_import_is_stopped_until_it_is_stored(child, at):
    roster_import = uploaded(TWO, by=child)
    steps = [work, lambda row: mapped(row, by=child), work, lambda row: confirmed(row, by=child)]
    while roster_import.state != at:
        roster_import = steps.pop(0)(roster_import)

    do(actions.cancel, roster_import, by=child)

    assert work(roster_import).state == State.CANCELLED
    assert people() == []
    purge_expired()
    assert files_of(roster_import) == []


def test_what_has_ended_is_not_stopped(child):
    done = stored(TWO, by=child)

    with pytest.raises(ValidationError):
        do(actions.cancel, done, by=child)

    assert kept(done).state == State.DONE


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize("at", [State.PLANNING, State.STORING])
def test_worker_stops_when_the_import_was_stopped_under_its_hands(child, at, monkeypatch):
    roster_import = mapped(work(uploaded(TWO, by=child)), by=child)
    if at == State.STORING:
        roster_import = confirmed(work(roster_import), by=child)
    job = ImportJob.claim(roster_import.pk)
    do(actions.cancel, roster_import, by=child)

    with pytest.raises(LeaseLost):
        job.run()

    assert kept(roster_import).state == State.CANCELLED
    assert people() == []
    assert [name for name in files_of(roster_import) if name.startswith("plan")] == (
        ["plan.zip"] if at == State.STORING else []
    )


@pytest.mark.usefixtures("no_worker")
def test_import_is_taken_up_again_and_given_up_in_the_end(child, monkeypatch):
    roster_import = uploaded(TWO, by=child)
    monkeypatch.setattr(ImportJob, "_table", lambda job: 1 / 0)

    for attempt in range(1, MOST_ATTEMPTS + 1):
        RosterImport._base_manager.update(due_at=timezone.now())
        assert take_up_left_imports() == 1
        assert work(roster_import).attempts == attempt
    RosterImport._base_manager.update(due_at=timezone.now())

    given_up = work(roster_import)

    assert given_up.state == State.FAILED
    assert given_up.error == "It was broken off several times. Tell whoever runs the site."
    assert take_up_left_imports() == 0


# Disks and storages


def full(self, name, content):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_upload_that_cannot_be_stored_is_refused_in_a_sentence(child, monkeypatch):
    monkeypatch.setattr(FileSystemStorage, "_save", full)

    with pytest.raises(ValidationError) as refusal:
        upload_as(child)

    assert refusal.value.messages[0].startswith("The file couldn't be stored.")
    assert not RosterImport._base_manager.exists()


def test_full_disk_while_planning_fails_in_a_sentence(child, monkeypatch):
    roster_import = uploaded(TWO, by=child)
    monkeypatch.setattr(FileSystemStorage, "_save", full)

    failed = mapped(roster_import, by=child)

    assert failed.state == State.FAILED
    assert failed.error.startswith("There is no room left for files.")


@pytest.mark.usefixtures("no_worker")
def test_storage_that_fails_for_a_while_is_asked_again(child, monkeypatch):
    roster_import = mapped(work(uploaded(TWO, by=child)), by=child)

    def broken(self, name, content):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", broken)
        waiting = work(roster_import)
    RosterImport._base_manager.update(due_at=timezone.now())

    assert (waiting.state, waiting.lease, waiting.attempts) == (State.PLANNING, None, 1)
    assert work(roster_import).state == State.PREVIEW


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize("at", [State.UPLOADED, State.PLANNING, State.STORING])
@pytest.mark.parametrize("content", [None, csv_of(ANA)])
def test_stored_file_that_is_gone_or_another_one_is_not_imported(child, at, content):
    roster_import = uploaded(TWO, by=child)
    if at != State.UPLOADED:
        roster_import = mapped(work(roster_import), by=child)
    if at == State.STORING:
        roster_import = confirmed(work(roster_import), by=child)
    private_storage().delete(roster_import.file)
    if content is not None:
        private_storage().save(roster_import.file, ContentFile(content))

    failed = work(roster_import)

    assert (failed.state, failed.error.startswith("The stored file")) == (State.FAILED, True)
    assert people() == []


@pytest.mark.usefixtures("no_worker")
def test_plan_of_another_import_is_not_carried_out(child):
    roster_import = confirmed(work(mapped(work(uploaded(TWO, by=child)), by=child)), by=child)
    other = work(
        mapped(work(uploaded(csv_of(mentee(ID="X1", Phone_Number="907 555 0160")), by=child)), by=child)
    )
    RosterImport._base_manager.filter(pk=roster_import.pk).update(plan=other.plan)

    shown = work(roster_import)

    assert shown.state == State.PREVIEW
    assert not Person._base_manager.filter(id_number__in=("N1", "X1")).exists()


def test_import_whose_file_never_arrived_whole_says_so(child):
    roster_import = RosterImport(
        by=child, organization=child.mentorpro_person.organization, file_name="x.csv"
    )
    roster_import.save()

    assert take_up_left_imports() == 1

    assert kept(roster_import).error == "The file didn't arrive whole. Upload it again."


# Time


def test_import_that_nobody_confirms_is_cancelled_after_two_days(child):
    waiting, shown, done = (
        uploaded(TWO, by=child),
        previewed(TWO, by=child),
        stored(THREE, by=child, only_valid=True),
    )
    fresh = uploaded(TWO, by=child)
    purge_expired()
    assert [kept(row).state for row in (waiting, shown)] == [State.MAPPING, State.PREVIEW]
    later = timezone.now() - timedelta(days=2, minutes=1)
    RosterImport._base_manager.exclude(pk=fresh.pk).update(state_since=later)

    purged = purge_expired()

    assert (purged["imports"], purged["import_files"]) == (2, 2)
    for roster_import in map(kept, (waiting, shown)):
        assert roster_import.state == State.CANCELLED
        assert roster_import.error == "Nobody went on with it for two days. Upload the file again."
        assert (roster_import.file, roster_import.plan, files_of(roster_import)) == ("", "", [])
        assert roster_import.glance == {}
    assert kept(done).state == State.DONE
    assert len(files_of(done)) == 2
    assert kept(fresh).state == State.MAPPING


def test_files_are_kept_for_thirty_days(child, settings):
    done = stored(THREE, by=child, only_valid=True)
    assert timedelta(days=29) < done.files_expire_at - timezone.now() <= timedelta(days=30)
    RosterImport._base_manager.update(files_expire_at=timezone.now())

    purge_expired()

    assert files_of(done) == []
    assert [kept(done).counts[kind] for kind in Kind] == [2, 0, 0, 1]
    for fetch in (actions.original_file, actions.refused_rows):
        with pytest.raises(FileNotFoundError):
            do(fetch, kept(done), by=child)


def test_files_that_no_import_knows_are_removed_after_a_day(child, import_files):
    import os

    done = stored(TWO, by=child)
    storage = private_storage()
    names = [f"imports/{done.pk}/plan_left.zip", "imports/987654/upload.csv"]
    for name in names:
        storage.save(name, ContentFile(b"x"))
    young = storage.save(f"imports/{done.pk}/plan_young.zip", ContentFile(b"x"))
    two_days_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for name in (*names, done.file, done.plan):
        os.utime(storage.path(name), (two_days_ago, two_days_ago))

    purge_expired()

    assert [storage.exists(name) for name in names] == [False, False]
    assert [storage.exists(name) for name in (young, done.file, done.plan)] == [True, True, True]


def test_rows_refused_by_the_database_stand_among_the_refused(child):
    from mentorpro_plugin.exchange.plan import Remark
    from mentorpro_plugin.exchange.planfile import with_refused

    with actions.open_plan(previewed(THREE, by=child)) as plan:
        [row] = [row for row in plan.rows(Kind.NEW) if row.line == 2]
        row.kind = Kind.REFUSED
        row.refusals.append(Remark("ID", "Taken."))
        amended = PlanFile(with_refused(plan, [row], {**plan.counts, "new": 1, "refused": 2}))

    assert [row.line for row in amended.rows(Kind.NEW)] == [3]
    refused = list(amended.rows(Kind.REFUSED))
    assert [(row.line, row.refusals[0].column) for row in refused] == [(2, "ID"), (4, "Phone Number")]
    assert amended.count(Kind.REFUSED) == 2
    assert [row.line for row in amended.page(Kind.REFUSED, 1)] == [2, 4]
