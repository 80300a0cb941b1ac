"""Two who delete at once: one deletion for each person, and never the last account of a parent organization."""

import pytest

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.models import Deletion, Person
from mentorpro_plugin.removal.actions import request_deletion
from tests.racing import at_once
from tests.world import add, make_world

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

ROUNDS = 3
TASKS = {
    "waiting": "django_tasks.backends.dummy.DummyBackend",
    "done at once": "django_tasks.backends.immediate.ImmediateBackend",
}


@pytest.fixture
def world(transactional_db):
    return make_world()


@pytest.fixture(params=TASKS)
def tasks(request, settings):
    """Whether the first deletion waits for a worker, or may be over while the second is asked for."""
    settings.TASKS = {"default": {"BACKEND": TASKS[request.param]}}
    return request.param


def deleting(person, by):
    return lambda: request_deletion(person, wants_export=False, by=by)


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.parametrize("key", ["transfer_mentee", "engineering_child"])
def test_person_deleted_by_several_at_once_is_deleted_once(world, tasks, key):
    person = world.people[key]
    admins = [world.user("riverside_parent"), world.user("super_admin")]

    outcomes = at_once(*(deleting(person, by) for by in admins * 2))

    assert kinds(outcomes) == ["Deletion", "ValidationError", "ValidationError", "ValidationError"]
    assert Deletion._base_manager.filter(person_pk=person.pk).count() == 1
    is_over = not Person._base_manager.filter(pk=person.pk).exists()
    assert is_over == (tasks == "done at once")


def test_two_parents_who_delete_each_other_leave_one(world, tasks):
    for number in range(ROUNDS):
        Person._base_manager.filter(role=Role.PARENT, organization=world.organizations["riverside"]).update(
            status=Person.Status.DEACTIVATED
        )
        one, two = (add(world, f"parent{number}{side}", Role.PARENT, "riverside") for side in "ab")
        users = [world.user(f"parent{number}{side}") for side in "ab"]

        outcomes = at_once(deleting(two, users[0]), deleting(one, users[1]))

        # Whoever is shut out first may do nothing any more, or is told that nobody else would be left.
        assert kinds(outcomes) in (["Deletion", "ValidationError"], ["Deletion", "PermissionDenied"])
        left = Person._base_manager.filter(pk__in=[one.pk, two.pk]).exclude(status=Person.Status.DEACTIVATED)
        assert left.count() == 1
