"""The contact that an organization gives to its mentors and mentees, in the form and on its page."""

import pytest

from mentorpro_plugin.models import Organization


@pytest.fixture
def edit(world, client_of):
    """Send the organization's form with a contact: `edit("engineering", contact_phone="...")`."""

    def edit(key, **contact):
        organization = world.organizations[key]
        body = {"name": organization.name, "region": organization.region, **contact}
        return client_of(f"{key}_child").post(f"/admin/organizations/edit/{organization.pk}/", body)

    return edit


def phone_of(world, key):
    phone = Organization._base_manager.get(pk=world.organizations[key].pk).contact_phone
    return phone.as_e164 if phone else ""


@pytest.mark.parametrize(
    ("region", "text", "number"),
    [
        ("US", "(201) 555-0123", "+12015550123"),
        ("DE", "+1 201 555 0123", "+12015550123"),
        ("de", "030 23125 000", "+493023125000"),
        ("US", "", ""),
    ],
)
def test_phone_is_read_in_the_country_that_the_form_names(world, edit, region, text, number):
    response = edit("engineering", region=region, contact_phone=text)

    assert response.status_code == 302
    assert phone_of(world, "engineering") == number


def test_what_is_no_phone_is_refused_with_a_sentence(world, edit):
    response = edit("engineering", contact_phone="Room 12")

    assert response.status_code == 200
    assert response.context["form"].errors == {"contact_phone": ["This is not a telephone number."]}
    assert phone_of(world, "engineering") == ""


def test_page_of_the_organization_shows_it(world, edit, client_of):
    edit("engineering", contact_phone="(201) 555-0123", contact_note="Room <12>")

    page = client_of("engineering_child").get(
        f"/admin/organizations/{world.organizations['engineering'].pk}/"
    )

    assert "+1 201-555-0123" in page.content.decode()
    assert "Room &lt;12&gt;" in page.content.decode()
