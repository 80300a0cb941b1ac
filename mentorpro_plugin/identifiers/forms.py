"""Choosing a person's identifiers, in any form on a person."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from .models import GivenIdentifier, Identifier, IdentifierValue


class IdentifierFields:
    """Mixin for a form: one choice for each identifier of a tree, prefilled with what the person has."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def offer_identifiers(self, *, tree: int | None, person: int | None = None) -> None:
        """Add the choices; none for a tree that isn't known yet. `tree` and `person` are primary keys."""
        self.identifiers: dict[str, Identifier] = {}
        if tree is None:
            return
        given = dict(GivenIdentifier.objects.filter(person=person).values_list("identifier_id", "value_id"))
        for identifier in Identifier.objects.filter(organization=tree):
            name = f"identifier_{identifier.pk}"
            self.identifiers[name] = identifier
            self.fields[name] = forms.ModelChoiceField(
                IdentifierValue.objects.filter(identifier=identifier),
                label=identifier.name,
                required=False,
                initial=given.get(identifier.pk),
                empty_label=_("not given"),
            )

    @property
    def identifier_fields(self) -> list[Any]:
        """The bound fields of the choices, for templates."""
        return [self[name] for name in self.identifiers]  # type: ignore[index]

    def chosen_identifiers(self) -> dict[Identifier, IdentifierValue | None]:
        """What was chosen for each identifier that the form offered; None for "not given"."""
        return {identifier: self.cleaned_data[name] for name, identifier in self.identifiers.items()}
