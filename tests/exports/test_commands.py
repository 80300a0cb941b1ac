"""`export_roster` and `export_raw_data`: what the screens give, in a file for whoever runs them alone."""

import errno
import stat
import zipfile

import pytest

from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exports import rosters
from mentorpro_plugin.exports.tables import tables
from mentorpro_plugin.models import Attachment, Deletion, Person
from tests.exchange.helpers import Ran, email_of, import_
from tests.lives import live

from .reading import sheet, table
from .test_rosters import rows


def export(world, tmp_path, *, by="engineering_child", role="mentee", name="roster.csv"):
    output = tmp_path / name
    return Ran("export_roster", by=email_of(world, by), role=role, output=output), output


def export_raw(world, tmp_path, organization="Enginmark Organization", *, by="riverside_parent", **options):
    output = tmp_path / "raw.zip"
    ran = Ran("export_raw_data", by=email_of(world, by), organization=organization, output=output, **options)
    return ran, output


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("role", ["mentee", "Mentor", "program_manager", "success_coordinator"])
def test_a_roster_is_that_of_the_screen(world, client_of, tmp_path, role):
    ran, output = export(world, tmp_path, role=role)

    screen = f"{role.lower().replace('_', '-')}s:index"
    written = table(output.read_bytes())
    assert written == rows(client_of("engineering_child"), screen)
    assert (ran.status, ran.said) == (0, [f"Done: {len(written)} people."])
    assert mode_of(output) == 0o600
    assert left_in(tmp_path) == ["roster.csv"]


def test_ending_says_that_it_is_to_be_a_workbook(world, client_of, tmp_path):
    _ran, output = export(world, tmp_path, name="roster.XLSX")

    assert sheet(output.read_bytes()) == rows(client_of("engineering_child"))


def test_a_roster_comes_back_unchanged(world, tmp_path):
    _ran, output = export(world, tmp_path)

    assert import_(output, email_of(world, "engineering_child"), dry_run=True).counts == (0, 0, 4, 0)


def test_it_was_a_command_says_the_history(world, tmp_path):
    export(world, tmp_path)

    entry = HistoryEntry._base_manager.get(action="exported")
    assert (entry.via, entry.changes) == ("command", {"roster": "mentee", "rows": 4, "filters": []})


@pytest.mark.parametrize(
    ("options", "status", "complaint"),
    [
        ({"name": "roster.ods"}, 2, "FILE has to end in .csv or .xlsx."),
        ({"role": "tutor"}, 2, "There is no role “tutor”."),
        ({"role": "parent"}, 2, "A roster may not give the role “parent”."),
        ({"by": "first_year_mentor"}, 2, "No active member of staff has that e-mail address."),
        ({"by": "engineering_left_pm"}, 2, "No active member of staff has that e-mail address."),
        ({"by": "first_year_sc"}, 1, "They may not export rosters."),
        ({"name": "missing/roster.csv"}, 2, "can't be written: No such file or directory."),
    ],
)
def test_what_can_t_be_exported_is_said(world, tmp_path, options, status, complaint):
    ran, _output = export(world, tmp_path, **options)

    assert (ran.status, len(ran.complained)) == (status, 1)
    assert ran.complained[0].endswith(complaint)
    assert left_in(tmp_path) == []
    assert not HistoryEntry._base_manager.filter(action="exported").exists()


def test_a_roster_that_stops_half_way_leaves_what_was_there(world, tmp_path, monkeypatch):
    monkeypatch.setattr(rosters, "CHUNK", 1)
    (tmp_path / "roster.csv").write_text("from yesterday")
    chunks = rosters.RosterExport._rows

    def deactivating(self, people, viewer):
        Person._base_manager.filter(pk=world.people["engineering_child"].pk).update(status="deactivated")
        return chunks(self, people, viewer)

    monkeypatch.setattr(rosters.RosterExport, "_rows", deactivating)

    ran, output = export(world, tmp_path)

    assert (ran.status, output.read_text(), left_in(tmp_path)) == (1, "from yesterday", ["roster.csv"])


def test_an_older_file_is_replaced_and_is_the_owner_s_alone(world, tmp_path):
    (tmp_path / "roster.csv").write_text("from yesterday")
    (tmp_path / "roster.csv").chmod(0o644)

    _ran, output = export(world, tmp_path)

    assert output.read_bytes().startswith(b"\xef\xbb\xbfRole,")
    assert mode_of(output) == 0o600


def test_raw_data_are_those_of_the_organization(world, tmp_path):
    live(world)

    ran, output = export_raw(world, tmp_path)

    with zipfile.ZipFile(output) as archive:
        assert archive.testzip() is None
        assert {f"{table.name}.csv" for table in tables()} <= set(archive.namelist())
        assert any(name.startswith("attachments/") for name in archive.namelist())
        people = table(archive.read("people.csv"))
    assert {row["last_name"] for row in people} == {"Enginmark"}
    assert (ran.status, mode_of(output), left_in(tmp_path)) == (0, 0o600, ["raw.zip"])
    entry = HistoryEntry._base_manager.get(action="exported")
    assert (entry.via, entry.subject_type, entry.changes["tables"]["people"]) == (
        "command",
        "organization",
        len(people),
    )


def test_files_may_be_left_out(world, tmp_path):
    live(world)

    _ran, output = export_raw(world, tmp_path, without_files=True)

    with zipfile.ZipFile(output) as archive:
        assert not any(name.startswith("attachments/") for name in archive.namelist())


@pytest.mark.parametrize("by", ["engineering_child", "first_year_pm", "hillside_parent"])
def test_others_are_told_that_there_is_nothing_for_them(world, tmp_path, by):
    ran, output = export_raw(world, tmp_path, by=by)

    assert (ran.status, output.exists()) == (1, False)
    assert ran.complained == [
        "There is no organization “Enginmark Organization” whose raw data they may export."
    ]


def test_a_missing_file_leaves_none(world, tmp_path):
    live(world)
    attachment = Attachment._base_manager.filter(
        message__conversation__organization=world.organizations["engineering"]
    ).first()
    attachment.file.storage.delete(attachment.file.name)

    ran, _output = export_raw(world, tmp_path)

    assert (ran.status, left_in(tmp_path)) == (1, [])
    assert ran.complained[0].startswith("A file sent with a message isn't in the storage")
    assert not HistoryEntry._base_manager.filter(action="exported").exists()


def test_a_full_disk_leaves_none(world, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", full)

    ran, _output = export_raw(world, tmp_path)

    assert (ran.status, left_in(tmp_path)) == (1, [])
    assert ran.complained[0].startswith("There is no room left for the export.")


def test_nothing_is_exported_while_somebody_in_it_is_being_deleted(world, tmp_path):
    person = world.people["transfer_mentee"]
    Deletion(person_pk=person.pk, role=person.role, organization=person.organization).save()

    ran, output = export_raw(world, tmp_path)

    assert (ran.status, output.exists()) == (1, False)


def test_wrong_usage_of_raw_data_has_a_status_of_its_own(world, tmp_path):
    options = {"by": email_of(world, "riverside_parent"), "organization": "Enginmark Organization"}

    wrong = [
        Ran("export_raw_data", **{**options, "output": tmp_path / "raw.tar"}).status,
        Ran(
            "export_raw_data", **{**options, "by": "nobody@example.org", "output": tmp_path / "raw.zip"}
        ).status,
        Ran("export_raw_data", **{**options, "output": tmp_path / "missing" / "raw.zip"}).status,
    ]

    assert wrong == [2, 2, 2]
