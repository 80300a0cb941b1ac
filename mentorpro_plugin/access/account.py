"""Wagtail's account page, for people whose name and e-mail address the rosters keep."""

from typing import Any

from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import AccountView, NameEmailSettingsPanel


class PersonAccountView(AccountView):
    """Picture, language, theme and password, but no second place to change a name or the address to log in with."""

    def get_panels(self) -> list[Any]:
        return [panel for panel in super().get_panels() if not isinstance(panel, NameEmailSettingsPanel)]


person_account = require_admin_access(PersonAccountView.as_view())
