"""The plugin in somebody else's site, with somebody else's user model."""

from io import StringIO
from itertools import count

import pytest
from conftest import PASSWORD
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign
from mentorpro_plugin.organizations.actions import save_organization
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.outbox.models import OutboxMessage
from mentorpro_plugin.outbox.secret import decrypt
from mentorpro_plugin.people.actions import add_person
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.actions import save_program
from mentorpro_plugin.programs.models import Program

pytestmark = pytest.mark.django_db

ROSTERS = ["mentors", "mentees", "program-managers", "success-coordinators"]


@pytest.fixture
def people(owner):
    """Two schools, made by the actions as screens and imports do: by first name, their people."""
    numbers = count(100)
    people = {}

    def add(role, organization, first_name, email=""):
        person = Person(
            role=role,
            organization=organization,
            first_name=first_name,
            last_name="Smoke",
            email=email,
            phone=f"+1212555{next(numbers):04}",
        )
        people[first_name] = add_person(person, by=owner)

    with scope_of(reach_of(owner)):
        school = save_organization(Organization(name="Umbra School", region="US"), by=owner)
        program = save_program(Program(name="Autumn", organization=school), by=owner)
        add(Role.PROGRAM_MANAGER, school, "Ada", "Ada@Example.org")
        add(Role.MENTOR, school, "Ownmentor")
        add(Role.MENTEE, school, "Ownmentee")
        assign(person=people["Ada"], program=program, by=owner)
        assign(person=people["Ownmentor"], program=program, lead=people["Ada"], by=owner)
        add(
            Role.MENTOR,
            save_organization(Organization(name="Penumbra", region="US"), by=owner),
            "Othermentor",
        )
    # As by the link in the mail to staff.
    people["Ada"].user.set_password(PASSWORD)
    people["Ada"].user.save()
    return people


def test_the_user_model_is_the_hosts_own():
    user_model = get_user_model()

    assert user_model._meta.app_label == "hostusers"
    assert {field.name for field in user_model._meta.get_fields()}.isdisjoint({"username", "first_name"})


def test_checks_find_nothing():
    output = StringIO()
    call_command("check", fail_level="WARNING", stdout=output, stderr=output)

    # What it silences is said in its settings.
    assert output.getvalue() == "System check identified no issues (2 silenced).\n"


def test_migrations_match_the_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_one_app_and_one_label():
    labels = [config.label for config in apps.get_app_configs() if config.name.startswith("mentorpro")]

    assert labels == ["mentorpro_plugin"]


@pytest.mark.parametrize("roster", ROSTERS)
def test_superuser_opens_every_roster(owner, client, roster):
    client.force_login(owner)

    assert client.get(f"/admin/{roster}/").status_code == 200


@pytest.mark.parametrize("roster", ROSTERS)
def test_visitors_are_asked_to_log_in(client, roster):
    response = client.get(f"/admin/{roster}/")

    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next=/admin/{roster}/")


def test_people_get_users_of_the_hosts_model(people):
    manager, mentee = people["Ada"].user, people["Ownmentee"].user

    assert {type(manager), type(mentee)} == {get_user_model()}
    assert manager.email == "ada@example.org"
    assert mentee.email.endswith("@people.invalid")


def test_manager_sees_her_own_roster_and_nobody_elses(people, log_in):
    response = log_in("ADA@example.org").get("/admin/mentors/")

    html = response.content.decode()
    assert response.status_code == 200
    assert "Ownmentor" in html
    assert "Othermentor" not in html


def test_manager_opens_a_profile_of_hers_only(people, log_in):
    client = log_in("ada@example.org")

    assert client.get(f"/admin/mentors/{people['Ownmentor'].pk}/").status_code == 200
    assert client.get(f"/admin/mentors/{people['Othermentor'].pk}/").status_code == 404


def test_manager_finds_no_users_and_groups_of_the_host(people, log_in):
    client = log_in("ada@example.org")

    assert [client.get(f"/admin/{screen}/").status_code for screen in ("users", "groups")] == [404, 404]


def test_mentees_do_not_log_in_by_password(people, client):
    response = client.post(
        "/admin/login/", {"username": people["Ownmentee"].user.email, "password": PASSWORD, "next": "/admin/"}
    )

    assert (response.status_code, "_auth_user_id" in client.session) == (200, False)
    assert not people["Ownmentee"].user.has_usable_password()


def test_deactivated_people_do_not_log_in(people, client):
    people["Ada"].user.is_active = False
    people["Ada"].user.save()

    response = client.post(
        "/admin/login/", {"username": "ada@example.org", "password": PASSWORD, "next": "/admin/"}
    )

    assert (response.status_code, "_auth_user_id" in client.session) == (200, False)


def test_mentee_logs_in_by_phone(people, client):
    mentee = people["Ownmentee"]

    asked = client.post("/mentee/log-in/", {"region": "US", "number": mentee.phone.as_national})
    message = OutboxMessage._base_manager.exclude(kind=OutboxMessage.Kind.WELCOME).get()
    given = client.post("/mentee/log-in/code/", {"code": decrypt(message.secret)})

    assert (asked["Location"], given["Location"]) == ("/mentee/log-in/code/", "/mentee/")
    assert (message.recipient, message.person_id) == (mentee.phone.as_e164, mentee.pk)
    assert message.body.startswith("{secret} is your code for Somebody else's site.")
    assert client.session["_auth_user_id"] == str(mentee.user_id)
    assert client.get("/mentee/", follow=True).status_code == 200


def test_manager_does_not_log_in_by_phone(people, client):
    client.post("/mentee/log-in/", {"region": "US", "number": people["Ada"].phone.as_e164})

    assert not OutboxMessage._base_manager.exclude(kind=OutboxMessage.Kind.WELCOME).exists()


def test_checks_say_what_the_log_in_of_staff_lacks():
    from mentorpro_plugin.accounts.checks import check_staff_log_in

    assert [found.id for found in check_staff_log_in(None)] == [
        "mentorpro_plugin.W001",
        "mentorpro_plugin.W002",
    ]
