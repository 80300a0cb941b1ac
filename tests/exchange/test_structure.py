"""Loading organizations, programs and identifiers."""

import csv
import hashlib

import pytest

from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.identifiers.models import IdentifierValue
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.programs.models import Program

from .helpers import ROSTERS, changed_tables, checksums, email_of, load

pytestmark = pytest.mark.django_db

COLUMNS = ("kind", "name", "parent", "flash", "identifier_values", "region")


@pytest.fixture
def structure(tmp_path):
    """Write a structure file: rows as tuples, in the order of the columns."""

    def structure(*rows, columns=COLUMNS):
        path = tmp_path / "structure.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerows([columns, *rows])
        return path

    return structure


def values_of(identifier):
    values = IdentifierValue._base_manager.filter(identifier__name=identifier).order_by("sort_order")
    return list(values.values_list("name", flat=True))


def test_a_changed_file_adds_what_is_new_and_changes_what_differs(structure):
    load(ROSTERS / "before.csv")

    ran = load(
        structure(
            ("identifier", "Grade", "Riverside University", "", "Freshman|Alumna|senior", ""),
            ("program", "Drop-in Mentoring", "Riverside School of Nursing", "no", "", ""),
            ("program", "Night School", "Riverside School of Music", "yes", "", ""),
            ("program", "Transfer Students", "Riverside School of Engineering", "", "", ""),
            ("organization", "Riverside School of Music", "Riverside University", "", "", ""),
            ("organization", "Riverside University", "", "", "", "de"),
        )
    )

    assert (ran.status, ran.said) == (
        0,
        [
            "Organizations: 1 new, 1 changed, 0 unchanged.",
            "Programs: 1 new, 1 changed, 1 unchanged.",
            "Identifiers: 0 new, 1 changed, 0 unchanged.",
        ],
    )
    assert values_of("Grade") == ["Freshman", "Sophomore", "Junior", "Senior", "Alumna"]
    assert Program._base_manager.get(name="Night School").flash_mentoring
    assert not Program._base_manager.get(name="Drop-in Mentoring").flash_mentoring
    assert dict(Organization._base_manager.values_list("name", "region")) == {
        "Riverside University": "DE",
        "Riverside School of Engineering": "US",
        "Riverside School of Nursing": "US",
        "Riverside School of Music": "DE",
    }


def test_every_problem_is_a_sentence_with_its_line_and_nothing_is_stored(structure):
    load(ROSTERS / "before.csv")
    before = checksums()

    ran = load(
        structure(
            ("organization", "Good", "", "", "", ""),
            ("department", "Bad", "", "", "", ""),
            ("organization", "", "", "", "", ""),
            ("program", "Bad", "Nowhere", "", "", ""),
            ("program", "Bad", "", "", "", ""),
            ("program", "Bad", "Good", "perhaps", "", ""),
            ("program", "Bad", "Good", "yes", "A|B", ""),
            ("identifier", "Bad", "Riverside School of Nursing", "", "A", ""),
            ("identifier", "Bad", "Good", "", "", ""),
            ("identifier", "Bad", "Good", "", "x" * 101, ""),
            ("organization", "Bad", "Riverside School of Nursing", "", "", ""),
            ("organization", "Bad", "", "", "", "XX"),
            ("program", "x" * 201, "Good", "", "", ""),
        )
    )

    assert ran.status == 1
    assert ran.complained == [
        "Line 3, kind: “department” is neither “organization” nor “program” nor “identifier”.",
        "Line 4, name: The name is missing.",
        "Line 5, parent: There is no organization “Nowhere” that you may use.",
        "Line 6, parent: Name the organization that this belongs to.",
        "Line 7, flash: “perhaps” is neither “yes” nor “no”.",
        "Line 8, identifier_values: This means nothing here: leave the cell empty.",
        "Line 9, parent: Identifiers belong to a parent organization; its children share them.",
        "Line 10, identifier_values: Name at least one value.",
        "Line 11, identifier_values: Ensure this value has at most 100 characters (it has 101).",
        "Line 12, parent: “Riverside School of Nursing” is a child organization itself. Choose a parent organization.",
        "Line 13, region: “XX” is not a two-letter country code, such as US or DE.",
        "Line 14, name: Ensure this value has at most 200 characters (it has 201).",
        "Nothing was stored.",
    ]
    assert changed_tables(before) == set()


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (("name", "parent"), "The column “kind” is missing."),
        (("kind", "name", "parent", "colour"), "The column “colour” means nothing here."),
        (("kind", "name", "parent", "Name"), "Two columns are called “name”."),
    ],
)
def test_other_tables_are_refused(structure, columns, sentence):
    ran = load(structure(columns=columns))

    assert (ran.status, ran.complained) == (1, [sentence])


def test_a_parent_account_loads_its_own_tree_and_uses_it_at_once(world, structure):
    file = structure(
        ("organization", "Riverside School of Music", "Riverside Organization", "", "", ""),
        ("program", "Night School", "Riverside School of Music", "yes", "", ""),
        ("identifier", "Instrument", "Riverside Organization", "", "Oboe|Viola", ""),
    )

    ran = load(file, by=email_of(world, "riverside_parent"))

    assert (ran.status, ran.complained) == (0, [])
    entries = HistoryEntry._base_manager.filter(via=HistoryEntry.Via.COMMAND)
    assert set(entries.values_list("actor", "action")) == {
        (world.people["riverside_parent"].user_id, "added"),
        (world.people["riverside_parent"].user_id, "imported"),
    }
    assert entries.count() == 4
    assert entries.get(action="imported").changes == {
        "new": 3,
        "changed": 0,
        "unchanged": 0,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "command": "load_structure",
    }
    assert entries.values("batch").distinct().count() == 1


@pytest.mark.parametrize(
    ("by", "row", "sentence"),
    [
        ("riverside_parent", ("organization", "New", ""), "You may not add or change this."),
        (
            "riverside_parent",
            ("program", "New", "Lawmark Organization"),
            "parent: There is no organization “Lawmark Organization” that you may use.",
        ),
        (
            "engineering_child",
            ("program", "New", "Nursmark Organization"),
            "parent: There is no organization “Nursmark Organization” that you may use.",
        ),
        ("first_year_pm", ("program", "New", "Enginmark Organization"), "You may not add or change this."),
    ],
)
def test_others_load_what_they_may_add_on_screens(world, structure, by, row, sentence):
    before = checksums()

    ran = load(structure((*row, "", "", "")), by=email_of(world, by))

    assert ran.status == 1
    assert ran.complained[0].removeprefix("Line 2").lstrip(",: ") == sentence
    assert changed_tables(before) == set()


def test_an_unknown_importer_or_file_is_wrong_usage(structure, tmp_path):
    assert load(structure(), by="nobody@example.org").status == 2
    assert load(tmp_path / "none.csv").status == 2
