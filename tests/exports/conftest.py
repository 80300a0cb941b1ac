"""Fixtures for the tests of exports."""

import pytest

from mentorpro_plugin.conversations.models import private_storage
from tests.removal.marking import files


@pytest.fixture
def storage():
    """The private storage, empty before and after: other tests take back what they write to the database alone."""
    storage = private_storage()
    _empty(storage)
    yield storage
    _empty(storage)


def _empty(storage):
    for name in files(storage):
        storage.delete(name)
