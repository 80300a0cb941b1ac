from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("Home pages")

    def ready(self) -> None:
        # Here, not at import time: the receivers need the models.
        from . import terms  # noqa: F401
