"""Rows about people beyond the importer's sight: counted, written down, and no more of them told than a day allows."""

from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.utils import timezone
from django.utils.translation import gettext as _

from ..access.reach import reach_of
from ..activity.history import entry
from ..activity.models import HistoryEntry
from ..activity.refusals import APART
from ..organizations.models import Organization
from ..people.probing import may_be_told, used_up, whom_to_ask
from .models import RosterImport
from .reading import FileRefused


@dataclass(slots=True)
class Beyond:
    """Whom the rows of a file came upon, by primary key, and how many rows did."""

    people: set[int] = field(default_factory=set)
    rows: int = 0
    _line: int = 0

    def add(self, line: int, person: int) -> None:
        """Count somebody. Rows come one after the other; one may come upon several."""
        self.people.add(person)
        self.rows += line != self._line
        self._line = line


class Teller:
    """Says whether an import may be looked at, and its plan be shown; writes down what isn't the importer's."""

    def __init__(
        self, by: Any, organization: Organization | None, roster_import: RosterImport | None
    ) -> None:
        self._by = by
        self._organization = organization.pk if organization else reach_of(by).organization
        self._import = roster_import

    def check(self) -> None:
        """Raise FileRefused if the importer is told nothing more today. Before the file is looked at."""
        if sentence := used_up(self._by):
            self._refuse(sentence)

    def tell(self, beyond: Beyond) -> None:
        """Count whom the plan tells of. Raises FileRefused if these are too many: then it mustn't be shown."""
        if not beyond.rows:
            return
        if not may_be_told(self._by, beyond.people):
            self._refuse(
                _(
                    "Too many rows of this file are about people beyond your reach, so none of it is shown. Leave out"
                    " whoever isn't yours, or ask %(whom)s to import it."
                )
                % {"whom": whom_to_ask(self._by)}
            )
        self._note(kind="beyond", rows=beyond.rows)

    def _refuse(self, sentence: str) -> NoReturn:
        # Without a number: whoever imports may read this, and isn't told how many there were.
        self._note(kind="spent", screen="imports:preview")
        raise FileRefused(sentence)

    def _note(self, **changes: Any) -> None:
        """Write it down, on the organization into which it was to go; the same of one import once."""
        subject = self._import or Organization(pk=self._organization)
        noted = entry(
            subject,
            HistoryEntry.Action.ACCESS_DENIED,
            by=self._by,
            organization=self._organization,
            changes=changes,
        )
        noted.via, noted.batch = HistoryEntry.Via.IMPORT, None
        since = self._import.created_at if self._import else timezone.now() - APART
        same = HistoryEntry._base_manager.filter(
            actor=self._by.pk,
            at__gte=since,
            action=noted.action,
            subject_type=noted.subject_type,
            subject_id=noted.subject_id,
            **{f"changes__{name}": value for name, value in changes.items()},
        )
        if not same.exists():
            noted.save(force_insert=True)
