"""Fixtures for the front doors."""

import pytest

from .knocking import Visitor


@pytest.fixture
def visitor(world):
    """Somebody with a browser at the mentees' door, who may get in."""
    return Visitor()


@pytest.fixture
def transactional_world(transactional_db):
    """The world, committed: for tests with several connections."""
    from tests.world import make_world

    return make_world()
