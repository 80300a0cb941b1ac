"""The export before a deletion: a ZIP of CSV files and attachments, whole and checked, or none at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..archives import Archive, Beat, store_archive
from ..conversations.models import private_storage
from ..holdings import Holding, holdings
from ..people.languages import language_of
from ..sheets import text_of
from .models import Deletion

#: Rows read at once.
_ROWS = 2_000


def write_export(deletion: Deletion, person: Any, *, beat: Beat) -> str:
    """Write the export of `person`, check what was stored, and return its name in the private storage.

    `beat` is called every now and then. Raises ArchiveFailed, and leaves nothing behind.
    """

    def fill(archive: Archive) -> None:
        _fill(archive, deletion, person)

    with translation.override(_language_of(deletion)):
        return store_archive(private_storage(), folder_of(deletion), deletion.lease.hex, fill, beat=beat)


def folder_of(deletion: Deletion) -> str:
    return f"deletions/{deletion.pk}"


def _fill(archive: Archive, deletion: Deletion, person: Any) -> None:
    exported = [holding for holding in holdings() if holding.columns]
    # The person first, for whoever opens the files in their order.
    exported.sort(key=lambda holding: not holding.is_core)
    counts = {}
    for holding in exported:
        counts[holding] = _write_rows(archive, holding, person)
        if holding.files:
            _write_files(archive, holding, person)
    described = [
        [f"{holding.name}.csv", name, str(column.meaning)]
        for holding in exported
        for name, column in holding.columns.items()
    ]
    archive.add_table("data_dictionary.csv", [[["file", "column", "meaning"], *described]])
    files = [
        {"name": f"{holding.name}.csv", "label": holding.label, "rows": rows}
        for holding, rows in counts.items()
    ]
    readme = render_to_string(
        "mentorpro_plugin/removal/readme.txt", {"deletion": deletion, "files": files, "now": timezone.now()}
    )
    archive.add_text(_("README.txt"), readme)


def _write_rows(archive: Archive, holding: Holding, person: Any) -> int:
    count = 0
    # Under names of our own, which a column of the model can't have.
    values = {f"_{name}": column.value for name, column in holding.columns.items()}

    def chunks() -> Iterator[list[list[str]]]:
        nonlocal count
        yield [list(holding.columns)]
        for batch in _batches(holding, person, values):
            count += len(batch)
            yield [[text_of(row[name]) for name in values] for row in batch]

    archive.add_table(f"{holding.name}.csv", chunks())
    return count


def _write_files(archive: Archive, holding: Holding, person: Any) -> None:
    storage = holding.model._meta.get_field(holding.files).storage
    for batch in _batches(holding, person, {"_name": holding.files}):
        for row in batch:
            if row["_name"]:
                archive.add_file(
                    f"{holding.name}/{row['pk']}{Path(row['_name']).suffix}", storage, row["_name"]
                )


def _batches(holding: Holding, person: Any, values: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in batches, by primary key: so memory stays flat, and no cursor stays open."""
    rows = (
        holding.rows(person).order_by("pk").values("pk", **{name: _value(of) for name, of in values.items()})
    )
    batch = list(rows[:_ROWS])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1]["pk"])[:_ROWS]) if len(batch) == _ROWS else []


def _value(of: Any) -> Any:
    return F(of) if isinstance(of, str) else of


def _language_of(deletion: Deletion) -> str:
    """Return the language in which whoever asked for the deletion reads the admin."""
    user = get_user_model()._base_manager.filter(pk=deletion.requested_by_id).first()
    return language_of(user, getattr(user, "mentorpro_person", None))
