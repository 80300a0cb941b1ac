"""The demo: the same each time, believable, true to every constraint, and no way in where DEBUG is off."""

import io
from collections import Counter
from datetime import timedelta
from random import Random

import phonenumbers
import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scopes_disabled

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.demo import numbers
from mentorpro_plugin.demo.building import PASSWORD, Demo, build
from mentorpro_plugin.demo.names import LONGEST, TONGUES
from mentorpro_plugin.demo.numbers import PhoneBook
from mentorpro_plugin.identifiers.models import GivenIdentifier
from mentorpro_plugin.management.commands.create_demo_data import Progress
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program

from ..factories import PersonFactory

pytestmark = pytest.mark.django_db

LOG_INS = {
    "superadmin@demo.test": Role.SUPER_ADMIN,
    "parent@demo.test": Role.PARENT,
    "child@demo.test": Role.CHILD,
    "pm@demo.test": Role.PROGRAM_MANAGER,
    "sc@demo.test": Role.SUCCESS_COORDINATOR,
}


@pytest.fixture(autouse=True)
def all_scopes():
    with scopes_disabled():
        yield


@pytest.fixture
def demo():
    build(Demo())


def create(**options) -> str:
    """Run the command; return what it says."""
    said = io.StringIO()
    call_command("create_demo_data", stdout=said, stderr=io.StringIO(), **options)
    return said.getvalue()


def everything() -> dict[str, list]:
    """All that the demo says, without primary keys and moments."""
    return {
        "people": list(
            Person._base_manager.order_by("pk").values_list(
                "organization__name",
                "role",
                "first_name",
                "last_name",
                "phone",
                "id_number",
                "email",
                "status",
                "last_activity_kind",
                "search_text",
            )
        ),
        "assignments": list(
            Assignment._base_manager.order_by("pk").values_list(
                "program__name", "person__id_number", "lead__id_number", "is_primary"
            )
        ),
        "given": list(
            GivenIdentifier._base_manager.order_by("pk").values_list(
                "person__id_number", "identifier__name", "value__name"
            )
        ),
    }


def ages() -> list[tuple[timedelta, timedelta | None]]:
    """How long after each other people were added and seen."""
    people = list(Person._base_manager.order_by("pk"))
    first = people[0].added_at
    return [
        (person.added_at - first, person.last_activity_at and person.last_activity_at - person.added_at)
        for person in people
    ]


def test_the_same_seed_gives_the_same_people_again():
    built = []
    for seed in (7, 7, 8):
        with transaction.atomic():
            build(Demo(seed=seed))
            built.append((everything(), ages()))
            transaction.set_rollback(True)

    assert built[0] == built[1]
    assert built[0] != built[2]


def test_organizations_and_programs_show_two_trees(demo):
    trees = {
        parent.name: sorted(parent.children.values_list("name", flat=True))
        for parent in Organization._base_manager.filter(parent=None)
    }

    assert trees == {
        "Larkspur University": [
            "Larkspur College of Engineering",
            "Larkspur Conservatory",
            "Larkspur School of Nursing",
        ],
        "Skerry Trust": ["Skerry Youth Mentors"],
    }
    assert Program._base_manager.count() == 8
    assert Program._base_manager.filter(flash_mentoring=True).count() == 1
    assert Person._base_manager.count() == 300


def test_people_are_in_every_state(demo):
    now = timezone.now()
    people = Person._base_manager.all()
    loads = Counter(
        Assignment._base_manager.filter(ended_at=None, lead__role=Role.MENTOR).values_list("lead", flat=True)
    )
    mentors = Counter(
        people.filter(role=Role.MENTEE)
        .annotate(
            leads=Count("assignments__lead", filter=Q(assignments__ended_at=None)),
            primaries=Count("assignments", filter=Q(assignments__is_primary=True)),
        )
        .values_list("leads", "primaries")
    )

    for role in (Role.MENTOR, Role.MENTEE, Role.PROGRAM_MANAGER, Role.SUCCESS_COORDINATOR):
        assert people.filter(role=role, is_assigned=False).exists(), role
        assert people.filter(role=role, is_assigned=True).exists(), role
    assert people.filter(first_login_at=None).count() > 20
    assert people.filter(last_activity_at__gt=now - timedelta(hours=4)).count() > 20
    assert people.filter(last_activity_at__lt=now - timedelta(days=15)).count() > 20
    assert people.filter(status=Person.Status.DEACTIVATED).count() > 2
    assert Assignment._base_manager.filter(ended_at__lt=now).count() > 10
    assert {(1, 0), (1, 1), (2, 1), (3, 2)} <= set(mentors)
    assert max(loads.values()) >= 15
    assert Assignment._base_manager.filter(person__role=Role.MENTEE, lead=None, ended_at=None).exists()


def test_names_come_in_every_script(demo):
    names = set(Person._base_manager.values_list("first_name", "last_name"))

    assert LONGEST in names
    assert Person._base_manager.filter(last_name="").exists()
    for tongue in TONGUES:
        assert names & {(given, family) for given in tongue.given for family in tongue.family}, tongue.given


def test_everybody_is_valid(demo):
    for person in Person._base_manager.select_related("organization", "user"):
        person.full_clean(exclude=["user"])
        before = (person.id_number, person.tree_id, person.search_text)
        person.complete()
        assert (person.id_number, person.tree_id, person.search_text) == before
        assert person.user.is_active is not person.is_deactivated
        if person.last_activity_at:
            assert person.added_at <= person.first_login_at <= person.last_activity_at <= timezone.now()
    for given in GivenIdentifier._base_manager.select_related("person", "value", "identifier"):
        given.full_clean()
        assert given.value.identifier_id == given.identifier_id
        assert given.identifier.organization_id == given.person.tree_id


def test_assignments_are_such_as_the_action_would_make(demo):
    assignments = Assignment._base_manager.select_related("person", "program", "lead")
    in_program = set(Assignment._base_manager.filter(ended_at=None).values_list("person_id", "program_id"))

    for assignment in assignments:
        person, program, lead = assignment.person, assignment.program, assignment.lead
        assignment.full_clean()
        assert program.organization_id == person.organization_id
        assert person.added_at <= assignment.started_at <= timezone.now()
        expected = {Role.MENTEE: Role.MENTOR, Role.MENTOR: Role.PROGRAM_MANAGER}.get(person.role)
        if lead is None:
            assert expected is None or (program.flash_mentoring and person.role == Role.MENTEE)
        else:
            assert lead.role == expected
            assert (lead.pk, program.pk) in in_program
            assert assignment.started_by is not None


def test_addresses_and_numbers_are_fiction(demo):
    for email, phone in Person._base_manager.values_list("email", "phone"):
        assert not email or email.rsplit("@")[1].endswith((".example.org", ".example.com"))
        if phone:
            national = str(phone.national_number)
            assert (
                national[3:8] == "55501"
                if phone.country_code == 1
                else national[3:6] in ("460", "496", "946")
            )


def test_all_area_codes_and_lines_are_valid_and_different():
    book = PhoneBook(Random(1))
    drawn = [book.next("US") for _number in range(len(numbers.AREA_CODES) * 100 + 500)]
    drawn += [book.next("GB") for _number in range(5_000)]

    assert len({(number.country_code, number.national_number) for number in drawn}) == len(drawn)
    for number in drawn[::7]:
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.region_code_for_number(number) == ("US" if number.country_code == 1 else "GB")


def test_history_tells_when_people_came_and_were_assigned(demo):
    person = Person._base_manager.filter(
        Exists(Assignment._base_manager.filter(person=OuterRef("pk"), ended_at__isnull=False)),
        is_assigned=True,
    ).first()
    entries = HistoryEntry._base_manager.filter(person=person).order_by("at", "pk")
    actions = [entry.action for entry in entries]

    assert HistoryEntry._base_manager.filter(action="added").count() == 300
    assert (entries[0].action, entries[0].at) == ("added", person.added_at)
    assert actions[:3] == ["added", "assigned", "unassigned"]
    assert set(person.assignments.values_list("started_at", flat=True)) <= {entry.at for entry in entries}


def test_log_ins_come_with_debug(settings):
    settings.DEBUG = True

    said = create()

    assert said.startswith("Created 306 people in 6 organizations")
    people = {person.email: person for person in Person._base_manager.filter(email__endswith="@demo.test")}
    assert {email: person.role for email, person in people.items()} == LOG_INS
    for email, person in people.items():
        assert authenticate(None, username=email, password=PASSWORD) == person.user
        assert person.user.is_superuser is (person.role == Role.SUPER_ADMIN)
    in_programs = {
        email: set(person.assignments.filter(ended_at=None).values_list("program__name", flat=True))
        for email, person in people.items()
    }
    assert in_programs["pm@demo.test"] == {"First-Year Engineers", "Drop-In Hours"}
    assert in_programs["sc@demo.test"] == {"First-Year Engineers"}
    assert people["child@demo.test"].organization.parent == people["parent@demo.test"].organization
    led = Person._base_manager.filter(
        assignments__program__name__in=in_programs["pm@demo.test"], assignments__ended_at=None
    )
    assert 40 <= led.distinct().count() <= 120


def test_without_debug_the_demo_is_refused():
    with pytest.raises(CommandError, match="isn't made where DEBUG is off"):
        create()

    assert not Person._base_manager.exists()


def test_without_debug_people_to_measure_with_have_no_log_ins():
    create(people=300)

    assert Person._base_manager.count() == 300
    assert not Person._base_manager.filter(email__endswith="@demo.test").exists()
    users = get_user_model()._base_manager.all()
    assert not users.filter(is_superuser=True).exists()
    # What `build_user` leaves: unusable for participants, not yet chosen for staff.
    assert {user.password[:6] for user in users if user.password[0] != "!"} == {"unset$"}


def test_running_it_again_changes_nothing(settings):
    settings.DEBUG = True
    create()
    before = everything()

    said = create(seed=5)

    assert said == "The demo data is there already. Nothing was changed.\n"
    assert everything() == before


def test_a_site_with_people_of_its_own_is_left_alone(settings):
    settings.DEBUG = True
    PersonFactory()

    with pytest.raises(CommandError, match="people of its own"):
        create()

    assert Person._base_manager.count() == 1


@pytest.mark.parametrize("options", [{"people": 10}, {"people": 100, "organizations": 0}, {"people": 10**9}])
def test_numbers_that_make_no_sense_are_wrong_usage(options):
    with pytest.raises(CommandError) as refusal:
        create(**options)

    assert refusal.value.returncode == 2
    assert not Organization._base_manager.exists()


def test_thousands_of_people_are_written_in_batches():
    with CaptureQueriesContext(
        connection,
    ) as queries:
        create(people=3000, organizations=20)

    people = Person._base_manager.all()
    assert people.count() == 3000
    assert Organization._base_manager.count() == 20
    is_open = Exists(Assignment._base_manager.filter(person=OuterRef("pk"), ended_at=None))
    assert not people.annotate(truth=is_open).exclude(is_assigned=F("truth")).exists()
    sizes = sorted(people.values("organization").annotate(size=Count("pk")).values_list("size", flat=True))
    assert sizes[0] * 2 < sizes[-1]
    participants = Counter(people.values_list("role", flat=True))
    assert 3 <= participants[Role.MENTEE] / participants[Role.MENTOR] <= 5
    for person in people.exclude(role=Role.SUPER_ADMIN):
        person.clean_fields(exclude=["user"])
    assert not HistoryEntry._base_manager.exists()
    # SQLite takes no more than 999 values at once, so a batch is several statements there.
    assert len(queries) < 3000 / 10


def test_organizations_can_be_fewer_than_those_written_by_hand():
    create(people=40, organizations=2)

    assert list(Organization._base_manager.order_by("pk").values_list("name", flat=True)) == [
        "Larkspur University",
        "Larkspur College of Engineering",
    ]
    assert Person._base_manager.count() == 40


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (Terminal(), "\r[####################                    ]  50%  5,000 people"),
        (io.StringIO(), " 50%  5,000 people"),
    ],
)
def test_progress_is_shown_while_it_lasts(stream, expected):
    progress = Progress(10_000, OutputWrapper(stream))

    progress.show(5_000)
    halfway = stream.getvalue()
    progress.show(10_000)

    assert halfway.startswith(expected)
    assert "100%  10,000 people" in stream.getvalue()
    assert stream.getvalue().endswith("\n")


def test_a_small_demo_shows_no_progress():
    stream = Terminal()

    Progress(300, OutputWrapper(stream)).show(300)

    assert stream.getvalue() == ""
