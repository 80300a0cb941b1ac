"""Forms on people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import LoginForm


class StaffLoginForm(LoginForm):
    """Wagtail's log-in form, asking for an e-mail address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].max_length = 254
        self.fields["username"].widget = forms.EmailInput(
            attrs={"placeholder": _("Enter your e-mail"), "autocomplete": "username", "autofocus": True}
        )
