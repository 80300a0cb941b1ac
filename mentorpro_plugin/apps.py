from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MentorProConfig(AppConfig):
    name = "mentorpro_plugin"
    label = "mentorpro_plugin"
    verbose_name = _("MentorPRO")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Here, not at import time: rules, policies and receivers need the models.
        from . import rules  # noqa: F401
        from .people import signals  # noqa: F401
        from .policies import register_policies

        register_policies()
