"""Rules = querysets, over random organizations, programs, people and assignments: no difference is allowed.

The worlds drawn here are wilder than the actions let them become (leads of any role, programs of any organization):
the two sides of an extent have to agree on those as well.
"""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentorpro_plugin.access.extents import holds
from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import refresh_is_assigned
from mentorpro_plugin.models import (
    Assignment,
    CatalogueGoal,
    Conversation,
    Goal,
    Identifier,
    Organization,
    Person,
    Program,
)
from tests.factories import fictional_phone

from .expectations import ASKED_ABOUT, WORDS, Facts

BELONGING = [role for role in Role if role != Role.SUPER_ADMIN]


@dataclass
class Drawn:
    """A random world, as positions in its own lists."""

    parents: list[int | None]
    programs: list[int]
    people: list[tuple[Role, int, bool]]
    assignments: set[tuple[int, int, int | None, bool]]
    # Pairs of people, lower position first; and whose goals there are.
    conversations: set[tuple[int, int]]
    goals: list[int]
    viewer: int
    # Which of the permissions that reach equally far is asked for.
    turn: int


@st.composite
def worlds(draw):
    tops = draw(st.integers(1, 2))
    parents = [None] * tops + draw(st.lists(st.integers(0, tops - 1), max_size=4))
    organizations = st.integers(0, len(parents) - 1)
    programs = draw(st.lists(organizations, min_size=1, max_size=4))
    people = draw(
        st.lists(st.tuples(st.sampled_from(BELONGING), organizations, st.booleans()), min_size=2, max_size=8)
    )
    somebody = st.integers(0, len(people) - 1)
    assignments = draw(
        st.sets(
            st.tuples(
                somebody,
                st.integers(0, len(programs) - 1),
                st.none() | somebody,
                st.sampled_from([True, True, False]),
            ),
            max_size=14,
        )
    )
    return Drawn(
        parents=parents,
        programs=programs,
        people=people,
        assignments={row for row in assignments if row[0] != row[2]},
        conversations=draw(
            st.sets(
                st.tuples(somebody, somebody)
                .filter(lambda pair: pair[0] != pair[1])
                .map(lambda pair: (min(pair), max(pair))),
                max_size=6,
            )
        ),
        goals=draw(st.lists(somebody, max_size=6)),
        # Beyond the people: a superuser and a user without any rights, both without a Person.
        viewer=draw(st.integers(0, len(people) + 1)),
        turn=draw(st.integers(0, 59)),
    )


def build(drawn: Drawn):
    """Write the world with a handful of queries; return the user who looks at it."""
    organizations = []
    for position, parent in enumerate(drawn.parents):
        above = None if parent is None else organizations[parent]
        organizations.append(Organization(name=f"Organization {position}", parent=above))
        organizations[-1].save()
    programs = Program._base_manager.bulk_create(
        Program(name=f"Program {position}", organization=organizations[owner])
        for position, owner in enumerate(drawn.programs)
    )
    Identifier._base_manager.bulk_create(
        Identifier(name="Grade", organization=organization)
        for organization, parent in zip(organizations, drawn.parents, strict=True)
        if parent is None
    )
    CatalogueGoal._base_manager.bulk_create(
        CatalogueGoal(title="Pass", organization=organization)
        for organization, parent in zip(organizations, drawn.parents, strict=True)
        if parent is None
    )
    users = get_user_model()._base_manager.bulk_create(
        [
            *(
                get_user_model()(username=f"user{position}", is_active=not deactivated)
                for position, (_role, _owner, deactivated) in enumerate(drawn.people)
            ),
            get_user_model()(username="superuser", is_superuser=True),
            get_user_model()(username="stranger"),
        ]
    )
    people = []
    for position, (role, owner, deactivated) in enumerate(drawn.people):
        person = Person(
            user=users[position],
            role=role,
            organization=organizations[owner],
            first_name=f"Person {position}",
            phone=fictional_phone(),
            email=f"person{position}@example.org",
            status=Person.Status.DEACTIVATED if deactivated else Person.Status.ENABLED,
        )
        person.complete()
        people.append(person)
    people = Person._base_manager.bulk_create(people)
    now = timezone.now()
    Assignment._base_manager.bulk_create(
        Assignment(
            person=people[person],
            program=programs[program],
            lead=None if lead is None else people[lead],
            started_at=now,
            ended_at=None if is_open else now,
        )
        for person, program, lead, is_open in drawn.assignments
    )
    Conversation._base_manager.bulk_create(
        Conversation(first=people[one], second=people[other], organization=people[one].organization)
        for one, other in sorted(drawn.conversations)
    )
    # Titles differ: nobody has two open goals of the same one.
    Goal._base_manager.bulk_create(
        Goal(mentee=people[person], title=f"Pass {number}") for number, person in enumerate(drawn.goals)
    )
    refresh_is_assigned(*(person.pk for person in people))
    return get_user_model()._base_manager.get(pk=users[drawn.viewer].pk)


def permissions_in_turn(facts: Facts, viewer, turn: int):
    """One of the permissions that reach equally far for `viewer`, by the specification, with the rows of them all.

    They differ in name only: an extent belongs to the words, and `test_table.py` holds each permission to its words.
    """
    me = facts.me(viewer)
    role = Role.SUPER_ADMIN if me == "super admin" else me and Role(me.role)
    alike: dict[tuple[type, str | None], list[str]] = {}
    for codename, model in ASKED_ABOUT.items():
        alike.setdefault((model, role and WORDS[codename][role]), []).append(codename)
    for (model, _words), codenames in alike.items():
        rows = {row.pk: row for codename in codenames for row in facts.rows_for(codename)}
        yield codenames[turn % len(codenames)], model, list(rows.values())


@settings(
    max_examples=400,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=worlds())
def test_rules_querysets_and_specification_agree_on_random_worlds(db, drawn):
    with transaction.atomic():
        viewer = build(drawn)
        facts = Facts()
        differences = []

        for codename, model, rows in permissions_in_turn(facts, viewer, drawn.turn):
            expected = {row.pk for row in rows if facts.may(viewer, codename, row)}
            # Not `has_perm`, which grants a superuser whatever it is asked; for all others it is the same.
            by_rule = {row.pk for row in rows if holds(viewer, codename, row)}
            with scopes_disabled():
                found = set(model.objects.permitted(viewer, codename).values_list("pk", flat=True))
            by_queryset = found & {row.pk for row in rows}
            if not expected == by_rule == by_queryset:
                differences.append((codename, expected, by_rule, by_queryset))

        assert differences == []
        transaction.set_rollback(True)


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=worlds())
def test_scope_of_a_reach_holds_the_organizations_within_the_border_and_no_other(db, drawn):
    with transaction.atomic():
        viewer = build(drawn)
        facts = Facts()
        within = {row.pk for row in facts.organizations if facts.is_within_the_border(viewer, row.pk)}

        with scope_of(reach_of(viewer)):
            organizations = set(Organization.objects.values_list("pk", flat=True))
            programs = set(Program.objects.values_list("pk", flat=True))
            people = set(Person.objects.values_list("pk", flat=True))
            assignments = set(Assignment.objects.values_list("pk", flat=True))
            identifiers = set(Identifier.objects.values_list("organization", flat=True))
            catalogues = set(CatalogueGoal.objects.values_list("organization", flat=True))
            conversations = set(Conversation.objects.values_list("pk", flat=True))
            goals = set(Goal.objects.values_list("pk", flat=True))

        owner = {program.pk: program.organization_id for program in facts.programs}
        assert organizations == within
        assert programs == {row.pk for row in facts.programs if row.organization_id in within}
        assert people == {row.pk for row in facts.people if row.organization_id in within}
        assert assignments == {row.pk for row in facts.assignments if owner[row.program_id] in within}
        # Identifiers belong to the whole tree, so a child organization's people read their parent's.
        tops = {row.pk: row.parent_id or row.pk for row in facts.organizations}
        assert identifiers == catalogues == {tops[pk] for pk in within}
        assert conversations == {row.pk for row in facts.conversations if row.organization_id in within}
        assert goals == {
            row.pk for row in facts.goals if facts.person[row.mentee_id].organization_id in within
        }
        transaction.set_rollback(True)
