"""Putting programs and organizations away: nothing is lost, nobody new comes in."""

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied, ValidationError

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.assignments.actions import assign, reopen, unassign
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.organizations.actions import save_organization
from mentorpro_plugin.organizations.archiving import archive_organization, unarchive_organization
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.actions import add_person
from mentorpro_plugin.people.lifecycle import reactivate
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.switching import reactivate_many
from mentorpro_plugin.programs.actions import save_program
from mentorpro_plugin.programs.archiving import archive_program, unarchive_program
from mentorpro_plugin.programs.models import Program
from tests.factories import OrganizationFactory, ProgramFactory, fictional_phone
from tests.world import add


@pytest.fixture
def empty(world):
    """A child organization of Riverside with nobody in it, and one program."""
    world.organizations["annex"] = OrganizationFactory(name="Annex", parent=world.organizations["riverside"])
    world.programs["annex"] = ProgramFactory(name="Annex One", organization=world.organizations["annex"])
    return world


def archived(row) -> bool:
    return type(row)._base_manager.get(pk=row.pk).is_archived


def put_away(world):
    with scope_of(EVERYTHING):
        archive_program(world.programs["annex"], by=world.user("riverside_parent"))
        archive_organization(world.organizations["annex"], by=world.user("riverside_parent"))


def test_program_goes_into_the_archive_and_comes_back_with_history(empty):
    program, user = empty.programs["annex"], empty.user("riverside_parent")

    assert archive_program(program, by=user)
    assert archived(program)
    assert not archive_program(program, by=user)
    assert unarchive_program(program, by=user)
    assert not archived(program)
    assert not unarchive_program(program, by=user)

    entries = HistoryEntry._base_manager.filter(program=program).order_by("pk")
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("archived", user.pk),
        ("unarchived", user.pk),
    ]


def test_program_stays_while_people_are_assigned_to_it(world):
    with pytest.raises(ValidationError, match="can't be archived while 4 people are assigned to it"):
        archive_program(world.programs["transfer"], by=world.user("engineering_child"))


@pytest.mark.parametrize("name", ["first_year_pm", "first_year_sc", "nursing_child", "hillside_parent"])
def test_whoever_may_not_change_a_program_does_not_archive_it(world, name):
    with pytest.raises(PermissionDenied):
        archive_program(world.programs["first_year"], by=world.user(name))


def test_organization_stays_while_anything_in_it_is_in_use(world):
    with scope_of(EVERYTHING), pytest.raises(ValidationError) as refusal:
        archive_organization(world.organizations["engineering"], by=world.user("riverside_parent"))

    sentences = refusal.value.messages
    assert len(sentences) == 3
    assert sentences[0].endswith("can't be archived yet.")
    assert sentences[1].endswith("people aren't deactivated.")
    assert sentences[2] == "2 programs aren't archived."


@pytest.mark.parametrize(
    ("name", "row"), [("engineering_child", "engineering"), ("riverside_parent", "riverside")]
)
def test_nobody_archives_the_organization_that_they_act_in(world, name, row):
    with pytest.raises(PermissionDenied):
        archive_organization(world.organizations[row], by=world.user(name))


def test_nothing_new_comes_into_what_is_archived(empty):
    put_away(empty)
    organization, program, user = (
        empty.organizations["annex"],
        empty.programs["annex"],
        empty.user("super_admin"),
    )
    organization.refresh_from_db()
    newcomer = Person(
        role=Role.MENTOR,
        organization=organization,
        first_name="New",
        last_name="Person",
        phone=fictional_phone(),
    )

    with scope_of(EVERYTHING):
        with pytest.raises(ValidationError, match="is archived, and takes nobody and nothing new"):
            add_person(newcomer, by=user)
        with pytest.raises(ValidationError, match="is archived, and takes nobody and nothing new"):
            save_program(Program(name="Second", organization=organization), by=user)
        with pytest.raises(ValidationError, match="Take it out of the archive first"):
            unarchive_program(program, by=user)
        assert unarchive_organization(organization, by=user)
        assert unarchive_program(program, by=user)
    assert not Person._base_manager.filter(organization=organization).exists()
    assert Program._base_manager.filter(organization=organization).count() == 1


def test_program_is_not_moved_into_an_archived_organization(empty):
    put_away(empty)
    program = empty.programs["annex"]
    other = ProgramFactory(name="Empty", organization=empty.organizations["nursing"])
    other.organization = empty.organizations["annex"]

    with scope_of(EVERYTHING), pytest.raises(ValidationError, match="is archived, and takes nobody"):
        save_program(other, by=empty.user("riverside_parent"))

    assert Program._base_manager.filter(organization=program.organization_id).count() == 1


@pytest.fixture
def left(empty):
    """Somebody deactivated, whose organization is archived."""
    add(empty, "annex_mentee", Role.MENTEE, "annex", status=Person.Status.DEACTIVATED)
    put_away(empty)
    return empty.people["annex_mentee"]


def is_on(person):
    person = Person._base_manager.select_related("user").get(pk=person.pk)
    assert person.user.is_active != person.is_deactivated
    return not person.is_deactivated


def test_nobody_is_reactivated_in_an_archived_organization(empty, left):
    user = empty.user("riverside_parent")

    with pytest.raises(ValidationError, match=r"“Annex” is archived\. Take it out"):
        reactivate(left, by=user)
    assert reactivate_many([left.pk, empty.people["engineering_left_mentee"].pk], by=user) == 1
    assert not is_on(left)

    with scope_of(EVERYTHING):
        unarchive_organization(empty.organizations["annex"], by=user)
    assert reactivate(left, by=user)
    assert is_on(left)


def test_screens_say_why_nobody_is_reactivated_in_an_archived_organization(empty, left, client_of):
    client = client_of("riverside_parent")

    one = client.post(f"/admin/mentees/{left.pk}/status/", {"status": "enabled"}, follow=True)
    many = client.get(f"/admin/mentees/bulk/reactivate/?id={left.pk}")

    assert "“Annex” is archived. Take it out of the archive first." in one.content.decode()
    assert "1 person is left out: their organization is archived" in " ".join(many.content.decode().split())
    assert not is_on(left)


def test_archived_parent_takes_no_child(world):
    parent = OrganizationFactory(name="Gone")
    archive_organization(parent, by=world.user("super_admin"))

    with scope_of(EVERYTHING), pytest.raises(ValidationError, match="is archived"):
        save_organization(
            Organization(name="Child", parent=parent, region="US"), by=world.user("super_admin")
        )


def test_nobody_is_assigned_to_an_archived_program(world, client_of):
    program, user = world.programs["first_year"], world.user("engineering_child")
    Program._base_manager.filter(pk=program.pk).update(archived_at="2024-01-01T00:00Z")
    free = world.people["engineering_free_mentee"]

    with pytest.raises(ValidationError, match="is archived"):
        assign(person=free, program=program, lead=world.people["first_year_mentor"], by=user)

    form = client_of("engineering_child").get(f"/admin/assignments/person/{free.pk}/").context["form"]
    assert set(form.fields["program"].queryset) == {world.programs["transfer"]}


def test_ended_assignments_of_an_archived_program_are_not_reopened(world):
    user, program = world.user("riverside_parent"), world.programs["transfer"]
    Program._base_manager.filter(pk=program.pk).update(archived_at="2024-01-01T00:00Z")
    row = Assignment._base_manager.filter(program=program, person__role=Role.MENTEE).first()
    unassign(row, by=user)
    with pytest.raises(ValidationError, match="is archived"):
        reopen(row, by=user)


def test_lists_hide_what_is_archived_until_asked(empty, client_of):
    client = client_of("riverside_parent")
    put_away(empty)

    for tab, name in (("programs", "Annex One"), ("organizations", "Annex")):
        usual = client.get(f"/admin/{tab}/").content.decode()
        asked = client.get(f"/admin/{tab}/?archived=only").content.decode()
        assert f"<bdi>{name}</bdi>" not in usual
        assert f'<bdi>{name}</bdi></a> <span class="w-status">Archived</span>' in " ".join(
            asked.split()
        ).replace("> <", "> <")
    offered = client.get("/admin/programs/add/").context["form"].fields["organization"].queryset
    assert empty.organizations["annex"] not in offered
    offered = client.get("/admin/mentors/add/").context["form"].fields["organization"].queryset
    assert empty.organizations["annex"] not in offered


def test_screen_asks_then_archives_and_tells_why_not(empty, client_of):
    client = client_of("riverside_parent")
    url = f"/admin/organizations/{empty.organizations['annex'].pk}/archive/"

    assert "Archive <bdi>Annex</bdi>?" in client.get(url).content.decode()
    refused = client.post(url, {"archive": "on"}, follow=True).content.decode()
    client.post(f"/admin/programs/{empty.programs['annex'].pk}/archive/", {"archive": "on"})
    done = client.post(url, {"archive": "on"}, follow=True).content.decode()

    assert "1 program isn&#x27;t archived." in refused
    assert "“Annex” was archived." in done
    assert archived(empty.organizations["annex"])
    client.post(url, {"archive": "off"})
    assert not archived(empty.organizations["annex"])


@pytest.mark.parametrize("method", ["get", "post"])
def test_screen_leads_to_all_that_is_in_the_way(world, client_of, method):
    client = client_of("riverside_parent")

    def links_of(tab, row):
        response = getattr(client, method)(f"/admin/{tab}/{row.pk}/archive/", {"archive": "on"})
        soup = BeautifulSoup(response.content, "html.parser")
        return {link["href"]: link.get_text() for link in soup.select("[aria-labelledby=obstacles] a")}

    program, school, parent = (
        world.programs["transfer"],
        world.organizations["engineering"],
        world.organizations["riverside"],
    )
    roles = {
        "program-managers": "Program Managers",
        "success-coordinators": "Success Coordinators",
        "mentors": "Mentors",
        "mentees": "Mentees",
    }

    in_program = links_of("programs", program)
    in_school = links_of("organizations", school)

    assert in_program == {
        f"/admin/{tab}/?program={program.pk}": f"{label}: 1" for tab, label in roles.items()
    }
    counts = {"program-managers": 3, "success-coordinators": 2, "mentors": 3, "mentees": 3}
    assert in_school == {
        **{
            f"/admin/{tab}/?organization={school.pk}": f"{roles[tab]}: {count}"
            for tab, count in counts.items()
        },
        f"/admin/organization-accounts/?organization={school.pk}": "Organization accounts: 1",
        f"/admin/programs/?organization={school.pk}": "Programs: 2",
    }
    client = client_of("super_admin")
    assert (
        links_of("organizations", parent).items()
        >= {
            f"/admin/organizations/{child.pk}/": str(child)
            for child in (school, world.organizations["nursing"])
        }.items()
    )


@pytest.mark.parametrize("name", ["hillside_parent", "nursing_child", "first_year_pm", "first_year_sc"])
def test_nobody_archives_by_address_what_they_may_not(empty, client_of, name):
    client = client_of(name)

    for tab, row in (("organizations", empty.organizations["annex"]), ("programs", empty.programs["annex"])):
        response = client.post(f"/admin/{tab}/{row.pk}/archive/", {"archive": "on"})
        assert response.status_code == 404
        assert not archived(row)
