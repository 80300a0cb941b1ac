"""What the admin shows of the own log-in: a tab of the account page, and a notice on the home page."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component
from wagtail.admin.views.account import BaseSettingsPanel, SettingsTab

from .history import person_of
from .second_factor import authenticators_of, has_one, is_offered

security_tab = SettingsTab("security", _("Security"), order=150)


class SecurityPanel(BaseSettingsPanel):
    """How the own log-in stands, with the ways to the screens that change it."""

    name = "security"
    title = _("Security")
    order = 100
    tab = security_tab
    template_name = "mentorpro_plugin/accounts/account_panel.html"

    def is_active(self) -> bool:
        return is_offered()

    def get_form(self) -> forms.Form:
        # Nothing to fill in: the page around it wants a form of every panel.
        return forms.Form()

    def get_context_data(self) -> dict[str, Any]:
        authenticators: dict[str, Any] = {}
        for row in authenticators_of(self.user.pk):
            authenticators.setdefault(row.type, []).append(row)
        codes = authenticators.get("recovery_codes")
        return {
            "authenticators": authenticators,
            "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else 0,
            "is_person": person_of(self.user) is not None,
        }


class SecondFactorNotice(Component):
    """Recommends a second factor to whoever has none, until they set one up or close the notice."""

    order = 40
    dismissible_id = "mentorpro_second_factor"
    template_name = "mentorpro_plugin/accounts/second_factor_notice.html"

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user

    def is_shown(self) -> bool:
        if not is_offered():
            return False
        profile = getattr(self.user, "wagtail_userprofile", None)
        if profile is not None and profile.dismissibles.get(self.dismissible_id):
            return False
        return not has_one(self.user)

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"dismissible_id": self.dismissible_id}

    def render_html(self, parent_context: Mapping[str, Any] | None = None) -> str:
        return super().render_html(parent_context) if self.is_shown() else ""
