"""Commands: for whom each of them acts. Those that act for an account ask what it may; the others keep to their errand."""

import pytest
from django.core.management import CommandError, call_command, get_commands

from mentorpro_plugin.models import Organization, Person

from .asking import PROGRAM_STAFF
from .snapshots import changed, snapshot

#: Act for the account that `--by` names, and are refused what it may not do.
FOR_AN_ACCOUNT = {"export_raw_data", "export_roster", "import_roster", "load_structure"}
#: Act for whoever has a shell on the server, and for nobody's account: what they may touch.
FOR_THE_SITE = {
    "create_demo_data": "an empty database, or the organizations of an earlier demo",
    "deliver_outbox": "what is due in the outbox, and the rounds",
    "purge_expired": "what has had its time",
    "reset_second_factor": "the second factor and the sessions of one account",
}


def test_every_command_says_for_whom_it_acts():
    ours = {name for name, app in get_commands().items() if app == "mentorpro_plugin"}

    assert ours == FOR_AN_ACCOUNT | FOR_THE_SITE.keys()


@pytest.mark.parametrize("name", [*PROGRAM_STAFF, "first_year_mentor", "first_year_mentee"])
def test_structure_is_loaded_for_those_alone_who_may_add_it(world, tmp_path, name):
    file = tmp_path / "structure.csv"
    file.write_text("kind,name,parent,flash,identifier_values,region\norganization,Taken,,,,US\n")
    before = snapshot()

    with pytest.raises(CommandError):
        call_command("load_structure", file, by=world.people[name].email)

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize(
    "name", ["first_year_sc", "first_year_mentor", "first_year_mentee", "engineering_left_pm"]
)
def test_roster_is_imported_for_those_alone_who_may(world, tmp_path, name):
    file = tmp_path / "roster.csv"
    organization = world.organizations["engineering"]
    file.write_text(f"Role,First Name,Phone Number,Organization\nMentee,New,+1 907 555 0160,{organization}\n")
    before = snapshot()

    with pytest.raises(CommandError):
        call_command("import_roster", file, by=world.people[name].email)

    assert changed(before, snapshot()) == {}


@pytest.mark.parametrize(
    "name", ["first_year_sc", "first_year_mentor", "first_year_mentee", "engineering_left_pm"]
)
def test_roster_is_exported_for_those_alone_who_may(world, tmp_path, name):
    file = tmp_path / "mentees.csv"

    with pytest.raises(CommandError):
        call_command("export_roster", by=world.people[name].email, role="mentee", output=file)

    assert not file.exists()


@pytest.mark.parametrize("name", ["hillside_parent", "engineering_child", "first_year_pm", "first_year_sc"])
def test_raw_data_are_exported_for_those_alone_who_may(world, tmp_path, name):
    file = tmp_path / "raw.zip"
    organization = world.organizations["riverside"].name

    with pytest.raises(CommandError):
        call_command("export_raw_data", by=world.people[name].email, organization=organization, output=file)

    assert not file.exists()


def test_same_exports_are_written_for_those_who_may(world, tmp_path):
    roster, raw = tmp_path / "mentees.csv", tmp_path / "raw.zip"
    organization = world.organizations["riverside"].name

    call_command("export_roster", by=world.people["first_year_pm"].email, role="mentee", output=roster)
    call_command(
        "export_raw_data", by=world.people["riverside_parent"].email, organization=organization, output=raw
    )

    assert roster.exists()
    assert raw.exists()


def test_same_files_are_taken_from_those_who_may(world, tmp_path):
    # Or the refusals above would prove nothing.
    structure, roster = tmp_path / "structure.csv", tmp_path / "roster.csv"
    structure.write_text("kind,name,parent,flash,identifier_values,region\norganization,Taken,,,,US\n")
    roster.write_text(
        "Role,First Name,Phone Number,Organization\n"
        f"Mentee,New,+1 907 555 0160,{world.organizations['engineering']}\n"
    )

    call_command("load_structure", structure, by=world.people["super_admin"].email)
    call_command("import_roster", roster, by=world.people["engineering_child"].email)

    assert Organization._base_manager.filter(name="Taken").exists()
    assert Person._base_manager.filter(phone="+19075550160").exists()


def test_purging_removes_nothing_that_has_not_had_its_time(lived_in_world):
    before = snapshot()

    call_command("purge_expired")

    assert changed(before, snapshot()) == {}


def test_second_factor_is_reset_for_staff_alone_and_nobody_else_is_touched(world):
    before = snapshot()

    for address in ("first_year_mentee@example.org", "nobody@example.org", "first_year_pm@example.org"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", address)

    assert changed(before, snapshot()) == {}
