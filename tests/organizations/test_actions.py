"""Adding and changing organizations."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.models import HistoryEntry, Organization
from mentorpro_plugin.organizations.actions import save_organization


@pytest.fixture
def acting(world):
    """Save as somebody, within their scope: `acting("riverside_parent", organization)`."""

    def save(name, organization):
        by = world.user(name)
        with scope_of(reach_of(by)):
            return save_organization(organization, by=by)

    return save


def refusal_of(acting, name, organization):
    rows = list(Organization._base_manager.values())
    with pytest.raises(ValidationError) as refusal:
        acting(name, organization)
    assert list(Organization._base_manager.values()) == rows
    assert HistoryEntry._base_manager.count() == 0
    return refusal.value.messages


def fresh(world, key):
    return Organization._base_manager.get(pk=world.organizations[key].pk)


def test_parent_adds_a_child_that_is_in_the_history(world, acting):
    riverside = world.organizations["riverside"]

    added = acting("riverside_parent", Organization(name="Music", parent=riverside, region="DE"))

    kept = Organization._base_manager.get(pk=added.pk)
    assert (kept.name, kept.parent, kept.region, kept.is_parent, kept.tree_id) == (
        "Music",
        riverside,
        "DE",
        False,
        riverside.pk,
    )
    [entry] = HistoryEntry._base_manager.all()
    assert (entry.action, entry.organization, entry.subject_type, entry.subject_id) == (
        "added",
        kept,
        "organization",
        kept.pk,
    )
    assert entry.changes == {"parent_id": [None, riverside.pk], "region": [None, "DE"]}


def test_super_admin_adds_a_parent(acting, world):
    added = acting("super_admin", Organization(name="Lakeside"))

    assert (added.is_parent, added.tree_id, added.region) == (True, added.pk, "US")


def test_third_level_is_refused(world, acting):
    below = Organization(name="Robotics", parent=world.organizations["engineering"])

    assert refusal_of(acting, "riverside_parent", below) == [
        "“Enginmark Organization” is a child organization itself. Choose a parent organization."
    ]


@pytest.mark.parametrize("taken", ["Enginmark Organization", "ENGINMARK organization"])
def test_name_of_a_sibling_is_refused_whatever_its_case(world, acting, taken):
    twin = Organization(name=taken, parent=world.organizations["riverside"])

    assert refusal_of(acting, "riverside_parent", twin) == [
        "The parent organization already has a child organization with this name."
    ]


def test_name_of_another_parent_is_refused_whatever_its_case(world, acting):
    assert refusal_of(acting, "super_admin", Organization(name="hillmark ORGANIZATION")) == [
        "There is already a parent organization with this name."
    ]


def test_name_taken_beyond_the_scope_is_refused_by_the_database_in_the_same_words(world, acting):
    riverside = fresh(world, "riverside")
    riverside.name = world.organizations["hillside"].name

    assert refusal_of(acting, "riverside_parent", riverside) == [
        "There is already a parent organization with this name."
    ]


def test_children_of_different_parents_may_have_one_name(world, acting):
    added = acting(
        "riverside_parent", Organization(name="Lawmark Organization", parent=world.organizations["riverside"])
    )

    assert added.pk


@pytest.mark.parametrize("region", ["XX", "us", ""])
def test_country_without_telephone_numbers_is_refused(world, acting, region):
    organization = fresh(world, "engineering")
    organization.region = region

    assert len(refusal_of(acting, "engineering_child", organization)) == 1


def test_change_is_recorded_without_the_name(world, acting):
    organization = fresh(world, "engineering")
    organization.name, organization.region = "School of Engineering", "DE"

    acting("engineering_child", organization)

    [entry] = HistoryEntry._base_manager.all()
    assert (entry.action, entry.changes) == ("changed", {"name": None, "region": ["US", "DE"]})


def test_organization_does_not_become_anothers_child(world, acting):
    riverside = fresh(world, "riverside")
    riverside.parent = world.organizations["hillside"]

    with pytest.raises(PermissionDenied):
        acting("super_admin", riverside)


def test_database_knows_no_organization_that_is_its_own_parent(world):
    engineering = world.organizations["engineering"]

    with pytest.raises(IntegrityError), transaction.atomic():
        Organization._base_manager.filter(pk=engineering.pk).update(parent=engineering)


def test_contact_is_saved_and_history_says_only_that_it_changed(world, acting):
    engineering = world.organizations["engineering"]
    engineering.contact_email = "help@engineering.example.org"
    engineering.contact_note = "Room 12."

    acting("engineering_child", engineering)

    kept = fresh(world, "engineering")
    assert (kept.contact_email, kept.contact_phone, kept.contact_note) == (
        "help@engineering.example.org",
        "",
        "Room 12.",
    )
    [entry] = HistoryEntry._base_manager.all()
    assert entry.changes == {"contact_email": None, "contact_note": None}
