"""The site in earnest. It refuses to start without what it needs, and names it."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from .base import *  # noqa: F403
from .base import (
    ALLOWED_HOSTS,
    BASE_URL,
    CACHES,
    DOOR_URLS,
    MENTORPRO,
    env,
    mail,
    redis_url,
    text_messages,
)

REQUIRED = {
    "SECRET_KEY": "a long random secret, the same on every machine of the site",
    "DATABASE_URL": "the database, such as postgres://mentorpro@db.example.org/mentorpro",
    "ALLOWED_HOSTS": "the site's host names, with commas between them",
    "BASE_URL": "the site's address, such as https://mentoring.example.org",
    "EMAIL_URL": "the mail server, such as smtp+tls://name:password@mail.example.org:587",
    "SMS_BACKEND": "what sends text messages: twilio, or the dotted path of a class of your own",
    "DATA_DIR": "the folder for media and private files",
}
if env.str("SMS_BACKEND", default="") == "twilio":
    REQUIRED |= {
        "TWILIO_ACCOUNT_SID": "the account with Twilio, AC...",
        "TWILIO_AUTH_TOKEN": "the secret of that account",
        "TWILIO_FROM": "the number that text messages come from, or the messaging service, MG...",
    }
missing = [
    f"{name} ({meaning})" for name, meaning in REQUIRED.items() if not env.str(name, default="").strip()
]
if missing:
    raise ImproperlyConfigured(f"Set in the environment: {'; '.join(missing)}.")

SECRET_KEY = env.str("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured("SECRET_KEY is too weak: set at least 50 random characters.")
if not BASE_URL.startswith("https://"):
    raise ImproperlyConfigured(
        "BASE_URL has to start with https://, since log-ins must not travel in the open."
    )
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured('ALLOWED_HOSTS has to name the hosts; "*" would let anybody choose one.')
SMS_BACKEND = env.str("SMS_BACKEND")
if SMS_BACKEND != "twilio" and "." not in SMS_BACKEND:
    raise ImproperlyConfigured(
        "SMS_BACKEND has to be twilio, or the dotted path of a class of your own: nobody could log in by"
        f" “{SMS_BACKEND}”."
    )

hosts = {"BASE_URL": urlsplit(BASE_URL).netloc.lower()}
for door, url in DOOR_URLS.items():
    if not url:
        continue
    name = f"{door.upper()}_URL"
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or url != f"https://{parts.netloc}":
        raise ImproperlyConfigured(
            f"{name} has to be https:// and a host, such as https://{door}.example.org."
        )
    if parts.netloc.lower() in hosts.values():
        raise ImproperlyConfigured(f"{name} has to name a host of its own, or be left out.")
    if not validate_host(parts.hostname, ALLOWED_HOSTS):
        raise ImproperlyConfigured(f"ALLOWED_HOSTS has to name the host of {name}, {parts.hostname}.")
    hosts[name] = parts.netloc.lower()

# Several processes share limits and locks, so without Redis they meet in the database (`createcachetable`).
if not redis_url:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "mentorpro_cache",
    }

vars().update(mail(env.str("EMAIL_URL")))
MENTORPRO.update(text_messages(SMS_BACKEND))

# A proxy's word on "https" counts only where a proxy is known to be in front.
if env.int("PROXY_COUNT", default=0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrftoken"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
