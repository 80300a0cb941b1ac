"""The roster as a resource: carries out a plan row by row, through the actions that the screens use."""

from collections.abc import Mapping
from typing import Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from import_export import resources
from import_export.results import Result, RowResult

from ..activity.history import record
from ..activity.models import HistoryEntry
from ..assignments.actions import assign, set_primary
from ..identifiers.actions import give_identifiers
from ..organizations.models import Organization
from ..people.actions import add_person, change_person
from ..people.models import Person
from .headings import Column
from .plan import Kind, Opening, Plan, PlannedRow

#: The only column of the dataset: where in the file's order a row stands. It names no record.
POSITION = "position"


class RosterResource(resources.ModelResource):
    """Writes planned rows, leads before those led. What an action refuses is a refusal of the row.

    The rows were found, read and compared by the plan, in batches; what is left for the library is the order of
    events: instance, import, skip, validate, save, and whether all of it is kept.
    """

    class Meta:
        model = Person
        # Named, so that no column of the model, least of all its primary key, is ever taken from a file.
        fields = ("first_name", "last_name", "phone", "id_number", "email")
        import_id_fields = ()
        clean_model_instances = False
        report_skipped = True
        skip_diff = True
        skip_unchanged = True
        use_transactions = True

    def __init__(self, *, plan: Plan, by: Any) -> None:
        super().__init__()
        self.plan = plan
        self.by = by

    def import_plan(self, *, dry_run: bool, only_valid: bool) -> Result:
        """Carry the plan out; with `dry_run`, take everything back. All or nothing, unless `only_valid`."""
        rows = self.plan.in_order_of_writing()
        position = {id(row): index for index, row in enumerate(self.plan.rows)}
        dataset = tablib.Dataset(*((position[id(row)],) for row in rows), headers=[POSITION])
        result = self.import_data(
            dataset,
            dry_run=dry_run,
            use_transactions=True,
            rollback_on_validation_errors=not only_valid,
        )
        self._raise_mistakes(result)
        return result

    @staticmethod
    def _raise_mistakes(result: Result) -> None:
        """Raise what the library kept of errors that are ours: everything was taken back, and nobody should wonder."""
        for error in (*result.base_errors, *(error for row in result.error_rows for error in row.errors)):
            raise error.error

    def _planned(self, row: Mapping[str, Any]) -> PlannedRow:
        return self.plan.rows[row[POSITION]]

    def get_instance(self, instance_loader: Any, row: Mapping[str, Any]) -> Person | None:
        planned = self._planned(row)
        if planned.is_new or planned.person is None:
            return None
        if not planned.values:
            return planned.person
        # As it is now: only what the row changes is written over it.
        return Person._base_manager.select_related("organization", "user").get(pk=planned.person.pk)

    def init_instance(self, row: Mapping[str, Any] | None = None) -> Person:
        planned = self._planned(row or {})
        return Person(role=planned.role or "", organization=planned.organization)

    def import_instance(self, instance: Person, row: Mapping[str, Any], **kwargs: Any) -> None:
        planned = self._planned(row)
        if planned.refusals:
            raise ValidationError([remark.sentence for remark in planned.refusals])
        for name, value in planned.values.items():
            setattr(instance, name, value)

    def skip_row(
        self, instance: Person, original: Any, row: Mapping[str, Any], import_validation_errors: Any = None
    ) -> bool:
        return self._planned(row).kind == Kind.UNCHANGED

    def save_instance(self, instance: Person, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        planned = self._planned(row)
        try:
            # A row is written whole or not at all.
            with transaction.atomic():
                super().save_instance(instance, is_create, row, **kwargs)
        except PermissionDenied:
            self._refuse(planned, ValidationError(_("You may not do this any more.")))
        except ValidationError as refusal:
            self._refuse(planned, refusal)

    def do_instance_save(self, instance: Person, is_create: bool) -> None:
        (add_person if is_create else change_person)(instance, by=self.by)

    def after_save_instance(self, instance: Person, row: Mapping[str, Any], **kwargs: Any) -> None:
        planned = self._planned(row)
        planned.person = instance
        if planned.identifiers:
            give_identifiers(instance, planned.identifiers, by=self.by)
        for opening in planned.openings:
            assign(
                person=instance,
                program=opening.program,
                lead=_lead(opening),
                is_primary=opening.is_primary,
                by=self.by,
            )
        for assignment in planned.primaries:
            set_primary(assignment, is_primary=True, by=self.by)

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        """Write one history entry on the import itself, unless it changed nothing."""
        if result.totals[RowResult.IMPORT_TYPE_NEW] + result.totals[RowResult.IMPORT_TYPE_UPDATE]:
            organization = common_organization(self.plan)
            record(
                organization,
                HistoryEntry.Action.IMPORTED,
                by=self.by,
                organization=organization.pk,
                changes={str(kind): self.plan.count(kind) for kind in Kind},
            )

    def _refuse(self, planned: PlannedRow, refusal: ValidationError) -> None:
        """Keep what an action refused with the row, beside its column; and refuse it to the library."""
        if planned.is_new:
            planned.person = None
        by_field = (
            refusal.message_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.messages}
        )
        for field, sentences in by_field.items():
            is_column = field in Column.values
            planned.refuse(self.plan.headings.name(Column(field)) if is_column else "", *sentences)
        raise ValidationError(refusal.messages) from refusal


def _lead(opening: Opening) -> Person | None:
    lead = opening.lead
    if not isinstance(lead, PlannedRow):
        return lead
    if lead.person is None:
        raise ValidationError(_("The lead on line %(line)d could not be stored.") % {"line": lead.line})
    return lead.person


def common_organization(plan: Plan) -> Organization:
    """Return the organization of all rows that are written; the parent of the first, where there are several."""
    rows = [row for row in plan.rows if row.kind in (Kind.NEW, Kind.CHANGED)]
    organizations = {row.organization: None for row in rows if row.organization is not None}
    first = next(iter(organizations))
    return first if len(organizations) == 1 else first.parent or first
