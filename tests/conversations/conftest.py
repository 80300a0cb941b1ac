"""Fixtures for conversations: writing in somebody's name, and people who are matched."""

import pytest

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.conversations.actions import write_message
from mentorpro_plugin.people.models import Person


@pytest.fixture
def write(world):
    """Write as somebody of the world: `write("first_year_mentee", "first_year_mentor", "Hello!")`."""

    def write(author, to, text="Hello!", **options):
        by = world.user(author)
        with scope_of(reach_of(by)):
            return write_message(
                author=Person._base_manager.get(pk=world.people[author].pk),
                to=Person._base_manager.get(pk=world.people[to].pk),
                text=text,
                by=by,
                **options,
            )

    return write
