"""Adding programs, organizations and identifiers: what the forms choose by themselves."""

import pytest

from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.programs.models import Program


@pytest.mark.parametrize(
    ("who", "address", "field", "chosen"),
    [
        ("engineering_child", "/admin/programs/add/", "organization", "engineering"),
        ("riverside_parent", "/admin/organizations/add/", "parent", "riverside"),
        ("riverside_parent", "/admin/identifiers/add/", "organization", "riverside"),
    ],
)
def test_form_chooses_the_only_organization_there_is(world, client_of, who, address, field, chosen):
    form = client_of(who).get(address).context["form"]

    value = form[field].value()
    assert getattr(value, "pk", value) == world.organizations[chosen].pk


def test_child_adds_a_program(world, client_of):
    organization = world.organizations["engineering"]

    client_of("engineering_child").post(
        "/admin/programs/add/", {"organization": organization.pk, "name": "Summer"}
    )

    assert Program._base_manager.filter(name="Summer", organization=organization).exists()


def test_parent_adds_a_child_organization_and_no_parent(world, client_of):
    client = client_of("riverside_parent")

    client.post(
        "/admin/organizations/add/",
        {"parent": world.organizations["riverside"].pk, "name": "Law", "region": "US"},
    )
    client.post("/admin/organizations/add/", {"parent": "", "name": "Empire", "region": "US"})

    names = set(Organization._base_manager.values_list("name", flat=True))
    assert "Law" in names
    assert "Empire" not in names


def test_program_keeps_its_organization(world, client_of):
    program = world.programs["first_year"]

    client_of("riverside_parent").post(
        f"/admin/programs/edit/{program.pk}/",
        {"organization": world.organizations["nursing"].pk, "name": "Renamed"},
    )

    after = Program._base_manager.get(pk=program.pk)
    assert (after.name, after.organization) == ("Renamed", world.organizations["engineering"])


def test_identifier_refuses_two_values_alike_but_for_case(world, client_of):
    identifier = world.identifiers["riverside"]
    values = list(type(world.value("Freshmark"))._base_manager.filter(identifier=identifier).order_by("pk"))
    data = {
        "organization": identifier.organization_id,
        "name": identifier.name,
        "values-TOTAL_FORMS": 2,
        "values-INITIAL_FORMS": 2,
        "values-MIN_NUM_FORMS": 1,
        "values-MAX_NUM_FORMS": 1000,
    }
    for number, (value, name) in enumerate(zip(values, ["Freshmark", "freshmark"], strict=True)):
        data |= {
            f"values-{number}-id": value.pk,
            f"values-{number}-name": name,
            f"values-{number}-ORDER": number,
        }

    response = client_of("riverside_parent").post(f"/admin/identifiers/edit/{identifier.pk}/", data)

    assert response.status_code == 200
    assert "stands here twice" in response.content.decode()


def test_identifier_values_may_swap_names_or_be_refused_but_never_break(world, client_of):
    identifier = world.identifiers["riverside"]
    values = list(type(world.value("Freshmark"))._base_manager.filter(identifier=identifier).order_by("pk"))
    data = {
        "organization": identifier.organization_id,
        "name": identifier.name,
        "values-TOTAL_FORMS": 2,
        "values-INITIAL_FORMS": 2,
        "values-MIN_NUM_FORMS": 1,
        "values-MAX_NUM_FORMS": 1000,
    }
    for number, (value, name) in enumerate(zip(values, ["Seniormark", "Freshmark"], strict=True)):
        data |= {
            f"values-{number}-id": value.pk,
            f"values-{number}-name": name,
            f"values-{number}-ORDER": number,
        }

    response = client_of("riverside_parent").post(f"/admin/identifiers/edit/{identifier.pk}/", data)

    assert response.status_code in (200, 302)
