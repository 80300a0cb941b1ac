"""The benchmarks' site with Django's own admin, for which ImportExportModelAdmin was made."""

from .settings import *  # noqa: F403
from .settings import INSTALLED_APPS

INSTALLED_APPS += ["django.contrib.admin"]
