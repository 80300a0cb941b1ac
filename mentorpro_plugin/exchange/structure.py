"""Organizations, programs and identifiers from one table, each kind as a resource of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import tablib
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from import_export import resources, widgets
from import_export.results import Result, RowResult

from ..access.reach import forget_reach, reach_of, scope_of
from ..activity.history import history_through, record
from ..activity.models import HistoryEntry
from ..identifiers.actions import save_identifier
from ..identifiers.models import Identifier, IdentifierValue
from ..organizations.actions import save_organization
from ..organizations.models import Organization
from ..programs.actions import save_program
from ..programs.models import Program
from .plan import Kind, Remark, sentence
from .reading import FileRefused, SourceRow, Table, source_of
from .text import folded, shortened

COLUMNS = ("kind", "name", "parent", "flash", "identifier_values", "region")
_NEEDED = ("kind", "name", "parent")
_YES_OR_NO = {"yes": True, "no": False}


class OrganizationLookup(widgets.Widget):
    """The organization that a cell names, among those that the user may see."""

    def __init__(self, by: Any) -> None:
        super().__init__()
        self._by = by

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Organization | None:
        if not value:
            return None
        found = _named(Organization.objects.visible_to(self._by), value)
        if not found:
            raise ValidationError(
                {
                    "parent": _("There is no organization “%(name)s” that you may use.")
                    % {"name": shortened(value)}
                }
            )
        if len(found) > 1:
            raise ValidationError(
                {"parent": _("There are several organizations “%(name)s”.") % {"name": shortened(value)}}
            )
        return found[0]


class StructureResource(resources.ModelResource):
    """Rows of one kind: found by name within their parent, saved through the action of their domain."""

    kind: ClassVar[str]
    #: Columns, beyond name and parent, that mean something for this kind.
    own_columns: ClassVar[tuple[str, ...]] = ()
    #: The column that a field of the model comes from, where they are named differently.
    columns_of_fields: ClassVar[Mapping[str, str]] = {}

    class Meta:
        fields = ("name",)
        import_id_fields = ("name",)
        clean_model_instances = False
        report_skipped = True
        skip_diff = True
        skip_unchanged = True
        use_transactions = True

    def __init__(self, *, by: Any) -> None:
        super().__init__()
        self.by = by
        self.organizations = OrganizationLookup(by)

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        if not row["name"]:
            raise ValidationError({"name": _("The name is missing.")})
        for column in ("flash", "identifier_values", "region"):
            if row[column] and column not in self.own_columns:
                raise ValidationError({column: _("This means nothing here: leave the cell empty.")})
        self.parent = self.organizations.clean(row["parent"], row)
        if self.parent is None and self.kind != "organization":
            raise ValidationError({"parent": _("Name the organization that this belongs to.")})

    def get_instance(self, instance_loader: Any, row: Mapping[str, Any]) -> models.Model | None:
        found = _named(self.siblings(), row["name"])
        return found[0] if found else None

    def siblings(self) -> models.QuerySet:
        """Rows of this kind under the parent, among which names are unique."""
        return self._meta.model.objects.filter(organization=self.parent)

    def init_instance(self, row: Mapping[str, Any] | None = None) -> models.Model:
        return self._meta.model(name=(row or {})["name"], organization=self.parent)

    def import_instance(self, instance: Any, row: Mapping[str, Any], **kwargs: Any) -> None:
        self.differs = instance.pk is None
        self.take(instance, row)

    def take(self, instance: Any, row: Mapping[str, Any]) -> None:
        """Put what `row` says on `instance`, and set `differs` if that is news."""

    def set(self, instance: Any, name: str, value: Any) -> None:
        if getattr(instance, name) != value:
            setattr(instance, name, value)
            self.differs = True

    def skip_row(
        self, instance: Any, original: Any, row: Mapping[str, Any], import_validation_errors: Any = None
    ) -> bool:
        return not self.differs and not import_validation_errors

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        try:
            with transaction.atomic():
                self.save(instance)
        except PermissionDenied as denied:
            raise ValidationError(_("You may not add or change this.")) from denied

    def save(self, instance: Any) -> None:
        raise NotImplementedError

    def refusals(self, result: Result, rows: list[SourceRow]) -> Iterable[tuple[int, Remark]]:
        """Yield line and sentence of whatever was refused."""
        for invalid in result.invalid_rows:
            line = rows[invalid.number - 1].line
            for name, sentences in invalid.error_dict.items():
                column = self.columns_of_fields.get(name, name)
                for text in sentences:
                    yield line, Remark(column if column in COLUMNS else "", text)


class OrganizationResource(StructureResource):
    kind = "organization"
    own_columns = ("region",)

    class Meta(StructureResource.Meta):
        model = Organization

    def siblings(self) -> models.QuerySet:
        return Organization.objects.filter(parent=self.parent)

    def init_instance(self, row: Mapping[str, Any] | None = None) -> Organization:
        organization = Organization(name=(row or {})["name"], parent=self.parent)
        if self.parent is not None:
            organization.region = self.parent.region
        return organization

    def take(self, instance: Organization, row: Mapping[str, Any]) -> None:
        if row["region"]:
            self.set(instance, "region", row["region"].upper())

    def save(self, instance: Organization) -> None:
        save_organization(instance, by=self.by)


class ProgramResource(StructureResource):
    kind = "program"
    own_columns = ("flash",)
    columns_of_fields: ClassVar = {"organization": "parent", "flash_mentoring": "flash"}

    class Meta(StructureResource.Meta):
        model = Program

    def take(self, instance: Program, row: Mapping[str, Any]) -> None:
        if not row["flash"]:
            return
        if (is_flash := _YES_OR_NO.get(folded(row["flash"]))) is None:
            raise ValidationError(
                {"flash": _("“%(text)s” is neither “yes” nor “no”.") % {"text": shortened(row["flash"])}}
            )
        self.set(instance, "flash_mentoring", is_flash)

    def save(self, instance: Program) -> None:
        save_program(instance, by=self.by)


class IdentifierResource(StructureResource):
    kind = "identifier"
    own_columns = ("identifier_values",)
    columns_of_fields: ClassVar = {"organization": "parent", "values": "identifier_values"}

    class Meta(StructureResource.Meta):
        model = Identifier

    def take(self, instance: Identifier, row: Mapping[str, Any]) -> None:
        there = {folded(value.name) for value in instance.values.all()}
        for position, text in enumerate(row["identifier_values"].split("|"), len(there)):
            name = text.strip()
            if name and folded(name) not in there:
                there.add(folded(name))
                self.differs = True
                value = IdentifierValue(name=name, sort_order=position)
                try:
                    value.clean_fields(exclude=["identifier"])
                except ValidationError as refusal:
                    raise ValidationError({"identifier_values": refusal.messages}) from refusal
                instance.values.add(value)
        if not there:
            raise ValidationError({"identifier_values": _("Name at least one value.")})

    def save(self, instance: Identifier) -> None:
        save_identifier(instance, by=self.by)


#: A row of the file, and its cells by column.
Entry = tuple[SourceRow, dict[str, str]]

#: In the order of writing: each kind stands on those before it.
RESOURCES = (OrganizationResource, ProgramResource, IdentifierResource)


@dataclass(slots=True)
class Loaded:
    """What loading a structure did; nothing, where something was refused."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        return any((*self.new.values(), *self.changed.values()))


@transaction.atomic
def load_structure(table: Table, *, by: Any) -> Loaded:
    """Add what `table` names and isn't there yet, and change what differs, as the user `by` may. All or nothing.

    Raises FileRefused if the table isn't of this kind.
    """
    loaded = Loaded()
    remarks: list[tuple[int, Remark]] = []
    rows = _rows_by_kind(table, remarks)
    with history_through(HistoryEntry.Via.COMMAND):
        for resource_class in RESOURCES:
            kind = resource_class.kind
            # Parents before their children; then each sees what was added before.
            for of_kind in _levels(rows[kind]) if kind == "organization" else [rows[kind]]:
                forget_reach(by)
                with scope_of(reach_of(by)):
                    remarks += _load(resource_class(by=by), of_kind, loaded)
        if loaded.has_changes:
            _record(loaded, table, by)
    loaded.refusals = [sentence(line, remark) for line, remark in sorted(remarks, key=lambda entry: entry[0])]
    if loaded.refusals:
        transaction.set_rollback(True)
    return loaded


def _record(loaded: Loaded, table: Table, by: Any) -> None:
    """Write one entry on the loading itself, under the organization of whoever did it; none for the installation."""
    counts = {
        str(kind): sum(of_kind.values())
        for kind, of_kind in (
            (Kind.NEW, loaded.new),
            (Kind.CHANGED, loaded.changed),
            (Kind.UNCHANGED, loaded.unchanged),
        )
    }
    organization = reach_of(by).organization if by.pk is not None else None
    record(
        by if by.pk is not None else Organization(pk=0),
        HistoryEntry.Action.IMPORTED,
        by=by,
        organization=organization,
        changes={**counts, **source_of(table, "load_structure")},
    )


def _rows_by_kind(table: Table, remarks: list[tuple[int, Remark]]) -> dict[str, list[Entry]]:
    positions = {folded(heading): position for position, heading in enumerate(table.headings)}
    if missing := [column for column in _NEEDED if column not in positions]:
        raise FileRefused(_("The column “%(column)s” is missing.") % {"column": missing[0]})
    if unknown := [heading for heading in table.headings if folded(heading) not in COLUMNS]:
        raise FileRefused(_("The column “%(column)s” means nothing here.") % {"column": unknown[0]})
    if len(positions) < len(table.headings):
        named = [folded(heading) for heading in table.headings]
        twice = next(heading for heading in table.headings if named.count(folded(heading)) > 1)
        raise FileRefused(_("Two columns are called “%(heading)s”.") % {"heading": twice})
    rows: dict[str, list[Entry]] = {resource_class.kind: [] for resource_class in RESOURCES}
    for source in table.rows:
        row = {column: source.cells[positions[column]] if column in positions else "" for column in COLUMNS}
        if (kind := folded(row["kind"])) in rows:
            rows[kind].append((source, row))
            continue
        problem = _("“%(text)s” is neither “organization” nor “program” nor “identifier”.")
        remarks.append((source.line, Remark("kind", problem % {"text": shortened(row["kind"])})))
    return rows


def _levels(
    rows: list[Entry],
) -> Iterable[list[Entry]]:
    yield [entry for entry in rows if not entry[1]["parent"]]
    yield [entry for entry in rows if entry[1]["parent"]]


def _load(resource: StructureResource, rows: list[Entry], loaded: Loaded) -> Iterable[tuple[int, Remark]]:
    dataset = tablib.Dataset(*(tuple(row.values()) for _source, row in rows), headers=list(COLUMNS))
    # The library's own roll-back would take valid rows back too early, and with them what other rows stand on.
    result = resource.import_data(dataset, use_transactions=True, rollback_on_validation_errors=False)
    for error in (*result.base_errors, *(error for row in result.error_rows for error in row.errors)):
        raise error.error
    for counts, outcome in (
        (loaded.new, RowResult.IMPORT_TYPE_NEW),
        (loaded.changed, RowResult.IMPORT_TYPE_UPDATE),
        (loaded.unchanged, RowResult.IMPORT_TYPE_SKIP),
    ):
        counts[resource.kind] = counts.get(resource.kind, 0) + result.totals[outcome]
    return resource.refusals(result, [source for source, _row in rows])


def _named(queryset: models.QuerySet, name: str) -> list[Any]:
    """Return the rows of `queryset` with that name, whatever the case."""
    return list(queryset.filter(name__iexact=name))
