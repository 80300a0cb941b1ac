"""On whose behalf a command runs."""

from typing import Any

from django.contrib.auth import get_user_model

from ..access.roles import STAFF


class Installation:
    """The installation itself, as whoever has its shell: may do everything, and is nobody in the history."""

    pk = None
    is_authenticated = is_active = is_superuser = True
    mentorpro_person = None

    def has_perm(self, permission: str, instance: Any = None) -> bool:
        return True


def staff_user(email: str) -> Any:
    """Return the active user with that staff e-mail address, or None.

    A superuser without a person is found by the address of the user.
    """
    users = get_user_model()._base_manager.filter(is_active=True)
    user = users.filter(mentorpro_person__email__iexact=email, mentorpro_person__role__in=STAFF).first()
    if user is None and email:
        own_address = {f"{get_user_model().get_email_field_name()}__iexact": email}
        user = users.filter(is_superuser=True, mentorpro_person=None, **own_address).first()
    return user
