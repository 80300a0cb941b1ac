"""What `allauth.mfa` asks the site: `MFA_ADAPTER`. Imported only where that app is installed."""

import secrets
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..outbox.secret import Unreadable, decrypt, encrypt
from .history import person_of
from .second_factor import may_lose


class FactorAdapter(DefaultMFAAdapter):
    """Keeps secrets encrypted, names people as the rosters do, and keeps the last factor of whoever must have one."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your role needs a second factor, and this is your only one. Set up another one first."
        ),
        "incorrect_code": gettext_lazy(
            "That isn't right. Codes change every 30 seconds, and each is good once: take the newest."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return decrypt(encrypted_text.encode())
        except Unreadable:
            # SECRET_KEY was changed. No code may fit, and certainly not that of an empty secret.
            return "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _position in range(32))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return may_lose(authenticator.user, authenticator.pk)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1} if count else _("Passkey")

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        person = person_of(user)
        entity = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": str(person)} if person is not None else entity

    def _get_site_name(self) -> str:
        return getattr(settings, "WAGTAIL_SITE_NAME", "") or super()._get_site_name()
