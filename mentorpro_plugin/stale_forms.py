"""Two who have the same form open: whoever saves last mustn't undo what the other one changed."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: Name of the field in which a form carries what its fields showed when it was opened.
AS_OPENED = "as_opened"


class StaleFormMixin:
    """For a form on something that exists: refuses what was changed by somebody else since the form was opened.

    A refused form shows what is stored now beside each field concerned, and puts it into those that were left as they
    were; saved once more, it is taken. Without what it was opened with, nothing is compared. Whoever saves the form
    holds the lock of the row from before the form is made: else two could pass at the same moment.

    For fields of one value.
    """

    fields: dict[str, forms.Field]
    data: Any

    def carry_opened(self) -> None:
        """Add the hidden field. Called when what the form changes is known; fields may still be added after it."""
        self.fields[AS_OPENED] = forms.Field(
            required=False, widget=forms.HiddenInput, initial=lambda: json.dumps(self._stored())
        )

    def full_clean(self) -> None:
        super().full_clean()  # type: ignore[misc]
        if self.is_bound and AS_OPENED in self.fields:  # type: ignore[attr-defined]
            self._refuse_if_stale()

    def _refuse_if_stale(self) -> None:
        opened, stored, given = self._opened(), self._stored(), self._given()
        changed = [name for name, text in stored.items() if opened.get(name, text) != text]
        # A form that is sent twice meets its own changes.
        if all(given[name] == stored[name] for name in changed):
            return
        self.data = self.data.copy()
        self.data[self.add_prefix(AS_OPENED)] = json.dumps(stored)  # type: ignore[attr-defined]
        for name in changed:
            if given[name] == opened[name]:
                self.data[self.add_prefix(name)] = stored[name]  # type: ignore[attr-defined]
            self.add_error(name, self._sentence_on(name, stored[name]))  # type: ignore[attr-defined]
        labels = ", ".join(f"“{self[name].label}”" for name in changed)  # type: ignore[index]
        refusal = ngettext(
            "%(fields)s was changed while you had this form open, so nothing was saved. Look at what it says now, then "
            "save again.",
            "%(fields)s were changed while you had this form open, so nothing was saved. Look at what they say now, "
            "then save again.",
            len(changed),
        )
        self.add_error(None, refusal % {"fields": labels})  # type: ignore[attr-defined]

    def _opened(self) -> dict[str, Any]:
        """What the fields showed, by name; empty if the form doesn't say, or says nonsense."""
        try:
            opened = json.loads(self.data.get(self.add_prefix(AS_OPENED)) or "{}")  # type: ignore[attr-defined]
        except (ValueError, RecursionError):
            return {}
        return opened if isinstance(opened, dict) else {}

    def _stored(self) -> dict[str, str]:
        """What the fields would show if the form were opened now, by name."""
        return {
            name: _text(field.prepare_value(self.get_initial_for_field(field, name)))  # type: ignore[attr-defined]
            for name, field in self._compared()
        }

    def _given(self) -> dict[str, str]:
        return {name: _text(self[name].data) for name, _field in self._compared()}  # type: ignore[index]

    def _compared(self) -> list[tuple[str, forms.Field]]:
        return [
            (name, field) for name, field in self.fields.items() if name != AS_OPENED and not field.disabled
        ]

    def _sentence_on(self, name: str, text: str) -> str:
        if not text:
            return _("This was emptied meanwhile.")
        choices = getattr(self.fields[name], "choices", ())
        shown = next((str(label) for value, label in choices if str(value) == text), text)
        return _("This was changed meanwhile to “%(value)s”.") % {"value": shown}


def _text(value: Any) -> str:
    """Return a value of a field as one text, however it came: from a row, or from a browser with its line ends."""
    return "" if value is None else str(value).replace("\r\n", "\n")
