"""Rows while they are planned: with what was found for them, until they are written into the plan's file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from ..access.roles import Role
from ..organizations.models import Organization
from ..people.models import Person
from .plan import Change, Kind, Opening, Remark


class Known(NamedTuple):
    """Somebody who is there already, as far as plans go; their number in E.164."""

    pk: int
    user_id: int
    role: str
    organization_id: int | None
    tree_id: int | None
    first_name: str
    last_name: str
    phone: str
    id_number: str
    email: str
    status: str

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_deactivated(self) -> bool:
        return self.status == Person.Status.DEACTIVATED

    @property
    def has_own_id(self) -> bool:
        """Whether they have an ID that isn't just their number again."""
        return self.id_number != self.phone


@dataclass(slots=True, eq=False)
class Draft:
    """One row: whom it is about, and what is to be written for them. See `plan.PlanRow`.

    Most rows have little of all that: so what they don't have are empty tuples, which cost nothing, and `add` makes a
    list of one.
    """

    line: int
    cells: tuple[str, ...] | list[str]
    role: Role | None = None
    organization: Organization | None = None
    #: Who this is, if they are there already.
    person: Known | None = None
    is_new: bool = False
    #: Whether an earlier row is about the same person, or uses the same ID or number.
    is_repetition: bool = False
    #: Whether the importer may not import such a person at all: then nothing else is said of the row.
    is_barred: bool = False
    may_lead: bool = False
    values: dict[str, str] = field(default_factory=dict)
    identifiers: Sequence[tuple[int, int]] = ()
    openings: Sequence[Opening] = ()
    endings: Sequence[int] = ()
    primaries: Sequence[int] = ()
    changes: Sequence[Change] = ()
    refusals: Sequence[Remark] = ()
    notes: Sequence[Remark] = ()

    @property
    def kind(self) -> Kind:
        if self.refusals:
            return Kind.REFUSED
        if self.is_new:
            return Kind.NEW
        if self.values or self.identifiers or self.openings or self.endings or self.primaries:
            return Kind.CHANGED
        return Kind.UNCHANGED

    @property
    def name(self) -> str:
        """Whom the row is about, for sentences."""
        if self.person is not None:
            return str(self.person)
        return f"{self.values.get('first_name', '')} {self.values.get('last_name', '')}".strip()

    def add(self, name: str, *things: Any) -> None:
        """Add to one of the lists."""
        setattr(self, name, [*getattr(self, name), *things])

    def refuse(self, column: str, *sentences: str) -> None:
        if not self.is_barred:
            self.add("refusals", *(Remark(column, sentence) for sentence in sentences))

    def bar(self, column: str, sentence: str) -> None:
        """Refuse the row for this alone, whatever else is wrong with it."""
        self.refusals = [Remark(column, sentence)]
        self.is_barred = True

    def note(self, column: str, sentence: str) -> None:
        self.add("notes", Remark(column, sentence))

    def change(self, label: str, old: str, new: str) -> None:
        """Say what of somebody there becomes another; of new people, the cells say it."""
        if self.person is not None:
            self.add("changes", Change(label, old, new))

    @contextmanager
    def refusing(self, column: str) -> Iterator[None]:
        """Turn a ValidationError in the block into a refusal of the cell in `column`."""
        try:
            yield
        except ValidationError as refusal:
            self.refuse(column, *refusal.messages)

    def as_json(self) -> dict[str, Any]:
        """Return what `PlanRow.as_json` does, for the file. Called for every row: hence in so many words."""
        found: dict[str, Any] = {"line": self.line, "cells": self.cells}
        if name := self.name:
            found["name"] = name
        if self.role is not None:
            found["role_value"] = self.role.value
        if self.organization is not None:
            found["organization"] = self.organization.name
            found["organization_pk"] = self.organization.pk
        if self.person is not None:
            found["person"] = self.person.pk
            if self.changes and not self.refusals:
                found["changes"] = self.changes
        for name in _LISTS:
            if value := getattr(self, name):
                found[name] = value
        return found

    def spilled(self) -> dict[str, Any]:
        """Return what `respilled` needs to go on with this row later."""
        return {
            **self.as_json(),
            "changes": self.changes,
            "is_new": self.is_new,
            "is_repetition": self.is_repetition,
            "is_barred": self.is_barred,
        }


_LISTS = ("may_lead", "values", "identifiers", "openings", "endings", "primaries", "refusals", "notes")
