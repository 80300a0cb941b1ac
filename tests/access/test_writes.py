"""Writing over HTTP: whatever keys of others an address or a body holds, no row of others changes."""

from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from urllib.parse import urlsplit

import pytest
from django.db.models.signals import post_save
from django.urls import reverse
from wagtail.models import ModelLogEntry

from mentorpro_plugin.models import GivenIdentifier, IdentifierValue, Person, Program
from tests.factories import PASSWORD

from .asking import DENIED, PROGRAM_STAFF, answer_of, outcome_of, send
from .expectations import Facts
from .portal import portal_probes
from .screens import OURS, some_of
from .snapshots import changed, snapshot
from .writing import assign_post, crossings, denials, post, posts_at


def test_every_screen_that_writes_is_aimed_at_the_rows_of_others(world, closed):
    writing = {
        name
        for name in OURS
        if name.partition(":")[2] in {"add", "edit", "status", "bulk", "archive"}
        or name.startswith("assignments:")
    }
    writing |= {"goals:offer", "outbox:send_again", "deletions:delete", "letters:restore", "welcome:send"}
    writing |= {"imports:cancel", "imports:undo"}
    writing |= {"exports:cancel", "exports:regular_add", "exports:regular_edit", "exports:regular_remove"}
    # These only fetch a part of a form.
    writing -= {"assignments:leads", "assignments:people", "assignments:reassign_part"}

    assert {probe.name for probe in posts_at(world, "law", closed)} == writing


HISTORY = "mentorpro_plugin.HistoryEntry"


@contextmanager
def receiving(signal, receiver, **options):
    signal.connect(receiver, **options)
    try:
        yield
    finally:
        signal.disconnect(receiver, **options)


#: What changes rows and is no part of the history, with the reason.
UNRECORDED = {
    "conversation": "messages are kept themselves; the timeline counts them",
    "conversation_read": "that something was read is nobody's business",
    "imports:add": "nothing has come of the file yet; the import says who uploaded it",
    "imports:cancel": "nothing came of the file",
    "exports:cancel": "nothing leaves, and the export itself says so",
}


def test_same_requests_write_for_a_super_admin_and_are_recorded(world, client_of, closed):
    # Or the refusals below would prove nothing.
    client = client_of("super_admin")
    logged = []

    def note(instance, **kwargs):
        logged.append((instance.content_type, instance.label))

    with receiving(post_save, note, sender=ModelLogEntry):
        for probe in posts_at(world, "law", closed):
            answer, changes = outcome_of(client, probe)

            assert answer == "done", (probe, answer)
            assert changes, probe
            assert HISTORY in changes or probe.name in UNRECORDED, probe

    # Wagtail's own log keeps names, and would still have them when the people are gone.
    assert logged == []


@pytest.mark.parametrize("name", ["first_year_mentee", "first_year_mentor"])
def test_what_participants_change_is_recorded(lived_in_world, client_of, name):
    client, recorded = client_of(name), set()
    posts = [
        probe
        for probe in portal_probes(Facts(), lived_in_world.user(name))
        if probe.method == "post" and probe.answer not in DENIED
    ]

    for probe in some_of(posts):
        _answer, changes = outcome_of(client, probe)

        if changes:
            assert HISTORY in changes or probe.name.partition(":")[2] in UNRECORDED, probe
            recorded.add(probe.name)

    assert recorded


@pytest.mark.parametrize("name", [*PROGRAM_STAFF, "first_year_mentor", "engineering_left_pm", None])
def test_nothing_is_written_to_the_rows_of_another_tree(world, client_of, closed, name):
    client = client_of(name)

    for probe in posts_at(world, "law", closed):
        answer, changes = outcome_of(client, probe)

        assert answer in (denials(probe) if name in PROGRAM_STAFF else {"log in"}), (probe, answer)
        assert changes == {}, probe


@pytest.mark.parametrize("name", ["engineering_child", "first_year_pm", "first_year_sc"])
def test_nothing_is_written_to_the_rows_of_a_sibling_organization(world, client_of, closed, name):
    client = client_of(name)

    for probe in posts_at(world, "nursing", closed):
        answer, changes = outcome_of(client, probe)

        assert answer in denials(probe), (probe, answer)
        assert changes == {}, probe


@pytest.mark.parametrize("name", ["first_year_pm", "first_year_sc"])
def test_nothing_is_written_to_a_program_of_colleagues(world, client_of, closed, name):
    client = client_of(name)
    # Their own organization's: a Program Manager does add mentors and mentees there, and change who is unassigned.
    granted = (
        {"mentors:add", "mentees:add", "outbox:send_again", "imports:add"}
        if name == "first_year_pm"
        else set()
    )

    for probe in posts_at(world, "engineering", closed):
        answer, changes = outcome_of(client, probe)

        if probe.name in granted:
            assert answer == "done", probe
        else:
            assert answer in denials(probe), (probe, answer)
            assert changes == {}, probe


@pytest.mark.parametrize("name", ["riverside_parent", "engineering_child", "first_year_pm"])
def test_same_requests_write_within_an_organization(world, client_of, name):
    people, program = world.people, world.programs["first_year"]
    free, mentor = people["engineering_free_mentee"], people["first_year_mentor"]
    client = client_of(name)

    for probe in (
        assign_post(free, program, mentor),
        post("assignments:assign_in_program", program, "mentee", people=free, lead=mentor),
    ):
        answer, changes = outcome_of(client, probe)

        assert answer == "done", (probe, answer)
        assert len(changes["mentorpro_plugin.Assignment"]) == 1


@pytest.mark.parametrize("name", [*PROGRAM_STAFF, "super_admin"])
def test_nothing_crosses_the_border_between_organizations(world, client_of, name):
    client = client_of(name)

    for probe in crossings(world):
        answer, changes = outcome_of(client, probe)

        assert answer in denials(probe), (probe, answer)
        assert changes == {}, probe


@pytest.mark.parametrize("name", ["riverside_parent", "engineering_child", "first_year_pm"])
def test_fields_that_a_form_does_not_offer_are_not_written(world, client_of, name):
    person, stranger = world.people["first_year_mentee"], world.people["moot_mentee"]
    law = world.organizations["law"]
    smuggled = {
        "id": stranger.pk,
        "pk": stranger.pk,
        "user": stranger.user_id,
        "role": "super_admin",
        "organization": law.pk,
        "tree": law.parent_id,
        "status": "deactivated",
        "is_assigned": "",
        "is_superuser": "on",
        "is_staff": "on",
        "password": "taken",
        "search_text": "taken",
        "first_login_at": "2024-01-01",
        f"identifier_{world.identifiers['hillside'].pk}": world.value("Hillyear").pk,
    }
    client = client_of(name)
    before = snapshot()

    response = client.post(
        reverse("mentees:edit", args=[person.pk]),
        {
            "first_name": "Renamed",
            "last_name": person.last_name,
            "phone": person.phone.as_e164,
            "id_number": person.id_number,
            "email": person.email,
            **smuggled,
        },
    )

    changes = changed(before, snapshot())
    changes.pop("mentorpro_plugin.HistoryEntry")
    assert answer_of(response) == "done"
    # The form offers the tree's identifier, and "not given" was sent for it.
    assert changes.pop("mentorpro_plugin.GivenIdentifier") == [
        row for row in before["mentorpro_plugin.GivenIdentifier"] if row["person_id"] == person.pk
    ]
    old = next(row for row in before["mentorpro_plugin.Person"] if row["id"] == person.pk)
    [new] = changes.pop("mentorpro_plugin.Person")
    assert {field for field in old if old[field] != new[field]} == {"first_name", "search_text"}
    assert changes == {}


@pytest.mark.parametrize("name", ["riverside_parent", "engineering_child", "first_year_pm"])
def test_new_person_is_of_the_roster_it_was_added_to_whatever_the_body_says(world, client_of, name):
    stranger = world.people["moot_mentee"]
    client = client_of(name)
    before = snapshot()

    response = client.post(
        reverse("mentees:add"),
        {
            "organization": world.organizations["engineering"].pk,
            "first_name": "New",
            "last_name": "Person",
            "phone": "+1 404 555 0199",
            "email": "",
            "id_number": "",
            "role": "parent",
            "id": stranger.pk,
            "user": stranger.user_id,
            "is_superuser": "on",
            "status": "deactivated",
        },
    )

    added = Person._base_manager.get(phone="+14045550199")
    changes = changed(before, snapshot())
    assert answer_of(response) == "done"
    assert (added.role, added.organization, added.status) == (
        "mentee",
        world.organizations["engineering"],
        "enabled",
    )
    assert added.id_number == "+14045550199"
    assert (added.user.is_superuser, added.user.is_staff, added.user.has_usable_password()) == (
        False,
        False,
        False,
    )
    assert {row["id"] for row in changes["mentorpro_plugin.Person"]} == {added.pk}
    assert {row["id"] for row in changes["auth.User"]} == {added.user_id}


@pytest.mark.parametrize("name", ["riverside_parent", "first_year_pm"])
def test_value_of_another_tree_is_given_to_nobody(world, client_of, name):
    person = world.people["first_year_mentee"]
    client = client_of(name)
    before = snapshot()

    response = client.post(
        reverse("mentees:edit", args=[person.pk]),
        {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "phone": person.phone.as_e164,
            "id_number": person.id_number,
            "email": person.email,
            f"identifier_{world.identifiers['riverside'].pk}": world.value("Hillyear").pk,
        },
    )

    assert answer_of(response) == "shown"
    assert changed(before, snapshot()) == {}
    assert not GivenIdentifier._base_manager.filter(person=person, value__name="Hillyear").exists()


@pytest.mark.parametrize("prefixes", [(0,), (1,), (0, 1)])
def test_formset_takes_no_value_of_another_identifier(world, client_of, prefixes):
    identifier = world.identifiers["riverside"]
    foreign = list(IdentifierValue._base_manager.filter(identifier=world.identifiers["hillside"]))
    own = list(IdentifierValue._base_manager.filter(identifier=identifier))
    body = {
        "name": identifier.name,
        "values-TOTAL_FORMS": 2,
        "values-INITIAL_FORMS": 2,
        "organization": identifier.organization_id,
    }
    for position in (0, 1):
        value = foreign[position] if position in prefixes else own[position]
        body |= {
            f"values-{position}-id": value.pk,
            f"values-{position}-name": f"Taken{position}",
            f"values-{position}-identifier": identifier.pk,
            f"values-{position}-ORDER": position,
        }
    client = client_of("riverside_parent")
    before = snapshot()

    client.post(reverse("identifiers:edit", args=[identifier.pk]), body)

    rows = changed(before, snapshot()).get("mentorpro_plugin.IdentifierValue", [])
    assert {row["id"] for row in rows} & {value.pk for value in foreign} == set()


@pytest.mark.parametrize("name", ["riverside_parent", "engineering_child"])
def test_program_stays_in_its_organization_whatever_the_body_says(world, client_of, name):
    program = world.programs["transfer"]
    Program._base_manager.filter(pk=program.pk).update(name="Empty")

    client_of(name).post(
        reverse("programs:edit", args=[program.pk]),
        {"name": "Renamed", "organization": world.organizations["law"].pk, "id": world.programs["moot"].pk},
    )

    after = Program._base_manager.get(pk=program.pk)
    assert (after.name, after.organization) == ("Renamed", world.organizations["engineering"])
    assert Program._base_manager.get(pk=world.programs["moot"].pk).name == world.programs["moot"].name


@pytest.mark.parametrize("name", ["riverside_parent", "engineering_child"])
def test_organization_stays_where_it_is_whatever_the_body_says(world, client_of, name):
    organization = world.organizations["engineering"]

    client_of(name).post(
        reverse("organizations:edit", args=[organization.pk]),
        {"name": "Renamed", "region": "DE", "parent": world.organizations["hillside"].pk},
    )

    organization.refresh_from_db()
    assert (organization.name, organization.region, organization.parent_id) == (
        "Renamed",
        "DE",
        world.organizations["riverside"].pk,
    )


@pytest.mark.parametrize("name", PROGRAM_STAFF)
@pytest.mark.parametrize("parent", [None, "hillside", "engineering", "law"])
def test_organization_is_added_nowhere_but_below_the_own_parent(world, client_of, name, parent):
    client = client_of(name)
    before = snapshot()
    body = {"name": "Annex", "region": "US"} | ({"parent": world.organizations[parent].pk} if parent else {})

    response = client.post(reverse("organizations:add"), body)

    assert answer_of(response) in {"refused", "shown"}
    assert changed(before, snapshot()) == {}


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "https:evil.example",
]


def test_no_screen_sends_its_user_elsewhere(world, client_of, closed):
    client = client_of("super_admin")
    locations = []

    for probe, elsewhere in zip(posts_at(world, "engineering", closed), cycle(ELSEWHERE), strict=False):
        for body, query in (({"next": elsewhere}, ""), ({}, f"?next={elsewhere}")):
            response = send(client, replace(probe, path=probe.path + query, body={**probe.body, **body}))
            locations.append(response.headers.get("Location", "/admin/"))

    assert [location for location in locations if not _is_ours(location)] == []


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_log_in_sends_nobody_elsewhere(world, client, elsewhere):
    response = client.post(
        f"/accounts/login/?next={elsewhere}",
        {"login": "first_year_pm@example.org", "password": PASSWORD, "next": elsewhere},
    )

    assert response.status_code == 302
    assert _is_ours(response["Location"])


def _is_ours(location):
    parts = urlsplit(location)
    return (parts.scheme, parts.netloc) == ("", "") and location.startswith("/admin/")


def test_get_writes_nothing_anywhere(world, client_of, closed):
    client = client_of("super_admin")
    probes = posts_at(world, "engineering", closed)
    before = snapshot()

    for probe in probes:
        client.get(probe.path, probe.body)

    assert changed(before, snapshot()) == {}


def test_posting_without_the_token_of_the_form_is_refused(world, client_of, closed):
    client = client_of("super_admin")
    client.handler.enforce_csrf_checks = True
    probes = posts_at(world, "law", closed)
    before = snapshot()

    answers = {probe.name: client.post(probe.path, probe.body).status_code for probe in probes}

    assert set(answers.values()) == {403}, answers
    assert changed(before, snapshot()) == {}
