"""Names of organizations, programs and identifiers hold what a reader sees; numbers what can be stored."""

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.identifiers.actions import save_identifier
from mentorpro_plugin.identifiers.models import Identifier, IdentifierValue
from mentorpro_plugin.organizations.actions import save_organization
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.phones import read_phone, read_phone_as_e164
from mentorpro_plugin.programs.actions import save_program
from mentorpro_plugin.programs.models import Program

TYPED, KEPT = " Spring\u202e\x00 \tTerm\u2066 ", "Spring  Term"
UNSEEN = "\u200b\u202e\x07"


def save(world, what, name):
    """Save something with that name, and return what was saved."""
    by, tree = world.user("riverside_parent"), world.organizations["riverside"]
    with scope_of(EVERYTHING):
        if what == "organization":
            return save_organization(Organization(name=name, parent=tree, region="US"), by=by)
        if what == "program":
            return save_program(Program(name=name, organization=world.organizations["nursing"]), by=by)
        identifier = Identifier(name=name if what == "identifier" else "Colour", organization=tree)
        value = IdentifierValue(name=name if what == "value" else "Red")
        identifier.values.add(value)
        save_identifier(identifier, by=by)
        return identifier if what == "identifier" else identifier.values.get()


@pytest.mark.parametrize("what", ["organization", "program", "identifier", "value"])
def test_name_is_kept_without_what_no_name_holds(world, what):
    saved = save(world, what, TYPED)

    assert type(saved)._base_manager.get(pk=saved.pk).name == KEPT


@pytest.mark.parametrize("what", ["organization", "program", "identifier", "value"])
def test_name_that_nobody_sees_is_refused(world, what):
    with pytest.raises(ValidationError) as refusal:
        save(world, what, UNSEEN)

    assert refusal.value.message_dict["name"] == ["Give it a name."]


@pytest.mark.parametrize("read", [read_phone, read_phone_as_e164])
@pytest.mark.parametrize("text", ["(201) 555-0123 x123", "+1 201 555 0123 ext. 123", "201-555-0123;ext=123"])
def test_extension_is_refused_and_not_dropped(read, text):
    with pytest.raises(ValidationError) as refusal:
        read(text, region="US")

    assert refusal.value.messages == ["An extension can't be kept with a telephone number. Leave “x123” out."]


@pytest.mark.parametrize("screen", ["/admin/mentees/add/", "/admin/organizations/add/"])
def test_screens_say_that_an_extension_is_not_kept(world, client_of, screen):
    field = "phone" if "mentees" in screen else "contact_phone"
    client = client_of("riverside_parent")

    form = client.post(
        screen,
        {
            "organization": world.organizations["nursing"].pk,
            "first_name": "New",
            "name": "New",
            "parent": world.organizations["riverside"].pk,
            "region": "US",
            field: "(201) 555-0123 x123",
        },
    ).context["form"]

    assert form.errors == {field: ["An extension can't be kept with a telephone number. Leave “x123” out."]}
