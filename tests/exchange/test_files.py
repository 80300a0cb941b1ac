"""Which files are read, and what is said of those that aren't."""

import csv
import io
import json
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from mentorpro_plugin.exchange.forms import SheetForm
from mentorpro_plugin.exchange.reading import FileRefused, Glance, read_table
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person

from .helpers import HEADINGS, ROSTERS, email_of, import_, mentee, roster


def table(content: bytes, name: str = "roster.csv", **wanted):
    return read_table(io.BytesIO(content), name=name, **wanted)


def refusal(content: bytes, name: str = "roster.csv", **wanted) -> str:
    with pytest.raises(FileRefused) as refused:
        table(content, name, **wanted)
    return str(refused.value)


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_csv_in_utf_8_is_read_with_its_line_numbers(mark, end):
    lines = ["ID,Name", "1,Trần", "", '2,"two\nlines"', " 3 ,x", "4"]

    read = table(mark + end.join(lines).encode())

    assert read.headings == ("ID", "Name")
    assert [row.cells for row in read.rows] == [("1", "Trần"), ("2", "two lines"), ("3", "x"), ("4", "")]
    assert [row.line for row in read.rows] == [2, 4, 6, 7]


@pytest.mark.parametrize(
    ("name", "glance"),
    [
        ("autumn_cohort.csv", ("utf-8-sig", ",", "", 1, 140)),
        ("autumn_cohort_later.csv", ("utf-8-sig", ",", "", 1, 141)),
        ("every_refusal.csv", ("utf-8", ",", "", 1, 19)),
        ("before.csv", ("utf-8", ",", "", 1, 9)),
        ("german_excel.csv", ("cp1252", ";", "", 1, 20)),
        ("nursing_by_hand.xlsx", ("", "", "Roster", 3, 30)),
    ],
)
def test_what_people_sent_is_read(name, glance):
    with (ROSTERS / name).open("rb") as stream, read_table(stream, name=name) as read:
        seen = read.glance

        assert (seen.encoding, seen.separator, seen.sheet, seen.heading_line, seen.rows) == glance
        assert len(list(read.rows)) == len(read.rows) == seen.rows
        assert seen.samples == tuple(row.cells for row in islice(read.rows, 5))
        assert Glance.from_json(json.loads(json.dumps(seen.as_json()))) == seen


def test_letters_of_older_encodings_are_what_they_were():
    with (ROSTERS / "german_excel.csv").open("rb") as stream, read_table(stream, name="r.csv") as read:
        names = [row.cells[1] for row in read.rows]

    assert [name for name in names if not name.isascii()] == ["Spieß", "Löffler", "Sölzer", "Klingelhöfer"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found(encoding, separator):
    lines = (f"ID{separator}Name", f"1{separator}Zoë", f'2{separator}"a,b;c|d\te"', "")

    read = table("\r\n".join(lines).encode(encoding), "r.txt")

    assert (read.glance.encoding, read.glance.separator) == (encoding, separator)
    assert [row.cells for row in read.rows] == [("1", "Zoë"), ("2", "a,b;c|d e")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "name", ["Zoë", "Trần Thị Ngọc Ánh", "Ελένη Παπαδοπούλου", "Анна Ковальчук", "王小明", "Āris", "😀"]
)
def test_unicode_text_without_its_mark_is_read(encoding, name):
    lines = ["ID\tName\tPhone", f"1\t{name}\t907 555 0142", f"2\t{name}\t907 555 0143", ""]

    read = table("\r\n".join(lines).encode(encoding), "r.txt")

    assert (read.glance.encoding, read.glance.separator) == (encoding, "\t")
    assert [row.cells for row in read.rows] == [("1", name, "907 555 0142"), ("2", name, "907 555 0143")]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        # Semicolons, tabs and bars in cells, and none of them separates.
        ("Role,Program,Mentor,ID\nMentee,P1 | P2,R1; R2 | R3,N1\nMentee,P1 | P2,R1; R2 | R3,N2", ","),
        ('kind,parts\na,"x;y;z"\nb,"x;y;z"\nc,"x;y;z"', ","),
        ("Gewicht;Größe;Preis\n1,5;2,5;3,5\n1,5;2,5;3,5", ";"),
        ("sep=|\nID|Name\n1|a,b", "|"),
        ("ID\n1\n2", ","),
        ("A list, of people; in May\n\nID;Vorname;Nachname\n1;x;y", ";"),
    ],
)
def test_separators_in_cells_mislead_nobody(text, separator):
    assert table(text.encode()).glance.separator == separator


def test_a_file_may_say_its_separator_itself():
    read = table(b"sep=|\r\nID|Name\r\n1|a,b\r\n")

    assert (read.headings, [tuple(row) for row in read.rows]) == (("ID", "Name"), [(3, ("1", "a,b"))])


@pytest.mark.parametrize(
    ("lines", "line", "headings"),
    [
        ("Cohort 2026;;\n;;\nVorname;Nachname;Kennung\nAna;Ruiz;1", 3, ("Vorname", "Nachname", "Kennung")),
        # A row names roles and programs, which headings do too.
        ("ID,Name,Role\n1,Program,Mentor\n2,Program,Mentor", 1, ("ID", "Name", "Role")),
        # Nothing known: titles are narrower than the table.
        ("Our list\n\nAusweis,Alpha,Beta\n1,2,3", 3, ("Ausweis", "Alpha", "Beta")),
        ("Ausweis\n1", 1, ("Ausweis",)),
        ("ID,Name,,\n1,x,,", 1, ("ID", "Name")),
        (",ID,Name\n,1,x", 1, ("", "ID", "Name")),
    ],
)
def test_headings_are_found_below_titles(lines, line, headings):
    read = table(lines.encode())

    assert (read.glance.heading_line, read.headings) == (line, headings)


def test_the_line_of_the_headings_can_be_said():
    content = b"ID,Name\nKennung,Nachname\n1,x"

    assert [row.cells for row in table(content, heading_line=1).rows] == [("Kennung", "Nachname"), ("1", "x")]
    assert [row.cells for row in table(content, heading_line=2).rows] == [("1", "x")]
    assert refusal(b"ID,Name\n\n1,x", heading_line=2) == "There are no headings on line 2."
    assert refusal(content, heading_line=7) == "There are no headings on line 7."


def test_rows_are_read_any_number_of_times_and_side_by_side():
    with table(b"ID\n" + b"".join(b"%d\n" % number for number in range(100_000))) as read:
        first, second = iter(read.rows), iter(read.rows)
        pairs = list(zip(first, second, strict=True))

        assert len(pairs) == len(read.rows) == 100_000
        assert all(one == other for one, other in pairs)
        assert pairs[-1][0] == (100_001, ("99999",))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There is nothing in the file."),
        (b"\n \n,,,\n", "There is nothing in the file."),
        (
            "ID,Name\n1,Löffler\n2,Zo".encode() + b"\xeb\n",
            "Some letters of the file are damaged: see line 3. Save it anew as “CSV UTF-8”.",
        ),
        (
            b"\xef\xbb\xbfID,Name\n1,L\xf6ffler",
            "Some letters of the file are damaged: see line 2. Save it anew as “CSV UTF-8”.",
        ),
        (b"ID,N\x81me", "The file isn't text that can be read. Save it as “CSV UTF-8”, or as XLSX."),
        (b"ID,N\xe4me\x02", "The file isn't text that can be read. Save it as “CSV UTF-8”, or as XLSX."),
        # UTF-16 without its mark, if it is: a byte too few, a control character, half a letter, too little of plain text.
        *(
            (content, "The file isn't text that can be read. Save it as “CSV UTF-8”, or as XLSX.")
            for content in (
                "ID,Name\n1,Ana".encode("utf-16-le")[:-1],
                "ID,Name\n1,A\x02na".encode("utf-16-be"),
                "ID,Name\n1,Ana".encode("utf-16-le") + b"\x00\xd8",
                "姓名,学号\n王小明同学,李小红同学".encode("utf-16-le"),
                "ID,Name\n1,Ana\n".encode("utf-16-le") + "2,Eva\n".encode("utf-16-be") * 9,
                b"".join(number.to_bytes(2, "little") for number in range(400)),
            )
        ),
        (
            b"\xff\xfe\x00\xd8,\x00",
            "The file isn't text that can be read. Save it as “CSV UTF-8”, or as XLSX.",
        ),
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
    assert refusal(b"ID,Name\n", name) == "Only CSV, TSV and XLSX files can be read."


def test_files_and_tables_of_unbearable_size_are_refused():
    assert refusal(b"x" * (50 * 1024 * 1024 + 1)) == (
        "The file is larger than 50 MB. Divide it into several files."
    )
    assert refusal(b"ID\n" + b"1\n" * 200_001) == (
        "The file has more than 200000 rows. Divide it into several files."
    )


@pytest.mark.parametrize(
    "content", [b"", b"ID,Name", b"PK\x03\x04", b"PK\x03\x04" * 200, workbook(["ID"])[:-200]]
)
def test_what_is_no_workbook_is_refused(content):
    assert refusal(content, "r.xlsx") == "The file isn't a workbook that can be read. Save it anew as XLSX."


def test_a_workbook_is_known_by_its_content():
    assert table(workbook(["ID", "Name"], ["1", "x"]), "r.csv").headings == ("ID", "Name")


def test_cells_of_workbooks_are_read_as_they_look():
    at_four = datetime(2026, 9, 1, 4, 5)  # noqa: DTZ001 (workbooks know no time zones)
    read = table(
        workbook(
            ["ID", "Phone"],
            [42, 2125550171],
            [],
            [4.0, 12125550141.0],
            [1.5, 1.2e17],
            [True, None],
            [0.1 + 0.2, "6.17555E+09"],
            [date(2026, 9, 1), at_four],
            [time(3, 4), "  two\nlines "],
            ["'=1+1", "x", "beside the table"],
        ),
        "r.XLSX",
    )

    assert [(row.line, row.cells) for row in read.rows] == [
        (2, ("42", "2125550171")),
        (4, ("4", "12125550141")),
        (5, ("1.5", "1.200000E+17")),
        (6, ("TRUE", "")),
        (7, ("0.3", "6.17555E+09")),
        (8, ("2026-09-01", "2026-09-01 04:05")),
        (9, ("03:04:00", "two lines")),
        (10, ("=1+1", "x")),
    ]


def sheets(**rows) -> bytes:
    """A workbook with a sheet for each argument, whose value is its rows; hidden if its name begins so."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, of_sheet in rows.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("hidden") else "visible"
        for row in of_sheet:
            sheet.append(row)
    return saved(book)


NOTES = [["Notes"], ["checked by the front desk, mobile numbers too"]]
ROSTER = [["First name", "Mobile", "Student ID"], ["Ana", 12125550141, 7]]


def test_the_sheet_that_looks_like_a_roster_is_read_unless_another_is_named():
    content = sheets(Notes=NOTES, hidden=ROSTER, Empty=[], Intake=[["Second list"], [], *ROSTER], Copy=ROSTER)

    chosen, named = table(content, "r.xlsx"), table(content, "r.xlsx", sheet="Copy")

    assert chosen.glance.sheets == ("Notes", "hidden", "Empty", "Intake", "Copy")
    assert (chosen.glance.sheet, chosen.glance.heading_line) == ("Intake", 3)
    assert (named.glance.sheet, named.glance.heading_line) == ("Copy", 1)
    assert [row.cells for row in named.rows] == [("Ana", "12125550141", "7")]
    assert table(content, "r.xlsx", sheet="hidden").glance.sheet == "hidden"
    assert refusal(content, "r.xlsx", sheet="None") == "The workbook has no sheet “None”."
    assert refusal(content, "r.xlsx", sheet="Empty") == "There is nothing in the file."


@pytest.mark.parametrize(
    ("sheet", "line", "wanted"), [("Notes", 3, 0), ("Notes", 2, 2), ("Intake", 2, 2), ("Intake", 3, 3)]
)
def test_the_headings_of_another_sheet_are_looked_for_anew(sheet, line, wanted):
    glance = Glance(sheets=("Intake", "Notes"), sheet="Intake", heading_line=3)

    form = SheetForm({"sheet": sheet, "heading_line": line}, glance=glance)

    assert form.is_valid()
    assert form.wanted_line == wanted


def test_cells_that_are_only_formatted_cost_nothing():
    book = openpyxl.Workbook()
    book.active.append(["ID"])
    book.active.append(["1"])
    for place in ("A1048576", "XFD2", "XFD1048576"):
        book.active[place].font = Font(bold=True)

    assert [row.cells for row in table(saved(book), "r.xlsx").rows] == [("1",)]


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
def test_what_people_sent_is_imported(world):
    by = email_of(world, "riverside_parent")

    nursing = import_(ROSTERS / "nursing_by_hand.xlsx", by, organization="Nursmark Organization")

    assert nursing.complained == []
    assert (nursing.status, nursing.counts) == (0, (30, 0, 0, 0))
    assert nursing.said[:-1] == ["The column “Start date” means nothing here, and was passed over."]


@pytest.mark.django_db
def test_numbers_are_read_as_written_in_the_country_of_the_organization(world):
    Organization._base_manager.update(region="DE")
    by = email_of(world, "riverside_parent")

    german = import_(ROSTERS / "german_excel.csv", by, organization="Nursmark Organization")

    assert german.complained == []
    assert (german.status, german.counts) == (0, (20, 0, 0, 0))
    person = Person._base_manager.get(id_number="DE003")
    assert (person.full_name, person.phone.as_e164) == ("Michaela Löffler", "+4915123456703")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        (
            ["Role", "Grade"],
            "One of the columns has to be “ID” or “Phone Number”: they tell people apart.",
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
