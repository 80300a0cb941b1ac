"""Goals and those who work on them, in the world of `tests.world`."""

import pytest

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.models import CatalogueGoal, Goal, GoalStep


@pytest.fixture
def not_offered(world):
    """A goal that the catalogue of Riverside no longer offers."""
    return CatalogueGoal._base_manager.create(
        organization=world.organizations["riverside"], title="Thesis Riverside", is_offered=False
    )


@pytest.fixture
def acting(world):
    """Return a user within their own scope, as in a request: `with acting("first_year_mentee") as by`."""

    class Acting:
        def __init__(self, name):
            self.user = world.user(name)
            self.scope = scope_of(reach_of(self.user))

        def __enter__(self):
            self.scope.__enter__()
            return self.user

        def __exit__(self, *raised):
            self.scope.__exit__(*raised)

    return Acting


@pytest.fixture
def goal_of(world):
    """Make a goal past the actions: `goal_of("first_year_mentee", title="Read", steps=["One"])`."""

    def goal_of(name, *, title="Write a résumé", steps=(), **fields):
        goal = Goal._base_manager.create(mentee=world.people[name], title=title, **fields)
        GoalStep._base_manager.bulk_create(GoalStep(goal=goal, text=text) for text in steps)
        return goal

    return goal_of
