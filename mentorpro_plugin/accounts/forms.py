"""What staff fill in to log in, and to choose a password."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from .actions import ask_for_password
from .sessions import limit_staff_session


class StaffLogInForm(LoginForm):
    """E-mail and password. Says the same of whatever is wrong, until the password is right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not allauth's own field, which tells apart what is no address.
        self.fields["login"] = forms.CharField(
            label=_("E-mail"),
            max_length=254,
            widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        )
        self.fields["password"].help_text = ""
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields.pop("remember", None)
        self.order_fields(["login", "password"])

    def user_credentials(self) -> dict[str, Any]:
        # allauth would make it lower case, and leave out an empty password.
        return {"email": self.cleaned_data["login"], "password": self.cleaned_data["password"]}

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError as refusal:
            if getattr(refusal, "code", None) == "email_password_mismatch":
                raise ValidationError(
                    _("E-mail or password isn't right. Capital letters matter in the password.")
                ) from refusal
            raise

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        # allauth ends the session with the browser, then; staff's get a life of their own.
        self.cleaned_data["remember"] = False
        response = super().login(request, redirect_url)
        limit_staff_session(request)
        return response


class StaffReauthenticateForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["password"], _("Password"))
        self.fields["password"].widget.attrs["autofocus"] = True


class StaffChangePasswordForm(ChangePasswordForm):
    """The present password counts as a try like any other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["oldpassword"], _("Your present password"))
        _plain(self.fields["password1"], _("New password"), self.fields["password1"].help_text)
        _plain(self.fields["password2"], _("New password, once more"))

    def clean_oldpassword(self) -> str:
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise ValidationError(_("This isn't your present password."))
        return password


class AskForPasswordForm(forms.Form):
    """Where to send the link. Nobody learns from the answer who has an account."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        validators=[EmailValidator(_("This isn't an e-mail address."))],
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )

    def save(self, request: HttpRequest, **kwargs: Any) -> None:
        ask_for_password(self.cleaned_data["email"])


class ChoosePasswordForm(SetPasswordForm):
    """A new password, twice, for whoever has come by a link. Saving it is the view's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["new_password1"], _("New password"), self.fields["new_password1"].help_text)
        _plain(self.fields["new_password2"], _("New password, once more"))
        self.fields["new_password1"].widget.attrs["autofocus"] = True


def _plain(field: forms.Field, label: Any, help_text: Any = "") -> None:
    """A label above the field says enough: no text inside it, nothing repeated below."""
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
