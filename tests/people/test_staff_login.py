"""The log-in form of the admin."""

import pytest

from tests.factories import PASSWORD


def log_in(client, name, password=PASSWORD):
    return client.post("/admin/login/", {"username": name, "password": password})


@pytest.mark.parametrize("address", ["first_year_pm@example.org", "First_Year_PM@Example.org "])
def test_staff_log_in_by_address_whatever_its_case(world, client_of, address):
    response = log_in(client_of(None), address)

    assert response.status_code == 302


def test_mentee_with_a_password_is_answered_like_a_stranger(world, client_of):
    """Someone may have set one through another screen of the site; the admin stays shut."""
    user = world.user("first_year_mentee")
    user.set_password(PASSWORD)
    user.save()

    by_username = log_in(client_of(None), user.get_username())
    stranger = log_in(client_of(None), "nobody@example.org")

    assert by_username.status_code == 200
    assert by_username.context["form"].errors == stranger.context["form"].errors


def test_deactivated_staff_are_refused(world, client_of):
    response = log_in(client_of(None), "engineering_left_pm@example.org")

    assert response.status_code == 200
    assert "_auth_user_id" not in client_of(None).session


def test_deactivated_staff_are_refused_even_if_their_user_is_active(world, client_of):
    user = world.user("first_year_pm")
    type(world.people["first_year_pm"])._base_manager.filter(user=user.pk).update(status="deactivated")

    response = log_in(client_of(None), "first_year_pm@example.org")

    assert response.status_code == 200
