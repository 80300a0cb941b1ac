"""Authentication backends: permissions from the rules, staff log-in by e-mail address, and sessions of participants."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rules.permissions import ObjectPermissionBackend

from .reach import reach_of
from .roles import PARTICIPANTS, PROGRAM_STAFF, STAFF


class RulesBackend(ObjectPermissionBackend):
    """The rules, for active users only: `rules` itself doesn't look at `is_active`.

    For program staff, and for every permission of ours, the table is the whole truth: no backend after this one is
    asked, so no Django group can add to it.
    """

    def has_perm(self, user: Any, perm: str, *args: Any, **kwargs: Any) -> bool:
        if not user.is_active or not user.is_authenticated:
            return False
        if super().has_perm(user, perm, *args, **kwargs):
            return True
        if perm.startswith("mentorpro_plugin.") or reach_of(user).role in PROGRAM_STAFF:
            raise PermissionDenied
        return False


class StaffEmailBackend(ModelBackend):
    """Logs in a Super Admin or program staff by e-mail address, whatever its case, and password.

    Mentors and mentees have their own front doors: their address and any password are refused here.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        if not username or password is None:
            return None
        users = get_user_model()._base_manager
        user = users.filter(
            mentorpro_person__email__iexact=username.strip(), mentorpro_person__role__in=STAFF
        ).first()
        if user is None:
            # As much work as for a known address, so that the time tells nothing.
            get_user_model()().set_password(password)
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None

    def user_can_authenticate(self, user: Any) -> bool:
        """Neither an inactive user nor a deactivated person logs in, even where only one of both has been noted."""
        person = getattr(user, "mentorpro_person", None)
        return super().user_can_authenticate(user) and (person is None or not person.is_deactivated)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        # Logs in, and grants nothing: Django's own backend would be asked twice, with two queries each time.
        return set()


class ParticipantBackend(ModelBackend):
    """Stands for mentors and mentees who logged in at their front door; that door checks who they are.

    From here on, each request asks anew whether they may be here.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:  # type: ignore[override]
        return None

    def get_user(self, user_id: Any) -> Any:
        """The user, with person and organization; None if either of both was switched off, or is no participant."""
        users = get_user_model()._base_manager.select_related("mentorpro_person__organization")
        user = users.filter(pk=user_id, mentorpro_person__role__in=PARTICIPANTS).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and not user.mentorpro_person.is_deactivated

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()
