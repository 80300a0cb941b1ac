"""Rules and querysets give one answer, and it is the specification's: asked of everybody in the world."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django_scopes import scopes_disabled

from mentorpro_plugin import models
from mentorpro_plugin.access.extents import ALL_ROWS, NO_ROWS, extent_of, holds
from mentorpro_plugin.access.reach import NOTHING, reach_of, scope_of
from mentorpro_plugin.access.table import codenames
from mentorpro_plugin.models import CatalogueGoal, Goal, Identifier, Organization, Person, Program
from tests.factories import AssignmentFactory, PersonFactory
from tests.lives import converse, live
from tests.world import add, assign

from .expectations import ASKED_ABOUT, NOUN_OF, WORDS, Facts

PROXIES = {
    "organizationaccount": models.OrganizationAccount,
    "programmanager": models.ProgramManager,
    "successcoordinator": models.SuccessCoordinator,
    "mentor": models.Mentor,
    "mentee": models.Mentee,
}

MODELS = list(dict.fromkeys(ASKED_ABOUT.values()))


@pytest.fixture
def crowded_world(world):
    """The world, with those whom rules forget: two programs at once, two leads, assignments that ended, nobody's."""
    live(world)
    converse(world, "super_admin", "engineering_child")
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")
    assign(world, "first_year_sc", "transfer")
    add(world, "returned_mentee", "mentee", "engineering")
    AssignmentFactory(
        person=world.people["returned_mentee"],
        program=world.programs["transfer"],
        lead=world.people["transfer_mentor"],
        started_at="2024-01-01T00:00Z",
        ended_at="2024-02-01T00:00Z",
    )
    add(world, "moved_pm", "program_manager", "engineering")
    AssignmentFactory(
        person=world.people["moved_pm"],
        program=world.programs["first_year"],
        started_at="2024-01-01T00:00Z",
        ended_at="2024-02-01T00:00Z",
    )
    assign(world, "moved_pm", "transfer")
    add(world, "umbrella_pm", "program_manager", "riverside")
    add(world, "umbrella_mentee", "mentee", "riverside")
    get_user_model()._base_manager.create(username="bare_superuser", is_superuser=True)
    get_user_model()._base_manager.create(username="stranger")
    return world


def everybody():
    """Every user, freshly read, and the anonymous one."""
    return [*get_user_model()._base_manager.order_by("pk"), AnonymousUser()]


def name_of(user):
    person = getattr(user, "mentorpro_person", None)
    return person.email.partition("@")[0] if person else str(user)


def codenames_about(model):
    return [codename for codename, asked_about in ASKED_ABOUT.items() if asked_about is model]


def test_every_permission_of_the_table_is_expected_here():
    assert list(ASKED_ABOUT) == list(WORDS) == codenames()


@pytest.mark.parametrize("model", MODELS)
def test_has_perm_equals_the_specification_for_everybody(crowded_world, model):
    facts, users = Facts(), everybody()

    for codename in codenames_about(model):
        rows = facts.rows_for(codename)
        expected = {
            (name_of(user), str(row)): facts.may(user, codename, row) for user in users for row in rows
        }
        answers = {(name_of(user), str(row)): holds(user, codename, row) for user in users for row in rows}
        asked_as_django_does = {
            (name_of(user), str(row)): user.has_perm(f"mentorpro_plugin.{codename}", row)
            for user in users
            for row in rows
            if not user.is_superuser
        }

        assert answers == expected, codename
        assert answers | asked_as_django_does == answers, codename


def test_superuser_is_granted_whatever_django_is_asked_so_that_actions_ask_the_table(crowded_world):
    user = crowded_world.user("super_admin")
    conversation = crowded_world.people["moot_mentee"].participations.model._base_manager.first().conversation

    for codename, row in (
        ("write_message", crowded_world.people["moot_mentee"]),
        ("view_conversation", conversation),
        ("set_goal", Goal(mentee=crowded_world.people["moot_mentee"])),
    ):
        assert user.has_perm(f"mentorpro_plugin.{codename}", row)
        assert not holds(user, codename, row)


@pytest.mark.parametrize("model", MODELS)
def test_queryset_equals_the_specification_for_everybody(crowded_world, model):
    facts, users = Facts(), everybody()

    for codename in codenames_about(model):
        rows = {row.pk: row for row in facts.rows_for(codename)}
        found = {}
        for user in users:
            with scopes_disabled():
                permitted = model.objects.permitted(user, codename)
                found[name_of(user)] = sorted(permitted.filter(pk__in=rows).values_list("pk", flat=True))

        assert found == {
            name_of(user): sorted(pk for pk, row in rows.items() if facts.may(user, codename, row))
            for user in users
        }, codename


def test_wall_of_scopes_takes_nothing_that_the_table_grants(crowded_world):
    facts = Facts()

    for user in everybody():
        with scope_of(reach_of(user)):
            for codename, model in ASKED_ABOUT.items():
                rows = facts.rows_for(codename)
                permitted = model.objects.permitted(user, codename).filter(pk__in=[row.pk for row in rows])

                assert set(permitted) == {row for row in rows if facts.may(user, codename, row)}, (
                    name_of(user),
                    codename,
                )


def test_people_visible_to_a_user_are_those_of_each_role_that_they_may_see(crowded_world):
    facts = Facts()

    for user in everybody():
        with scopes_disabled():
            assert set(Person.objects.visible_to(user)) == {
                person for person in facts.people if facts.sees(user, person)
            }, name_of(user)


def test_people_managed_by_a_user_are_those_of_each_role_that_they_may_change(crowded_world):
    facts = Facts()

    for user in everybody():
        with scopes_disabled():
            assert set(Person.objects.managed_by(user)) == {
                person
                for person in facts.people
                if user.is_superuser
                or (
                    (f"change_{NOUN_OF[person.role]}" in WORDS)
                    and facts.may(user, f"change_{NOUN_OF[person.role]}", person)
                )
            }, name_of(user)


@pytest.mark.parametrize("noun", PROXIES)
def test_roster_shows_the_people_of_its_role_that_a_user_may_see(crowded_world, noun):
    facts = Facts()

    for user in everybody():
        with scope_of(reach_of(user)):
            shown = set(PROXIES[noun].objects.visible_to(user).values_list("pk", flat=True))

            assert shown == {
                person.pk
                for person in facts.people
                if NOUN_OF[person.role] == noun and facts.sees(user, person)
            }, name_of(user)


def test_super_admins_have_no_roster(crowded_world):
    with scopes_disabled():
        assert {
            user: list(models.SuperAdmin.objects.visible_to(user)) for user in everybody() if user.pk
        } == {user: [] for user in everybody() if user.pk}


@pytest.mark.parametrize("model", [Organization, Program, Identifier, CatalogueGoal])
def test_visible_and_managed_rows_are_those_of_the_view_and_change_permissions(crowded_world, model):
    facts = Facts()
    noun = model._meta.model_name

    for user in everybody():
        with scopes_disabled():
            assert set(model.objects.visible_to(user)) == {
                row for row in facts.rows(model) if facts.may(user, f"view_{noun}", row)
            }, name_of(user)
            assert set(model.objects.managed_by(user)) == {
                row for row in facts.rows(model) if facts.may(user, f"change_{noun}", row)
            }, name_of(user)


def test_permitted_with_several_codenames_adds_their_rows_up(world):
    user = world.user("first_year_sc")

    with scopes_disabled():
        either = Person.objects.permitted(user, "view_mentor", "change_programmanager", "no_such_permission")
        neither = Person.objects.permitted(user, "change_programmanager", "no_such_permission")
        none_asked = Person.objects.permitted(user)

        assert set(either) == set(Person.objects.permitted(user, "view_mentor")) != set()
        assert list(neither) == list(none_asked) == []


def test_all_rows_or_none_stays_all_rows(world):
    with scopes_disabled():
        everyone = Person.objects.count()

        assert Person.objects.filter(NO_ROWS | ALL_ROWS).count() == everyone
        assert Person.objects.filter(ALL_ROWS | NO_ROWS).count() == everyone
        assert Person.objects.filter(ALL_ROWS & NO_ROWS).count() == 0
        assert Person.objects.filter(NO_ROWS | Q(pk__in=())).count() == 0


def test_without_an_object_a_permission_means_some_row_in_principle(crowded_world):
    facts = Facts()

    for user in everybody():
        me = facts.me(user)
        for codename in codenames():
            role = "super_admin" if me == "super admin" else getattr(me, "role", None)
            words = WORDS[codename][role] if role else "none"

            assert holds(user, codename) == (words not in {"none", "hint to use the PM account"}), (
                name_of(user),
                codename,
            )
            if not user.is_superuser:
                assert user.has_perm(f"mentorpro_plugin.{codename}") == holds(user, codename)


def test_door_to_the_admin_is_open_to_active_staff_only(crowded_world):
    opened = {name_of(user) for user in everybody() if user.has_perm("wagtailadmin.access_admin")}

    assert opened == {
        "bare_superuser",
        "super_admin",
        "riverside_parent",
        "hillside_parent",
        *(f"{school}_child" for school in ("engineering", "nursing", "law")),
        *(f"{school}_free_pm" for school in ("engineering", "nursing", "law")),
        *(f"{program}_{role}" for program in crowded_world.programs for role in ("pm", "sc")),
        "moved_pm",
        "umbrella_pm",
    }


def test_model_without_extents_is_refused_loudly(world):
    with pytest.raises(KeyError):
        extent_of(NOTHING, "view_organization", models.Assignment)


@pytest.mark.parametrize(
    ("name", "queries"), [("super_admin", 1), ("riverside_parent", 2), ("law_child", 1), ("first_year_pm", 2)]
)
def test_reach_is_read_once_and_kept_on_the_user(world, django_assert_num_queries, name, queries):
    user = world.user(name)

    with django_assert_num_queries(queries):
        first = reach_of(user)
    with django_assert_num_queries(0):
        again = reach_of(user)
        user.has_perm("mentorpro_plugin.view_mentee")

    assert again is first


def test_person_deactivated_while_the_user_stays_active_reaches_nothing(world):
    person = world.people["first_year_pm"]
    Person._base_manager.filter(pk=person.pk).update(status="deactivated")

    user = world.user("first_year_pm")

    assert user.is_active
    assert reach_of(user) is NOTHING
    assert not user.has_perm("mentorpro_plugin.view_mentee", world.people["first_year_mentee"])


@pytest.mark.parametrize("name", ["super_admin", "riverside_parent", "first_year_pm"])
def test_user_made_inactive_elsewhere_reaches_nothing(world, name):
    get_user_model()._base_manager.filter(pk=world.people[name].user_id).update(is_active=False)

    user = world.user(name)

    assert reach_of(user) is NOTHING
    assert not user.has_perm("mentorpro_plugin.view_mentee", world.people["first_year_mentee"])
    with scopes_disabled():
        assert list(Person.objects.visible_to(user)) == []


def test_super_admin_needs_no_superuser_flag_and_a_superuser_no_person(world):
    person = PersonFactory(role="super_admin", organization=None)
    person.user.is_superuser = False
    person.user.save()
    bare = get_user_model()._base_manager.create(username="bare", is_superuser=True)

    for user in (get_user_model()._base_manager.get(pk=person.user_id), bare):
        assert user.has_perm("mentorpro_plugin.change_mentee", world.people["moot_mentee"])
        with scope_of(reach_of(user)):
            assert Organization.objects.count() == len(world.organizations)
