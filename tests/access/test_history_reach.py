"""Whose history is seen by whom: the rule of one entry, the queryset of all, and the specification agree."""

import uuid
from itertools import product

import pytest
from django.contrib.auth import get_user_model
from django_scopes import scopes_disabled

from mentorpro_plugin.access.extents import holds
from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.activity.history import entry, record
from mentorpro_plugin.models import HistoryEntry
from tests.world import assign

from .expectations import Facts
from .screens import may

GONE = 10**9


@pytest.fixture
def entries(world):
    """An entry of every person, program and organization, deleted ones included, in all combinations that there are; on
    the organization itself and on an import, by an account of it and by one of its Program Managers.
    """
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")
    written = []

    def note(organization, person=None, program=None, *, action=HistoryEntry.Action.CHANGED, by=None):
        written.append(
            entry(
                world.organizations["riverside"],
                action,
                by=by,
                organization=organization,
                person=person,
                program=program,
            )
        )

    for organization in [None, *world.organizations.values()]:
        pk = organization and organization.pk
        people = [person.pk for person in world.people.values() if person.organization_id == pk]
        programs = [program.pk for program in world.programs.values() if program.organization_id == pk]
        for person, program in product([None, GONE, *people], [None, GONE, *programs]):
            note(pk, person, program)
        for action in (HistoryEntry.Action.IMPORTED, HistoryEntry.Action.EXPORTED):
            for by in (None, "first_year_pm", "engineering_child", "cohort_pm"):
                note(pk, action=action, by=world.user(by) if by else None)
    return HistoryEntry._base_manager.bulk_create(written)


def may_see(facts, user, row):
    """From the words: by the person's history; without a person, by the program; without that, by the organization.
    Imports and exports tell of more people than those of somebody's programs, so of these they see their own.

    Of somebody who is gone, the organization is what is left.
    """
    me = facts.me(user)
    if me == "super admin":
        return True
    if me is None or me.role in ("mentor", "mentee"):
        return False
    if me.role in ("parent", "child"):
        return row.organization_id is not None and facts.is_within_the_border(user, row.organization_id)
    programs = {program.pk: program for program in facts.programs}
    if row.program_id is not None and not (
        row.program_id in programs and may(facts, user, "view", programs[row.program_id])
    ):
        return False
    if row.person_id is not None:
        return row.person_id in facts.person and facts.may(user, "view_history", facts.person[row.person_id])
    if row.program_id is None and row.action in ("imported", "exported") and row.actor_id != user.pk:
        return False
    return row.program_id is not None or row.organization_id == me.organization_id


def test_rule_queryset_and_specification_agree_for_everybody(world, entries):
    facts = Facts()

    for user in get_user_model()._base_manager.all():
        expected = {row.pk for row in entries if may_see(facts, user, row)}
        with scopes_disabled():
            by_queryset = set(HistoryEntry.objects.visible_to(user).values_list("pk", flat=True))
        by_rule = {row.pk for row in entries if holds(user, "view_history", row)}
        with scope_of(reach_of(user)):
            within_scope = set(HistoryEntry.objects.visible_to(user).values_list("pk", flat=True))

        assert by_queryset == by_rule == within_scope == expected, user


def test_entries_on_people_are_seen_by_those_who_may_see_their_history(world, entries):
    facts = Facts()

    for user in get_user_model()._base_manager.all():
        with scope_of(reach_of(user)):
            seen = set(HistoryEntry.objects.visible_to(user).values_list("pk", flat=True))

        for row in entries:
            if row.person_id in facts.person and row.program_id is None:
                assert (row.pk in seen) == facts.may(user, "view_history", facts.person[row.person_id])


def test_numbers_of_an_import_are_seen_by_who_did_it_and_who_answers_for_the_organization(world, client_of):
    counts = {"new": 4321, "changed": 0, "unchanged": 0, "refused": 0}
    for by in ("engineering_child", "first_year_pm"):
        organization = world.organizations["engineering"]
        record(
            organization,
            HistoryEntry.Action.IMPORTED,
            by=world.user(by),
            organization=organization.pk,
            changes=counts | {"new": 4321 if by == "engineering_child" else 1234},
        )

    pages = {
        name: client_of(name).get("/admin/history/").content.decode()
        for name in ("riverside_parent", "engineering_child", "first_year_pm", "transfer_pm", "first_year_sc")
    }

    assert {name: ("4321" in page, "1234" in page) for name, page in pages.items()} == {
        "riverside_parent": (True, True),
        "engineering_child": (True, True),
        "first_year_pm": (False, True),
        "transfer_pm": (False, False),
        "first_year_sc": (False, False),
    }


def test_history_of_one_import_is_seen_as_far_as_its_entries_are(world, client_of):
    batch = uuid.uuid4()
    for key in ("first_year_mentee", "moot_mentee"):
        person = world.people[key]
        written = entry(
            person, HistoryEntry.Action.ADDED, by=None, organization=person.organization_id, person=person.pk
        )
        written.batch, written.via = batch, HistoryEntry.Via.IMPORT
        written.save(force_insert=True)

    pages = {
        name: client_of(name).get(f"/admin/history/?batch={batch}").content.decode()
        for name in ("super_admin", "first_year_pm", "cohort_pm")
    }

    named = {
        name: [key for key in ("first_year_mentee", "moot_mentee") if str(world.people[key]) in page]
        for name, page in pages.items()
    }
    assert named == {
        "super_admin": ["first_year_mentee", "moot_mentee"],
        "first_year_pm": ["first_year_mentee"],
        "cohort_pm": [],
    }
