"""Filters of the rosters. Every choice list is a disclosure, so each is cut to what the user may see."""

from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.filters import WagtailFilterSet

from ..access.reach import reach_of
from ..conf import setting
from ..identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from ..organizations.models import Organization
from ..programs.models import Program
from .models import Person, open_assignments

#: Choices of the status filter, in the order of the buttons above a roster.
STATUSES = ("active", "never", "inactive", "deactivated")

#: A select with more options helps nobody; above it, the Organization tab leads to the filtered roster.
MOST_CHOICES = 200


class RosterFilterSet(WagtailFilterSet):
    """Organization, program, status, and one filter for each identifier of the tree."""

    status = django_filters.ChoiceFilter(
        label=_("Status"),
        method="filter_status",
        empty_label=_("All"),
        choices=lambda: [(status, status_label(status)) for status in STATUSES],
    )

    class Meta:
        model = Person
        fields: list[str] = []

    def __init__(
        self, data: Any = None, queryset: Any = None, *, request: Any = None, prefix: Any = None
    ) -> None:
        super().__init__(data, queryset, request=request, prefix=prefix)
        if len(reach_of(self.request.user).organizations) != 1:
            self._add_choice("organization", _("Organization"), Organization, "filter_organization")
        self._add_choice("program", _("Program"), Program, "filter_program")
        self._add_identifiers()

    def _add_choice(self, name: str, label: Any, model: Any, method: str) -> None:
        visible = model.objects.visible_to(self.request.user)
        chosen = (self.data or {}).get(name, "")
        choices = list(visible[: MOST_CHOICES + 1])
        if len(choices) > MOST_CHOICES:
            choices = list(visible.filter(pk=chosen)) if chosen.isdecimal() else []
        if not choices or (len(choices) == 1 and not chosen):
            return
        self._add(name, label, _in_use_first(choices), method)

    def _add_identifiers(self) -> None:
        """One filter for each identifier, where a single tree is looked at; a Super Admin chooses one first."""
        tree = reach_of(self.request.user).tree
        organization = (self.data or {}).get("organization", "")
        if tree is None and organization.isdecimal():
            chosen = Organization.objects.filter(pk=organization).first()
            tree = chosen.tree_id if chosen else None
        if tree is None:
            return
        values = IdentifierValue.objects.filter(identifier__organization=tree).select_related("identifier")
        by_identifier: dict[Identifier, list[tuple[int, str]]] = {}
        for value in values.order_by("identifier__name", "sort_order", "pk"):
            by_identifier.setdefault(value.identifier, []).append((value.pk, value.name))
        for identifier, choices in by_identifier.items():
            self._add(f"identifier_{identifier.pk}", identifier.name, choices, "filter_identifier")

    def _add(self, name: str, label: Any, choices: list[tuple[int, str]], method: str) -> None:
        added = django_filters.ChoiceFilter(
            field_name=name, label=label, choices=choices, method=method, empty_label=_("All")
        )
        added.parent = self
        added.model = Person
        self.filters[name] = added

    def filter_all_but_status(self, queryset: QuerySet) -> QuerySet:
        """Filter by everything that was chosen but the status, of valid choices."""
        for name, value in self.form.cleaned_data.items():
            if name != "status":
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def filter_organization(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(organization=value)

    def filter_program(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Exists(open_assignments(person=OuterRef("pk"), program=value)))

    def filter_identifier(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        given = GivenIdentifier._base_manager.filter(person=OuterRef("pk"), value=value)
        return queryset.filter(Exists(given))

    def filter_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(status_condition(value))


def status_label(status: str) -> str:
    """Return what a choice of the status filter is called."""
    if status == "inactive":
        days = setting("INACTIVE_AFTER_DAYS")
        return ngettext("Inactive over %(days)d day", "Inactive over %(days)d days", days) % {"days": days}
    labels = {"active": _("Active"), "never": _("Never logged in"), "deactivated": _("Deactivated")}
    return str(labels[status])


def _in_use_first(rows: list[Any]) -> list[tuple[int, str]]:
    """Choices of programs or organizations; those archived come last, and say so."""
    return [(row.pk, row.labelled_name) for row in sorted(rows, key=lambda row: row.is_archived)]


def status_condition(status: str) -> Q:
    """Return the condition for a choice of the status filter: active, never, inactive or deactivated."""
    enabled = Q(status=Person.Status.ENABLED)
    if status == "deactivated":
        return Q(status=Person.Status.DEACTIVATED)
    if status == "never":
        return enabled & Q(first_login_at=None)
    if status == "inactive":
        return enabled & Q(first_login_at__isnull=False, last_activity_at__lt=_long_ago())
    return enabled & Q(first_login_at__isnull=False)


def statuses_of(person: Person) -> list[str]:
    """Return the choices of the status filter that find `person`: the same as `status_condition`, of one row."""
    if person.is_deactivated:
        return ["deactivated"]
    if person.never_logged_in:
        return ["never"]
    last = person.last_activity_at
    return ["active", "inactive"] if last is not None and last < _long_ago() else ["active"]


def _long_ago() -> datetime:
    return timezone.now() - timedelta(days=setting("INACTIVE_AFTER_DAYS"))
