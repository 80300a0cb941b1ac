"""Tokens of links by which staff choose a password: dead once it is chosen, and once the account was deactivated."""

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.urls import NoReverseMatch, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode


class PasswordTokens(PasswordResetTokenGenerator):
    """Django's tokens, which die with the password, tied to the person's epoch too: no reactivation revives them."""

    key_salt = "mentorpro_plugin.people.tokens"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        person = getattr(user, "mentorpro_person", None)
        of_person = (person.session_epoch, person.status) if person is not None else ()
        return f"{super()._make_hash_value(user, timestamp)}{of_person}"


password_tokens = PasswordTokens()


def password_url(user: Any) -> str:
    """Return the address at which `user` chooses a password: good once, and for PASSWORD_RESET_TIMEOUT. A secret."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    try:
        token = password_tokens.make_token(user)
        path = reverse("accounts:set_password", kwargs={"uidb64": uid, "token": token})
    except NoReverseMatch:
        # A site with a log-in of its own: then Wagtail's page takes it, which knows Django's tokens only.
        token = default_token_generator.make_token(user)
        path = reverse("wagtailadmin_password_reset_confirm", args=(uid, token))
    return f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{path}"
