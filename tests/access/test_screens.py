"""Every address times every type of user: seen, refused or hidden as the table says, and nothing of others in it."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from mentorpro_plugin.access import doors

from . import screens
from .asking import OUTSIDERS, PROGRAM_STAFF, answer_of, differences, everything_in, send
from .expectations import Facts
from .screens import (
    OURS,
    VIEWSETS,
    Probe,
    addresses,
    all_probes,
    classes_of,
    listing_queries,
    of_each_kind,
    own_account_probes,
    secrets_of,
    stock_addresses,
)


def test_every_address_is_classified():
    unclassified = [
        f"{address.name} ({address.route}) is in {classes_of(address) or 'no class'}: say in "
        "tests/access/screens.py who may use it. A screen of the plugin belongs in OURS, and its rows in a "
        "generator of probes; a screen of Wagtail or another app in STOCK, which closes it to program staff."
        for address in addresses()
        if len(classes_of(address)) != 1
    ]

    assert unclassified == []


def test_every_class_names_addresses_that_exist():
    names = {address.name for address in addresses()}
    namespaces = {address.namespace for address in addresses()}

    named = (screens.PUBLIC, screens.ENTRANCE, screens.OWN_ACCOUNT, screens.BEFORE_LOGIN, screens.FRAME)
    assert names >= set().union(*named, screens.STOCK, OURS)
    assert screens.STOCK_NAMESPACES | set(VIEWSETS) <= namespaces


def test_doors_are_open_to_the_frame_and_our_own_screens_only():
    assert doors.OPEN_TO_STAFF == screens.BEFORE_LOGIN | screens.FRAME
    assert doors._scoped_namespaces == {name.partition(":")[0] for name in OURS}


def test_every_screen_of_ours_is_probed(world):
    facts = Facts()

    probed = {probe.name for probe in all_probes(facts, world.user("super_admin"))}

    assert probed == OURS


@pytest.mark.parametrize("name", PROGRAM_STAFF)
def test_program_staff_get_what_the_table_gives_them_and_nothing_of_others(lived_in_world, client_of, name):
    facts = Facts()
    user = lived_in_world.user(name)

    found = differences(client_of(name), of_each_kind(all_probes(facts, user)), secrets_of(facts, user))

    assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", PROGRAM_STAFF)
def test_refusal_is_plain_to_scripts(lived_in_world, client_of, name):
    facts = Facts()
    user = lived_in_world.user(name)
    client = client_of(name)
    refused = {probe.name: probe for probe in all_probes(facts, user) if probe.answer == "refused"}

    answers = {
        name: answer_of(send(client, probe, x_requested_with="XMLHttpRequest"))
        for name, probe in refused.items()
    }

    assert answers == dict.fromkeys(refused, "forbidden")


@pytest.mark.parametrize("name", OUTSIDERS)
def test_whoever_does_not_work_in_the_admin_is_sent_to_the_log_in(lived_in_world, client_of, name):
    facts = Facts()
    client = client_of(name)
    # As the staff of two organizations would be answered: so that no address is left out, and no kind of row.
    everything = {
        (probe.name, probe.answer, staff): probe
        for staff in ("super_admin", "first_year_pm")
        for probe in all_probes(facts, lived_in_world.user(staff))
    }
    secrets = secrets_of(facts, AnonymousUser())
    found = []

    for number, probe in enumerate(everything.values()):
        response = send(client, probe)
        if answer_of(response) != "log in":
            found.append(f"{probe.path}: {answer_of(response)}")
        text = everything_in(response)
        found += [f"{probe.path} gives away {secret}" for secret in secrets if secret in text]
        if number % 10 == 0:
            script = send(client, probe, x_requested_with="XMLHttpRequest")
            if answer_of(script) != "forbidden":
                found.append(f"{probe.path}, by a script: {answer_of(script)}")

    assert found == []


@pytest.mark.parametrize("name", PROGRAM_STAFF)
def test_wagtails_own_screens_are_hidden_from_program_staff(client_of, stock_values, name):
    client = client_of(name)
    found = []

    for address, path in stock_addresses(stock_values):
        for method in ("get", "post"):
            response = send(client, Probe(address, path, "hidden", method))
            if answer_of(response) != "hidden":
                found.append(f"{method} {address} {path}: {answer_of(response)}")

    assert found == []


def test_wagtails_own_screens_work_for_a_super_admin(client_of, stock_values):
    client = client_of("super_admin")
    # Fails on purpose, to show what an error looks like.
    by_design = {"wagtailadmin_error_test"}

    answers = {
        address: answer_of(send(client, Probe(address, path, "shown")))
        for address, path in stock_addresses(stock_values)
        if address not in by_design
    }

    closed = {address for address, answer in answers.items() if answer == "hidden"}
    assert set(answers.values()) <= {"shown", "hidden", "refused", "done", "405", "400", "403"}
    assert {"wagtail_bulk_action", "wagtailusers_users:edit"} <= closed
    for open_screen in (
        "wagtailadmin_explore",
        "wagtailusers_users:index",
        "wagtailusers_groups:index",
        "wagtailadmin_reports:site_history",
        "wagtailimages:index",
        "wagtaildocs:index",
        "wagtailadmin_pages:edit",
    ):
        assert answers[open_screen] == "shown", open_screen


def test_super_admin_is_shown_every_screen_of_ours(lived_in_world, client_of):
    facts = Facts()
    probes = all_probes(facts, lived_in_world.user("super_admin"))
    # One of each kind and answer: a Super Admin's pages are long, and hide nothing.
    sample = {(probe.name, probe.answer): probe for probe in probes}

    found = differences(client_of("super_admin"), sample.values(), secrets=set())

    assert found == []


@pytest.mark.parametrize("name", [*PROGRAM_STAFF, *OUTSIDERS])
def test_frame_shows_nothing_of_others(lived_in_world, client_of, name):
    facts = Facts()
    user = lived_in_world.user(name) if name else AnonymousUser()
    client = client_of(name)
    expected = "shown" if name in PROGRAM_STAFF else "log in"
    probes = [
        Probe("wagtailadmin_home", "/admin/", expected),
        Probe("wagtailadmin_account", "/admin/account/", expected),
        Probe(
            "wagtailadmin_dismissibles",
            "/admin/dismissibles/",
            "shown" if name in PROGRAM_STAFF else "log in",
        ),
        Probe("wagtailadmin_logout", "/admin/logout/", "405" if name in PROGRAM_STAFF else "log in"),
        Probe("wagtailadmin_javascript_catalog", "/admin/jsi18n/", "shown"),
        Probe("wagtailadmin_sprite", "/admin/sprite/", "shown"),
        Probe("wagtailadmin_password_reset", "/admin/password_reset/", "done"),
        Probe("wagtailadmin_password_reset_done", "/admin/password_reset/done/", "done"),
        Probe("wagtailadmin_password_reset_complete", "/admin/password_reset/complete/", "done"),
        Probe("wagtailadmin_password_reset_confirm", "/admin/password_reset/confirm/MQ/x-y/", "done"),
        Probe("wagtail_serve", "/", "shown"),
        Probe("health_live", "/health/live", "shown"),
        Probe("health_ready", "/health/ready", "shown"),
    ]

    found = differences(client, probes, secrets_of(facts, user))

    assert found == []


@pytest.mark.parametrize("name", [*PROGRAM_STAFF, *OUTSIDERS])
def test_own_account_shows_nothing_of_others(lived_in_world, client_of, name):
    user = lived_in_world.user(name) if name else AnonymousUser()
    who = "staff" if name in PROGRAM_STAFF else "nobody" if name in {None, "engineering_left_pm"} else "other"

    found = differences(client_of(name), own_account_probes(who), secrets_of(Facts(), user))

    assert found == []


@pytest.mark.parametrize("name", PROGRAM_STAFF)
def test_listing_gives_nothing_away_whatever_its_parameters(lived_in_world, client_of, name):
    facts = Facts()
    user = lived_in_world.user(name)
    client = client_of(name)
    secrets = secrets_of(facts, user)
    found = []

    for namespace, query in listing_queries(lived_in_world):
        path = f"{reverse(f'{namespace}:index')}?{query}"
        response = send(client, Probe(namespace, path, "shown"))
        text = everything_in(response)
        # What was searched for stands in the search box again.
        found += [
            f"{path} gives away “{secret}”"
            for secret in secrets
            if secret in text and quote(secret) not in query
        ]
        if answer_of(response) not in {"shown", "refused", "hidden"}:
            found.append(f"{path}: {answer_of(response)}")

    assert found == []


HOSTILE_VALUES = [
    "",
    "0",
    "-1",
    "abc",
    "²",
    "٣",
    "1e9",
    "9" * 30,
    "1,2",
    "\x00",
    "%00",
    "' or 1=1--",
    "\U0001f600",
]


@pytest.mark.parametrize("name", ["super_admin", "first_year_pm"])
def test_form_bears_any_parameter(lived_in_world, client_of, name):
    client = client_of(name)
    mentee, program = lived_in_world.people["first_year_mentee"], lived_in_world.programs["first_year"]
    fields = (
        "organization",
        "program",
        "leads",
        "lead",
        "people",
        "q",
        "identifier_1",
        "role",
        "phone",
        "id_number",
    )
    screens_on = {
        "mentees:add": [],
        "mentees:edit": [mentee.pk],
        "assignments:assign": [mentee.pk],
        "assignments:leads": [mentee.pk],
        "assignments:assign_in_program": [program.pk, "mentee"],
        "assignments:people": [program.pk, "mentee"],
    }
    found = []

    for value in HOSTILE_VALUES:
        everywhere = dict.fromkeys(fields, value)
        probes = [
            Probe("mentees:add", f"/admin/mentees/add/?organization={quote(value)}", "shown"),
            Probe("programs:add", f"/admin/programs/add/?organization={quote(value)}", "shown"),
            Probe(
                "assign",
                reverse("assignments:assign", args=[mentee.pk]) + f"?program={quote(value)}",
                "shown",
            ),
            *(
                Probe(screen, reverse(screen, args=arguments), "shown", "post", {**everywhere, **more})
                for screen, arguments in screens_on.items()
                for more in ({}, {"program": str(program.pk), "list": "on"})
            ),
        ]
        found += [
            f"{probe}" for probe in probes if answer_of(send(client, probe)) not in {"shown", "refused"}
        ]

    assert found == []


@pytest.mark.parametrize("name", ["super_admin", "first_year_sc"])
@pytest.mark.parametrize(
    "parameter", ["q", "organization", "program", "status", "ordering", "p", "identifier_1"]
)
def test_listing_bears_any_parameter(lived_in_world, client_of, name, parameter):
    client = client_of(name)

    answers = {
        value: answer_of(
            send(client, Probe("mentees", f"/admin/mentees/?{parameter}={quote(value)}", "shown"))
        )
        for value in HOSTILE_VALUES
    }

    assert set(answers.values()) <= {"shown", "hidden"}, answers
