"""Each wall alone: with the other one torn down, still nothing of another organization is shown or written.

Tearing a wall down is what these tests are for, so here, and only here, parts of the code are replaced.
"""

from contextlib import contextmanager

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled
from django_scopes.state import get_scope

from mentorpro_plugin.access import extents, middleware
from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.table import Span, codenames
from mentorpro_plugin.models import Goal, Mentee, Organization, Person

from .asking import differences, everything_in, outcome_of, send
from .expectations import Facts
from .screens import Probe, all_probes, listing_queries, secrets_of, some_of, stock_addresses
from .snapshots import owners_of
from .writing import crossings, denials, posts_at

STAFF = ["riverside_parent", "engineering_child", "first_year_pm"]


@pytest.fixture
def without_scopes(monkeypatch):
    """The first wall is down: every default manager shows every organization."""

    @contextmanager
    def no_scope(reach):
        with scopes_disabled():
            yield

    monkeypatch.setattr(middleware, "scope_of", no_scope)


@pytest.fixture
def without_rules(monkeypatch):
    """The second wall is down: whoever has a role may see every row, and do everything that there is to do to it."""
    there_is = set(codenames())

    def no_rules(reach, codename):
        is_there = codename in there_is or codename.startswith("view_")
        return Span.ALL if reach.role and is_there else Span.NONE

    monkeypatch.setattr(extents, "span_of", no_rules)


def test_wall_of_scopes_is_down_where_these_tests_say_so(world, client_of, without_scopes, monkeypatch):
    seen = []
    monkeypatch.setattr(Mentee, "__str__", lambda mentee: seen.append(get_scope()) or "", raising=False)

    client_of("first_year_pm").get(reverse("mentees:profile", args=[world.people["first_year_mentee"].pk]))

    assert seen
    assert all(scope == {"_enabled": False} for scope in seen)


def test_wall_of_rules_is_down_where_these_tests_say_so(world, without_rules):
    user = world.user("first_year_pm")

    with scopes_disabled():
        assert set(Person.objects.visible_to(user)) == set(Person._base_manager.all())
        assert len(set(Organization.objects.visible_to(user))) == len(world.organizations)
    assert user.has_perm("mentorpro_plugin.change_mentee", world.people["moot_mentee"])
    assert user.has_perm("mentorpro_plugin.add_organization", world.organizations["hillside"])
    with scope_of(reach_of(user)):
        assert set(Organization.objects.visible_to(user)) == {world.organizations["engineering"]}


@pytest.mark.parametrize("name", STAFF)
def test_rules_alone_hide_and_refuse_all_that_both_walls_do(lived_in_world, client_of, without_scopes, name):
    facts = Facts()
    user = lived_in_world.user(name)
    client = client_of(name)
    secrets = secrets_of(facts, user)
    listings = [
        Probe(namespace, f"{reverse(f'{namespace}:index')}?{query}", "anything")
        for namespace, query in listing_queries(lived_in_world)
        if "q=" not in query
    ]

    found = differences(client, some_of(all_probes(facts, user)), secrets)
    found += [line for line in differences(client, listings, secrets) if "gives away" in line]

    assert found == []


@pytest.mark.parametrize("name", STAFF)
def test_rules_alone_let_nothing_be_written_to_others(world, client_of, closed, without_scopes, name):
    client = client_of(name)
    school = "law" if name == "riverside_parent" else "nursing"

    for probe in [*posts_at(world, school, closed), *crossings(world)]:
        answer, changes = outcome_of(client, probe)

        assert answer in denials(probe), (probe, answer)
        assert changes == {}, probe


def secrets_beyond_the_border(facts, user):
    """Strings of everything in organizations that `user` has nothing to do with, however much the rules let through."""

    class Generous(Facts):
        def sees(self, user, person):
            return self.is_within_the_border(user, person.organization_id)

        def may(self, user, codename, row):
            row = self.person[row.mentee_id] if isinstance(row, Goal) else row
            organization = row.pk if isinstance(row, Organization) else row.organization_id
            return self.is_within_the_border(user, organization)

    # The scope holds the identifiers of the whole tree, and with them the name of the parent organization that
    # defines them. That a child organization's people don't see it is the rules' doing alone.
    parents = {row.pk: row for row in facts.organizations if row.parent_id is None}
    shared = {
        parents[row.parent_id].name
        for row in facts.organizations
        if row.parent_id and facts.is_within_the_border(user, row.pk)
    }
    return secrets_of(Generous(), user) - shared


@pytest.mark.parametrize("name", STAFF)
def test_scopes_alone_show_nothing_beyond_the_border(lived_in_world, client_of, without_rules, name):
    facts = Facts()
    user = lived_in_world.user(name)
    client = client_of(name)
    secrets = secrets_beyond_the_border(facts, user)
    listings = [
        Probe(namespace, f"{reverse(f'{namespace}:index')}?{query}", "anything")
        for namespace, query in listing_queries(lived_in_world)
        if "q=" not in query
    ]

    found = differences(client, [*some_of(all_probes(facts, user)), *listings], secrets)

    found = [line for line in found if "gives away" in line]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", STAFF)
def test_scopes_alone_let_nothing_be_written_beyond_the_border(world, client_of, closed, without_rules, name):
    client = client_of(name)
    school = "law" if name == "riverside_parent" else "nursing"
    facts, user = Facts(), world.user(name)
    beyond = {row.pk for row in facts.organizations if not facts.is_within_the_border(user, row.pk)}

    for probe in [*posts_at(world, school, closed), *crossings(world)]:
        _answer, changes = outcome_of(client, probe)

        assert owners_of(changes) & beyond == set(), probe


@pytest.mark.parametrize("name", ["riverside_parent", "first_year_pm"])
def test_wagtails_own_screens_give_nothing_away_with_the_doors_open(
    lived_in_world, client_of, stock_values, monkeypatch, name
):
    monkeypatch.setattr(middleware, "is_open_to", lambda user, match, kwargs: True)
    facts = Facts()
    secrets = secrets_of(facts, lived_in_world.user(name))
    client = client_of(name)
    found = []

    for address, path in stock_addresses(stock_values):
        if address != "wagtailadmin_error_test":
            text = everything_in(send(client, Probe(address, path, "anything")))
            found += [f"{path} gives away “{secret}”" for secret in secrets if secret in text]

    assert found == []
