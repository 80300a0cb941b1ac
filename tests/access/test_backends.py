"""Who logs in with an address and a password, and whose word on permissions counts."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission

from mentorpro_plugin.access.backends import RulesBackend, StaffEmailBackend
from mentorpro_plugin.access.table import codenames
from tests.factories import PASSWORD

from .asking import PROGRAM_STAFF


def log_in(username, password=PASSWORD):
    return StaffEmailBackend().authenticate(None, username=username, password=password)


@pytest.mark.parametrize("name", ["super_admin", *PROGRAM_STAFF])
@pytest.mark.parametrize("typed", [str, str.upper, str.title, " {} ".format])
def test_staff_log_in_with_their_address_however_it_is_typed(world, name, typed):
    assert log_in(typed(f"{name}@example.org")) == world.people[name].user


@pytest.mark.parametrize("username", ["", "nobody@example.org", "first_year_pm", "%@example.org", None])
def test_address_of_nobody_logs_nobody_in(world, username):
    assert log_in(username) is None


@pytest.mark.parametrize("password", ["", "wrong", None, PASSWORD.upper()])
def test_wrong_password_logs_nobody_in(world, password):
    assert log_in("first_year_pm@example.org", password) is None


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
def test_participant_does_not_log_in_with_an_address_even_with_a_password(world, name):
    user = world.people[name].user
    user.set_password(PASSWORD)
    user.save()

    assert log_in(f"{name}@example.org") is None


def test_participant_who_shares_the_address_of_staff_is_not_taken_for_them(world):
    mentee, manager = world.people["first_year_mentee"], world.people["first_year_pm"]
    mentee.user.set_password("another-password-of-hers")
    mentee.user.save()
    type(mentee)._base_manager.filter(pk=mentee.pk).update(email=manager.email)

    assert log_in(manager.email, "another-password-of-hers") is None
    assert log_in(manager.email) == manager.user


def test_deactivated_staff_do_not_log_in(world):
    person = world.people["engineering_left_pm"]
    assert person.user.check_password(PASSWORD)

    assert log_in("engineering_left_pm@example.org") is None


def test_user_name_of_a_person_is_no_address(world):
    assert log_in(world.people["first_year_pm"].user.get_username()) is None


@pytest.fixture
def all_django_permissions(world):
    """Everybody is in a group that has every permission Django knows, ours included."""
    group = Group.objects.create(name="Everything")
    group.permissions.set(Permission.objects.all())
    for person in world.people.values():
        person.user.groups.add(group)


@pytest.mark.parametrize(
    "name", [*PROGRAM_STAFF, "first_year_mentor", "first_year_mentee", "engineering_left_pm"]
)
def test_group_adds_nothing_to_the_table(world, all_django_permissions, name):
    user, fresh = world.user(name), world.user(name)
    fresh.groups.clear()

    for codename in codenames():
        permission = f"mentorpro_plugin.{codename}"
        assert user.has_perm(permission) == fresh.has_perm(permission), codename
    for made_up in (
        "delete_superadmin",
        "view_person",
        "change_person",
        "view_superadmin",
        "change_historyentry",
    ):
        assert not user.has_perm(f"mentorpro_plugin.{made_up}"), made_up


@pytest.mark.parametrize("name", PROGRAM_STAFF)
def test_group_adds_nothing_of_the_site_to_program_staff(world, all_django_permissions, name):
    user = world.user(name)

    for permission in (
        "auth.change_user",
        "wagtailimages.add_image",
        "wagtailcore.change_site",
        "auth.add_group",
    ):
        assert not user.has_perm(permission), permission


def test_group_counts_for_a_user_of_the_site_who_is_no_person(db, django_user_model):
    user = django_user_model.objects.create_user("editor")
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_image", "view_mentee"]))

    assert user.has_perm("wagtailimages.add_image")
    assert not user.has_perm("mentorpro_plugin.view_mentee")


def test_rules_answer_nobody_who_is_not_active(world):
    backend = RulesBackend()
    deactivated = world.people["super_admin"].user
    deactivated.is_active = False

    for user in (AnonymousUser(), deactivated):
        assert backend.has_perm(user, "mentorpro_plugin.view_mentee") is False
        assert backend.has_perm(user, "wagtailadmin.access_admin") is False


def test_permissions_take_no_query_beyond_the_reach(world, django_assert_num_queries):
    user = world.user("first_year_pm")
    mentee = world.people["engineering_free_mentee"]

    with django_assert_num_queries(2):
        user.has_perm("mentorpro_plugin.view_mentee")
        for codename in codenames():
            user.has_perm(f"mentorpro_plugin.{codename}")
        user.has_perm("wagtailadmin.access_admin")
        user.has_perm("wagtailimages.add_image")
        user.has_perm("mentorpro_plugin.view_mentee", mentee)
