"""Whatever stands in a cell is stored or refused in a sentence, and comes out of no file as a formula."""

import csv
import io
import re

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentorpro_plugin.exchange.headings import Column
from mentorpro_plugin.exchange.reading import FileRefused, SourceRow, Table, read_table
from mentorpro_plugin.exchange.rosters import import_roster
from mentorpro_plugin.exchange.text import clean, shortened
from mentorpro_plugin.formulas import escaped, unescaped
from mentorpro_plugin.people.models import Person

from ..factories import PersonFactory
from .helpers import HEADINGS, changed_tables, checksums, email_of, import_, mentee, roster

NASTY = {
    "NUL": "A\x00na",
    "only NUL": "\x00",
    "control characters": "A\x01\x07\x1b[31mna\x7f\x9f",
    "right-to-left override": "Ana \u202egnp.exe",
    "zero-width space": "A\u200bna",
    "byte order mark": "\ufeffAna",
    "non-character": "Ana\uffff",
    "emoji": "Ana 👩🏽‍🚀🏳️‍🌈",
    "joiners": "می\u200cخواهم",
    "combining": "A\u0301ngela" + "\u0300" * 40,
    "decomposed": "Zoe\u0308",
    "ten thousand": "x" * 10_000,
    "hundred thousand": "y" * 100_000,
    "markup": "<script>alert(1)</script>",
    "template": "{{ 7*7 }}{% debug %}",
    "percent": "%s %(name)s %d {0} {name}",
    "quotes": 'O\'Brien "Bo" `x`; DROP TABLE people;--',
    "line breaks": "Ana\r\nMaría\u2028\u2029\x85\x0b",
    "formula": '=HYPERLINK("http://example.org","Ana")',
    "at": "@SUM(1+1)",
    "tab": "\t=1+1",
    "apostrophe": "'=1+1",
    "backslashes": "\\N\\0\\x00 C:\\new",
    "spaces only": " \u00a0\u3000 ",
    "digits": "١٢٣٤٥٦٧٨٩٠",
    "not a number": "NaN",
    "infinite": "1e999",
    "word": "NULL",
}


@pytest.mark.django_db
@pytest.mark.parametrize("column", [*HEADINGS, "Grade Riverside"])
def test_any_text_in_any_column_is_stored_or_refused_in_a_sentence(world, tmp_path, column):
    rows = [
        mentee(ID=f"ROW{number}", Phone_Number=f"907 555 01{number:02}") | {column: text}
        for number, text in enumerate(NASTY.values())
    ]

    ran = import_(roster(tmp_path, *rows), email_of(world, "riverside_parent"), only_valid=True)

    assert sum(ran.counts) >= len(NASTY) - 2
    for sentence in ran.complained[:-1]:
        assert re.fullmatch(r"Line \d+(, [^:]+)?: .*[.]", sentence), sentence
        assert len(sentence) < 500
        assert sentence.isprintable() or "\u200c" in sentence or "\u200d" in sentence
    for person in Person._base_manager.filter(id_number__startswith="ROW"):
        assert clean(f"{person.first_name}|{person.last_name}") == f"{person.first_name}|{person.last_name}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", list(NASTY))
def test_what_was_stored_is_unchanged_by_the_same_file(world, tmp_path, name):
    file = roster(tmp_path, mentee(First_Name=NASTY[name], Last_Name=NASTY[name]))

    first = import_(file, email_of(world, "riverside_parent"))
    before = checksums()
    second = import_(file, email_of(world, "riverside_parent"))

    assert (first.status, second.status) in ((0, 0), (1, 1))
    if first.status == 0:
        assert second.counts == (0, 0, 1, 0)
    assert changed_tables(before) == set()


@pytest.mark.django_db
def test_names_typed_on_screens_are_unchanged_by_a_file_that_cleans_them(world, tmp_path):
    typed = PersonFactory(
        first_name="Zoe\u0308",
        last_name="\u202eA\u200b",
        organization=world.organizations["engineering"],
        id_number="Z1",
    )
    row = mentee(First_Name="Zo\u00eb", Last_Name="A", ID="Z1", Phone_Number=typed.phone.as_e164)

    ran = import_(roster(tmp_path, row), email_of(world, "riverside_parent"))

    assert ran.counts == (0, 0, 1, 0)


any_text = st.text(st.characters(), max_size=300) | st.sampled_from(list(NASTY.values()))


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cells=st.fixed_dictionaries({}, optional=dict.fromkeys(HEADINGS, any_text)))
def test_random_rows_are_stored_or_refused(world, cells):
    row = mentee() | cells
    table = Table(HEADINGS, [SourceRow(2, tuple(unescaped(clean(row.get(name, ""))) for name in HEADINGS))])

    with transaction.atomic():
        done = import_roster(table, by=world.user("super_admin"))
        transaction.set_rollback(True)

    refusals = list(done.refusals)
    assert done.is_stored is not bool(refusals)
    assert all(sentence.endswith(".") for sentence in refusals)


@given(st.text(st.characters()))
def test_cleaned_text_is_fit_for_any_database_and_stays_as_it_is(text):
    cleaned = clean(text)

    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned
    assert len(shortened(text)) <= 60


@given(st.text(st.sampled_from("'=+-@\t\r 1a") | st.characters()))
def test_escaping_can_be_taken_back_and_leaves_no_formula(text):
    shown = escaped(text)

    assert unescaped(shown) == text
    assert not shown.startswith(("=", "-", "@", "\t", "\r"))
    assert not shown.startswith("+") or re.fullmatch(r"\+\d{6,15}", shown)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("+12015550100", "+12015550100"),
        ("+1-201-555-0100", "'+1-201-555-0100"),
        ("(201) 555-0100", "(201) 555-0100"),
        ("=1+1", "'=1+1"),
        ("-1", "'-1"),
        ("@here", "'@here"),
        ("'=1", "''=1"),
        ("O'Brien", "O'Brien"),
    ],
)
def test_telephone_numbers_are_no_formulas(cell, shown):
    assert escaped(cell) == shown


@pytest.mark.django_db
def test_refused_rows_come_back_as_a_file_to_be_mended(world, tmp_path):
    by, result = email_of(world, "riverside_parent"), tmp_path / "refused.csv"
    formula = '=HYPERLINK("http://example.org","Ana")'
    rows = [
        mentee(**{"First Name": formula, "Phone Number": "+19075550142", "E-mail": "ana(at)example.edu"}),
        mentee(**{"ID": "N2", "Phone Number": "+1-907-555-0143", "Last Name": "-Ruiz", "E-mail": "@ana"}),
        mentee(ID="N3", Phone_Number="907 555 0144"),
    ]

    import_(roster(tmp_path, *rows), by, only_valid=True, result=result)

    with result.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [row["Reason"] for row in written] == [
        "E-mail: “ana(at)example.edu” is not an e-mail address.",
        "E-mail: “@ana” is not an e-mail address.",
    ]
    assert [row["First Name"] for row in written] == [f"'{formula}", "Ana"]
    assert [row["Phone Number"] for row in written] == ["+19075550142", "'+1-907-555-0143"]

    # Mended in the file itself, with the reasons still beside them.
    mended = result.read_text("utf-8-sig").replace("(at)", "@").replace("'@ana", "ana@example.edu")
    (tmp_path / "mended.csv").write_text(mended, encoding="utf-8-sig", newline="")
    ran = import_(tmp_path / "mended.csv", by)

    assert (ran.status, ran.said) == (0, ["Done: 2 new, 0 changed, 0 unchanged, 0 refused."])
    names = Person._base_manager.filter(id_number__in=("N1", "N2")).order_by("id_number")
    assert list(names.values_list("first_name", "last_name")) == [(formula, "Ruiz"), ("Ana", "-Ruiz")]


@settings(deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from(["r.csv", "r.xlsx"]))
def test_any_bytes_are_read_or_refused(content, name):
    try:
        table = read_table(io.BytesIO(content), name=name)
    except FileRefused as refused:
        table, refusal = None, str(refused)

    if table is None:
        assert refusal.endswith(".")
    else:
        assert all(len(row.cells) >= len(table.headings) for row in table.rows)


def test_every_column_of_the_model_is_named_but_its_key():
    assert "id" not in Column.values
