"""What each domain holds on a person. Counting, exporting and deleting somebody all read it here, so they agree.

Whoever adds a model with a key to a person or a user registers it; a test finds the one that was forgotten.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.functions import Concat, Trim


class Column(NamedTuple):
    """A column of the export: where its value comes from (a lookup or an expression), and what it means."""

    value: Any
    meaning: Any


@dataclass(frozen=True, eq=False)
class Holding:
    """Rows of one kind.

    `where` takes the person, whose row and user are there until everything else is gone. With `sets` the rows belong
    to somebody else and stay, but for those fields; afterwards `where` has to be true of them no more. `is_core` marks
    the person and the user themselves. `files` names the field of rows that are files: those go, and are exported,
    with their rows. Without `columns` nothing is exported.
    """

    name: str
    model: type[Model]
    label: Any
    where: Callable[[Any], Q]
    columns: Mapping[str, Column] = field(default_factory=dict)
    files: str = ""
    sets: Mapping[str, Any] | None = None
    is_core: bool = False

    def rows(self, person: Any) -> QuerySet:
        return self.model._base_manager.filter(self.where(person))


_holdings: dict[str, Holding] = {}
Sweep = Callable[[Any, Callable[[], object]], object]
_sweeps: list[Sweep] = []


def register_holding(
    name: str, model: type[Model], label: Any, where: Callable[[Any], Q], **options: Any
) -> None:
    """Register what `Holding` says. `name` is the file of the export and the key in receipts: it never changes."""
    _holdings[name] = Holding(name, model, label, where, **options)


def register_sweep(function: Sweep) -> None:
    """Have `function(person, beat)` called before any row goes, for what no query finds: sessions, files.

    It calls `beat` every few seconds, to say that it is alive. It is called again after a crash.
    """
    _sweeps.append(function)


def holdings() -> list[Holding]:
    """Return all of them, models that point at others before those; the person and the user are last."""
    ordered: list[Holding] = []
    begun: set[str] = set()

    def take(holding: Holding) -> None:
        if holding.name in begun:
            return
        begun.add(holding.name)
        for other in _holdings.values():
            if other.model is not holding.model and holding.model in _aims(other.model):
                take(other)
        ordered.append(holding)

    for holding in _holdings.values():
        take(holding)
    return sorted(ordered, key=lambda holding: holding.is_core)


def sweeps() -> list[Sweep]:
    return list(_sweeps)


def label_of(name: str) -> Any:
    """Return what a receipt calls the rows that were held under `name`."""
    return _holdings[name].label if name in _holdings else name


def full_name(path: str) -> Any:
    """Return an expression for the full name of the person that `path` leads to."""
    return Trim(Concat(f"{path}__first_name", Value(" "), f"{path}__last_name", output_field=CharField()))


def _aims(model: type[Model]) -> set[Any]:
    """Models that `model` points at."""
    return {
        related.remote_field.model._meta.concrete_model
        for related in model._meta.fields
        if related.is_relation
    }
