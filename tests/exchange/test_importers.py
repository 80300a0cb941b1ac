"""On whose behalf the commands run."""

import pytest
from django.contrib.auth import get_user_model

from mentorpro_plugin.exchange.importers import staff_user

from .helpers import email_of, import_, mentee, roster

pytestmark = pytest.mark.django_db


def test_staff_are_found_by_address_whatever_its_case(world):
    assert staff_user("First_Year_PM@Example.org") == world.people["first_year_pm"].user


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee", "engineering_left_pm"])
def test_participants_and_deactivated_staff_are_not(world, name):
    assert staff_user(email_of(world, name)) is None


def test_a_superuser_without_a_person_imports_as_a_super_admin(world, tmp_path):
    get_user_model()._base_manager.create(
        username="owner", email="owner@example.org", is_superuser=True, is_active=True
    )

    assert import_(roster(tmp_path, mentee()), "Owner@example.org").counts == (1, 0, 0, 0)


def test_another_user_of_the_site_imports_nothing(world, tmp_path):
    get_user_model()._base_manager.create(username="editor", email="editor@example.org", is_active=True)

    assert import_(roster(tmp_path, mentee()), "editor@example.org").status == 2
