"""The site under test: nothing leaves the process, nothing is slow on purpose."""

import atexit
import shutil
import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import MENTORPRO, MIDDLEWARE, STORAGES, database, env, mail

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A folder of this process alone, so that parallel runs never meet.
DATA_DIR = Path(tempfile.mkdtemp(prefix="mentorpro-test-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
MEDIA_ROOT = DATA_DIR / "media"

DATABASES = {"default": database(env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'unused.sqlite3'}"))}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file rather than memory: threads get connections of their own, as in earnest, and may race.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
vars().update(mail("memorymail://"))
MENTORPRO["SMS_BACKEND"] = "locmem"

# Most tests are about other things than the terms; those that ask for them say so.
MENTORPRO["TERMS"] = None

MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES["private"]["OPTIONS"]["location"] = str(DATA_DIR / "private")
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
