"""The types of user, highest first."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What an account is. One account has one role, for good."""

    SUPER_ADMIN = "super_admin", _("Super Admin")
    PARENT = "parent", _("Parent account")
    CHILD = "child", _("Child account")
    PROGRAM_MANAGER = "program_manager", _("Program Manager")
    SUCCESS_COORDINATOR = "success_coordinator", _("Success Coordinator")
    MENTOR = "mentor", _("Mentor")
    MENTEE = "mentee", _("Mentee")


ACCOUNTS = (Role.PARENT, Role.CHILD)
COORDINATORS = (Role.PROGRAM_MANAGER, Role.SUCCESS_COORDINATOR)
PARTICIPANTS = (Role.MENTOR, Role.MENTEE)
#: Those who work in the Wagtail admin for an organization.
PROGRAM_STAFF = (*ACCOUNTS, *COORDINATORS)
#: Those who log in with e-mail and password.
STAFF = (Role.SUPER_ADMIN, *PROGRAM_STAFF)
