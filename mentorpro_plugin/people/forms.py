"""Forms on people."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_scopes.forms import SafeModelChoiceField
from wagtail.admin.forms.auth import LoginForm
from wagtail.admin.forms.models import WagtailAdminModelForm

from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS, STAFF
from ..identifiers.forms import IdentifierFields
from ..organizations.models import Organization
from ..stale_forms import StaleFormMixin
from .models import Person
from .phones import read_phone
from .probing import used_up


class StaffLoginForm(LoginForm):
    """Wagtail's log-in form, asking for an e-mail address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].max_length = 254
        self.fields["username"].widget = forms.EmailInput(
            attrs={"placeholder": _("Enter your e-mail"), "autocomplete": "username", "autofocus": True}
        )
        # Wagtail's own field has no label, so that its name stands there in English.
        self.fields["password"].label = AuthenticationForm.base_fields["password"].label

    def confirm_login_allowed(self, user: Any) -> None:
        """Answer mentors and mentees as if the password were wrong, whichever backend let them in."""
        super().confirm_login_allowed(user)
        person = getattr(user, "mentorpro_person", None)
        if person is not None and (person.role not in STAFF or person.is_deactivated):
            raise self.get_invalid_login_error()


#: Fields that may be found to be somebody else's.
UNIQUE = frozenset({"phone", "id_number", "email"})


class PersonForm(StaleFormMixin, IdentifierFields, WagtailAdminModelForm):
    """Name, phone, ID, e-mail and identifiers. The phone is read in the country of the organization."""

    phone = forms.CharField(
        label=gettext_lazy("Phone number"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=gettext_lazy("In any usual notation, such as (201) 555-0123 or +1 201 555 0123."),
    )

    class Meta:
        model = Person
        fields = ["organization", "first_name", "last_name", "phone", "id_number", "email"]
        field_classes = {"organization": SafeModelChoiceField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["organization"]
            if self.instance.phone:
                self.initial["phone"] = self.instance.phone.as_international
            self.carry_opened()
        else:
            self._offer_organizations()
        for name in ("first_name", "last_name", "id_number", "email"):
            self.fields[name].widget.attrs.setdefault("autocomplete", "off")
        self.fields["first_name"].label = _("First name")
        if self.instance.role in PARTICIPANTS:
            self.fields["phone"].required = True
        else:
            self.fields["email"].required = True
        # A Super Admin, who stands above the trees, gives identifiers once the person has an organization.
        tree = self.instance.tree_id or reach_of(self.for_user).tree
        self.offer_identifiers(tree=tree, person=self.instance.pk)

    def _offer_organizations(self) -> None:
        field = self.fields["organization"]
        field.queryset = Organization.objects.permitted(
            self.for_user, self.instance.permission("add").split(".")[1]
        ).filter(archived_at=None)
        field.required = True
        choices = list(field.queryset[:2])
        if len(choices) == 1:
            # Nothing to choose: the account's own organization. (What the instance says would win over `field.initial`.)
            self.initial["organization"] = choices[0].pk
            field.widget = forms.HiddenInput()

    def full_clean(self) -> None:
        super().full_clean()
        if (
            self.is_bound
            and not UNIQUE.isdisjoint(self.changed_data)
            and (sentence := used_up(self.for_user))
        ):
            self.say_nothing_but(sentence)

    def say_nothing_but(self, sentence: str) -> None:
        """Refuse the form with `sentence`, and take back whatever else was said of it."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.add_error(None, sentence)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        organization = cleaned.get("organization") or self.instance.organization
        text = cleaned.get("phone")
        cleaned["phone"] = None
        if text and organization:
            try:
                cleaned["phone"] = read_phone(text, region=organization.region)
            except ValidationError as refusal:
                self.add_error("phone", refusal)
        if not cleaned.get("id_number"):
            # What `Person.complete` would do later; the constraints are checked before that.
            phone = cleaned.get("phone")
            cleaned["id_number"] = phone.as_e164 if phone else cleaned.get("email", "")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        exclude = super()._get_validation_exclusions()
        if "phone" in self.errors:
            # An empty ID follows from the number, once there is one.
            exclude.add("id_number")
        return exclude

    def _update_errors(self, errors: ValidationError) -> None:
        # The person is checked without what was refused above, and would complain that it is missing.
        if "phone" in self.errors and hasattr(errors, "error_dict"):
            errors.error_dict.pop("phone", None)
        super()._update_errors(errors)
