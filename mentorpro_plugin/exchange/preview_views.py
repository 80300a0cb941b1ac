"""The third step of an import: what would happen, row by row, and the yes to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages

from ..people.links import profile_url
from ..people.models import Person
from .actions import confirm, open_plan
from .headings import Column
from .mapping import Mapping
from .models import RosterImport
from .plan import Kind
from .planfile import PlanFile, PlanRow
from .queries import KINDS, PlanPaginator, what_it_would_do
from .views import ImportPage, OnOneImport

#: Meanings of columns that say who a row is about, or nothing.
_WHO = {"", Column.ROLE, Column.FIRST_NAME, Column.LAST_NAME, Column.FULL_NAME, Column.REASON}


@dataclass(frozen=True)
class Cell:
    """A cell of a refused row, as it was sent, and what is wrong with it."""

    heading: str
    text: str
    reasons: list[str]


@dataclass(frozen=True)
class ShownRow:
    """A row of the plan, and its cells with their headings, but for empty ones that are nobody's concern."""

    row: PlanRow
    cells: list[Cell]
    #: Who it is about, if they are there already and the reader may see them; and their profile.
    person: Person | None
    url: str

    @property
    def reasons(self) -> list[str]:
        """What is wrong with the row, but with none of its cells in particular; with what the file has no column for."""
        headings = {cell.heading for cell in self.cells}
        return [
            f"{remark.column}: {remark.sentence}" if remark.column else remark.sentence
            for remark in self.row.refusals
            if remark.column not in headings
        ]

    @property
    def notes(self) -> list[str]:
        return [
            f"{note.column}: {note.sentence}" if note.column else note.sentence for note in self.row.notes
        ]


class PreviewView(ImportPage, TemplateView):
    """The rows by what would become of them, a page of one kind at a time; and the buttons that say yes or no."""

    rows_only = True
    step = gettext_lazy("Preview")
    template_name = "mentorpro_plugin/exchange/preview.html"
    plan: PlanFile

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.roster_import.state != RosterImport.State.PREVIEW:
            return redirect(self.import_url)
        try:
            plan = open_plan(self.roster_import)
        except (FileNotFoundError, ValueError):
            # Gone, or of another version: there is nothing to say yes to.
            return self.render_to_response(super().get_context_data(is_gone=True))
        with plan:
            self.plan = plan
            return super().get(request, *args, **kwargs)

    @cached_property
    def kind(self) -> Kind:
        """The tab that is shown: the one asked for, or else the first with rows."""
        asked = self.request.GET.get("show", "")
        if asked in set(Kind):
            return Kind(asked)
        return next((kind for kind in KINDS if self._count(kind)), Kind.NEW)

    def _count(self, kind: str) -> int:
        return self.plan.counts.get(kind, 0)

    @cached_property
    def _told(self) -> set[int]:
        """Positions of the columns that tell something beside who it is, which stands there anyhow."""
        meanings = Mapping.from_json(self.roster_import.mapping).meanings
        return {position for position, meaning in enumerate(meanings) if meaning not in _WHO}

    def _shown(self, rows: list[PlanRow]) -> Iterator[ShownRow]:
        keys = {row.person for row in rows}
        people = Person.objects.visible_to(self.request.user).in_bulk(keys - {None})
        for row in rows:
            person = people.get(row.person)
            reasons: dict[str, list[str]] = {}
            for remark in row.refusals:
                reasons.setdefault(remark.column, []).append(remark.sentence)
            cells = [
                Cell(heading, text, reasons.get(heading, []))
                for position, (heading, text) in enumerate(zip(self.plan.headings, row.cells, strict=False))
                if heading in reasons or (text and position in self._told)
            ]
            yield ShownRow(row, cells, person, profile_url(person) if person else "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paginator = PlanPaginator(self.plan, self.kind, self._count(self.kind))
        page = paginator.get_page(self.request.GET.get("p"))
        valid = self._count(Kind.NEW) + self._count(Kind.CHANGED)
        return {
            **super().get_context_data(**kwargs),
            "tabs": [
                {"kind": kind, "label": label, "count": self._count(kind), "is_current": kind == self.kind}
                for kind, label in KINDS.items()
            ],
            "kind": self.kind,
            "kind_label": KINDS[self.kind],
            "shown": list(self._shown(page.object_list)),
            "page_obj": page,
            "elided_page_range": paginator.get_elided_page_range(page.number),
            "effects": what_it_would_do(self.plan.counts),
            "notes": self.plan.notes,
            "valid": valid,
            "refused": self._count(Kind.REFUSED),
            "has_rows": any(map(self._count, Kind)),
        }


class ConfirmView(OnOneImport, View):
    """Takes the yes, by POST."""

    http_method_names = ["post"]
    own_only = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            confirm(self.roster_import, only_valid="only_valid" in request.POST, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect(self.import_url)
