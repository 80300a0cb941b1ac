"""Forms of the steps of an import: the file, which part of it is read, and what its columns mean."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..access.archive_views import ArchivableChoiceField
from ..access.reach import reach_of
from ..organizations.models import Organization
from .headings import IDENTIFIER, Column, read_headings
from .mapping import Mapping
from .queries import Choices, importable_by
from .reading import SUFFIXES, FileRefused, Glance

#: Endings of the files that can be read, as a file field offers them.
ACCEPTED = ",".join(SUFFIXES)
#: Samples that are shown beside a heading.
_SAMPLES = 3
#: The script looks at what is chosen, to offer for all rows what no column says.
_FOR_SCRIPT = {"data-mentorpro-columns-target": "meaning", "data-action": "mentorpro-columns#update"}


class UploadForm(forms.Form):
    """The file, and the organization whose people are in it, where there is a choice."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
    organization = ArchivableChoiceField(
        label=gettext_lazy("Organization"),
        queryset=Organization.objects.none(),
        help_text=gettext_lazy(
            "Rows that name no organization belong to it. No other but its children may be named."
        ),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only_organization: Organization | None = None
        field = self.fields["organization"]
        field.queryset = importable_by(user)
        if user.has_perm("mentorpro_plugin.add_parent_organization"):
            # Whoever stands above the trees may import into several at once.
            field.required, field.empty_label = False, _("Each row names its own")
            return
        choices = list(field.queryset[:2])
        if len(choices) == 1:
            self.only_organization = choices[0]
            self.initial["organization"] = self.only_organization.pk
            field.required, field.widget = False, forms.HiddenInput()
        else:
            self.initial.setdefault("organization", reach_of(user).organization)

    def clean_organization(self) -> Organization | None:
        return self.cleaned_data["organization"] or self.only_organization

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if PurePath(file.name).suffix.lower() not in SUFFIXES:
            raise ValidationError(_("Only CSV, TSV and XLSX files can be read."))
        return file


class SheetForm(forms.Form):
    """Another sheet of a workbook, or another line with the headings."""

    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"))
    heading_line = forms.IntegerField(
        label=gettext_lazy("Line of the headings"), min_value=1, max_value=1_000, widget=forms.NumberInput
    )

    def __init__(self, *args: Any, glance: Glance, **kwargs: Any) -> None:
        initial = {"sheet": glance.sheet, "heading_line": glance.heading_line}
        super().__init__(*args, initial=initial, **kwargs)
        if len(glance.sheets) > 1:
            self.fields["sheet"].choices = [(name, name) for name in glance.sheets]
        else:
            del self.fields["sheet"]

    @property
    def wanted_line(self) -> int:
        """The line of the headings; 0, to be looked for, on another sheet for which none was said."""
        return 0 if self.changed_data == ["sheet"] else self.cleaned_data["heading_line"]


def focus_first_error(form: forms.Form) -> None:
    """Have the browser begin at the first field of `form` that has to be filled in otherwise."""
    if first := next((name for name in form.fields if name in form.errors), None):
        form.fields[first].widget.attrs["autofocus"] = True


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file, as the form shows it: its heading, some cells, and the select."""

    heading: str
    samples: Sequence[str]
    field: forms.BoundField
    is_remembered: bool


class ColumnsForm(forms.Form):
    """What each column of the file means, and what holds for all rows instead of a column."""

    def __init__(
        self,
        *args: Any,
        glance: Glance,
        preset: Mapping,
        remembered: Iterable[int],
        choices: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.glance, self.remembered = glance, frozenset(remembered)
        meanings = _meanings(choices.identifiers)
        for position, heading in enumerate(glance.headings):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=_("Meaning of “%(heading)s”") % {"heading": _heading(heading, position)},
                choices=meanings,
                initial=preset.meanings[position],
                required=False,
                widget=forms.Select(attrs=_FOR_SCRIPT),
            )
        self.constants = {column: f"all_{column.value}" for column in choices.constants}
        for column, name in self.constants.items():
            self.fields[name] = _constant_field(column, choices.constants[column])
            self.initial[name] = preset.constants.get(column, "")

    def rows(self) -> Iterator[ColumnRow]:
        """Yield the columns in the order of the file."""
        for position, heading in enumerate(self.glance.headings):
            cells = dict.fromkeys(row[position] for row in self.glance.samples if row[position])
            yield ColumnRow(
                _heading(heading, position),
                list(cells)[:_SAMPLES],
                self[f"column_{position}"],
                position in self.remembered,
            )

    def constant_fields(self) -> Iterator[tuple[Column, forms.BoundField]]:
        """Yield the fields for all rows, each with the column that it stands for."""
        return ((column, self[name]) for column, name in self.constants.items())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        headings = self.glance.headings
        meanings = tuple(cleaned.get(f"column_{position}", "") for position in range(len(headings)))
        constants = {column: cleaned[name] for column, name in self.constants.items() if cleaned.get(name)}
        self._refuse_repetitions(meanings)
        self._refuse_said_twice(meanings, constants)
        self.mapping = Mapping(meanings, constants)
        if not self.errors:
            try:
                read_headings(headings, self.mapping)
            except FileRefused as refusal:
                self.add_error(None, ValidationError(str(refusal)))
        return cleaned

    def _refuse_repetitions(self, meanings: Sequence[str]) -> None:
        for position, meaning in enumerate(meanings):
            first = meanings.index(meaning)
            if meaning and first < position:
                self.add_error(
                    f"column_{position}",
                    _("“%(heading)s” has this meaning already. Choose another one, or pass this column over.")
                    % {"heading": _heading(self.glance.headings[first], first)},
                )

    def _refuse_said_twice(self, meanings: Sequence[str], constants: dict[Column, str]) -> None:
        for column in constants:
            if column.value in meanings:
                position = meanings.index(column.value)
                self.add_error(
                    self.constants[column],
                    _(
                        "The column “%(heading)s” says this already. Leave it empty here, or pass the column over."
                    )
                    % {"heading": _heading(self.glance.headings[position], position)},
                )


def _meanings(identifiers: Iterable[str]) -> list[Any]:
    """Return the choices for a column: nothing, what a roster says of people, and the identifiers there are."""
    groups: list[Any] = [
        ("", _("Pass over")),
        (_("Roster"), [(column.value, column.label) for column in Column]),
    ]
    if named := [(f"{IDENTIFIER}{name}", name) for name in identifiers]:
        groups.append((_("Identifiers"), named))
    return groups


def _constant_field(column: Column, choices: Sequence[tuple[str, str]] | None) -> forms.Field:
    """Return a field for what holds for all rows: a select, or free text where there is too much to choose from."""
    if choices is None:
        return forms.CharField(
            label=column.label,
            required=False,
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
    return forms.ChoiceField(
        label=column.label, required=False, choices=[("", _("Not for all rows")), *choices]
    )


def _heading(text: str, position: int) -> str:
    return text or _("column %(number)d, without a heading") % {"number": position + 1}
