"""The user row behind a person: nothing but what logging in needs, whatever the site's user model."""

from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model

from ..access.roles import STAFF


def build_user(role: str, email: str) -> Any:
    """Return an unsaved user for a new person, with no usable password.

    The username means nothing, so that a change of e-mail or phone touches nothing else. A user model that logs in
    by e-mail gets the staff's own address; participants, who never use one, an address that can't exist.
    """
    user_model = get_user_model()
    opaque = uuid4().hex
    own_email = email.lower() if role in STAFF else ""
    fields = {}
    if user_model.USERNAME_FIELD == user_model.get_email_field_name():
        fields[user_model.USERNAME_FIELD] = own_email or f"{opaque}@people.invalid"
    else:
        fields[user_model.USERNAME_FIELD] = opaque
        fields[user_model.get_email_field_name()] = own_email
    user = user_model(**fields)
    user.set_unusable_password()
    return user


def follow_email(user: Any, role: str, email: str) -> bool:
    """Put the new `email` of a member of staff on their user row. Returns whether the row changed; doesn't save."""
    email_field = user.get_email_field_name()
    if role not in STAFF or getattr(user, email_field) == email.lower():
        return False
    setattr(user, email_field, email.lower())
    return True
