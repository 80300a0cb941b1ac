"""The two ways to assign: a person to a program, from the profile; people to a program, from its page."""

from operator import attrgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..access.roles import Role
from ..identifiers.actions import give_identifiers
from ..identifiers.forms import IdentifierFields
from ..organizations.models import Organization
from ..people.models import Person, PersonQuerySet
from ..people.search import search_condition
from ..programs.models import Program
from .actions import assign
from .fitting import LEAD_ROLE
from .models import Assignment
from .queries import candidates_for, leads_for, programs_for

#: How many people a list of choices shows; a search finds the others.
MOST_SHOWN = 40


def is_key(text: str) -> bool:
    """Whether `text` can be a primary key: a number that databases can hold, which refuse to look for a larger one."""
    return text.isdecimal() and len(text) <= 18


class PeopleField(forms.ModelMultipleChoiceField):
    """Several people, by primary key; anything else than a key is no choice."""

    def clean(self, value: Any) -> Any:
        for text in value or ():
            if not is_key(str(text)):
                raise ValidationError(self.error_messages["invalid_choice"], params={"value": text})
        return super().clean(value)


class _PeopleChoice:
    """Mixin for a form with a searchable list of people to tick."""

    data: Any
    initial: dict[str, Any]

    def shown(self, field: str) -> list[Person]:
        """People to show in the list of `field`: those ticked first, then those who match the search."""
        queryset: PersonQuerySet = self.fields[field].queryset  # type: ignore[attr-defined]
        ticked = [key for key in self._values(field) if is_key(key)]
        chosen = list(queryset.filter(pk__in=ticked)) if ticked else []
        others = queryset.exclude(pk__in=ticked)
        if query := self._value("q").strip():
            region = self.region  # type: ignore[attr-defined]
            others = others.filter(search_condition(query, regions=[region]))
        found = list(others[: MOST_SHOWN + 1])
        self.more_than_shown = len(found) > MOST_SHOWN
        self.ticked = {str(person.pk) for person in chosen}
        return chosen + found[:MOST_SHOWN]

    def _value(self, name: str) -> str:
        return self.data.get(name, "") if self.data else ""

    def _values(self, name: str) -> list[str]:
        return self.data.getlist(name) if self.data else []


class AssignForm(_PeopleChoice, IdentifierFields, forms.Form):
    """Organization, program, then whoever leads there; and identifiers, if wanted."""

    organization = forms.ModelChoiceField(None, label=gettext_lazy("Organization"), empty_label=None)
    program = forms.ModelChoiceField(
        None, label=gettext_lazy("Program"), empty_label=gettext_lazy("Choose a program")
    )

    def __init__(self, *args: Any, person: Person, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.user = person, user
        self.region = person.organization.region
        self.lead_role = LEAD_ROLE.get(Role(person.role))
        self.fields["organization"].queryset = Organization.objects.visible_to(user).filter(
            pk=person.organization_id
        )
        self.fields["organization"].label_from_instance = attrgetter("labelled_name")
        self.fields["organization"].initial = person.organization_id
        self.fields["program"].queryset = programs_for(
            Role(person.role), user, organization=person.organization_id
        )
        self.program = self._chosen_program()
        if self.lead_role and self.program:
            self._offer_leads()
        if user.has_perm("mentorpro_plugin.give_identifiers", person):
            self.offer_identifiers(tree=person.tree_id, person=person.pk)
        else:
            self.offer_identifiers(tree=None)

    def _chosen_program(self) -> Program | None:
        """The program chosen so far; the only one there is counts as chosen."""
        programs = self.fields["program"].queryset
        chosen = self._value("program") or str(self.initial.get("program", ""))
        if chosen:
            return programs.filter(pk=chosen).first() if is_key(chosen) else None
        first_two = list(programs[:2])
        if len(first_two) == 1:
            self.initial["program"] = first_two[0].pk
            return first_two[0]
        return None

    def _offer_leads(self) -> None:
        taken = Assignment.objects.open().filter(person=self.person, program=self.program, lead__isnull=False)
        leads = leads_for(Role(self.person.role), self.user, self.program).exclude(
            pk__in=taken.values("lead")
        )
        self.fields["leads"] = PeopleField(leads, label=self.lead_label, required=not self.lead_is_optional)
        self.fields["leads"].error_messages["required"] = _("Choose at least one %(role)s.") % {
            "role": self.lead_role.label
        }

    @property
    def lead_label(self) -> str:
        return _("Mentors") if self.lead_role == Role.MENTOR else _("Program Manager")

    @property
    def lead_is_optional(self) -> bool:
        """With Flash Mentoring, a mentee needs no mentor."""
        return self.lead_role == Role.MENTOR and self.program is not None and self.program.flash_mentoring

    @property
    def one_lead(self) -> bool:
        return self.lead_role == Role.PROGRAM_MANAGER

    def clean_leads(self) -> list[Person]:
        leads = list(self.cleaned_data["leads"])
        if self.one_lead and len(leads) > 1:
            raise ValidationError(_("Choose one Program Manager."))
        return leads

    @transaction.atomic
    def save(self) -> list[Assignment]:
        """Open one assignment for each lead chosen, or one without. Raises ValidationError if one doesn't fit."""
        leads = self.cleaned_data.get("leads") or [None]
        opened = [
            assign(person=self.person, program=self.cleaned_data["program"], lead=lead, by=self.user)
            for lead in leads
        ]
        if self.identifiers:
            give_identifiers(self.person, self.chosen_identifiers(), by=self.user)
        return opened


class AssignInProgramForm(_PeopleChoice, forms.Form):
    """People of one role to a program; and, for mentors and mentees, whoever leads them."""

    people = PeopleField(None)

    def __init__(self, *args: Any, program: Program, role: Role, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program, self.role, self.user = program, role, user
        self.region = program.organization.region
        self.fields["people"].queryset = candidates_for(role, user, program)
        self.fields["people"].error_messages["required"] = _("Choose at least one person.")
        lead_role = LEAD_ROLE.get(role)
        if lead_role:
            optional = role == Role.MENTEE and program.flash_mentoring
            self.fields["lead"] = forms.ModelChoiceField(
                leads_for(role, user, program),
                label=lead_role.label,
                required=not optional,
                empty_label=_("No mentor (Flash Mentoring)") if optional else _("Choose one"),
            )

    @transaction.atomic
    def save(self) -> list[Assignment]:
        """Open an assignment for each person chosen. Raises ValidationError if one doesn't fit; then none is opened."""
        return [
            assign(person=person, program=self.program, lead=self.cleaned_data.get("lead"), by=self.user)
            for person in self.cleaned_data["people"]
        ]
