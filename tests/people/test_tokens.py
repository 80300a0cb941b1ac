"""Links by which staff choose a password: dead with the account, and not revived with it."""

import pytest

from mentorpro_plugin.people.lifecycle import deactivate, reactivate
from mentorpro_plugin.people.tokens import password_tokens


@pytest.fixture
def link(world):
    """Return whether a link that was made before still works for the Program Manager as they are now."""
    token = password_tokens.make_token(world.user("first_year_pm"))
    return lambda: password_tokens.check_token(world.user("first_year_pm"), token)


def test_link_works_until_the_password_is_chosen(world, link):
    assert link()

    user = world.user("first_year_pm")
    user.set_password("another one")
    user.save()

    assert not link()


def test_link_on_its_way_dies_with_a_deactivation_and_stays_dead(world, link):
    person, by = world.people["first_year_pm"], world.user("engineering_child")

    deactivate(person, by=by)
    while_deactivated = link()
    reactivate(person, by=by)

    assert [while_deactivated, link()] == [False, False]


def test_link_of_a_user_without_a_person_works(db, django_user_model):
    editor = django_user_model.objects.create_user("editor", password="anything")

    assert password_tokens.check_token(editor, password_tokens.make_token(editor))
