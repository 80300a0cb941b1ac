"""Fixtures for tests of imports step by step."""

import shutil
from pathlib import Path

import pytest

from mentorpro_plugin.conversations.models import private_storage


@pytest.fixture
def import_files():
    """The folder of the imports' files, empty before the test and after it."""
    folder = Path(private_storage().path("imports"))
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def no_worker(settings):
    """Tasks wait: nothing is done until the test calls `steps.work`."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
