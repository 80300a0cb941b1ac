"""The one way in: whatever else a host site opens with allauth, mentors and mentees don't come in by it."""

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import Login
from allauth.account.utils import perform_login
from allauth.core.context import request_context
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from mentorpro_plugin.access.backends import ParticipantBackend
from mentorpro_plugin.models import Person
from mentorpro_plugin.portal.adapter import AccountAdapter, AccountAdapterMixin
from mentorpro_plugin.portal.entering import enter, may_enter


class HostAdapter(AccountAdapterMixin, DefaultAccountAdapter):
    """A host's own, which knows better where its people go."""

    def get_login_redirect_url(self, request):
        return "/host/"


@pytest.fixture
def request_(rf: RequestFactory):
    request = rf.get("/")
    request.user = AnonymousUser()
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    with request_context(request):
        yield request


def is_in(request):
    return "_auth_user_id" in request.session


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
def test_participants_come_in_by_their_door_only(world, request_, name):
    person = world.people[name]

    answer = perform_login(request_, world.user(name))

    assert not is_in(request_)
    assert answer["Location"] == f"/{person.role}/log-in/"


def test_participants_come_in_by_their_door(world, request_):
    enter(request_, world.people["first_year_mentee"], stay=False, method="code")

    assert is_in(request_)


def test_door_opens_for_the_one_person_who_proved_who_they_are(world, request_):
    enter(request_, world.people["first_year_mentee"], stay=False, method="code")
    request_.session.flush()
    request_.user = AnonymousUser()

    perform_login(request_, world.user("first_year_mentor"))

    assert not is_in(request_)


def test_others_come_in_as_the_host_has_it(world, request_, settings, django_user_model):
    settings.ACCOUNT_ADAPTER = "tests.portal.test_adapter.HostAdapter"
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    editor = django_user_model.objects.create_user("editor", "editor@example.org", "a-password-of-theirs")

    answer = perform_login(request_, editor)

    assert is_in(request_)
    assert answer["Location"] == "/host/"


def test_host_that_asks_for_codes_asks_participants_for_no_second_one(
    world, request_, settings, django_user_model
):
    settings.ACCOUNT_LOGIN_BY_CODE_REQUIRED = True
    editor = django_user_model.objects.create_user("editor")
    adapter = HostAdapter()

    asked = [
        adapter.is_login_by_code_required(Login(user=user)) for user in (editor, world.user("moot_mentee"))
    ]

    assert asked == [True, False]


def test_host_that_verifies_addresses_lets_participants_in(world, request_, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    enter(request_, world.people["first_year_mentee"], stay=False, method="code")

    assert is_in(request_)


def test_host_that_verifies_numbers_finds_participants_verified(world):
    person = world.people["first_year_mentee"]

    assert HostAdapter().get_phone(world.user("first_year_mentee")) == (person.phone.as_e164, True)


def test_nobody_signs_up(request_):
    assert not AccountAdapter().is_open_for_signup(request_)


@pytest.mark.parametrize("name", ["first_year_pm", "super_admin", "engineering_left_mentee"])
def test_staff_and_deactivated_people_may_not_enter(world, name):
    assert not may_enter(world.people[name])


def test_inactive_user_may_not_enter(world):
    person = world.people["first_year_mentee"]
    person.user.is_active = False

    assert not may_enter(person)


def test_sessions_of_participants_end_with_either_switch(world):
    backend, user = ParticipantBackend(), world.user("first_year_mentee")
    assert backend.get_user(user.pk) == user

    Person._base_manager.filter(user=user).update(status=Person.Status.DEACTIVATED)
    assert backend.get_user(user.pk) is None

    Person._base_manager.filter(user=user).update(status=Person.Status.ENABLED)
    type(user)._base_manager.filter(pk=user.pk).update(is_active=False)
    assert backend.get_user(user.pk) is None


@pytest.mark.parametrize("name", ["first_year_pm", "super_admin"])
def test_backend_stands_for_participants_only(world, name):
    assert ParticipantBackend().get_user(world.user(name).pk) is None


def test_participants_are_read_with_person_and_organization_in_one_query(world, django_assert_num_queries):
    user = world.user("first_year_mentee")

    with django_assert_num_queries(1):
        assert ParticipantBackend().get_user(user.pk).mentorpro_person.organization.name


def test_no_credentials_log_a_participant_in(world):
    assert ParticipantBackend().authenticate(None, username="x", password="y", phone="+12125550142") is None
