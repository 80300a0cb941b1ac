"""No cell of any file that leaves the project is a formula, and none can't be written: in every export there is."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

import mentorpro_plugin
from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.history import record
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exports.actions import request_raw_export
from mentorpro_plugin.models import (
    Attachment,
    CatalogueGoal,
    Goal,
    GoalComment,
    GoalStep,
    IdentifierValue,
    Message,
    Organization,
    OutboxMessage,
    Person,
    Program,
    RawExport,
    RosterImport,
)
from mentorpro_plugin.removal.actions import request_deletion
from mentorpro_plugin.sheets import csv_pieces, xlsx_pieces
from tests.exchange.helpers import email_of, import_
from tests.factories import PersonFactory
from tests.lives import live
from tests.world import assign

from .reading import body

TORTURE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1+1)",
    "'=1+1",
    "''=1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    '=HYPERLINK("http://127.0.0.1/"&A1,"Ana")',
    "=cmd|' /C calc'!A0",
    '="x"&WEBSERVICE("http://127.0.0.1/")',
    'quoted", =1+1',
    "semicolon;=1+1",
    "line\n=1+1",
    "\x01\x08=1+1",
    "\x1b[31mna",
    "A\x00na",
    "Ana\uffff",
    "Ana \u202egnp.exe",
    "x" * 40_000,
    "_x003D_1+1",
    "<b>&amp;</b>]]>",
]
LIVE = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NUMBER = re.compile(r"\+\d{6,15}")
CODE = [
    path
    for folder in (
        Path(mentorpro_plugin.__file__).parent,
        *(settings.BASE_DIR / name for name in ("site", "home", "resources")),
    )
    for path in folder.rglob("*.py")
]


def wrong_cells(rows):
    """Those cells that a spreadsheet would take for a formula, or that hold what none can."""
    return [
        cell
        for row in rows
        for cell in row
        if (LIVE.match(cell) and not NUMBER.fullmatch(cell)) or UNFIT.search(cell)
    ]


def tables_in(name: str, content: bytes) -> dict[str, list[list[str]]]:
    """The tables of a file, by the path to them."""
    if name.endswith(".csv"):
        return {name: list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))}
    if name.endswith(".xlsx"):
        sheets = load_workbook(io.BytesIO(content)).worksheets
        cells = [[[cell for cell in row if cell.value is not None] for row in sheet] for sheet in sheets]
        assert {cell.data_type for sheet in cells for row in sheet for cell in row} <= {"s"}
        texts = [[[cell.value for cell in row] for row in sheet] for sheet in cells]
        return {f"{name}/{number}": rows for number, rows in enumerate(texts)}
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inner = {inside: archive.read(inside) for inside in archive.namelist()}
        return {
            f"{name}/{path}": rows
            for inside, held in inner.items()
            if "/" not in inside
            for path, rows in tables_in(inside, held).items()
        }
    return {}


@pytest.fixture
def tortured(world):
    """A world in which every text that somebody can write is one that would harm a spreadsheet."""
    live(world)
    # PostgreSQL stores no NUL.
    texts = [text for text in TORTURE if connection.vendor != "postgresql" or "\x00" not in text]
    for number, text in enumerate(texts):
        short = text[:60]
        person = PersonFactory(
            role=Role.MENTEE,
            organization=world.organizations["engineering"],
            first_name=text[:100],
            last_name=text[:100],
            id_number=f"{short}{number}",
            email=f"={number}@example.org",
        )
        Person._base_manager.filter(pk=person.pk).update(about=text)
        world.people[f"tortured_{number}"] = person
        assign(world, f"tortured_{number}", "transfer", "transfer_mentor")
        goal = Goal(mentee=person, title=f"{text[:190]}{number}", description=text)
        goal.save()
        GoalStep(goal=goal, text=text[:200]).save()
        GoalComment(goal=goal, author=person, text=text).save()
        OutboxMessage(
            person=person,
            organization=person.organization,
            kind="welcome",
            channel="email",
            recipient=text[:254],
            subject=text[:255],
            body=text,
            error=text,
            state="sent",
            due_at=None,
        ).save()
        RosterImport(
            organization=person.organization,
            file_name=text[:255],
            counts={text: text},
            state="done",
            due_at=None,
        ).save()
        record(
            person,
            HistoryEntry.Action.CHANGED,
            by=world.people["engineering_child"].user,
            organization=person.organization_id,
            person=person.pk,
            changes={"language": [text, text]},
        )
    for model, field in (
        (Message, "text"),
        (Attachment, "name"),
        (Program, "name"),
        (Organization, "name"),
        (IdentifierValue, "name"),
        (CatalogueGoal, "title"),
    ):
        for number, row in enumerate(model._base_manager.order_by("pk")):
            text = texts[number % len(texts)][:150]
            model._base_manager.filter(pk=row.pk).update(**{field: f"{text}{number}"})
    for number, row in enumerate(world.identifiers.values()):
        type(row)._base_manager.filter(pk=row.pk).update(name=f"=Grade{number}")
    Person._base_manager.filter(pk=world.people["transfer_mentor"].pk).update(id_number="=M1")
    return world


@pytest.fixture
def exports(tortured, client_of, storage, tmp_path):
    """Every file with a table that leaves the project, by name."""
    client = client_of("super_admin")
    found = {}
    for namespace in ("mentors", "mentees", "program-managers", "success-coordinators"):
        for ending in ("csv", "xlsx"):
            response = client.get(reverse(f"{namespace}:index"), {"export": ending})
            found[f"{namespace}.{ending}"] = body(response)
    found["history.csv"] = body(client.post(reverse("history:csv")))
    for ending in ("csv", "xlsx"):
        found[f"sample.{ending}"] = (
            client_of("first_year_pm")
            .get(reverse("imports:sample", args=["mentors-and-mentees", ending]))
            .content
        )
    found["refused.csv"] = _refused(tortured, tmp_path)
    with scope_of(EVERYTHING):
        by = tortured.user("riverside_parent")
        export = request_raw_export(tortured.organizations["riverside"], with_files=False, by=by)
        raw = RawExport._base_manager.get(pk=export.pk)
        assert raw.has_file, raw.error
        found["raw.zip"] = _read(storage, raw.file)
        deletion = request_deletion(tortured.people["tortured_0"], wants_export=True, by=by)
        deletion.refresh_from_db()
        found["deleted.zip"] = _read(storage, deletion.export)
    return found


def _read(storage, name):
    with storage.open(name) as file:
        return file.read()


def _refused(world, folder):
    rows = [["Role", "First Name", "ID", "E-mail", "=1+1"]]
    rows += [
        ["Mentee", text, f"X{number}", text, text]
        for number, text in enumerate(TORTURE)
        if "\x00" not in text
    ]
    with (folder / "torture.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    import_(folder / "torture.csv", email_of(world, "engineering_child"), result=folder / "refused.csv")
    return (folder / "refused.csv").read_bytes()


def test_no_cell_of_any_export_starts_live(exports):
    tables = {
        path: rows for name, content in exports.items() for path, rows in tables_in(name, content).items()
    }

    assert {path: wrong for path, rows in tables.items() if (wrong := wrong_cells(rows))} == {}
    # Or it would prove nothing.
    for path in (
        "mentees.csv",
        "mentees.xlsx/0",
        "history.csv",
        "refused.csv",
        "raw.zip/people.csv",
        "raw.zip/messages.csv",
    ):
        assert any(cell.startswith("'=") for row in tables[path] for cell in row), path
    assert any(cell == "'=1+1" for row in tables["deleted.zip/person.csv"] for cell in row)


def test_tables_are_written_in_one_place():
    writing = re.compile(r"csv\.writer|DictWriter|\bWorkbook\(\)|to_csv|SpreadsheetExportMixin")

    found = {path.name for path in CODE if writing.search(path.read_text())}

    assert found == {"sheets.py"}


@pytest.mark.parametrize("text", [*TORTURE, "half \ud800 of a character", "\udfff=1+1"])
def test_any_text_can_be_written(text):
    content = {
        "table.csv": "".join(csv_pieces([[["Heading"], [text, "end"]]])).encode(),
        "table.xlsx": b"".join(xlsx_pieces([[["Heading"], [text, "end"]]])),
    }

    for name, written in content.items():
        [rows] = tables_in(name, written).values()
        assert wrong_cells(rows) == []
        assert rows[1][-1] == "end"


@pytest.fixture
def office(tmp_path):
    """Have LibreOffice convert files into a format: what it makes of them, by name."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("There is no LibreOffice on this machine.")

    def convert(files, ending):
        source, target = tmp_path / f"to-{ending[:4]}", tmp_path / ending[:4]
        source.mkdir()
        for name, content in files.items():
            # One name each, whatever the ending.
            (source / f"{name.replace('.', '-')}{Path(name).suffix}").write_bytes(content)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", ending, "--outdir", target]
        subprocess.run(
            [*map(str, command), *map(str, source.iterdir())], check=True, capture_output=True, timeout=300
        )
        made = {path.stem: path.read_text() for path in target.iterdir()}
        return {name: made[name.replace(".", "-")] for name in files}

    return convert


def test_libreoffice_finds_nothing_to_compute(exports, office):
    files = {name: content for name, content in exports.items() if not name.endswith(".zip")}
    for name, content in exports.items():
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                tables = [
                    inside for inside in archive.namelist() if inside.endswith(".csv") and "/" not in inside
                ]
                files |= {f"{name}.{inside}": archive.read(inside) for inside in tables}

    opened = office({**files, "control.csv": b"Heading\n=1+1\n"}, "fods")

    # The one that was written without us shows that it would have.
    assert {name for name, text in opened.items() if "table:formula=" in text} == {"control.csv"}


def test_workbook_stays_as_it_is_when_libreoffice_has_computed_it_again(exports, office):
    files = {name: content for name, content in exports.items() if name.endswith(".xlsx")}

    computed = office(files, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false")

    for name, content in files.items():
        [table] = tables_in(name, content).values()
        # What looks like an escape is escaped itself, which openpyxl leaves as it is.
        written = [[cell.replace("_x005F_", "_") for cell in row] for row in table]
        again = list(csv.reader(io.StringIO(computed[name], newline="")))
        assert [[cell for cell in row if cell] for row in again] == written
