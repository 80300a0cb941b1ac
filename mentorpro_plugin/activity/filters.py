"""Filters of the history report. Every choice list is a disclosure, so each is cut to what the user may see."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.apps import apps
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from .models import HistoryEntry, actions_of

#: A select with more options helps nobody; above it, the pages of organizations and programs lead to the report.
MOST_CHOICES = 200
#: `(user, text)`: the people that `user` may see and that the text finds.
FindPeople = Callable[[Any, str], QuerySet]


# The browser's own: Wagtail's needs a script inside the page.
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class HistoryFilterSet(WagtailFilterSet):
    """Who, about whom, what, where, by what way, and when."""

    about = django_filters.CharFilter(label=_("About whom"), method="filter_about", max_length=200)
    by = django_filters.CharFilter(label=_("Who did it"), method="filter_by", max_length=200)
    kind = django_filters.ChoiceFilter(
        label=_("What"), method="filter_kind", choices=HistoryEntry.Kind.choices, empty_label=_("All")
    )
    via = django_filters.ChoiceFilter(
        label=_("Through"), choices=HistoryEntry.Via.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(label=_("From"), method="filter_since", widget=_DAY)
    until = django_filters.DateFilter(label=_("To"), method="filter_until", widget=_DAY)

    class Meta:
        model = HistoryEntry
        # All declared above, or added below: what is named here is looked up before any scope is open.
        fields: list[str] = []

    def __init__(
        self,
        data: Any = None,
        queryset: Any = None,
        *,
        request: Any = None,
        prefix: Any = None,
        find_people: FindPeople,
    ) -> None:
        super().__init__(data, queryset, request=request, prefix=prefix)
        self._find_people = find_people
        self._add_choice("organization", _("Organization"), "Organization")
        self._add_choice("program", _("Program"), "Program")
        self._add_person()
        self._add_batch()

    def _add_choice(self, name: str, label: Any, model_name: str) -> None:
        visible = apps.get_model("mentorpro_plugin", model_name).objects.visible_to(self.request.user)
        chosen = self._asked(name)
        choices = list(visible[: MOST_CHOICES + 1])
        if len(choices) > MOST_CHOICES:
            choices = list(visible.filter(pk=chosen)) if _is_key(chosen) else []
        if chosen or len(choices) > 1:
            self._add(name, label, [(row.pk, row.labelled_name) for row in choices])

    def _add_person(self) -> None:
        """One person, when a profile leads here. There is no list of all to choose from: that is what search is for."""
        if not (chosen := self._asked("person")):
            return
        model = apps.get_model("mentorpro_plugin", "Person")
        choices = []
        if _is_key(chosen):
            found = model.objects.visible_to(self.request.user).filter(pk=chosen)
            choices = [(person.pk, person.labelled_name) for person in found]
            if not choices and not model._base_manager.filter(pk=chosen).exists():
                left = HistoryEntry.objects.visible_to(self.request.user).filter(person=chosen)
                choices = [(int(chosen), _("somebody deleted"))] if left.exists() else []
        self._add("person", _("Person"), choices)

    def _add_batch(self) -> None:
        """One import, when an entry of it leads here."""
        if not (chosen := self._asked("batch")):
            return
        choices = []
        if _is_batch(chosen):
            within = HistoryEntry.objects.visible_to(self.request.user).filter(batch=chosen)
            choices = [(chosen, _("this one"))] if within.exists() else []
        self._add("batch", _("Import"), choices)

    def _asked(self, name: str) -> str:
        return (self.data or {}).get(name, "")

    def _add(self, name: str, label: Any, choices: list[tuple[Any, Any]]) -> None:
        added = django_filters.ChoiceFilter(
            field_name=name, label=label, choices=choices, empty_label=_("All")
        )
        added.parent = self
        added.model = HistoryEntry
        self.filters[name] = added

    def filter_about(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(person__in=self._find_people(self.request.user, value).values("pk"))

    def filter_by(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(actor__in=self._find_people(self.request.user, value).values("user"))

    def filter_kind(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(action__in=actions_of(value))

    def filter_since(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(at__gte=_midnight(value))

    def filter_until(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(at__lt=_midnight(value + timedelta(days=1))) if value < date.max else queryset


def _midnight(day: date) -> datetime:
    """When `day` begins, where the reader is."""
    return (
        timezone.make_aware(datetime.combine(day, time.min))
        if day > date.min
        else datetime.min.replace(tzinfo=timezone.get_current_timezone())
    )


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _is_batch(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
