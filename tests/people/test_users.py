"""The user behind a person: nothing but what logging in needs, for any user model."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import is_password_usable

from mentorpro_plugin.access.roles import PARTICIPANTS, STAFF, Role
from mentorpro_plugin.people import users
from mentorpro_plugin.people.users import build_user


class AddressIsTheUsername:
    """As much as is needed of a user model that logs in by e-mail address, and has neither username nor names."""

    USERNAME_FIELD = "email"

    password = ""

    @classmethod
    def get_email_field_name(cls):
        return "email"

    def set_unusable_password(self):
        self.password = "!"


@pytest.fixture
def by_address(monkeypatch):
    monkeypatch.setattr(users, "get_user_model", lambda: AddressIsTheUsername)


@pytest.mark.parametrize("role", STAFF)
def test_staff_log_in_by_their_own_address_where_that_is_the_username(by_address, role):
    assert build_user(role, "Linh@Example.net").email == "linh@example.net"


@pytest.mark.parametrize("role", PARTICIPANTS)
def test_participant_has_an_address_that_cannot_exist_where_that_is_the_username(by_address, role):
    first, second = (build_user(role, "linh@example.net").email for _ in range(2))

    assert first.endswith("@people.invalid")
    assert first != second
    assert "linh" not in first


@pytest.mark.parametrize("role", Role)
def test_username_means_nothing(role):
    first, second = (build_user(role, "linh@example.net") for _ in range(2))

    assert first.get_username() != second.get_username()
    assert "linh" not in first.get_username()
    assert len(first.get_username()) <= get_user_model()._meta.get_field("username").max_length


@pytest.mark.parametrize("role", Role)
def test_address_stands_on_the_user_of_staff_only(role):
    assert build_user(role, "Linh@Example.net").email == ("linh@example.net" if role in STAFF else "")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("password", ["", "unset", "unset$", "!", "password"])
def test_no_password_lets_a_new_user_in(role, password):
    user = build_user(role, "linh@example.net")

    assert not user.check_password(password)
    assert not user.check_password(user.password)


@pytest.mark.parametrize("role", Role)
def test_new_staff_can_ask_for_a_password_and_participants_cannot(role):
    assert is_password_usable(build_user(role, "linh@example.net").password) == (role in STAFF)
