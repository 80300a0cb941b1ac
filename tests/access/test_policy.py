"""Wagtail's permission policies: one answer with the rules, for each model that has screens."""

import pytest
from django.contrib.auth import get_user_model
from wagtail.permissions import policy_registry

from mentorpro_plugin.access.policy import ReachPermissionPolicy
from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.models import Mentee, Program
from mentorpro_plugin.policies import MODELS

from .asking import PROGRAM_STAFF
from .screens import VIEWSETS


def test_every_model_with_screens_has_a_policy_of_ours():
    assert set(MODELS) == set(VIEWSETS.values())
    for model in MODELS:
        assert isinstance(policy_registry.get_by_type(model), ReachPermissionPolicy), model


@pytest.mark.parametrize("name", ["super_admin", *PROGRAM_STAFF, "first_year_mentor", "engineering_left_pm"])
def test_policy_answers_as_the_rules_do(world, name):
    user = world.user(name)

    with scope_of(reach_of(user)):
        for model in MODELS:
            policy = policy_registry.get_by_type(model)
            for action in ("view", "add", "change", "delete"):
                permission = f"mentorpro_plugin.{action}_{model._meta.model_name}"
                assert policy.user_has_permission(user, action) == user.has_perm(permission), permission
                for row in model._meta.concrete_model._base_manager.all()[:40]:
                    assert policy.user_has_permission_for_instance(user, action, row) == user.has_perm(
                        permission, row
                    ), permission
            for actions in (["view"], ["change"], ["view", "change"]):
                codenames = [f"{action}_{model._meta.model_name}" for action in actions]
                assert set(policy.instances_user_has_any_permission_for(user, actions)) == set(
                    model.objects.permitted(user, *codenames)
                )


@pytest.mark.parametrize(
    ("model", "action", "roles"),
    [
        (Mentee, "add", {"super_admin", "parent", "child", "program_manager"}),
        (
            Mentee,
            "view",
            {"super_admin", "parent", "child", "program_manager", "success_coordinator", "mentor", "mentee"},
        ),
        (Program, "change", {"super_admin", "parent", "child"}),
        (Program, "delete", set()),
    ],
)
def test_users_with_a_permission_are_the_active_ones_of_its_roles(world, model, action, roles):
    found = policy_registry.get_by_type(model).users_with_any_permission([action])

    assert set(found) == {
        person.user for person in world.people.values() if person.role in roles and not person.is_deactivated
    }
    assert found.model is get_user_model()
