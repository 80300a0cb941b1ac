"""Bulk loads make users of the host's model, whatever tables their rows lie in, and taking them back leaves nothing."""

import pytest
from conftest import PASSWORD
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import connection
from hostusers.models import HostUser

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.mapping import Mapping
from mentorpro_plugin.exchange.models import RosterImport
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.inserting import FEWEST
from mentorpro_plugin.organizations.actions import save_organization
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.actions import save_program
from mentorpro_plugin.programs.models import Program
from mentorpro_plugin.removal.actions import request_deletion
from mentorpro_plugin.removal.working import DeletionJob

pytestmark = pytest.mark.django_db

#: As many rows as are written together, and some more.
MENTEES = FEWEST + 10
HEADINGS = "Role,First Name,ID,Phone Number,E-mail,Program,Program Manager,Mentor"
ROSTER = "\n".join(
    [
        HEADINGS,
        "Program Manager,Ada,S1,,Ada@Example.org,Autumn,,",
        "Mentor,Berta,M1,212 555 0100,berta@example.org,Autumn,S1,",
        *(f"Mentee,Ana{n},N{n},212 555 01{n:02},n{n}@example.org,Autumn,,M1" for n in range(1, MENTEES + 1)),
    ]
)


@pytest.fixture
def school(owner):
    with scope_of(reach_of(owner)):
        school = save_organization(Organization(name="Umbra School", region="US"), by=owner)
        save_program(Program(name="Autumn", organization=school), by=owner)
    return school


@pytest.fixture
def imported(owner, school):
    return store(owner, school)


def store(owner, school, text=ROSTER):
    """Import a roster, as the screens do."""
    with scope_of(reach_of(owner)):
        file = ContentFile(text.encode(), name="roster.csv")
        roster_import = kept(actions.upload(file, name="roster.csv", organization=school, by=owner))
        mapping = Mapping.from_json(roster_import.mapping)
        actions.set_mapping(roster_import, mapping, by=owner)
        actions.confirm(kept(roster_import), by=owner)
    return kept(roster_import)


def kept(roster_import):
    return RosterImport._base_manager.get(pk=roster_import.pk)


def users_but(owner):
    """How many rows there are besides the owner's, in each table that a user lies in."""
    tables = [get_user_model(), *get_user_model()._meta.get_parent_list()]
    counts = []
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(
                f"SELECT count(*) FROM {model._meta.db_table} WHERE {model._meta.pk.column} <> %s",
                [owner.pk],
            )
            counts.append(cursor.fetchone()[0])
    return counts


def test_a_roster_is_stored_with_a_user_for_everybody(owner, imported, log_in):
    people = Person._base_manager.select_related("user")

    assert [imported.counts[kind] for kind in Kind] == [MENTEES + 2, 0, 0, 0]
    assert set(users_but(owner)) == {MENTEES + 2}
    assert {type(person.user) for person in people} == {get_user_model()}
    assert len({person.user_id for person in people}) == MENTEES + 2
    manager = people.get(id_number="S1").user
    assert (manager.email, manager.is_active, manager.is_superuser) == ("ada@example.org", True, False)
    assert not any(person.user.has_usable_password() for person in people.exclude(id_number="S1"))
    manager.set_password(PASSWORD)
    manager.save()
    assert b"Ana1" in log_in("ada@example.org").get("/admin/mentees/").content


def test_undoing_leaves_no_user_behind(owner, school, imported):
    with scope_of(reach_of(owner)):
        actions.undo(imported, by=owner)

    assert kept(imported).state == RosterImport.State.UNDONE
    assert set(users_but(owner)) == {0}
    assert HostUser.objects.get() == HostUser.objects.get(pk=owner.pk)
    again = store(owner, school)
    assert [again.counts[kind] for kind in Kind] == [MENTEES + 2, 0, 0, 0]


def test_undoing_gives_staff_back_the_address_they_log_in_with(owner, school, imported, log_in):
    manager = Person._base_manager.get(id_number="S1").user
    manager.set_password(PASSWORD)
    manager.save()
    changed = store(owner, school, "ID,E-mail\nS1,new@example.org\n")
    assert log_in("new@example.org")

    with scope_of(reach_of(owner)):
        actions.undo(changed, by=owner)

    manager.refresh_from_db()
    assert manager.email == "ada@example.org"
    assert log_in("ada@example.org")


def test_deleting_leaves_no_user_behind(owner, imported):
    person = Person._base_manager.get(id_number="N1")
    with scope_of(reach_of(owner)):
        DeletionJob.work_on(request_deletion(person, wants_export=False, by=owner).pk)

    assert not Person._base_manager.filter(pk=person.pk).exists()
    assert set(users_but(owner)) == {MENTEES + 1}
    assert not HostUser.objects.filter(pk=person.user_id).exists()
