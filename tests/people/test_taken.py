"""What belongs to another person is said beside the field that has to change."""

import pytest

from mentorpro_plugin.models import Person
from tests.factories import fictional_phone

SENTENCES = {
    "id_number": "This ID belongs to another person.",
    "email": "This e-mail address belongs to another member of staff.",
    "phone": "This phone number belongs to another person.",
}


@pytest.mark.parametrize("field", SENTENCES)
@pytest.mark.parametrize("screen", ["add", "edit"])
@pytest.mark.parametrize(
    # Of another school, and out of the sight of whoever fills the form in; and of their own. Both are answered alike.
    "holder",
    ["cohort_pm", "transfer_pm"],
)
def test_what_is_taken_is_said_beside_its_field(world, client_of, field, screen, holder):
    other = world.people[holder]
    taken = {"id_number": other.id_number.lower(), "email": other.email.upper(), "phone": str(other.phone)}
    free = {"id_number": "FREE-1", "email": "free@example.net", "phone": fictional_phone()}
    url = "/admin/program-managers/add/"
    if screen == "edit":
        url = f"/admin/program-managers/edit/{world.people['first_year_pm'].pk}/"
    organization = world.organizations["engineering"].pk
    given = {"organization": organization, "first_name": "New", "last_name": "Person", **free}

    response = client_of("engineering_child").post(url, {**given, field: taken[field]})

    assert response.context["form"].errors == {field: [SENTENCES[field]]}
    assert not Person._base_manager.filter(first_name="New").exists()
