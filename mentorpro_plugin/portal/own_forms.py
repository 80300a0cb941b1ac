"""Forms on what people say about themselves."""

from copy import copy
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from ..access.views import add_refusal
from ..people.actions import change_person
from ..people.models import ABOUT_LENGTH, Person
from ..stale_forms import StaleFormMixin
from .terms import Terms


def language_choices() -> list[tuple[str, str]]:
    """Return the site's languages, each by the name that those who speak it give it."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


class LanguageForm(forms.Form):
    """One of the site's languages; the present one is chosen."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices()
        self.initial.setdefault("language", get_language())


class AgreeForm(forms.Form):
    """A box to tick, and the version that was read."""

    agree = forms.BooleanField(
        label=gettext_lazy("I have read this and I agree."),
        error_messages={"required": gettext_lazy("Tick the box if you agree. Without it you can't go on.")},
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, terms: Terms, **kwargs: Any) -> None:
        self.terms = terms
        super().__init__(*args, initial={"version": terms.version}, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.cleaned_data.get("version") != self.terms.version:
            # Shown again with the present version, and without the tick.
            self.data = {"version": self.terms.version}
            raise ValidationError(_("These terms have changed meanwhile. Please read them again."))
        return cleaned


class OwnDetailsForm(StaleFormMixin, forms.Form):
    """Name, e-mail, a few words about oneself, and how to be told of messages. Phone and ID aren't one's own to set."""

    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=gettext_lazy("With it you can also log in when a text message doesn't reach you."),
    )
    about = forms.CharField(
        label=gettext_lazy("About you"),
        max_length=ABOUT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "What should the people you are matched with know? They and your program see this."
        ),
    )
    notice = forms.ChoiceField(
        label=gettext_lazy("Tell me of unread messages"),
        choices=Person.Notice.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        # A copy: what is refused mustn't stand in the page's header as if it were saved.
        self.person = copy(person)
        super().__init__(*args, initial={name: getattr(person, name) for name in self.base_fields}, **kwargs)
        self.carry_opened()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        by_email = cleaned.get("notice") == Person.Notice.EMAIL
        if by_email and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Give an e-mail address if you want to be told by e-mail."))
        return cleaned

    def save(self, *, by: Any) -> bool:
        """Save what was given; False, with the reasons beside the fields, if it was refused."""
        if not self.is_valid():
            return False
        for name in self.base_fields:
            setattr(self.person, name, self.cleaned_data[name])
        try:
            change_person(self.person, by=by)
        except ValidationError as refusal:
            add_refusal(self, refusal)
            return False
        return True
