"""What every environment shares. Values that differ come from the environment (see `docs/owners/settings.md`)."""

import zoneinfo
from pathlib import Path
from urllib.parse import quote

import django
import environ
from django.utils.translation import gettext_lazy as _

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[3]
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).absolute()

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Front doors at hosts of their own; without them, they are below BASE_URL.
DOOR_URLS = {
    "mentor": env.str("MENTOR_URL", default="").rstrip("/"),
    "mentee": env.str("MENTEE_URL", default="").rstrip("/"),
}

INSTALLED_APPS = [
    "mentorpro_site",
    "home",
    "resources",
    "mentorpro_plugin",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "import_export",
    "phonenumber_field",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mentorpro_site.headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mentorpro_plugin.shell.middleware.DoorHostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mentorpro_plugin.accounts.middleware.StaffLogInMiddleware",
    "mentorpro_plugin.access.middleware.ReachMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mentorpro_plugin.shell.busy.BusyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "mentorpro_site.urls"
WSGI_APPLICATION = "mentorpro_site.wsgi.application"

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


# Data

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def database(url: str) -> dict:
    """Django's settings for the database at `url`, with what SQLite and PostgreSQL need to bear many writers."""
    config = env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Writers queue up at BEGIN instead of failing half-way; readers never wait.
        # What is deleted is overwritten: or it would stay in the file until something else needs its room.
        config["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        }
    else:
        config.setdefault("CONN_MAX_AGE", 60)
        config["CONN_HEALTH_CHECKS"] = True
    return config


own_database = f"sqlite:///{quote(str(DATA_DIR / 'mentorpro.sqlite3'))}"
DATABASES = {"default": database(env.str("DATABASE_URL", default=own_database))}

# In lower case, so that its password is no setting that an error report would show.
redis_url = env.str("REDIS_URL", default="")
if redis_url:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "mentorpro",
        }
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    SESSION_ENGINE = "django.contrib.sessions.backends.db"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


# Files: static ones belong to the code, media to everybody, private ones to the people they were made for.

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "static"))
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(DATA_DIR / "private"),
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


# People and what they may do

AUTHENTICATION_BACKENDS = [
    "mentorpro_plugin.accounts.backends.PasswordBackend",
    "mentorpro_plugin.access.backends.ParticipantBackend",
    "mentorpro_plugin.access.backends.RulesBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
CSRF_FAILURE_VIEW = "mentorpro_plugin.shell.errors.csrf_failure"
LOGIN_URL = WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60

# Everybody logs in through allauth: mentors and mentees at their doors, staff by e-mail and password. Its own pages are
# mounted nowhere: nobody signs up.
ACCOUNT_ADAPTER = "mentorpro_plugin.portal.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# How long it is believed that the person at the keyboard is still the same, before the own log-in is changed.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
# Wrong passwords and codes are counted by the plugin, for each address and in the database. Here are only brakes on
# floods from one address of the net, far above what a university's people do at once from behind theirs.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": None,
    "reset_password": "100/m/ip",
    "change_password": "10/m/user",
}
MFA_ADAPTER = "mentorpro_plugin.accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
# How many proxies of the site's own stand in front: the client's address is that many steps from the end of what they
# noted. With 0, no header is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", default=0)

MENTORPRO: dict[str, object] = {
    "REQUIRE_SECOND_FACTOR": env.list("REQUIRE_SECOND_FACTOR", default=[]),
    "STAFF_SESSION_HOURS": env.int("STAFF_SESSION_HOURS", default=12),
    "DOOR_URLS": DOOR_URLS,
    "SHARED_PATHS": ["/health/"],
    "TERMS": "home.terms.current_terms",
}
PHONENUMBER_DB_FORMAT = "E164"


# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "site" / "mentorpro_site" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
# Places only: browsers don't know the likes of "Factory" that come with them, and stop at the first.
CONTINENTS = {
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "UTC",
}  # fmt: skip
WAGTAIL_USER_TIME_ZONES = sorted(
    name for name in zoneinfo.available_timezones() if name.partition("/")[0] in CONTINENTS
)


# Wagtail

WAGTAIL_SITE_NAME = MFA_TOTP_ISSUER = "MentorPRO"
WAGTAILADMIN_BASE_URL = BASE_URL
# Passwords are changed and reset where each wrong one counts.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_WORKFLOW_ENABLED = False
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "txt", "xlsx"]
# Nothing calls out: no third party learns who works here, or with whom.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILEMBEDS_FINDERS: list[dict] = []


# Mail

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="MentorPRO <mentorpro@localhost>")
SERVER_EMAIL = env.str("SERVER_EMAIL", default=DEFAULT_FROM_EMAIL)


MAIL_OPTIONS = {
    "smtp": {
        "host": "EMAIL_HOST",
        "port": "EMAIL_PORT",
        "username": "EMAIL_HOST_USER",
        "password": "EMAIL_HOST_PASSWORD",
        "use_tls": "EMAIL_USE_TLS",
        "use_ssl": "EMAIL_USE_SSL",
        "timeout": "EMAIL_TIMEOUT",
    },
    "filebased": {"file_path": "EMAIL_FILE_PATH"},
}


def mail(url: str) -> dict:
    """The settings that send mail by `url`: MAILERS where Django knows it (6.1), else the EMAIL_ ones it replaces."""
    config = {"EMAIL_TIMEOUT": 10, **env.email_url_config(url)}
    backend = config["EMAIL_BACKEND"]
    kind = backend.split(".")[-2]
    options = {
        option: config[setting]
        for option, setting in MAIL_OPTIONS.get(kind, {}).items()
        if config.get(setting) not in (None, "")
    }
    if django.VERSION >= (6, 1):
        return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": options}}}
    return {"EMAIL_BACKEND": backend} | {
        MAIL_OPTIONS[kind][option]: value for option, value in options.items()
    }


# Text messages


def text_messages(backend: str) -> dict[str, object]:
    """The plugin's settings that send text messages by `backend`, with what it takes from the environment."""
    options: dict[str, object] = env.json("SMS_OPTIONS", default={})
    if backend == "twilio":
        options = {
            "account_sid": env.str("TWILIO_ACCOUNT_SID", default=""),
            "auth_token": env.str("TWILIO_AUTH_TOKEN", default=""),
            "sender": env.str("TWILIO_FROM", default=""),
            **options,
        }
    elif backend == "file":
        options = {"folder": str(DATA_DIR / "outbox"), **options}
    return {"SMS_BACKEND": backend, "SMS_OPTIONS": options}
