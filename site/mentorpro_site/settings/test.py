"""The site under test: nothing leaves the process, nothing is slow on purpose."""

import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import MIDDLEWARE, STORAGES, database, env

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A folder of this process alone, so that parallel runs never meet.
DATA_DIR = Path(tempfile.mkdtemp(prefix="mentorpro-test-"))
MEDIA_ROOT = DATA_DIR / "media"

DATABASES = {"default": database(env.str("DATABASE_URL", default="sqlite:///:memory:"))}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES["private"]["OPTIONS"]["location"] = str(DATA_DIR / "private")
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
