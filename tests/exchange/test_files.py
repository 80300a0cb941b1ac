"""Which files are read, and what is said of those that aren't."""

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from mentorpro_plugin.exchange import reading, workbooks
from mentorpro_plugin.exchange.reading import FileRefused, read_table
from mentorpro_plugin.people.models import Person

from .helpers import HEADINGS, ROSTERS, email_of, import_, mentee, roster


def table(content: bytes, name: str = "roster.csv"):
    return read_table(io.BytesIO(content), name=name)


def refusal(content: bytes, name: str = "roster.csv") -> str:
    with pytest.raises(FileRefused) as refused:
        table(content, name)
    return str(refused.value)


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_csv_in_utf_8_is_read_with_its_line_numbers(mark, end):
    lines = ["ID,Name", "1,Trần", "", '2,"two\nlines"', " 3 ,x", "4"]

    read = table(mark + end.join(lines).encode())

    assert read.headings == ("ID", "Name")
    assert [row.cells for row in read.rows] == [("1", "Trần"), ("2", "two lines"), ("3", "x"), ("4", "")]
    assert [row.line for row in read.rows] == [2, 4, 6, 7]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The first line of the file has no headings."),
        (b",,\n1,2,3", "The first line of the file has no headings."),
        (b"ID;Name\n1;2", "The columns of the file aren't separated by commas. Save it as “CSV UTF-8”."),
        (b"ID,Name\n1,L\xf6ffler", "The file isn't encoded in UTF-8: see line 2. Save it as “CSV UTF-8”."),
        ("ID,Name".encode("utf-16"), "The file isn't encoded in UTF-8: see line 1. Save it as “CSV UTF-8”."),
        (b"ID,Name,id\n", "The heading “ID” stands twice in the first line."),
        (b",".join([b"x"] * 201), "The file has more than 200 columns."),
        (
            b'ID,Name\n1,x\n2,"Ana\n3,y\n',
            "The file can't be read from line 3 on: a cell there is too long, or a quote isn't closed.",
        ),
        (
            b'ID\n"' + b"x" * 200_000,
            "The file can't be read from line 2 on: a cell there is too long, or a quote isn't closed.",
        ),
    ],
)
def test_what_can_t_be_read_is_refused_in_a_sentence(content, sentence):
    assert refusal(content) == sentence


@pytest.mark.parametrize("name", ["roster.xls", "roster.ods", "roster.pdf", "roster", "roster.csv.exe"])
def test_other_kinds_of_files_are_refused(name):
    assert refusal(b"ID,Name\n", name) == "Only CSV and XLSX files can be read."


def test_files_and_tables_of_unbearable_size_are_refused(monkeypatch):
    assert refusal(b"x" * (10 * 1024 * 1024 + 1)) == (
        "The file is larger than 10 MB. Divide it into several files."
    )
    assert refusal(b"ID\n" + b"\n" * 200_001) == (
        "The file has more than 200000 rows. Divide it into several files."
    )
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    assert "more than 3 rows" in refusal(workbook(["ID"], *([str(number)] for number in range(4))), "r.xlsx")


def test_workbooks_that_unpack_to_too_much_are_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (101 * 1024 * 1024))

    assert refusal(stream.getvalue(), "r.xlsx") == (
        "The workbook unpacks to more than can be read. Save its table as CSV."
    )


@pytest.mark.parametrize(
    "content", [b"", b"ID,Name", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200, workbook(["ID"])[:-200]]
)
def test_what_is_no_workbook_is_refused(content):
    assert refusal(content, "r.xlsx") == "The file isn't a workbook that can be read. Save it anew as XLSX."


def test_entities_in_workbooks_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><workbook>&b;</workbook>'
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["ID"]))) as good, zipfile.ZipFile(broken, "w") as archive:
        for entry in good.namelist():
            archive.writestr(entry, bomb if entry == "xl/workbook.xml" else good.read(entry))

    assert refusal(broken.getvalue(), "r.xlsx") == (
        "The file isn't a workbook that can be read. Save it anew as XLSX."
    )


def test_cells_of_workbooks_are_read_as_they_look():
    read = table(
        workbook(["ID", "Phone"], [42, 2125550171], [], [4.0, 2125550171.0], [1.5, 1.2e17], [True, None]),
        "r.XLSX",
    )

    assert [(row.line, row.cells) for row in read.rows] == [
        (2, ("42", "2125550171")),
        (4, ("4", "2125550171")),
        (5, ("1.5", "1.200000E+17")),
        (6, ("True", "")),
    ]


def test_a_far_cell_in_a_small_workbook_costs_nothing():
    book = openpyxl.Workbook()
    book.active["A1"] = "ID"
    book.active["A2"] = "1"
    book.active["XFD199999"] = "far"
    stream = io.BytesIO()
    book.save(stream)

    assert [row.cells for row in table(stream.getvalue(), "r.xlsx").rows] == [("1",)]


@pytest.mark.django_db
def test_a_workbook_is_imported_like_a_csv_file(world, tmp_path):
    with (roster(tmp_path, mentee(), mentee(ID="N2", Phone_Number="907 555 0143"))).open(
        encoding="utf-8"
    ) as stream:
        rows = list(csv.reader(stream))
    (tmp_path / "roster.xlsx").write_bytes(workbook(*rows))

    ran = import_(tmp_path / "roster.xlsx", email_of(world, "riverside_parent"))

    assert ran.counts == (2, 0, 0, 0)
    assert import_(tmp_path / "roster.csv", email_of(world, "riverside_parent")).counts == (0, 0, 2, 0)
    assert set(
        Person._base_manager.filter(id_number__in=("N1", "N2")).values_list("first_name", flat=True)
    ) == {"Ana"}


@pytest.mark.django_db
def test_files_that_need_the_mapping_are_refused_for_now_in_a_sentence(world):
    by = email_of(world, "riverside_parent")

    german = import_(ROSTERS / "german_excel.csv", by)
    nursing = import_(ROSTERS / "nursing_by_hand.xlsx", by)

    assert german.complained == ["The file isn't encoded in UTF-8: see line 2. Save it as “CSV UTF-8”."]
    assert nursing.status == 1
    assert nursing.complained == [
        "The first line has to name the columns; there has to be one “ID” or “Phone Number”."
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        (
            ["Role", "Grade"],
            "The first line has to name the columns; there has to be one “ID” or “Phone Number”.",
        ),
        (["ID", "E-mail", "email"], "The columns “E-mail” and “email” mean the same."),
    ],
)
def test_headings_that_make_no_roster_are_refused(world, tmp_path, headings, sentence):
    ran = import_(roster(tmp_path, headings=headings), email_of(world, "riverside_parent"))

    assert (ran.status, ran.complained) == (1, [sentence])


@pytest.mark.django_db
def test_headings_are_known_whatever_their_case_order_and_spelling(world, tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(
        "email,phone number,FIRST NAME,role,Id,ORGANIZATION\na@example.org,907 555 0142,Ana,mentee,N1,enginmark organization\n"
    )

    assert import_(path, email_of(world, "riverside_parent")).counts == (1, 0, 0, 0)
    assert Person._base_manager.get(id_number="N1").email == "a@example.org"


@pytest.mark.django_db
def test_rows_with_more_cells_than_headings_are_refused(world, tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(
        ",".join(HEADINGS[:6]) + "\nMentee,Ana,Ruiz,Pérez,907 555 0142,N1,a@example.org\n", encoding="utf-8"
    )

    ran = import_(path, email_of(world, "riverside_parent"))

    assert (
        ran.complained[0]
        == "Line 2: This row has more cells than there are headings: is there a comma in one?"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"by": "nobody@example.org"}, "No active member of staff has that e-mail address."),
        ({"by": ""}, "No active member of staff has that e-mail address."),
        ({"organization": "Nowhere"}, "There is no organization “Nowhere” into which you may import."),
        (
            {"organization": "Lawmark Organization"},
            "There is no organization “Lawmark Organization” into which you may import.",
        ),
        ({"result": "missing/refused.csv"}, "missing/refused.csv can't be written."),
    ],
)
def test_wrong_usage_has_a_status_of_its_own(world, tmp_path, monkeypatch, options, complaint):
    monkeypatch.chdir(tmp_path)

    options = {"by": email_of(world, "riverside_parent")} | options
    if "result" in options:
        options["result"] = Path(options["result"])
    ran = import_(roster(tmp_path, mentee()), **options)

    assert (ran.status, ran.complained) == (2, [complaint])


@pytest.mark.django_db
def test_a_missing_file_is_wrong_usage(world, tmp_path):
    assert import_(tmp_path / "none.csv", email_of(world, "riverside_parent")).status == 2
    assert import_(tmp_path, email_of(world, "riverside_parent")).status == 2
