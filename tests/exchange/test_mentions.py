"""Finding somebody in the files of imports, however they are written there; and what goes when they are deleted."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from openpyxl import Workbook

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.conversations.models import private_storage
from mentorpro_plugin.exchange.mentions import Mentions
from mentorpro_plugin.exchange.models import RememberedHeading, RosterImport
from mentorpro_plugin.exchange.plan import Change, Kind, Opening, PlanRow, Remark
from mentorpro_plugin.exchange.planfile import PlanWriter
from mentorpro_plugin.models import Deletion, Person
from mentorpro_plugin.removal.actions import request_deletion

from .helpers import mentee
from .steps import confirmed, csv_of, do, files_of, kept, mapped, previewed, stored, uploaded, work

pytestmark = pytest.mark.usefixtures("import_files")

State = RosterImport.State

NGOC = Person(
    pk=4711,
    role=Role.MENTEE,
    first_name="Ngọc Ánh",
    last_name="Müller",
    phone="+19075550142",
    email="ngoc@example.org",
    id_number="17",
)


def nothing():
    pass


def found_in(content: bytes, name="imports/1/upload.csv", person=NGOC):
    return Mentions(person).in_file(name, ContentFile(content), nothing)


@pytest.mark.parametrize(
    "line",
    [
        "(907) 555-0142,x",
        "x;+1 907.555.0142",
        "x\t9075550142.0",
        "x,NGOC@Example.org",
        "x, 17 ,y",
        '"17"',
        "Müller,Ngọc Ánh",
        "MÜLLER NGỌC ÁNH;x",
        "Somebody;Ngọc Ánh Müller | Else",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_person_is_found_in_text(line, encoding):
    assert found_in(f"Role,Name\na,b\n{line}\nc,d\n".encode(encoding))


def test_person_is_found_in_text_of_windows():
    person = Person(first_name="Jürgen", last_name="Groß", id_number="A-100")

    assert found_in("Jürgen;Groß".encode("cp1252"), person=person)


@pytest.mark.parametrize(
    "line",
    ["907 555 0143", "171,217", "Ngọc,Ánh", "Ngọc Ánh,Muller\nMüller,Linh", "ngoc@example.com", "x17", ""],
)
def test_others_are_not_taken_for_the_person(line):
    assert not found_in(f"Role,Name\n{line}\n".encode())


def workbook(*rows):
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("row", "is_there"),
    [
        (["Ngọc Ánh", "Müller"], True),
        (["Ngọc Ánh Müller"], True),
        ([9075550142], True),
        ([9075550142.0], True),
        (["ngoc@example.org & others"], True),
        ([17], True),
        (["Ngọc Ánh", "Muller"], False),
        ([170, 1.17, "17 b"], False),
        (["<Ngọc Ánh>"], False),
    ],
)
def test_person_is_found_in_workbooks(row, is_there):
    assert found_in(workbook(["Role"], row), "imports/1/upload.xlsx") is is_there


def test_what_cannot_be_looked_through_goes():
    trap = io.BytesIO()
    with zipfile.ZipFile(trap, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"x" * 40_000_000)
    broken = workbook(["Role"])
    broken = broken[:100] + b"\0" * 40 + broken[140:]

    assert found_in(trap.getvalue(), "imports/1/upload.xlsx")
    assert found_in(broken, "imports/1/upload.xlsx")
    assert found_in(b"no plan", "imports/1/plan_x.zip")


@pytest.mark.parametrize(
    "facts",
    [
        {"person": 4711},
        {"openings": [Opening(program=1, lead=4711)]},
        {"cells": ["", "ngoc@example.org"]},
        {"name": "Ngọc Ánh Müller"},
        {"changes": [Change("Phone Number", "+1 907-555-0142", "")]},
        {"refusals": [Remark("", "Ngọc Ánh Müller is a Mentee. Nobody changes role by import.")]},
        {},
    ],
)
def test_person_is_found_in_plans(facts):
    with PlanWriter() as writer:
        writer.add(Kind.CHANGED, 2, 2, PlanRow(line=2, kind=Kind.CHANGED).as_json())
        writer.add(Kind.REFUSED, 2, 3, PlanRow(line=3, kind=Kind.REFUSED, **facts).as_json())
        head = {"headings": [], "columns": {}, "left_out": [], "counts": {}, "notes": [], "digest": ""}
        file = writer.finish({**head, "trees": [], "programs": [], "mark": ""})

    with file:
        assert found_in(file.read(), "imports/1/plan.zip") is bool(facts)


def test_person_is_found_in_the_name_of_a_sheet():
    book, file = Workbook(), io.BytesIO()
    book.create_sheet("Of Ngọc Ánh Müller")
    book.save(file)

    assert found_in(file.getvalue(), "imports/1/upload.xlsx")


# When somebody is deleted

ANA = mentee(Organization="Enginmark Organization")
OTHER = mentee(First_Name="Somebody", Last_Name="Else", ID="N7", Phone_Number="907 555 0177")


@pytest.fixture
def parent(world):
    return world.user("riverside_parent")


def delete(person, parent):
    with scope_of(reach_of(parent)):
        deletion = request_deletion(person, wants_export=False, by=parent)
    assert Deletion._base_manager.get(pk=deletion.pk).state == Deletion.State.DONE


@pytest.mark.django_db
def test_files_that_mention_the_deleted_go_and_others_stay(world, parent):
    engineering = world.organizations["engineering"]
    done = stored(csv_of(ANA), by=parent, organization=engineering)
    waiting = uploaded(csv_of(ANA), by=parent)
    shown = previewed(workbook(*csv_rows(ANA)), by=parent, organization=engineering, name="a.xlsx")
    others = [uploaded(csv_of(OTHER), by=parent), previewed(csv_of(OTHER), by=parent)]
    orphan = private_storage().save("imports/99999/plan_left.zip", ContentFile(b"left"))
    RememberedHeading(organization=engineering, heading="anaruiz", meaning="").save()
    before = [kept(row) for row in others]

    delete(Person._base_manager.get(id_number="N1"), parent)

    assert [kept(row).state for row in (done, waiting, shown)] == [
        State.DONE,
        State.CANCELLED,
        State.CANCELLED,
    ]
    for roster_import in map(kept, (done, waiting, shown)):
        assert (roster_import.file, roster_import.plan, roster_import.glance) == ("", "", {})
        assert files_of(roster_import) == []
    sentence = "Somebody was deleted whom the file mentions, so it was removed."
    assert [kept(row).error for row in (done, waiting, shown)] == ["", sentence, sentence]
    assert [(row.state, row.file) for row in map(kept, others)] == [(row.state, row.file) for row in before]
    assert all(files_of(row) for row in others)
    assert not private_storage().exists(orphan)
    assert not RememberedHeading._base_manager.filter(heading="anaruiz").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"mapping": {"meanings": [], "constants": {"mentor": "907 555 0142"}}},
        {"sheet": "Of Ana Ruiz"},
        {"glance": {"headings": [], "samples": [], "sheets": ["Of Ana Ruiz"]}},
    ],
    ids=["for all rows", "sheet", "other sheet"],
)
def test_what_was_said_of_columns_and_sheets_goes_with_the_deleted(world, parent, said):
    stored(csv_of(ANA), by=parent, organization=world.organizations["engineering"])
    ana = Person._base_manager.get(id_number="N1")
    about_others = previewed(csv_of(OTHER), by=parent)
    if "mapping" in said:
        said["mapping"]["constants"]["mentor"] = str(ana.phone)
    RosterImport._base_manager.filter(pk=about_others.pk).update(**said)

    delete(ana, parent)

    left = kept(about_others)
    assert (left.state, left.mapping, left.sheet, left.glance) == (State.CANCELLED, {}, "", {})


def csv_rows(*rows):
    return [list(rows[0]), *(list(row.values()) for row in rows)]


@pytest.mark.django_db
def test_imports_of_a_deleted_uploader_stop_and_those_done_stay(world, parent):
    pm = world.user("engineering_free_pm")
    done, waiting, shown = (
        stored(csv_of(ANA), by=pm),
        uploaded(csv_of(OTHER), by=pm),
        previewed(csv_of(OTHER), by=pm),
    )

    delete(world.people["engineering_free_pm"], parent)

    assert [kept(row).state for row in (done, waiting, shown)] == [
        State.DONE,
        State.CANCELLED,
        State.CANCELLED,
    ]
    assert [kept(row).by_id for row in (done, waiting, shown)] == [None, None, None]
    assert kept(shown).error == "The account of whoever uploaded the file was deleted."
    assert Person._base_manager.filter(id_number="N1").exists()
    assert do(undone_preview, done, by=parent).removed == 1


def undone_preview(roster_import, *, by):
    from mentorpro_plugin.exchange.actions import undo_preview

    return undo_preview(roster_import, by=by)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_worker")
def test_import_that_waits_to_be_stored_stops_too(world, parent):
    person = world.people["engineering_free_mentee"]
    row = mentee(ID=person.id_number, Phone_Number="", First_Name="Anna")
    roster_import = confirmed(work(mapped(work(uploaded(csv_of(row), by=parent)), by=parent)), by=parent)
    from mentorpro_plugin.removal.working import DeletionJob

    with scope_of(reach_of(parent)):
        deletion = request_deletion(person, wants_export=False, by=parent)
    DeletionJob.work_on(deletion.pk)

    assert kept(roster_import).state == State.CANCELLED
    assert work(roster_import).state == State.CANCELLED
    assert not Person._base_manager.filter(pk=person.pk).exists()
