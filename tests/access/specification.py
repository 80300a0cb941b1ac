"""The permission table of the specification, `permissions.csv`, as the tests read it."""

import csv
from pathlib import Path

from mentorpro_plugin.access.roles import Role

CSV = Path(__file__).with_name("permissions.csv")

#: Capabilities whose features are not there yet. Whoever builds one moves it from here to CODENAMES.
LATER = {
    "edit resources of own organization",
    "edit help and site-wide pages",
}

#: What each capability grants, as codenames of the plugin.
CODENAMES = {
    "view organizations": ["view_organization"],
    "add parent organization": ["add_parent_organization"],
    "add child organization": ["add_organization"],
    "change organization": ["change_organization"],
    "view programs": ["view_program"],
    "add or change program": ["add_program", "change_program"],
    "view mentors and mentees": ["view_mentor", "view_mentee"],
    "add mentor or mentee": ["add_mentor", "add_mentee"],
    "change mentor or mentee": ["change_mentor", "change_mentee"],
    "view program managers and success coordinators": ["view_programmanager", "view_successcoordinator"],
    "add or change program manager or success coordinator": [
        "add_programmanager",
        "change_programmanager",
        "add_successcoordinator",
        "change_successcoordinator",
    ],
    "view or change parent and child accounts": [
        "view_organizationaccount",
        "add_organizationaccount",
        "change_organizationaccount",
    ],
    "assign and unassign mentor or mentee": ["assign_mentor", "assign_mentee"],
    "set primary mentor": ["set_primary_mentor"],
    "assign and unassign program manager or success coordinator": [
        "assign_programmanager",
        "assign_successcoordinator",
    ],
    "deactivate and reactivate mentor or mentee": ["deactivate_mentor", "deactivate_mentee"],
    "deactivate and reactivate program manager or success coordinator": [
        "deactivate_programmanager",
        "deactivate_successcoordinator",
    ],
    "delete person permanently": [
        "delete_mentor",
        "delete_mentee",
        "delete_programmanager",
        "delete_successcoordinator",
        "delete_organizationaccount",
    ],
    "change goal catalogue": ["view_cataloguegoal", "add_cataloguegoal", "change_cataloguegoal"],
    "change identifiers": ["view_identifier", "add_identifier", "change_identifier"],
    "give identifiers to people": ["give_identifiers"],
    "import roster": ["import_roster"],
    "export roster as shown": ["export_roster"],
    "export raw data": ["export_raw_data"],
    "write message": ["write_message"],
    "read conversation": ["view_conversation"],
    "set goal": ["set_goal"],
    "view goals": ["view_goal"],
    "view a person's history": ["view_history"],
}

#: Words of the specification that say the same as a shorter one.
SAME_AS = {
    "own organization": "own",
    # The limit on programs is the import's to keep: this is who may import, and for which organization.
    "own organization (mentors and mentees into own programs)": "own",
    # The limit on fields is the actions' to keep: this is whose profile.
    "own profile (not role phone ID organization status)": "own profile",
}


def read_specification() -> dict[str, dict[Role, str]]:
    """Map each capability to the words that say how far it reaches, by role."""
    with CSV.open(newline="", encoding="utf-8") as file:
        return {row["capability"]: {role: row[role.value] for role in Role} for row in csv.DictReader(file)}


def words_by_codename() -> dict[str, dict[Role, str]]:
    """Map each codename that exists to the short words of its capability, by role."""
    specification = read_specification()
    return {
        codename: {role: SAME_AS.get(words, words) for role, words in specification[capability].items()}
        for capability, codenames in CODENAMES.items()
        for codename in codenames
    }
