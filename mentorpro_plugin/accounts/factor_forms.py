"""What staff fill in about their second factor: `MFA_FORMS`. Imported only where `allauth.mfa` is installed."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .tries import forget_tries, minutes_left, subject_of_second_factor, take_try

#: Longer than what any browser says, in characters; and short enough that the parser gets through.
_LONGEST_CREDENTIAL = 10_000


class CountedCode:
    """Counts each code before it is checked, in the database: so many wrong ones, and none is looked at any more."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.validators.append(MaxLengthValidator(32))
        code.widget.attrs.pop("placeholder", None)
        code.widget.attrs.update({"autofocus": True, "autocomplete": "one-time-code", "inputmode": "numeric"})

    def clean_code(self) -> str:
        subject = subject_of_second_factor(self.user.pk)  # type: ignore[attr-defined]
        if take_try(subject) is None:
            raise ValidationError(
                _("Too many wrong codes. Wait for %(time)s, then try again.")
                % {"time": minutes_left(subject)}
            )
        code = super().clean_code()  # type: ignore[misc]
        forget_tries(subject)
        return code


class StaffAuthenticateForm(CountedCode, AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = gettext_lazy("Code")


class StaffReauthenticateByCodeForm(CountedCode, ReauthenticateForm):
    pass


class StaffActivateTOTPForm(CountedCode, ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = gettext_lazy("Code that the app shows")


class CredentialField(forms.JSONField):
    """What a browser says for a passkey. Anybody may send anything: of what is too long, nothing is read."""

    def to_python(self, value: Any) -> Any:
        refusal = ValidationError(_unreadable(), code="invalid")
        if isinstance(value, str) and len(value) > _LONGEST_CREDENTIAL:
            raise refusal
        try:
            return super().to_python(value)
        except (RecursionError, ValidationError) as error:
            # Django's own words would quote what was sent.
            raise refusal from error


class CheckedCredential:
    """Takes what no browser would send for a wrong passkey: allauth's parser stumbles over it in many ways."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        parse = getattr(super(), "clean_credential", lambda: self.cleaned_data["credential"])  # type: ignore[attr-defined]
        return _or_refused(parse)

    def clean(self) -> Any:
        return _or_refused(super().clean)  # type: ignore[misc]


def _or_refused(parse: Any) -> Any:
    try:
        return parse()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValidationError(_unreadable()) from error


def _unreadable() -> str:
    return _("This passkey can't be read. Try again, or log in another way.")


class StaffLogInByPasskeyForm(CheckedCredential, LoginWebAuthnForm):
    pass


class StaffAuthenticateByPasskeyForm(CheckedCredential, AuthenticateWebAuthnForm):
    pass


class StaffReauthenticateByPasskeyForm(CheckedCredential, ReauthenticateWebAuthnForm):
    pass


class StaffAddPasskeyForm(CheckedCredential, AddWebAuthnForm):
    """Name of the passkey, and whether it lets its owner in by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self.fields["name"])
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = gettext_lazy("Log in with it alone, without the password")
        self.fields["passwordless"].help_text = gettext_lazy(
            "Needs a device that asks for a fingerprint, your face or a PIN. Other security keys: leave this out."
        )


class StaffRenamePasskeyForm(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self.fields["name"])


def _name(field: Any) -> None:
    field.label = gettext_lazy("Name")
    field.help_text = gettext_lazy("So that you know it among others, such as “My telephone”.")
    field.widget.attrs["maxlength"] = 80
    field.validators.append(MaxLengthValidator(80))
