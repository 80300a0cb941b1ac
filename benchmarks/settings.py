"""The site as it runs in earnest, but for what only a real host has: certificates, mail, collected static files."""

from mentorpro_site.settings.base import *  # noqa: F403
from mentorpro_site.settings.base import MIDDLEWARE, STORAGES, mail

SECRET_KEY = "only-for-measuring"  # noqa: S105 - protects nobody
ALLOWED_HOSTS = ["testserver"]
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
vars().update(mail("memorymail://"))
