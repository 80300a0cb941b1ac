"""The raw data of an organization as an archive: tables, files, and what explains them to people and to programs."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ..archives import Archive
from ..moments import one_moment
from ..organizations.models import Organization
from .tables import Bounds, RawTable, tables

#: Told how many rows are written, of how many.
Progress = Callable[[int, int], object]

_YES, _NO = "yes", "no"


def fill_archive(
    archive: Archive, organization: Organization, *, with_files: bool, progress: Progress
) -> dict[str, int]:
    """Write the raw data of `organization`, with its children, as they are at this moment. Returns rows by table.

    Raises ArchiveFailed if a file is missing.
    """
    with one_moment() as using:
        bounds = Bounds.of(organization)
        total = sum(table.count(bounds, using=using) for table in tables())
        counts: dict[str, int] = {}
        for table in tables():
            done = sum(counts.values())
            counts[table.name] = 0

            def told(rows: int, table: RawTable = table, done: int = done) -> None:
                counts[table.name] += rows
                progress(done + counts[table.name], max(total, done + counts[table.name]))

            archive.add_table(_path(table), _chunks(table, bounds, using, told))
        if with_files:
            _add_files(archive, bounds, using)
    archive.add_table("data_dictionary.csv", [_dictionary()])
    archive.add_text("datapackage.json", json.dumps(_datapackage(organization), ensure_ascii=False, indent=2))
    files = [{"name": _path(table), "label": table.label, "rows": counts[table.name]} for table in tables()]
    readme = {"organization": organization, "files": files, "with_files": with_files, "now": timezone.now()}
    archive.add_text("README.txt", render_to_string("mentorpro_plugin/exports/readme.txt", readme))
    return counts


def _path(table: RawTable) -> str:
    return f"{table.name}.csv"


def _chunks(
    table: RawTable, bounds: Bounds, using: str, told: Callable[[int], None]
) -> Iterator[list[list[str]]]:
    yield [list(table.columns)]
    for rows in table.chunks(bounds, using=using):
        yield rows
        told(len(rows))


def _add_files(archive: Archive, bounds: Bounds, using: str) -> None:
    for table in tables():
        if table.files:
            storage = table.model._meta.get_field(table.files).storage
            for pk, name in table.file_names(bounds, using=using):
                archive.add_file(f"{table.name}/{pk}{Path(name).suffix}", storage, name)


def _dictionary() -> list[list[str]]:
    """Return the rows of the table that says what each column means."""
    return [
        [_("file"), _("column"), _("type"), _("leads to"), _("meaning")],
        *(
            [
                _path(table),
                name,
                column.type,
                f"{column.leads_to}.csv" if column.leads_to else "",
                str(column.meaning),
            ]
            for table in tables()
            for name, column in table.columns.items()
        ),
    ]


def _datapackage(organization: Organization) -> dict[str, Any]:
    """Return the same for programs: a Frictionless Data Package, each table with a Table Schema."""
    return {
        "profile": "tabular-data-package",
        "name": slugify(organization.name) or f"organization-{organization.pk}",
        "title": str(organization),
        "description": _(
            "Raw data of an organization. A cell that a spreadsheet would take for a formula begins with an apostrophe."
        ),
        "created": timezone.now().isoformat(),
        "resources": [_resource(table) for table in tables()],
    }


def _resource(table: RawTable) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": str(table.label),
        "path": _path(table),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n"},
        "schema": {
            "fields": [_field(name, column) for name, column in table.columns.items()],
            "missingValues": [""],
            "primaryKey": "number",
            "foreignKeys": [
                {
                    "fields": name,
                    "reference": {"resource": column.leads_to, "fields": "number"},
                }
                for name, column in table.columns.items()
                if column.leads_to
            ],
        },
    }


def _field(name: str, column: Any) -> dict[str, Any]:
    described = {"name": name, "type": column.type, "description": str(column.meaning)}
    if column.type == "boolean":
        described |= {"trueValues": [_YES], "falseValues": [_NO]}
    if name == "number":
        described["constraints"] = {"required": True, "unique": True}
    return described
