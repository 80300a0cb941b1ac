"""The listings of the rosters: who stands in them, in which columns and orders."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..access.extents import holds
from ..access.pagination import BoundedPaginator
from ..access.reach import reach_of
from ..access.roles import Role
from ..access.table import Span, span_of
from ..access.views import ScopedIndexView
from ..organizations.models import Organization
from ..tables import (
    ActionColumn,
    ActivityColumn,
    LabelledColumn,
    LinesColumn,
    NameColumn,
    SelectColumn,
    StatusColumn,
)
from .bulk import bulk_buttons
from .counts import (
    bounded_label,
    by_status,
    count_by_status,
    count_few_by_status,
    count_rows_by_status,
    count_together,
)
from .filters import STATUSES, RosterFilterSet, status_label
from .models import Person
from .orders import ORDERINGS
from .profile import roster_links, row_buttons
from .search import search_condition
from .selection import parameters_of
from .status import status_url


class RosterIndexView(ScopedIndexView):
    """A roster: search, filters, three orders, and the way to those without an assignment."""

    role: Role | None = None
    filterset_class = RosterFilterSet
    default_ordering = "last_name"
    results_template_name = "mentorpro_plugin/people/roster_results.html"
    is_searchable = True
    roster_url_name: str | None = None
    unassigned_url_name: str | None = None
    bulk_url_name: str | None = None
    #: What the address of a selection carries, beside search and filters, to tell this list from others of the roster.
    selection_parameters: tuple[tuple[str, str], ...] = ()
    #: Takes this list and "csv" or "xlsx", and answers with the file: exports stand above people in the order of imports.
    as_file: Callable[[Any, str], HttpResponse] | None = None

    @cached_property
    def columns(self) -> list[Any]:
        select = [SelectColumn("select")] if self.bulk_buttons else []
        return [
            *select,
            NameColumn(
                "first_name", label=_("First Name"), sort_key="first_name", get_url=self.get_profile_url
            ),
            NameColumn("last_name", label=_("Last Name"), sort_key="last_name", get_url=self.get_profile_url),
            LabelledColumn("id_number", label=_("ID"), classname="mentorpro-code"),
            LabelledColumn("phone", label=_("Phone"), accessor=formatted_phone, classname="mentorpro-nowrap"),
            LinesColumn("organization", label=self._place_label, accessor=self._organization_and_programs),
            LinesColumn("identifiers", label=_("Identifiers"), accessor=_identifiers),
            ActivityColumn("last_activity_at", label=_("Last Activity Date"), sort_key="last_activity_at"),
            StatusColumn("status", label=_("Status"), get_url=partial(status_url, self.request.user)),
            ActionColumn("action", label=_("Action"), get_row_buttons=self.get_row_buttons),
        ]

    def _organization_and_programs(self, person: Person) -> list[str]:
        may_see = partial(self.request.user.has_perm, "mentorpro_plugin.view_program")
        programs = [row.program.name for row in person.fetched_assignments if may_see(row.program)]
        organization = [] if self._one_organization else [person.organization.labelled_name]
        return [*organization, *dict.fromkeys(programs)]

    @property
    def _one_organization(self) -> bool:
        """Whether all rows are of one organization, so that naming it would only fill the screen."""
        return len(reach_of(self.request.user).organizations) == 1

    @property
    def _place_label(self) -> str:
        return _("Programs") if self._one_organization else _("Organization / Programs")

    def get_more_row_buttons(self, person: Person) -> list[Any]:
        return row_buttons(person, self.request)

    def get_base_queryset(self) -> QuerySet:
        people = self.narrow(super().get_base_queryset()).select_related("organization")
        return people.with_open_assignments().with_identifiers()

    def narrow(self, people: QuerySet) -> QuerySet:
        """Return those of `people` whom this list is about."""
        return people

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by(*ORDERINGS[self.ordering])

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.is_searching:
            return queryset
        return queryset.filter(self._search_condition)

    @cached_property
    def _search_condition(self) -> Q:
        return search_condition(self.search_query, regions=regions_of(self.request.user))

    def export(self) -> HttpResponse:
        if self.as_file is None or not self.is_export:
            raise Http404
        if not self.show_export_buttons:
            raise PermissionDenied
        return self.as_file(self, self.request.GET["export"])

    @cached_property
    def show_export_buttons(self) -> bool:
        return self.as_file is not None and holds(self.request.user, "export_roster")

    def get_export_url(self, format: str) -> str:  # noqa: A002 - Wagtail's name
        # Of the list, also from the part of it that is fetched again when filters change; of all pages.
        return f"{self.index_url}?{urlencode([*parameters_of(self.request), ('export', format)])}"

    @cached_property
    def add_item_label(self) -> str:
        return capfirst(_("Add %(role)s") % {"role": self.model._meta.verbose_name})

    def get_add_url(self) -> str | None:
        if not self.user_has_permission("add"):
            return None
        organization = self.request.GET.get("organization", "")
        url = reverse(self.add_url_name)
        return f"{url}?organization={organization}" if organization.isdecimal() else url

    @cached_property
    def sees_unassigned(self) -> bool:
        """Whether people without an assignment are within reach at all: not for a Success Coordinator."""
        span = span_of(reach_of(self.request.user), f"view_{self.model._meta.model_name}")
        return self.unassigned_url_name is not None and span != Span.OWN_PROGRAMS

    @cached_property
    def bulk_buttons(self) -> list[dict[str, Any]]:
        """Return what may be done to many people of this roster at once."""
        return bulk_buttons(self.request.user, self.model, self.bulk_url_name)

    def get_roster_links(self) -> list[dict[str, Any]]:
        """Return the two lists of the tab: everybody, and those without an assignment with their number."""
        plural = self.model._meta.verbose_name_plural
        links = [{"label": _("All %(roles)s") % {"roles": plural}, "url": reverse(self.roster_url_name)}]
        if self.sees_unassigned:
            label = capfirst(_("Unassigned %(roles)s") % {"roles": plural})
            url = reverse(self.unassigned_url_name)
            count = bounded_label(self.counts["unassigned"])
            links.append({"label": label, "url": url, "count": count})
        for link in links:
            link["is_current"] = link["url"] == self.index_url
        return links if len(links) > 1 else []

    def get_status_links(self) -> list[dict[str, Any]]:
        """Return the buttons that filter by status, each with the number of people that it leads to."""
        kept = self.request.GET.copy()
        for name in ("status", self.page_kwarg, "_w_filter_fragment"):
            kept.pop(name, None)
        links = []
        for status, label in [("", _("All")), *((status, status_label(status)) for status in STATUSES)]:
            query = kept.copy()
            if status:
                query["status"] = status
            links.append(
                {
                    "label": label,
                    "url": f"{self.index_url}?{query.urlencode()}" if query else self.index_url,
                    "count": bounded_label(self.counts[status]),
                    "is_current": status == self.chosen_status,
                }
            )
        return links

    @cached_property
    def chosen_status(self) -> str:
        status = self.request.GET.get("status", "")
        return status if status in STATUSES and self.filters.is_valid() else ""

    @cached_property
    def people_of_all_statuses(self) -> QuerySet:
        """The people that search and filters leave, but for the filter by status."""
        people = self.model.objects.visible_to(self.request.user)
        people = self.search_queryset(self.narrow(people))
        return self.filters.filter_all_but_status(people) if self.filters.is_valid() else people

    @cached_property
    def counts(self) -> dict[str, int]:
        """Bounded numbers of the people of each status, of all as "", and of "unassigned"; at most two queries."""
        few = self._counts_of_few()
        beside = by_status(self.people_of_all_statuses) if few is None else {}
        if self.sees_unassigned and not self.results_only:
            beside["unassigned"] = self.model.objects.visible_to(self.request.user).unassigned()
        return {**(few or {}), **count_together(self.request.user, beside)}

    def _counts_of_few(self) -> dict[str, int] | None:
        """Numbers by status of people who are on the page anyhow, or can be read in one go; None of others."""
        if not self.chosen_status and self.paginator.all_rows is not None:
            return count_rows_by_status(self.paginator.all_rows)
        if self.is_searching:
            # Reads every row anyhow, so once for all numbers.
            return count_by_status(self.people_of_all_statuses)
        if reach_of(self.request.user).everything:
            # Beyond the limit, until something narrows it.
            return None
        return count_few_by_status(self.people_of_all_statuses)

    def get_paginator(self, *args: Any, **kwargs: Any) -> BoundedPaginator:
        self.paginator = super().get_paginator(*args, **kwargs)
        self.paginator.count_rows = lambda: self.counts[self.chosen_status]
        return self.paginator

    def _get_selection_context(self, paginator: BoundedPaginator) -> dict[str, Any]:
        is_on_one_page = paginator.num_pages == 1 or paginator.is_bounded
        count = "" if is_on_one_page else bounded_label(paginator.count)
        return {
            "bulk_buttons": self.bulk_buttons,
            "selection_parameters": [*parameters_of(self.request), *self.selection_parameters],
            "matching_count": count,
            # Placeholders that the page's script fills.
            "some_text": _("Selected: %(count)s"),
            "everybody_text": _("Selected: all %(count)s") % {"count": count},
        }

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        context["status_links"] = self.get_status_links()
        context |= self._get_selection_context(context["paginator"])
        if not self.results_only:
            context["roster_links"] = self.get_roster_links()
            context["other_links"] = roster_links(self.role, self.request)
        return context


class UnassignedView(RosterIndexView):
    """Those of a roster without an open assignment."""

    selection_parameters = (("list", "unassigned"),)

    def get_filename(self) -> str:
        return f"unassigned-{super().get_filename()}"

    def narrow(self, people: QuerySet) -> QuerySet:
        return people.unassigned()

    def get_page_title(self) -> str:
        return capfirst(_("Unassigned %(roles)s") % {"roles": self.model._meta.verbose_name_plural})

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(self.model._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.roster_url_name), "label": plural},
            {"url": "", "label": _("Unassigned")},
        ]

    @cached_property
    def no_results_message(self) -> str:
        if self.is_searching or self.is_filtering:
            return super().no_results_message
        return _("Everybody here is assigned to a program.")


class AccountIndexView(RosterIndexView):
    """Parent and Child accounts: they have no assignments, so nobody is unassigned."""

    @cached_property
    def columns(self) -> list[Any]:
        kept = [column for column in super().columns if column.name not in ("identifiers", "phone")]
        role = LabelledColumn("role", label=_("Role"), accessor="get_role_display")
        kept.insert([column.name for column in kept].index("id_number"), role)
        return kept


def regions_of(user: Any) -> list[str]:
    """Return the countries in which a number that `user` types may be read; the most common for a Super Admin."""
    return list(
        Organization.objects.visible_to(user).order_by().values_list("region", flat=True).distinct()[:5]
    )


def formatted_phone(person: Person) -> str:
    """Return the phone number as it is dialled from abroad; empty without one."""
    return person.phone.as_international if person.phone else ""


def _identifiers(person: Person) -> list[str]:
    return [given.value.name for given in person.given_identifiers.all()]
