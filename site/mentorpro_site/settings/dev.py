"""The site on your own machine: no set-up, files in var/, mail and text messages as files in var/outbox/."""

from urllib.parse import quote

from .base import *  # noqa: F403
from .base import DATA_DIR, MENTORPRO, STORAGES, env, mail, text_messages

DEBUG = True
SECRET_KEY = env.str("SECRET_KEY", default="django-insecure-for-your-own-machine-only")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", ".localhost", "127.0.0.1", "[::1]"])

DATA_DIR.mkdir(parents=True, exist_ok=True)

# Four slashes: the path is absolute.
vars().update(mail(env.str("EMAIL_URL", default=f"filemail:///{quote(str(DATA_DIR / 'outbox'))}")))
MENTORPRO.update(text_messages(env.str("SMS_BACKEND", default="file")))

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
