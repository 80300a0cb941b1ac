"""Somebody else's Wagtail site: the least that Wagtail needs, a user model of its own, and the plugin."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="mentorpro-hostsite-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "hostsite.urls"
USE_TZ = True
STATIC_URL = "/static/"
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "host.sqlite3")}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The tests run twice: see `make test-hostsite`.
AUTH_USER_MODEL = os.environ.get("HOST_USER_MODEL", "hostusers.HostUser")

INSTALLED_APPS = [
    "hostusers",
    "mentorpro_plugin",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "django_htmx",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mentorpro_plugin.access.middleware.ReachMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mentorpro_plugin.shell.busy.BusyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

AUTHENTICATION_BACKENDS = [
    "mentorpro_plugin.access.backends.StaffEmailBackend",
    "mentorpro_plugin.access.backends.ParticipantBackend",
    "mentorpro_plugin.access.backends.RulesBackend",
    "django.contrib.auth.backends.ModelBackend",
]

ACCOUNT_ADAPTER = "mentorpro_plugin.portal.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# This site's own log-in is its own business.
SILENCED_SYSTEM_CHECKS = ["mentorpro_plugin.W001", "mentorpro_plugin.W002"]

WAGTAIL_SITE_NAME = "Somebody else's site"
WAGTAILADMIN_BASE_URL = "https://host.example.org"
WAGTAILADMIN_USER_LOGIN_FORM = "mentorpro_plugin.people.forms.StaffLoginForm"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
