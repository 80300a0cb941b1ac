from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResourcesConfig(AppConfig):
    """Posters, QR codes and other pages to hand out. Its pages come with later work."""

    name = "resources"
    verbose_name = _("Resources")
