"""Production settings live in processes of their own here, since a process has one set of settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def good(tmp_path):
    """An environment in which production starts."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "mentorpro_site.settings.production",
        "SECRET_KEY": "k9vQ2m-Lw7xR4t_Zp8nB3c6Hj1sDf5gYaE0uIoTqWrXyVbNmKh",
        "DATABASE_URL": f"sqlite:///{tmp_path}/mentorpro.sqlite3",
        "ALLOWED_HOSTS": "mentoring.example.org",
        "BASE_URL": "https://mentoring.example.org",
        "EMAIL_URL": "smtp+tls://site:secret@mail.example.org:587",
        "SMS_BACKEND": "twilio",
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
        "TWILIO_AUTH_TOKEN": "only-for-tests",
        "TWILIO_FROM": "+12025550100",
        "DATA_DIR": str(tmp_path),
    }


def manage(environment, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def last_line(text):
    return text.strip().splitlines()[-1]


def test_a_complete_environment_passes_the_deployment_checks(good):
    result = manage(good, "check", "--deploy", "--fail-level", "WARNING")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "DATABASE_URL",
        "ALLOWED_HOSTS",
        "BASE_URL",
        "EMAIL_URL",
        "DATA_DIR",
        "SMS_BACKEND",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_FROM",
    ],
)
def test_each_missing_setting_is_named(good, name):
    del good[name]

    result = manage(good, "check")

    assert result.returncode == 1
    assert last_line(result.stderr).startswith(
        f"django.core.exceptions.ImproperlyConfigured: Set in the environment: {name} ("
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too weak: set at least 50 random characters."),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is too weak: set at least 50 random characters."),
        (
            "BASE_URL",
            "http://mentoring.example.org",
            "BASE_URL has to start with https://, since log-ins must not travel in the open.",
        ),
        *(
            (
                "SMS_BACKEND",
                name,
                f"SMS_BACKEND has to be twilio, or the dotted path of a class of your own: nobody could log in by “{name}”.",
            )
            for name in ("console", "file", "locmem")
        ),
        ("ALLOWED_HOSTS", "*", 'ALLOWED_HOSTS has to name the hosts; "*" would let anybody choose one.'),
    ],
)
def test_each_weak_setting_is_refused(good, name, value, sentence):
    result = manage({**good, name: value}, "check")

    assert result.returncode == 1
    assert last_line(result.stderr) == f"django.core.exceptions.ImproperlyConfigured: {sentence}"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "MENTOR_URL",
            "http://mentors.example.org",
            "MENTOR_URL has to be https:// and a host, such as https://mentor.example.org.",
        ),
        (
            "MENTEE_URL",
            "https://mentees.example.org/in",
            "MENTEE_URL has to be https:// and a host, such as https://mentee.example.org.",
        ),
        (
            "MENTOR_URL",
            "https://mentoring.example.org",
            "MENTOR_URL has to name a host of its own, or be left out.",
        ),
        (
            "MENTOR_URL",
            "https://mentors.example.org",
            "ALLOWED_HOSTS has to name the host of MENTOR_URL, mentors.example.org.",
        ),
    ],
)
def test_each_unfit_address_of_a_door_is_refused(good, name, value, sentence):
    result = manage({**good, name: value}, "check")

    assert result.returncode == 1
    assert last_line(result.stderr) == f"django.core.exceptions.ImproperlyConfigured: {sentence}"


def test_doors_with_hosts_of_their_own_pass_the_deployment_checks(good):
    good["ALLOWED_HOSTS"] = "mentoring.example.org,.doors.example.org"
    good["MENTOR_URL"] = "https://mentors.doors.example.org/"
    good["MENTEE_URL"] = "https://mentees.doors.example.org"

    result = manage(good, "check", "--deploy", "--fail-level", "WARNING")

    assert (result.returncode, result.stderr) == (0, "")


def test_doors_cannot_share_a_host(good):
    good["ALLOWED_HOSTS"] = "mentoring.example.org,doors.example.org"
    good["MENTOR_URL"] = good["MENTEE_URL"] = "https://doors.example.org"

    result = manage(good, "check")

    assert last_line(result.stderr) == (
        "django.core.exceptions.ImproperlyConfigured: MENTEE_URL has to name a host of its own, or be left out."
    )


def test_secrets_are_named_but_never_shown(good):
    result = manage({**good, "SECRET_KEY": "hunter2hunter2"}, "check")

    assert "hunter2" not in result.stdout + result.stderr


def test_serve_refuses_to_run_in_production(good):
    result = manage(good, "serve")

    assert result.returncode == 1
    assert last_line(result.stderr) == (
        "CommandError: This command is for your own machine. In production, run gunicorn, db_worker and"
        " deliver_outbox."
    )
