"""Importing a roster, from the table to what is stored."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..access.reach import reach_of, scope_of
from ..activity.history import history_through
from ..activity.models import HistoryEntry
from ..organizations.models import Organization
from .plan import Kind, Plan, sentence
from .planning import plan_import
from .reading import FileRefused, Table
from .spreadsheets import RosterResource


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did; or would do, where `is_stored` is false."""

    plan: Plan
    is_stored: bool

    def count(self, kind: Kind) -> int:
        return self.plan.count(kind)

    @property
    def refusals(self) -> list[str]:
        return [sentence(row.line, refusal) for row in self.plan.rows for refusal in row.refusals]

    @property
    def notes(self) -> list[str]:
        of_rows = [
            sentence(row.line, note) for row in self.plan.rows if not row.refusals for note in row.notes
        ]
        return [*self.plan.notes, *of_rows]


def import_roster(
    table: Table,
    *,
    by: Any,
    organization: Organization | None = None,
    dry_run: bool = False,
    only_valid: bool = False,
) -> Import:
    """Store the people of `table`, with their assignments and identifiers, as the user `by` may.

    `organization` stands for those that rows don't name, and confines the import to itself and its children. One
    refused row keeps all from being stored; with `only_valid`, only itself. With `dry_run` nothing is stored.
    Raises FileRefused if the table as a whole can't be used.
    """
    reach = reach_of(by)
    with scope_of(reach), history_through(HistoryEntry.Via.IMPORT):
        if not by.has_perm("mentorpro_plugin.import_roster", organization):
            raise FileRefused(_("You may not import rosters."))
        plan = plan_import(table, by=by, organization=organization)
        if plan.refused and not only_valid:
            # Nothing would be kept, and a row in the database knows no more refusals than the plan.
            return Import(plan, is_stored=False)
        RosterResource(plan=plan, by=by).import_plan(dry_run=dry_run, only_valid=only_valid)
    return Import(plan, is_stored=not dry_run and (only_valid or not plan.refused))


def importable_organizations(by: Any, name: str) -> list[Organization]:
    """Return the organizations of that name into which `by` may import."""
    with scope_of(reach_of(by)):
        return list(Organization.objects.permitted(by, "import_roster").filter(name__iexact=name.strip()))
