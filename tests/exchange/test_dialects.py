"""However a table was written, it is read as it was meant; and whatever a cell says, it means something or is refused."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorpro_plugin.exchange import cells
from mentorpro_plugin.exchange.headings import split_name
from mentorpro_plugin.exchange.reading import read_table
from mentorpro_plugin.exchange.text import clean
from mentorpro_plugin.exchange.wordings import letters_of
from mentorpro_plugin.formulas import escaped, unescaped
from mentorpro_plugin.sheets import csv_pieces, xlsx_pieces

from .test_text import NASTY

HEADINGS = ["Rolle", "Vorname", "Nachname", "Kennung"]

# Zeros are left out: many of them are taken for another encoding.
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
western = st.text(
    st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t\r\n;,|\"' "),
    max_size=20,
)
plain = st.text(
    st.characters(codec="latin-1", exclude_categories=["Cc"]) | st.sampled_from("\t\r\n;,|\"' "), max_size=20
)


def as_read(rows):
    """What is left of `rows`: cells without what no name holds, rows without blank ones."""
    cleaned = [tuple(unescaped(clean(cell)) for cell in row) for row in rows]
    return [row for row in cleaned if any(row)]


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.lists(any_text, min_size=4, max_size=4), max_size=8),
    titles=st.lists(st.sampled_from(["", "Cohort 2026", "As of May; updated, checked"]), max_size=3),
    separator=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    suffix=st.sampled_from(["csv", "tsv", "txt"]),
)
def test_any_table_is_read_as_it_was_written(rows, titles, separator, quoting, encoding, suffix):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, quoting=quoting)
    writer.writerows([[title] for title in titles])
    writer.writerow(HEADINGS)
    writer.writerows(rows)

    with read_table(io.BytesIO(stream.getvalue().encode(encoding)), name=f"r.{suffix}") as read:
        assert read.headings == tuple(HEADINGS)
        assert [row.cells for row in read.rows] == as_read(rows)
        assert read.glance.separator == separator


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(plain, min_size=4, max_size=4), max_size=8),
    separator=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-16-le", "utf-16-be"]),
)
def test_tables_in_utf_16_without_a_mark_are_read_as_they_were_written(rows, separator, encoding):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows([HEADINGS, ["Mentee", "Käthe", "Groß", "1"], *rows])

    with read_table(io.BytesIO(stream.getvalue().encode(encoding)), name="r.txt") as read:
        assert [row.cells for row in read.rows] == [("Mentee", "Käthe", "Groß", "1"), *as_read(rows)]
        assert read.glance.encoding == encoding


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(western, min_size=4, max_size=4), max_size=8), separator=st.sampled_from(",;\t")
)
def test_tables_in_an_older_encoding_are_read_as_they_were_written(rows, separator):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows([HEADINGS, ["Mentee", "Käthe", "Groß", "1"], *rows])

    with read_table(io.BytesIO(stream.getvalue().encode("cp1252")), name="r.csv") as read:
        assert [row.cells for row in read.rows] == [("Mentee", "Käthe", "Groß", "1"), *as_read(rows)]
        assert read.glance.encoding == "cp1252"


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(any_text.map(clean), min_size=4, max_size=4), max_size=8))
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_is_read_as_it_was(kind, rows):
    chunks = [[HEADINGS, *rows]]
    content = b"".join(xlsx_pieces(chunks)) if kind == "xlsx" else "".join(csv_pieces(chunks)).encode()

    with read_table(io.BytesIO(content), name=f"r.{kind}") as read:
        assert [row.cells for row in read.rows] == [tuple(row) for row in rows if any(row)]


@pytest.mark.parametrize(
    "read",
    [
        cells.read_role,
        cells.read_id,
        cells.read_email,
        lambda text: cells.read_text(text, "first_name"),
        lambda text: cells.read_number(text, region="US"),
        lambda text: cells.read_number(text, region="DE"),
    ],
)
@settings(max_examples=150, deadline=None)
@given(text=st.text(st.characters()).map(clean) | st.sampled_from(list(map(clean, NASTY.values()))))
def test_any_cell_means_something_or_is_refused_in_a_sentence(read, text):
    try:
        read(text)
    except ValidationError as refusal:
        sentences = refusal.messages
    else:
        sentences = []

    for sentence in sentences:
        assert sentence.endswith(".")
        assert len(sentence) < 300


@given(st.text(st.characters()))
def test_full_names_lose_no_letter(text):
    text = clean(text)

    first, last = split_name(text)

    assert sorted(letters_of(first) + letters_of(last)) == sorted(letters_of(text))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_clean_cells_have_neither_tabs_nor_line_breaks(text):
    assert not {"\t", "\n", "\r"} & set(unescaped(clean(escaped(text))))
