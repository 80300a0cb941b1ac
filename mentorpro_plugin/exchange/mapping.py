"""What the columns of a file mean: guessed from the headings, said by whoever imports it, remembered for the next file."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from typing import Any, Self

from ..organizations.models import Organization
from .headings import IDENTIFIER, Column, guessed_meanings
from .models import RememberedHeading
from .wordings import letters_of

_LONGEST_HEADING = RememberedHeading._meta.get_field("heading").max_length
_LONGEST_MEANING = RememberedHeading._meta.get_field("meaning").max_length


@dataclass(frozen=True, slots=True)
class Mapping:
    """The meaning of each column, and what holds for all rows."""

    #: By position: the value of a Column, "identifier:" and its name, or "" for what is passed over.
    meanings: tuple[str, ...]
    #: For columns that the file lacks: {Column.ROLE: "Mentee"} says that all are mentees.
    constants: Mapped[Column, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as RosterImport.mapping keeps it."""
        return {
            "meanings": list(self.meanings),
            "constants": {column.value: text for column, text in self.constants.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapped[str, Any]) -> Self:
        """Return what `as_json` made. Raises ValueError for a constant that no column has."""
        return cls(
            tuple(kept.get("meanings", ())),
            {Column(value): text for value, text in kept.get("constants", {}).items()},
        )


def guess(
    headings: Sequence[str], *, identifiers: Iterable[str] = (), remembered: Mapped[str, str] | None = None
) -> Mapping:
    """Return what `headings` mean, as far as that can be told.

    What was `remembered` (see `remembered_by`) comes first, then the words for columns in several languages, then the
    names of `identifiers`. Two columns may come out as the same: whoever imports the file has to choose.
    """
    remembered = remembered or {}
    by_letters = {letters_of(name): f"{IDENTIFIER}{name}" for name in identifiers}
    known = {*Column.values, "", *by_letters.values()}
    meanings = []
    for text, meaning in zip(headings, guessed_meanings(headings), strict=True):
        letters = _key(text)
        kept = remembered.get(letters)
        # An identifier may be gone by now.
        meanings.append(kept if kept in known else meaning or by_letters.get(letters_of(text), ""))
    return Mapping(tuple(meanings))


def remember(mapping: Mapping, headings: Sequence[str], *, organization: Organization) -> None:
    """Keep what `headings` meant, for the next file of `organization`. What was remembered otherwise is forgotten."""
    rows = {
        key: RememberedHeading(organization=organization, heading=key, meaning=meaning)
        for text, meaning in zip(headings, mapping.meanings, strict=True)
        if (key := _key(text)) and len(meaning) <= _LONGEST_MEANING
    }
    RememberedHeading.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["organization", "heading"],
        update_fields=["meaning"],
    )


def remembered_by(organization: Organization) -> dict[str, str]:
    """Return what headings meant in `organization`, by their letters."""
    rows = RememberedHeading.objects.filter(organization=organization)
    return dict(rows.values_list("heading", "meaning"))


def _key(heading: str) -> str:
    return letters_of(heading)[:_LONGEST_HEADING]
