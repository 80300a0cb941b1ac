"""Identifiers: defining them, and giving their values to people."""

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.identifiers.actions import give_identifiers, save_identifier
from mentorpro_plugin.models import GivenIdentifier, HistoryEntry, Identifier, IdentifierValue


@pytest.fixture
def by(world):
    """The Parent account of Riverside, within its scope."""
    user = world.user("riverside_parent")
    with scope_of(reach_of(user)):
        yield user


@pytest.fixture
def grade(world, by):
    return Identifier.objects.get(pk=world.identifiers["riverside"].pk)


def given_to(person):
    return set(GivenIdentifier._base_manager.filter(person=person).values_list("value__name", flat=True))


def refusal_of(action, *args, by):
    rows = list(GivenIdentifier._base_manager.values()), list(IdentifierValue._base_manager.values())
    with pytest.raises(ValidationError) as refusal:
        action(*args, by=by)
    assert (
        list(GivenIdentifier._base_manager.values()),
        list(IdentifierValue._base_manager.values()),
    ) == rows
    assert HistoryEntry._base_manager.count() == 0
    return refusal.value.messages


def test_given_value_is_there_and_in_the_history(world, by, grade):
    mentee, value = world.people["transfer_mentee"], world.value("Freshmark")

    changed = give_identifiers(mentee, {grade: value}, by=by)

    [entry] = HistoryEntry._base_manager.all()
    assert changed is True
    assert given_to(mentee) == {"Freshmark"}
    assert (entry.action, entry.person, entry.changes) == (
        "identifiers_given",
        mentee,
        {f"identifier_{grade.pk}": [None, value.pk]},
    )


def test_another_value_takes_the_place_of_the_first(world, by, grade):
    mentee = world.people["first_year_mentee"]

    give_identifiers(mentee, {grade: world.value("Seniormark")}, by=by)

    assert given_to(mentee) == {"Seniormark"}
    assert HistoryEntry._base_manager.get().changes == {
        f"identifier_{grade.pk}": [world.value("Freshmark").pk, world.value("Seniormark").pk]
    }


def test_value_is_taken_away(world, by, grade):
    mentee = world.people["first_year_mentee"]

    changed = give_identifiers(mentee, {grade: None}, by=by)

    assert (changed, given_to(mentee)) == (True, set())


@pytest.mark.parametrize(("person", "value"), [("first_year_mentee", "Freshmark"), ("transfer_mentee", None)])
def test_value_that_is_there_already_changes_nothing(world, by, grade, person, value):
    value = world.value(value) if value else None

    changed = give_identifiers(world.people[person], {grade: value}, by=by)

    assert changed is False
    assert HistoryEntry._base_manager.count() == 0


def test_identifier_that_is_not_mentioned_stays(world, by):
    mentee = world.people["first_year_mentee"]

    changed = give_identifiers(mentee, {}, by=by)

    assert (changed, given_to(mentee)) == (False, {"Freshmark"})


def test_value_of_another_identifier_is_refused(world, by, grade):
    sentences = refusal_of(
        give_identifiers, world.people["transfer_mentee"], {grade: world.value("Hillyear")}, by=by
    )

    assert sentences == ["That value isn't one of “Grade Riverside”."]


def test_identifier_of_another_tree_is_refused(world, by):
    foreign = world.identifiers["hillside"]

    sentences = refusal_of(
        give_identifiers, world.people["transfer_mentee"], {foreign: world.value("Hillyear")}, by=by
    )

    assert sentences == ["That value isn't one of “Grade Hillmark”."]


def test_identifier_is_added_with_its_values_in_order(world, by):
    identifier = Identifier(name="Campus", organization=world.organizations["riverside"])
    identifier.values = [
        IdentifierValue(name=name, sort_order=n) for n, name in enumerate(("North", "South"))
    ]

    save_identifier(identifier, by=by)

    kept = Identifier.objects.get(name="Campus")
    assert list(kept.values.values_list("name", flat=True)) == ["North", "South"]
    assert (HistoryEntry._base_manager.get().action, HistoryEntry._base_manager.get().organization_id) == (
        "added",
        kept.organization_id,
    )


@pytest.mark.parametrize("name", ["Grade Riverside", "grade RIVERSIDE"])
def test_name_taken_in_the_tree_is_refused_whatever_its_case(world, by, name):
    twin = Identifier(name=name, organization=world.organizations["riverside"])

    assert refusal_of(save_identifier, twin, by=by) == [
        "This organization already has an identifier with this name."
    ]


def test_identifier_of_a_child_organization_is_refused(world, by):
    below = Identifier(name="Lab", organization=world.organizations["engineering"])

    assert refusal_of(save_identifier, below, by=by) == [
        "Identifiers belong to a parent organization; its children share them."
    ]


def test_value_that_people_have_is_not_removed(world, by, grade):
    grade.values = [value for value in grade.values.all() if value.name != "Freshmark"]

    assert refusal_of(save_identifier, grade, by=by) == [
        "People still have the value “Freshmark”. Give them another one first."
    ]


def test_value_that_nobody_has_is_removed(world, by, grade):
    grade.values = [value for value in grade.values.all() if value.name != "Seniormark"]

    save_identifier(grade, by=by)

    assert set(IdentifierValue.objects.filter(identifier=grade).values_list("name", flat=True)) == {
        "Freshmark"
    }


def test_value_is_renamed_for_those_who_have_it(world, by, grade):
    values = list(grade.values.all())
    values[0].name = "First year"
    grade.values = values

    save_identifier(grade, by=by)

    assert given_to(world.people["first_year_mentee"]) == {"First year"}
