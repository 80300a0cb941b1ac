"""The permissions guide: the same table as the rules, and everybody may read it."""

import html
import re

import pytest

from mentorpro_plugin.access.guide import meaning_of, nobody_may, sections
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.access.table import EMPTY_SPANS, TABLE, Span
from mentorpro_site.management.commands.write_permissions_page import permissions_page

PUBLIC = "/help/permissions/"
ADMIN = "/admin/permissions/"


def told(page: str) -> dict[tuple[str, str], str]:
    """What a page of the guide says: (role, capability) to how far, `refused` or `hint`."""
    said = {}
    page = html.unescape(page)
    for role in Role:
        section = page.split(f'id="may-{role.value}"')[1].split("</section>")[0]
        for group in re.findall(r'<div class="guide__group.*?</div>', section, re.DOTALL):
            title = re.search(r"<h3>(.*?)</h3>", group).group(1)
            span = {"Not this": "refused", "With another account": "hint"}.get(title)
            span = span or title.removeprefix("As far as this: ")
            for capability in re.findall(r"<li>(.*?)</li>", group):
                said[role, capability] = span
    return said


def in_the_table() -> dict[tuple[str, str], str]:
    words = {Span.NONE: "refused", Span.HINT: "hint"}
    return {
        (role, str(row.label)[0].upper() + str(row.label)[1:]): words.get(
            span := row.spans.get(role, Span.NONE), str(span.label)
        )
        for role in Role
        for row in TABLE
    }


@pytest.mark.parametrize("address", [PUBLIC, ADMIN])
def test_guide_says_of_every_role_and_capability_what_the_table_says(client_of, address):
    response = client_of("first_year_pm").get(address)

    assert told(response.content.decode()) == in_the_table()


def test_changing_a_rule_changes_every_page_about_it(world, client_of, monkeypatch):
    user, program = world.user("first_year_sc"), world.programs["first_year"]
    capability = next(row for row in TABLE if "assign_mentee" in row.permissions)
    key = (Role.SUCCESS_COORDINATOR, "Assign and unassign mentor or mentee")
    assert user.has_perm("mentorpro_plugin.assign_mentee", program)
    assert told(client_of(None).get(PUBLIC).content.decode())[key] == "own programs"

    monkeypatch.delitem(capability.spans, Role.SUCCESS_COORDINATOR)

    assert not user.has_perm("mentorpro_plugin.assign_mentee", program)
    assert told(client_of(None).get(PUBLIC).content.decode())[key] == "refused"
    assert told(client_of("first_year_sc").get(ADMIN).content.decode())[key] == "refused"
    line = next(line for line in permissions_page().splitlines() if "| assign and unassign mentor" in line)
    assert line == (
        "| assign and unassign mentor or mentee | all | own tree | own | own programs | – | – | – |"
    )


@pytest.mark.parametrize("name", [None, "first_year_mentee", "first_year_mentor", "super_admin"])
def test_everybody_may_read_the_guide_in_their_language(client_of, name):
    client = client_of(name)

    assert client.get(PUBLIC).status_code == 200
    assert client.get(PUBLIC, headers={"accept-language": "es"}).headers["content-language"] == "es"


def test_every_reach_is_explained():
    unexplained = [
        (role, row.label)
        for role in Role
        for row in TABLE
        if row.spans.get(role, Span.NONE) not in EMPTY_SPANS and not str(meaning_of(row, role))
    ]

    assert unexplained == []


def test_own_means_something_else_of_programs_conversations_and_goals():
    mentee = next(section for section in sections() if section.role == Role.MENTEE)

    meanings = {group.meaning: [str(label) for label in group.capabilities] for group in mentee.groups}

    assert meanings["the conversations that the account takes part in"] == ["read conversation"]
    assert meanings["a mentee's own goals"] == ["set goal", "view goals"]


def test_what_nobody_may_is_named_only_while_it_is_so(monkeypatch):
    assert "delete a program: it is archived instead" in nobody_may()

    monkeypatch.setattr("mentorpro_plugin.access.guide.codenames", lambda: ["delete_program"])

    assert "delete a program: it is archived instead" not in nobody_may()


def test_guide_marks_the_readers_own_account(client_of):
    html_of_pm = client_of("first_year_pm").get(ADMIN).content.decode()

    marked = re.findall(r'href="#may-(\w+)">[^<]*</a> <span class="guide__own">', html_of_pm)
    assert marked == ["program_manager"]
