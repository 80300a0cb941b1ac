"""The user row behind a person: nothing but what logging in needs, whatever the site's user model."""

from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from ..access.roles import STAFF


def build_user(role: str, email: str) -> Any:
    """Return an unsaved user for a new person, whom no password lets in.

    The username means nothing, so that a change of e-mail or phone touches nothing else. A user model that logs in
    by e-mail gets the staff's own address; participants, who never use one, an address that can't exist.
    """
    user_model = get_user_model()
    opaque = uuid4().hex
    own_email = email.lower() if role in STAFF else ""
    fields = {}
    if user_model.get_email_field_name() == user_model.USERNAME_FIELD:
        fields[user_model.USERNAME_FIELD] = own_email or f"{opaque}@people.invalid"
    else:
        fields[user_model.USERNAME_FIELD] = opaque
        fields[user_model.get_email_field_name()] = own_email
    user = user_model(**fields)
    if role in STAFF:
        # Not `set_unusable_password`: for such users Django's "forgotten password" sends nothing, and asking for a
        # new one is how staff choose their first.
        user.password = f"unset${uuid4().hex}"
    else:
        # What `set_unusable_password` does, in a tenth of its time: imports make many users.
        user.password = UNUSABLE_PASSWORD_PREFIX + uuid4().hex
    return user


def follow_person(user: Any, person: Any) -> bool:
    """Put what the user row repeats of a member of staff on it: the e-mail address to log in with, and the name that
    Wagtail shows in its menu. Returns whether the row changed; doesn't save. Participants' rows repeat nothing.
    """
    if person.role not in STAFF:
        return False
    wanted = {
        user.get_email_field_name(): person.email.lower(),
        "first_name": person.first_name,
        "last_name": person.last_name,
    }
    changed = False
    for name, value in wanted.items():
        if not hasattr(user, name):
            continue
        fitting = value[: user._meta.get_field(name).max_length]
        if getattr(user, name) != fitting:
            setattr(user, name, fitting)
            changed = True
    return changed
