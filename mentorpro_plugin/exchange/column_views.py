"""The second step of an import: what its columns mean."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from ..access.views import add_refusal
from .actions import set_mapping
from .forms import ColumnsForm, SheetForm, focus_first_error
from .mapping import Mapping, guess, remembered_by
from .meanings import column_meanings
from .models import RosterImport
from .queries import Choices, choices_for
from .reading import Glance
from .views import ImportPage
from .wordings import letters_of


class ColumnsView(ImportPage, FormView):
    """Asks what the columns mean: guessed at first, and as it was said before where the organization's last file had them.

    Another sheet, or another line with the headings, has the file read again.
    """

    own_only = True
    step = gettext_lazy("Columns")
    form_class = ColumnsForm
    template_name = "mentorpro_plugin/exchange/columns.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.sheet_form: SheetForm | None = None
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.is_open else redirect(self.import_url)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.is_open:
            return redirect(self.import_url)
        if "reread" in request.POST:
            return self._read_again()
        return super().post(request, *args, **kwargs)

    @property
    def is_open(self) -> bool:
        """Whether the columns can be said: as long as nothing was confirmed, and the file has been read."""
        states = (RosterImport.State.MAPPING, RosterImport.State.PREVIEW)
        return self.roster_import.state in states

    @cached_property
    def glance(self) -> Glance:
        return Glance.from_json(self.roster_import.glance)

    @cached_property
    def choices(self) -> Choices:
        return choices_for(self.roster_import, self.request.user)

    @cached_property
    def remembered(self) -> dict[str, str]:
        organization = self.roster_import.organization
        return remembered_by(organization) if organization else {}

    @cached_property
    def preset(self) -> Mapping:
        """What was said already, or else what the headings let guess."""
        if said := self.roster_import.mapping:
            mapping = Mapping.from_json(said)
            if len(mapping.meanings) == len(self.glance.headings):
                return mapping
        return guess(self.glance.headings, identifiers=self.choices.identifiers, remembered=self.remembered)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "glance": self.glance,
            "preset": self.preset,
            "remembered": self._remembered_positions(),
            "choices": self.choices,
        }

    def _remembered_positions(self) -> list[int]:
        """Columns that mean what was said of the organization's last file, and nobody would guess."""
        headings = self.glance.headings
        guessed = guess(headings, identifiers=self.choices.identifiers)
        return [
            position
            for position, (heading, meaning) in enumerate(zip(headings, self.preset.meanings, strict=True))
            if self.remembered.get(letters_of(heading)) == meaning != guessed.meanings[position]
        ]

    def form_valid(self, form: ColumnsForm) -> HttpResponse:
        try:
            set_mapping(self.roster_import, form.mapping, by=self.request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return redirect(self.import_url)

    def form_invalid(self, form: ColumnsForm) -> HttpResponse:
        focus_first_error(form)
        return super().form_invalid(form)

    def _read_again(self) -> HttpResponse:
        form = SheetForm(self.request.POST, glance=self.glance)
        if form.is_valid():
            try:
                set_mapping(
                    self.roster_import,
                    None,
                    sheet=form.cleaned_data.get("sheet", self.glance.sheet),
                    heading_line=form.wanted_line,
                    by=self.request.user,
                )
                return redirect(self.import_url)
            except ValidationError as refusal:
                add_refusal(form, refusal)
        focus_first_error(form)
        self.sheet_form = form
        # As it is shown at first: what was typed into the other form isn't sent along.
        kwargs = {**self.get_form_kwargs(), "data": None, "files": None}
        return self.render_to_response(self.get_context_data(form=ColumnsForm(**kwargs)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "glance": self.glance,
            "sheet_form": self.sheet_form or SheetForm(glance=self.glance),
            "columns": column_meanings(),
        }
