"""The log-in of staff: who gets in, and what those who don't are told."""

import pytest

from mentorpro_plugin.people.models import Person
from tests.factories import PASSWORD

LOG_IN = "/accounts/login/"


def log_in(client, name, password=PASSWORD, **more):
    return client.post(LOG_IN, {"login": name, "password": password, **more})


@pytest.mark.parametrize("address", ["first_year_pm@example.org", "First_Year_PM@Example.org "])
def test_staff_log_in_by_address_whatever_its_case(world, client, address):
    response = log_in(client, address)

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_mentee_with_a_password_is_answered_like_a_stranger(world, client_of):
    """Someone may have set one through another screen of the site; the admin stays shut."""
    user = world.user("first_year_mentee")
    user.set_password(PASSWORD)
    user.save()

    by_username = log_in(client_of(None), user.get_username())
    by_address = log_in(client_of(None), "first_year_mentee@example.org")
    stranger = log_in(client_of(None), "nobody@example.org")

    assert by_username.status_code == 200
    assert by_username.context["form"].errors == stranger.context["form"].errors
    assert by_address.context["form"].errors == stranger.context["form"].errors


def test_deactivated_staff_learn_it_with_the_right_password_only(world, client):
    right = log_in(client, "engineering_left_pm@example.org")
    wrong = log_in(client, "engineering_left_pm@example.org", "wrong password")

    assert "This account is deactivated." in right.content.decode()
    assert "deactivated" not in wrong.content.decode()
    assert "_auth_user_id" not in client.session


def test_deactivated_staff_are_refused_even_if_their_user_is_active(world, client):
    Person._base_manager.filter(pk=world.people["first_year_pm"].pk).update(status="deactivated")

    response = log_in(client, "first_year_pm@example.org")

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_user_without_a_person_logs_in_by_user_name(world, client, django_user_model):
    django_user_model.objects.create_superuser("editor", "editor@example.org", PASSWORD)

    response = log_in(client, "editor")

    assert response.status_code == 302
    assert client.get("/admin/pages/").status_code == 200


@pytest.mark.parametrize("door", ["/admin/login/", "/_util/login/"])
def test_other_log_ins_lead_to_this_one_and_let_nobody_in(world, client, door):
    asked = client.get(f"{door}?next=/admin/mentees/")
    posted = client.post(
        door, {"username": "first_year_pm@example.org", "password": PASSWORD, "next": "/admin/mentees/"}
    )

    assert asked["Location"] == posted["Location"] == f"{LOG_IN}?next=%2Fadmin%2Fmentees%2F"
    assert "_auth_user_id" not in client.session


def test_wanted_page_is_kept_through_the_log_in(world, client):
    sent_away = client.get("/admin/mentees/")
    response = log_in(client, "first_year_pm@example.org", next="/admin/mentees/")

    assert sent_away["Location"] == f"{LOG_IN}?next=/admin/mentees/"
    assert response["Location"] == "/admin/mentees/"


def test_session_gets_a_new_key_and_a_life_of_hours(world, client):
    client.get(LOG_IN)
    session = client.session
    session["kept"] = "from before"
    session.save()
    before = session.session_key

    log_in(client, "first_year_pm@example.org")

    assert client.session.session_key != before
    assert 11 * 3600 < client.session.get_expiry_age() <= 12 * 3600


def test_mentee_who_is_in_sees_the_form_and_not_a_circle(world, client_of):
    client = client_of("first_year_mentee")

    assert client.get(f"{LOG_IN}?next=/admin/").status_code == 200
    response = log_in(client, "first_year_pm@example.org")

    assert response.status_code == 302
    assert int(client.session["_auth_user_id"]) == world.people["first_year_pm"].user_id
