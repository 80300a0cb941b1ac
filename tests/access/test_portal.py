"""The front doors by everybody: own pages shown, all else 404 or the log-in, and nothing of others in any answer."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from mentorpro_plugin.shell.doors import DOORS

from .asking import (
    DENIED,
    PROGRAM_STAFF,
    Probe,
    answer_of,
    differences,
    everything_in,
    outcome_of,
    send,
)
from .expectations import Facts
from .portal import CLASSIFIED, ON_ROWS, OPEN, OWN, portal_probes, secrets_behind_the_doors
from .screens import addresses, of_each_kind, secrets_of, some_of
from .snapshots import changed, owners_of, snapshot
from .test_screens import HOSTILE_VALUES

PARTICIPANTS = [
    "first_year_mentor",
    "first_year_mentee",
    "transfer_mentor",
    "engineering_free_mentor",
    "engineering_free_mentee",
]
OTHERS = ["super_admin", *PROGRAM_STAFF, "engineering_left_mentee", "engineering_left_pm", None]


@pytest.fixture
def facts(lived_in_world):
    return Facts()


def secrets_for(facts, user):
    return secrets_behind_the_doors(facts, user, secrets_of(facts, user))


def test_every_class_names_addresses_that_exist():
    names = {address.name for address in addresses()}

    assert {f"{door}:{name}" for door in DOORS for name in CLASSIFIED} <= names


def test_no_address_is_in_two_classes():
    assert len(CLASSIFIED) == len(OPEN) + len(OWN) + len(ON_ROWS)


def test_rows_are_probed_that_are_for_the_reader_and_rows_that_are_not(lived_in_world, facts):
    # Or the probes below would prove nothing.
    probes = [
        probe
        for who in PARTICIPANTS
        for probe in of_each_kind(portal_probes(facts, lived_in_world.user(who)))
    ]

    for name, screens in ON_ROWS.items():
        for screen in screens:
            for door in screen.doors:
                method = "post" if screen.body else "get"
                answers = {
                    probe.answer
                    for probe in probes
                    if probe.name == f"{door}:{name}" and probe.method == method
                }
                assert {"wrong door", "hidden"} < answers, (name, method)


@pytest.mark.parametrize("name", [*PARTICIPANTS, *OTHERS])
def test_front_doors_show_everybody_what_is_theirs_and_nothing_of_others_and_do_nothing_to_it(
    lived_in_world, client_of, facts, name
):
    user = lived_in_world.user(name) if name else AnonymousUser()
    client = client_of(name)
    before = snapshot()

    found = differences(client, of_each_kind(portal_probes(facts, user)), secrets_for(facts, user))

    assert found == [], "\n".join(found)
    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize("name", PARTICIPANTS)
def test_what_is_done_to_own_rows_stays_in_the_organization(lived_in_world, client_of, facts, name):
    client = client_of(name)
    own = lived_in_world.people[name].organization_id

    for probe in some_of(list(portal_probes(facts, lived_in_world.user(name)))):
        if probe.answer not in DENIED:
            _answer, changes = outcome_of(client, probe)

            assert owners_of(changes) <= {own}, probe


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
def test_row_that_never_was_is_answered_like_one_of_others(lived_in_world, client_of, facts, name):
    client = client_of(name)
    door = lived_in_world.people[name].role
    hidden = {
        (probe.name, probe.method): probe
        for probe in portal_probes(facts, lived_in_world.user(name))
        if probe.name.startswith(door) and probe.answer == "hidden" and re.search(r"/\d+/", probe.path)
    }
    assert hidden

    for probe in hidden.values():
        theirs = send(client, probe)
        for key in ("0", "999999999", "9" * 25):
            path = re.sub(r"/\d+/", f"/{key}/", probe.path)
            nobodys = send(client, replace(probe, path=path))

            assert answer_of(nobodys) == "hidden", path
            assert nobodys.content == theirs.content, path


@pytest.mark.parametrize("name", [*PARTICIPANTS, None])
@pytest.mark.parametrize("door", DOORS)
def test_open_pages_show_nothing_of_anybody(lived_in_world, client_of, facts, name, door):
    user = lived_in_world.user(name) if name else AnonymousUser()
    secrets = secrets_for(facts, user)
    client = client_of(name)

    for page, key in OPEN.items():
        response = client.get(reverse(f"{door}:{page}", args=key))

        assert response.status_code in {200, 302, 404, 405}, page
        text = everything_in(response)
        assert [secret for secret in secrets if secret in text] == [], page


#: What addresses of the portal read from their query, and then some.
PARAMETERS = ("before", "after", "up_to", "since", "state", "page", "next", "q", "to")


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
def test_front_doors_bear_any_parameter(lived_in_world, client_of, facts, name):
    client = client_of(name)
    pages = {
        probe.name: probe
        for probe in portal_probes(facts, lived_in_world.user(name))
        if probe.answer == "shown" and probe.method == "get"
    }
    found = []

    for probe in pages.values():
        for value in [*HOSTILE_VALUES, "0001-01-01T00:00+14:00|1", "9999-12-31T23:59-14:00|1"]:
            query = "&".join(f"{parameter}={quote(value)}" for parameter in PARAMETERS)
            response = send(client, Probe(probe.name, f"{probe.path}?{query}", "shown"))
            if answer_of(response) not in {"shown", "hidden", "304", "204", "400"}:
                found.append(f"{probe.path}?{query}: {answer_of(response)}")

    assert found == []


@pytest.mark.parametrize("name", ["first_year_mentor", "first_year_mentee"])
def test_actions_bear_any_value(lived_in_world, client_of, facts, name):
    client = client_of(name)
    actions = {
        probe.name: probe
        for probe in portal_probes(facts, lived_in_world.user(name))
        if probe.method == "post" and probe.answer not in {"hidden", "wrong door"}
    }
    found = []

    for probe in actions.values():
        for value in HOSTILE_VALUES:
            body = dict.fromkeys([*probe.body, *PARAMETERS], value)
            response = send(client, Probe(probe.name, probe.path, "", "post", body))
            if response.status_code >= 500:
                found.append(f"{probe.path} {value!r}: {response.status_code}")

    assert found == []


def test_personal_pages_are_stored_nowhere(lived_in_world, client_of, facts):
    for name in ("first_year_mentor", "first_year_mentee"):
        client = client_of(name)
        for probe in portal_probes(facts, lived_in_world.user(name)):
            if probe.answer == "shown":
                response = send(client, probe)

                assert "no-store" in response.get("Cache-Control", ""), probe
