"""A roster as a file: those whom the screen shows, in its order, one row a person, as an import takes them back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone, translation

from ..access.extents import holds
from ..access.reach import Reach, reach_of, scope_of
from ..access.roles import Role
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..people.orders import in_chunks
from ..sheets import csv_pieces, xlsx_pieces
from .columns import FIELDS, RosterColumns, with_number

#: People that are read at once.
CHUNK = 2_000

CSV, XLSX = "csv", "xlsx"


class ExportStopped(Exception):
    """Whoever gets the file may see less by now than when it was begun. What has left is no whole file."""


class RosterExport:
    """The people of one roster, on their way into a file.

    Make it within the scope of `by`. The file is read long after the request's scope is closed, so each chunk opens one
    of its own, of the user as they are by then.
    """

    def __init__(
        self,
        people: QuerySet,
        *,
        role: Role,
        by: Any,
        ordering: str = "last_name",
        tree: int | None = None,
        filters: Iterable[str] = (),
    ) -> None:
        """`people` are those whom `by` sees; `tree`, whose identifiers have columns if not the own; `filters`, by what
        they were found. Raises PermissionDenied if `by` exports no rosters.
        """
        if not holds(by, "export_roster"):
            raise PermissionDenied
        self._by = by
        self._reach = reach_of(by)
        self._people = people.permitted(by, "export_roster").select_related(None).prefetch_related(None)
        self._ordering = ordering
        self._role = role
        self._filters = sorted(filters)
        self._columns = RosterColumns(role, tree=self._reach.tree or tree)
        self._headings = self._columns.headings()
        #: People in the file, once it has begun.
        self.count = 0
        self._language = translation.get_language()
        self._zone = timezone.get_current_timezone()

    def written(self, file_format: str) -> Iterator[bytes]:
        """Yield the file in pieces. Raises ExportStopped between two of them, if it comes to that."""
        if file_format == XLSX:
            yield from xlsx_pieces(self._chunks())
        else:
            yield from (piece.encode() for piece in csv_pieces(self._chunks()))

    def _chunks(self) -> Iterator[list[list[str]]]:
        # Before anything is looked for, so that something comes at once.
        yield [self._headings]
        people = in_chunks(lambda: with_number(self._people), self._ordering, FIELDS, size=CHUNK)
        with self._as_of_now() as user:
            self._note(user)
            rows = self._rows(next(people, []), user)
        while rows:
            yield rows
            with self._as_of_now() as user:
                rows = self._rows(next(people, []), user)

    def _rows(self, people: list[dict[str, Any]], viewer: Any) -> list[list[str]]:
        return list(self._columns.rows(people, viewer=viewer)) if people else []

    @contextmanager
    def _as_of_now(self) -> Iterator[Any]:
        """Open the scope of the user, read anew. Raises ExportStopped if they reach less far than before."""
        users = get_user_model()._base_manager.select_related("mentorpro_person")
        user = users.filter(pk=self._by.pk).first()
        reach = reach_of(user)
        if not _reaches_as_far(reach, self._reach):
            raise ExportStopped
        with scope_of(reach), translation.override(self._language), timezone.override(self._zone):
            yield user

    def _note(self, user: Any) -> None:
        """Write down that the roster leaves, before anybody of it does: how many, and found by what; not by which words."""
        self.count = self._people.count()
        record(
            user,
            HistoryEntry.Action.EXPORTED,
            by=user,
            organization=self._reach.organization,
            changes={"roster": self._role.value, "rows": self.count, "filters": self._filters},
        )


def _reaches_as_far(reach: Reach, before: Reach) -> bool:
    return (
        reach.role == before.role
        and reach.organizations >= before.organizations
        and reach.programs >= before.programs
    )
