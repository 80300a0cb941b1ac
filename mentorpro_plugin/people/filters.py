"""Filters of the rosters. Every choice list is a disclosure, so each is cut to what the user may see."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from ..access.reach import reach_of
from ..conf import setting
from ..identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from ..organizations.models import Organization
from ..programs.models import Program
from .models import Person, open_assignments

#: A select with more options helps nobody; above it, the Organization tab leads to the filtered roster.
MOST_CHOICES = 200


class RosterFilterSet(WagtailFilterSet):
    """Organization, program, status, and one filter for each identifier of the tree."""

    status = django_filters.ChoiceFilter(
        label=_("Status"),
        method="filter_status",
        empty_label=_("All"),
        choices=[
            ("active", _("Active")),
            ("never", _("Never logged in")),
            ("inactive", _("Inactive for long")),
            ("deactivated", _("Deactivated")),
        ],
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
        self.filters["status"].extra["choices"][2] = (
            "inactive",
            _("Inactive over %(days)d days") % {"days": setting("INACTIVE_AFTER_DAYS")},
        )
        self._add_identifiers()

    def _add_choice(self, name: str, label: Any, model: Any, method: str) -> None:
        visible = model.objects.visible_to(self.request.user)
        chosen = (self.data or {}).get(name, "")
        choices = list(visible[: MOST_CHOICES + 1])
        if len(choices) > MOST_CHOICES:
            choices = list(visible.filter(pk=chosen)) if chosen.isdecimal() else []
        if not choices or (len(choices) == 1 and not chosen):
            return
        self._add(name, label, [(row.pk, str(row)) for row in choices], method)

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

    def filter_organization(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(organization=value)

    def filter_program(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Exists(open_assignments(person=OuterRef("pk"), program=value)))

    def filter_identifier(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        given = GivenIdentifier._base_manager.filter(person=OuterRef("pk"), value=value)
        return queryset.filter(Exists(given))

    def filter_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(status_condition(value))


def status_condition(status: str) -> Q:
    """Return the condition for a choice of the status filter: active, never, inactive or deactivated."""
    enabled = Q(status=Person.Status.ENABLED)
    if status == "deactivated":
        return Q(status=Person.Status.DEACTIVATED)
    if status == "never":
        return enabled & Q(first_login_at=None)
    if status == "inactive":
        long_ago = timezone.now() - timedelta(days=setting("INACTIVE_AFTER_DAYS"))
        return enabled & Q(first_login_at__isnull=False, last_activity_at__lt=long_ago)
    return enabled & Q(first_login_at__isnull=False)
