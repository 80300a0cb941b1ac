"""What a table of the raw data is: whose rows, in which columns; and the list of all of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from django.db.models import F, Model, Q

from ..organizations.models import Organization
from ..sheets import text_of

#: Rows read at once.
ROWS = 1_000


@dataclass(frozen=True)
class Bounds:
    """The organizations whose raw data are exported, by primary key; and the parent organization above them."""

    organizations: tuple[int, ...]
    tree: int

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """Bounds of `organization` with its children."""
        children = Organization._base_manager.filter(parent=organization).order_by("pk")
        return cls((organization.pk, *children.values_list("pk", flat=True)), organization.tree_id)


class Column(NamedTuple):
    """A column: where its value comes from (a lookup or an expression), what it means, its type in Table Schema."""

    value: Any
    meaning: Any
    type: str = "string"
    #: The table whose `number` it holds, where every value stands there.
    leads_to: str = ""


def key(value: Any, meaning: Any, leads_to: str = "") -> Column:
    return Column(value, meaning, "integer", leads_to)


def number(value: Any, meaning: Any) -> Column:
    return Column(value, meaning, "integer")


def moment(value: Any, meaning: Any) -> Column:
    return Column(value, meaning, "datetime")


def yes_or_no(value: Any, meaning: Any) -> Column:
    return Column(value, meaning, "boolean")


@dataclass(frozen=True, eq=False)
class RawTable:
    """Rows of one kind. `name` is the file and never changes. `files` names the field of rows that are files."""

    name: str
    model: type[Model]
    label: Any
    within: Callable[[Bounds], Q]
    columns: Mapping[str, Column]
    files: str = ""

    def count(self, bounds: Bounds, *, using: str) -> int:
        return self._rows(bounds, using).count()

    def chunks(self, bounds: Bounds, *, using: str) -> Iterator[list[list[str]]]:
        """Yield the rows as text, in the order of their keys: each chunk is a query, so no cursor stays open."""
        # Under names of our own, which a column of the model can't have.
        values = {
            f"_{name}": F(column.value) if isinstance(column.value, str) else column.value
            for name, column in self.columns.items()
        }
        for batch in self._batches(bounds, using, values):
            yield [[text_of(row[name]) for name in values] for row in batch]

    def file_names(self, bounds: Bounds, *, using: str) -> Iterator[tuple[int, str]]:
        """Yield key and name of the files."""
        for batch in self._batches(bounds, using, {"_file": F(self.files)}):
            yield from ((row["pk"], row["_file"]) for row in batch if row["_file"])

    def _rows(self, bounds: Bounds, using: str) -> Any:
        return self.model._base_manager.using(using).filter(self.within(bounds)).order_by()

    def _batches(self, bounds: Bounds, using: str, values: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        rows = self._rows(bounds, using).order_by("pk").values("pk", **values)
        batch = list(rows[:ROWS])
        while batch:
            yield batch
            batch = list(rows.filter(pk__gt=batch[-1]["pk"])[:ROWS]) if len(batch) == ROWS else []


_tables: dict[str, RawTable] = {}


def register_table(
    name: str, model: type[Model], label: Any, within: Callable[[Bounds], Q], **options: Any
) -> None:
    """Have the raw data hold what `RawTable` says."""
    _tables[name] = RawTable(name, model, label, within, **options)


def tables() -> list[RawTable]:
    """Return all of them, in the order in which they were registered."""
    return list(_tables.values())
