"""The rosters that programs really sent, through the commands, in the order in which they were sent."""

import csv
import hashlib
import re

import pytest

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program

from ..factories import PersonFactory
from .helpers import ROSTERS, changed_tables, checksums, import_, load

pytestmark = pytest.mark.django_db

#: How a sentence is recognised that says what `every_refusal.expected.csv` expects: the column, and its words.
SENTENCES = {
    "first name missing": r"First Name: The first name is missing\.",
    "not a telephone number": r"Phone Number: “555-01” is not a telephone number\.",
    "a number that Excel has shortened: cannot be restored": (
        r"Phone Number: “6\.17555E\+09” is a number that Excel has shortened; .* can't be restored\..*"
    ),
    "phone belongs to another ID": r"Phone Number: “201 555 0140” belongs to another ID, R1041\.",
    "not an e-mail address": r"E-mail: “ana\(at\)example\.edu” is not an e-mail address\.",
    "no such role": r"Role: There is no role “Tutor”\.",
    "a role that a roster may not give": r"Role: A roster may not give the role “Parent”\.",
    "no such organization, or not within reach": (
        r"Organization: There is no organization “Riverside School of Law” that you may use here\."
    ),
    "program belongs to another organization": (
        r"Program: The program “Nursing Cohort 2026” belongs to another organization than .*\."
    ),
    "no such mentor": r"Mentor: There is no Mentor “R9999” whom you may choose\.",
    "that person is not a mentor": r"Mentor: “R1140” is not a Mentor\.",
    "not a value of Grade": r"Grade: “Fresher” isn't a value of “Grade”\. .*\.",
    "the same ID twice in this file": r"ID: The same ID stands on line 16\.",
    "last name too long": r"Last Name: “x+…” is too long: .*\.",
}
#: Lines that are accepted, and on which a note is expected.
NOTES = {
    "this program needs a mentor (or: accepted as unassigned, said so in the preview)": (
        r"Mentor: “First-Year Engineers” needs a Mentor here, so Ana Ruiz stays unassigned\."
    ),
}


@pytest.fixture
def by():
    return PersonFactory(role=Role.SUPER_ADMIN, organization=None, email="top@example.org", phone=None).email


@pytest.fixture
def structure():
    assert load(ROSTERS / "before.csv").status == 0


@pytest.fixture
def cohort(structure, by):
    assert import_(ROSTERS / "autumn_cohort.csv", by).counts == (140, 0, 0, 0)


def test_the_structure_loads_once():
    first = load(ROSTERS / "before.csv")
    before = checksums()
    second = load(ROSTERS / "before.csv")

    assert first.said == [
        "Organizations: 3 new, 0 changed, 0 unchanged.",
        "Programs: 4 new, 0 changed, 0 unchanged.",
        "Identifiers: 2 new, 0 changed, 0 unchanged.",
    ]
    assert second.said == [
        "Organizations: 0 new, 0 changed, 3 unchanged.",
        "Programs: 0 new, 0 changed, 4 unchanged.",
        "Identifiers: 0 new, 0 changed, 2 unchanged.",
        "Nothing was changed.",
    ]
    assert changed_tables(before) == set()
    assert list(Organization._base_manager.order_by("pk").values_list("name", "parent__name")) == [
        ("Riverside University", None),
        ("Riverside School of Engineering", "Riverside University"),
        ("Riverside School of Nursing", "Riverside University"),
    ]
    assert dict(Program._base_manager.values_list("name", "flash_mentoring")) == {
        "First-Year Engineers": False,
        "Transfer Students": False,
        "Nursing Cohort 2026": False,
        "Drop-in Mentoring": True,
    }
    values = {
        identifier.name: list(
            IdentifierValue._base_manager.filter(identifier=identifier)
            .order_by("sort_order")
            .values_list("name", flat=True)
        )
        for identifier in Identifier._base_manager.all()
    }
    assert values == {"Campus": ["North", "South"], "Grade": ["Freshman", "Sophomore", "Junior", "Senior"]}


def test_a_cohort_is_stored_with_all_that_its_file_says(structure, by):
    ran = import_(ROSTERS / "autumn_cohort.csv", by)

    assert ran.complained == []
    assert (ran.status, ran.said) == (0, ["Done: 140 new, 0 changed, 0 unchanged, 0 refused."])
    with (ROSTERS / "autumn_cohort.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    people = {person.id_number: person for person in Person._base_manager.select_related("organization")}
    open_rows = Assignment._base_manager.filter(ended_at=None)
    for row in rows:
        person = people[row["ID"]]
        assert (person.first_name, person.last_name) == (row["First Name"], row["Last Name"])
        assert re.sub(r"\D", "", row["Phone Number"])[-10:] == person.phone.as_e164.removeprefix("+1")
        assert (person.get_role_display(), str(person.organization)) == (row["Role"], row["Organization"])
        leads = re.findall(r"\w+", row["Mentor"] or row["Program Manager"])
        opened = open_rows.filter(person=person)
        expected = [(row["Program"], lead, lead == row["Primary Mentor"]) for lead in leads or [None]]
        assert sorted(opened.values_list("program__name", "lead__id_number", "is_primary")) == (
            sorted(expected) if row["Program"] else []
        )
        given = GivenIdentifier._base_manager.filter(person=person)
        assert dict(given.values_list("identifier__name", "value__name")) == {
            name: row[name] for name in ("Grade", "Campus") if row[name]
        }


def test_history_says_that_it_was_an_import(cohort):
    entries = HistoryEntry._base_manager.filter(via=HistoryEntry.Via.IMPORT)

    assert entries.filter(action="added").count() == 140
    assert entries.values("batch").distinct().count() == 1
    imported = entries.get(action="imported")
    assert imported.changes == {
        "new": 140,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
        "sha256": hashlib.sha256((ROSTERS / "autumn_cohort.csv").read_bytes()).hexdigest(),
        "command": "import_roster",
    }
    assert imported.organization_id == Organization._base_manager.get(name="Riverside University").pk


def test_the_same_file_three_times_changes_nothing_after_the_first(cohort, by):
    before = checksums()

    ran = [import_(ROSTERS / "autumn_cohort.csv", by).counts for _again in range(2)]

    assert ran == [(0, 0, 140, 0), (0, 0, 140, 0)]
    assert changed_tables(before) == set()


def test_a_later_file_changes_what_differs_and_no_more(cohort, by):
    emails = dict(Person._base_manager.values_list("id_number", "email"))
    grades = dict(GivenIdentifier._base_manager.values_list("person__id_number", "value__name"))

    ran = import_(ROSTERS / "autumn_cohort_later.csv", by)

    assert (ran.status, ran.counts) == (0, (1, 17, 123, 0))
    now = dict(Person._base_manager.exclude(id_number="R2001").values_list("id_number", "email"))
    assert sum(now[key] != emails[key] for key in now) == 12
    regraded = HistoryEntry._base_manager.filter(action="identifiers_given").exclude(
        person__in=Person._base_manager.filter(id_number="R2001").values("pk")
    )
    assert (
        regraded.filter(batch=HistoryEntry._base_manager.get(action="imported", changes__new=1).batch).count()
        == 5
    )
    assert grades != dict(GivenIdentifier._base_manager.values_list("person__id_number", "value__name"))


def test_a_parent_account_gets_the_same(structure):
    university = Organization._base_manager.get(name="Riverside University")
    by = PersonFactory(role=Role.PARENT, organization=university, phone=None).email

    assert import_(ROSTERS / "autumn_cohort.csv", by).counts == (140, 0, 0, 0)
    assert import_(ROSTERS / "autumn_cohort_later.csv", by).counts == (1, 17, 123, 0)
    assert import_(ROSTERS / "every_refusal.csv", by).counts == (5, 0, 0, 14)


def expectations():
    with (ROSTERS / "every_refusal.expected.csv").open(encoding="utf-8") as stream:
        return {int(row["line"]): row["expected"] for row in csv.DictReader(stream)}


def remarks(lines):
    """What was said, by line."""
    found = {}
    for text in lines:
        if match := re.match(r"Line (\d+), (.*)", text):
            found.setdefault(int(match[1]), []).append(match[2])
    return found


def test_every_refusal_is_as_expected(cohort, by, tmp_path):
    before = checksums()

    ran = import_(ROSTERS / "every_refusal.csv", by, result=tmp_path / "refused.csv")

    refused, noted = remarks(ran.complained), remarks(ran.said)
    for line, expected in expectations().items():
        if expected in SENTENCES:
            assert len(refused[line]) == 1
            assert re.fullmatch(SENTENCES[expected], refused[line][0]), refused[line]
        elif expected in NOTES:
            assert line not in refused
            assert re.fullmatch(NOTES[expected], noted[line][0]), noted
        else:
            assert expected.startswith("accepted")
            assert line not in refused
    assert set(refused) == {line for line, expected in expectations().items() if expected in SENTENCES}
    assert (ran.status, ran.counts) == (1, (5, 0, 0, 14))
    assert changed_tables(before) == set()


def test_the_valid_rows_of_every_refusal_are_stored_when_asked_for(cohort, by):
    ran = import_(ROSTERS / "every_refusal.csv", by, only_valid=True)

    assert (ran.status, ran.counts) == (1, (5, 0, 0, 14))
    stored = Person._base_manager.filter(id_number__startswith="B").order_by("id_number")
    assert list(stored.values_list("id_number", "first_name", "last_name", "is_assigned")) == [
        ("B-TWICE", "Ana", "Ruiz", True),
        ("B169928", "Ana", "Ruiz", False),
        ("B462325", '=HYPERLINK("http://example.org","Ana")', "Ruiz", True),
        ("B708249", "Ana", "<script>alert(1)</script>", True),
        ("B741119", "Ana", "Ruiz", True),
    ]


def test_copies_of_the_rosters_are_what_was_sent():
    # Byte for byte: an editor that mends line ends or encodings would take the difficulty out of them.
    assert (ROSTERS / "autumn_cohort.csv").read_bytes().startswith(b"\xef\xbb\xbfRole,First Name")
    assert b"\r\n" in (ROSTERS / "autumn_cohort.csv").read_bytes()
    assert b"\xdf" in (ROSTERS / "german_excel.csv").read_bytes()
