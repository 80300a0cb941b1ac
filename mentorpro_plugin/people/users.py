"""The user row behind a person: nothing but what logging in needs, whatever the site's user model."""

from collections.abc import Iterable, Sequence
from secrets import token_hex
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from ..access.roles import STAFF
from ..conf import imported_setting
from ..inserting import FEWEST, insert, maker


def build_user(role: str, email: str) -> Any:
    """Return an unsaved user for a new person, whom no password lets in.

    The username means nothing, so that a change of e-mail or phone touches nothing else. A user model that logs in
    by e-mail gets the staff's own address; participants, who never use one, an address that can't exist.
    """
    user = get_user_model()()
    _fill(user, role, email)
    return user


def build_users(rows: Iterable[tuple[str, str]]) -> list[Any]:
    """Return what the setting BUILD_USER makes of each role and e-mail address."""
    build = imported_setting("BUILD_USER")
    if build is not build_user:
        return [build(role, email) for role, email in rows]
    make = maker(get_user_model()())
    users = []
    for role, email in rows:
        user = make()
        _fill(user, role, email)
        users.append(user)
    return users


def _fill(user: Any, role: str, email: str) -> None:
    opaque = token_hex(16)
    own_email = email.lower() if role in STAFF else ""
    if user.get_email_field_name() == user.USERNAME_FIELD:
        setattr(user, user.USERNAME_FIELD, own_email or f"{opaque}@people.invalid")
    else:
        setattr(user, user.USERNAME_FIELD, opaque)
        setattr(user, user.get_email_field_name(), own_email)
    if role in STAFF:
        # Not `set_unusable_password`: for such users Django's "forgotten password" sends nothing, and asking for a
        # new one is how staff choose their first.
        user.password = f"unset${token_hex(16)}"
    else:
        # What `set_unusable_password` does, in a tenth of its time: imports make many users.
        user.password = UNUSABLE_PASSWORD_PREFIX + token_hex(16)


def save_users(users: Sequence[Any]) -> None:
    """Save new users. Many at once, where the site's user model has nothing to say about saving.

    Raises IntegrityError for an address that it allows once only, and somebody has.
    """
    if len(users) >= FEWEST and _is_saved_as_it_is(type(users[0])):
        insert(users)
    else:
        for user in users:
            user.save()


def _is_saved_as_it_is(model: Any) -> bool:
    """Whether saving users means no more than a row of their table."""
    return (
        model.save in (models.Model.save, AbstractBaseUser.save)
        and not model._meta.get_parent_list()
        and not _is_listened_to(model, pre_save, post_save)
    )


def _is_listened_to(model: Any, *signals: Any) -> bool:
    return any(sender == id(model) for signal in signals for (_key, sender), *_rest in signal.receivers)


def delete_users(keys: Sequence[Any]) -> None:
    """Delete the users with these primary keys, to whom nothing points but groups and permissions.

    Without a query for each table that might, where the site's user model has nothing to say about deleting.
    """
    model = get_user_model()
    users = model._base_manager.filter(pk__in=keys)
    if model._meta.get_parent_list() or _is_listened_to(model, pre_delete, post_delete):
        users.delete()
        return
    for field in model._meta.many_to_many:
        through = field.remote_field.through
        if through._meta.auto_created:
            rows = through._base_manager.filter(**{f"{field.m2m_field_name()}__in": keys})
            rows._raw_delete(rows.db)
    users._raw_delete(users.db)


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


def set_active(user: Any, is_active: bool) -> None:
    """Let the user log in or not, where the site's user model has a field for it."""
    if user.is_active != is_active and any(field.name == "is_active" for field in user._meta.fields):
        user.is_active = is_active
        user.save(update_fields=["is_active"])


def set_active_many(users: list[int], is_active: bool) -> None:
    """The same for the users with these primary keys, in one query."""
    user_model = get_user_model()
    if any(field.name == "is_active" for field in user_model._meta.fields):
        user_model._base_manager.filter(pk__in=users).update(is_active=is_active)
