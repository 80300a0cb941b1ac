"""Random lives of a few people: whatever is done in whatever order, the facts stay in step with each other."""

from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign, reopen, set_primary, unassign
from mentorpro_plugin.models import Assignment, HistoryEntry, Person
from tests.factories import OrganizationFactory, PersonFactory, ProgramFactory

ROLES = [
    Role.PROGRAM_MANAGER,
    Role.PROGRAM_MANAGER,
    Role.SUCCESS_COORDINATOR,
    Role.MENTOR,
    Role.MENTOR,
    Role.MENTEE,
    Role.MENTEE,
]
LEADS = {Role.MENTEE: Role.MENTOR, Role.MENTOR: Role.PROGRAM_MANAGER}

somebody = st.integers(0, len(ROLES) - 1)
steps = st.lists(
    st.one_of(
        # Twice, so that there is something to end and reopen.
        st.tuples(st.just("assign"), somebody, st.integers(0, 1), st.none() | somebody),
        st.tuples(st.just("assign"), somebody, st.integers(0, 1), st.none() | somebody),
        st.tuples(st.sampled_from(["unassign", "reopen", "primary", "not primary"]), st.integers(0, 30)),
        st.tuples(st.just("toggle status"), somebody),
    ),
    max_size=25,
)


def take(step, people, programs, by):
    """Do one step as a user would; what is refused changes nothing."""
    kind, *which = step
    if kind == "assign":
        person, program, lead = which
        assign(
            person=people[person],
            program=programs[program],
            lead=None if lead is None else people[lead],
            by=by,
        )
        return
    if kind == "toggle status":
        person = Person._base_manager.get(pk=people[which[0]].pk)
        person.status = Person.Status.ENABLED if person.is_deactivated else Person.Status.DEACTIVATED
        person.save(update_fields=["status"])
        return
    rows = list(Assignment._base_manager.order_by("pk"))
    if rows:
        row = rows[which[0] % len(rows)]
        {
            "unassign": lambda: unassign(row, by=by),
            "reopen": lambda: reopen(row, by=by),
            "primary": lambda: set_primary(row, is_primary=True, by=by),
            "not primary": lambda: set_primary(row, is_primary=False, by=by),
        }[kind]()


def contradictions():
    """What is wrong with the rows as they are."""
    rows = list(Assignment._base_manager.select_related("person", "lead"))
    open_rows = [row for row in rows if row.ended_at is None]
    present = {(row.person_id, row.program_id) for row in open_rows}
    keys = [(row.person_id, row.program_id, row.lead_id) for row in open_rows]
    found = [
        f"{row} is open twice"
        for row in open_rows
        if keys.count((row.person_id, row.program_id, row.lead_id)) > 1
    ]
    found += [
        f"{person.pk}: is_assigned is {person.is_assigned}"
        for person in Person._base_manager.all()
        if person.is_assigned != any(row.person_id == person.pk for row in open_rows)
    ]
    for row in open_rows:
        if row.lead and (row.lead_id, row.program_id) not in present:
            found.append(f"{row} is led by somebody who isn't there")
        if (row.lead.role if row.lead else None) not in {LEADS.get(row.person.role), None}:
            found.append(f"{row} is led by a {row.lead.role}")
        if row.lead is None and row.person.role == Role.MENTOR:
            found.append(f"{row} has no lead")
        if row.is_primary and (row.lead is None or row.person.role != Role.MENTEE):
            found.append(f"{row} is primary")
    return found


def life_of(assignment):
    """Whether the history of an assignment says that it is open, and primary."""
    is_open = is_primary = False
    for action in (
        HistoryEntry._base_manager.filter(subject_type="assignment", subject_id=assignment.pk)
        .order_by("pk")
        .values_list("action", flat=True)
    ):
        is_open = {"assigned": True, "reopened": True, "unassigned": False}.get(action, is_open)
        is_primary = {"primary_set": True, "primary_cleared": False}.get(action, is_primary)
    return is_open, is_primary


@settings(
    max_examples=30, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_facts_stay_in_step_whatever_is_done(db, steps):
    with transaction.atomic(), scope_of(EVERYTHING):
        organization = OrganizationFactory()
        by = PersonFactory(role=Role.CHILD, organization=organization).user
        people = [PersonFactory(role=role, organization=organization) for role in ROLES]
        programs = [
            ProgramFactory(organization=organization),
            ProgramFactory(organization=organization, flash_mentoring=True),
        ]
        # A start from which most steps lead somewhere.
        for program in programs:
            assign(person=people[0], program=program, by=by)
            assign(person=people[3], program=program, lead=people[0], by=by)
            assign(person=people[5], program=program, lead=people[3], by=by)

        for step in steps:
            rows = list(Assignment._base_manager.order_by("pk").values())
            entries = HistoryEntry._base_manager.count()
            try:
                take(step, people, programs, by)
            except ValidationError:
                assert list(Assignment._base_manager.order_by("pk").values()) == rows
            changed = list(Assignment._base_manager.order_by("pk").values()) != rows
            assert (HistoryEntry._base_manager.count() > entries) == changed, step

        assert contradictions() == []
        for assignment in Assignment._base_manager.all():
            assert life_of(assignment) == (assignment.is_open, assignment.is_primary)
        transaction.set_rollback(True)
