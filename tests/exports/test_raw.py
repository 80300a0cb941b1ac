"""Raw data of an organization: all that is held on its people, nothing of others, readable by people and programs."""

import csv
import io
import json
import zipfile
from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from mentorpro_plugin import models
from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.activity.history import record
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exports.actions import request_raw_export
from mentorpro_plugin.exports.tables import tables
from mentorpro_plugin.models import Attachment, Person, RawExport
from tests.access.expectations import Facts
from tests.access.screens import secrets_of
from tests.lives import live
from tests.world import MARKERS

#: What raw data don't hold, with the reason.
LEFT_OUT = {
    "Deletion": "the history has it",
    "ExportSchedule": "a setting",
    "Letter": "texts for all organizations",
    "LoginCode": "hashes of codes, which nobody can read",
    "OutboxRound": "about nobody",
    "PasswordTries": "counts by hashes, which nobody can read",
    "ReachBudget": "counts of one day, in keys of people elsewhere",
    "RememberedHeading": "a setting",
    "TextBudget": "counts by hashes, which nobody can read",
}


def ask(world, organization="riverside", *, by="riverside_parent", **options):
    with scope_of(EVERYTHING):
        export = request_raw_export(
            world.organizations[organization], by=world.user(by), **{"with_files": True, **options}
        )
    return RawExport._base_manager.get(pk=export.pk)


def read(storage, export) -> dict[str, bytes]:
    with storage.open(export.file) as file, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def lived_in(world, storage):
    live(world)
    for school, by in {"engineering": "engineering_child", "law": "law_child"}.items():
        organization = world.organizations[school]
        changed = HistoryEntry.Action.CHANGED
        record(organization, changed, by=world.user(by), organization=organization.pk)
    return world


@pytest.fixture
def package(lived_in, storage):
    return read(storage, ask(lived_in))


def test_every_model_is_in_it_or_left_out_for_a_reason():
    ours = {
        model.__name__
        for model in map(models.__dict__.get, models.__all__)
        if not model._meta.proxy and not model._meta.abstract
    }

    assert ours == {table.model.__name__ for table in tables()} | LEFT_OUT.keys()


def test_it_holds_the_rows_of_the_tree_and_says_how_many(lived_in, storage):
    export = ask(lived_in)

    package = read(storage, export)
    assert (export.state, export.error, export.lease, export.due_at) == ("done", "", None, None)
    assert export.counts == {table.name: len(rows_of(package[f"{table.name}.csv"])) for table in tables()}
    assert export.size == storage.size(export.file)
    of_tree = Person._base_manager.filter(tree=lived_in.organizations["riverside"])
    assert {row["number"] for row in rows_of(package["people.csv"])} == {
        str(pk) for pk in of_tree.values_list("pk", flat=True)
    }
    for table in ("messages", "goals", "goal_steps", "goal_comments", "attachments", "outbox", "history"):
        assert export.counts[table] > 0, table


def test_it_holds_nothing_of_another_tree(package, lived_in):
    facts = Facts()
    # What the Parent account never sees, but for conversations and goals, which are what raw data are about.
    secrets = {
        secret
        for secret in secrets_of(facts, lived_in.user("hillside_parent"))
        if MARKERS["law"] in secret or MARKERS["hillside"] in secret
    } | {MARKERS["law"], MARKERS["hillside"], "Hillyear", "Hilldone"}
    strangers = [person for person in facts.people if person.tree_id == lived_in.organizations["hillside"].pk]
    secrets |= {person.email for person in strangers} | {person.phone.as_e164 for person in strangers}

    text = "\n".join(f"{name} {content.decode('utf-8', 'replace')}" for name, content in package.items())

    assert {secret for secret in secrets if secret in text} == set()


def test_a_child_organization_is_exported_alone(lived_in, storage):
    package = read(storage, ask(lived_in, "engineering"))

    text = "\n".join(content.decode("utf-8", "replace") for content in package.values())
    assert MARKERS["nursing"] not in text
    assert MARKERS["engineering"] in text
    assert [row["name"] for row in rows_of(package["organizations.csv"])] == ["Enginmark Organization"]
    # Those of the tree, which its people have.
    assert [row["name"] for row in rows_of(package["identifiers.csv"])] == ["Grade Riverside"]


READERS = {
    "string": str,
    "integer": int,
    "boolean": {"yes": True, "no": False}.__getitem__,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "object": json.loads,
}


@pytest.mark.parametrize("organization", ["riverside", "engineering"])
def test_tables_are_as_the_data_package_says(lived_in, storage, organization):
    files = read(storage, ask(lived_in, organization))
    package = json.loads(files["datapackage.json"])
    keys = {}

    assert (package["profile"], package["name"]) == (
        "tabular-data-package",
        f"{MARKERS[organization].lower()}-organization",
    )
    assert [resource["name"] for resource in package["resources"]] == [table.name for table in tables()]
    for resource in package["resources"]:
        schema, content = resource["schema"], files[resource["path"]]
        assert (resource["profile"], resource["encoding"]) == ("tabular-data-resource", "utf-8")
        assert content.startswith(b"\xef\xbb\xbf")
        rows = rows_of(content)
        fields = {field["name"]: field for field in schema["fields"]}
        heading = content.decode("utf-8-sig").splitlines()[0]
        assert heading == ",".join(fields)
        for row in rows:
            for name, cell in row.items():
                if cell:
                    READERS[fields[name]["type"]](cell)
                assert cell or not fields[name].get("constraints", {}).get("required"), (resource, row)
        keys[resource["name"]] = [row[schema["primaryKey"]] for row in rows]
        assert len(set(keys[resource["name"]])) == len(rows)
    for resource in package["resources"]:
        for leading in resource["schema"]["foreignKeys"]:
            target = keys[leading["reference"]["resource"]]
            cells = {row[leading["fields"]] for row in rows_of(files[resource["path"]])} - {""}
            assert cells <= set(target), (resource["name"], leading)


def test_every_column_is_in_the_dictionary_and_the_readme_names_all_tables(package):
    described = {(row["file"], row["column"]) for row in rows_of(package["data_dictionary.csv"])}

    assert described == {
        (name, column)
        for name, content in package.items()
        if name.endswith(".csv") and name != "data_dictionary.csv"
        for column in content.decode("utf-8-sig").splitlines()[0].split(",")
    }
    readme = package["README.txt"].decode()
    assert all(f"{table.name}.csv" in readme for table in tables())
    assert "Riverside Organization" in readme


def test_files_come_along_unless_they_are_left_out(lived_in, storage):
    with_files = read(storage, ask(lived_in))
    without = read(storage, ask(lived_in, with_files=False))

    attachment = Attachment._base_manager.filter(
        message__conversation__organization__parent=lived_in.organizations["riverside"]
    ).first()
    name = next(name for name in with_files if name.startswith(f"attachments/{attachment.pk}."))
    with attachment.file.open() as file:
        assert with_files[name] == file.read()
    assert not any(name.startswith("attachments/") for name in without)
    assert "left out" in without["README.txt"].decode()
    assert without["attachments.csv"] == with_files["attachments.csv"]


@pytest.mark.parametrize("by", ["engineering_child", "first_year_pm", "first_year_sc", "hillside_parent"])
def test_only_super_admin_and_parent_of_the_tree_ask_for_it(world, by):
    with pytest.raises(PermissionDenied):
        ask(world, by=by)

    assert not RawExport._base_manager.exists()


def test_a_super_admin_asks_for_any(world, storage):
    assert ask(world, "hillside", by="super_admin").state == RawExport.State.DONE


def test_one_at_a_time(world):
    RawExport(organization=world.organizations["riverside"], by=world.user("riverside_parent")).save()

    with pytest.raises(ValidationError, match="being written already"):
        ask(world)


def test_it_stands_in_the_history_with_numbers_alone(lived_in, storage):
    export = ask(lived_in)

    [entry] = HistoryEntry._base_manager.filter(action="exported")
    assert (entry.actor_id, entry.organization_id, entry.person_id, entry.subject_type) == (
        lived_in.people["riverside_parent"].user_id,
        lived_in.organizations["riverside"].pk,
        None,
        "rawexport",
    )
    assert entry.changes == {"rows": sum(export.counts.values()), "tables": export.counts}
