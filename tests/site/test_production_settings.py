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
    "name", ["SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "BASE_URL", "EMAIL_URL", "DATA_DIR"]
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
        ("ALLOWED_HOSTS", "*", 'ALLOWED_HOSTS has to name the hosts; "*" would let anybody choose one.'),
    ],
)
def test_each_weak_setting_is_refused(good, name, value, sentence):
    result = manage({**good, name: value}, "check")

    assert result.returncode == 1
    assert last_line(result.stderr) == f"django.core.exceptions.ImproperlyConfigured: {sentence}"


def test_secrets_are_named_but_never_shown(good):
    result = manage({**good, "SECRET_KEY": "hunter2hunter2"}, "check")

    assert "hunter2" not in result.stdout + result.stderr


def test_serve_refuses_to_run_in_production(good):
    result = manage(good, "serve")

    assert result.returncode == 1
    assert last_line(result.stderr) == (
        "CommandError: This command is for your own machine. In production, run gunicorn and db_worker."
    )
