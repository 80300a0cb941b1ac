"""Every staff screen, wide and narrow, light and dark: axe, overflow, and the size of what a thumb must hit."""

import pytest
from django.urls import get_resolver, resolve

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import IdentifierValue
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program
from tests.conftest import DESKTOP, PHONE
from tests.world import World, add, assign

#: What each viewer opens. {names} are rows of the world.
SCREENS = {
    "riverside_parent": [
        "/admin/",
        "/admin/mentees/",
        "/admin/mentees/?status=deactivated&q=mentee",
        "/admin/mentees/?q=nobody",
        "/admin/mentees/unassigned/",
        "/admin/mentees/add/",
        "/admin/mentees/{first_year_mentee}/",
        "/admin/mentees/edit/{first_year_mentee}/",
        "/admin/mentors/{first_year_mentor}/",
        "/admin/program-managers/{first_year_pm}/",
        "/admin/organization-accounts/",
        "/admin/organization-accounts/add/",
        "/admin/assignments/person/{first_year_mentee}/",
        "/admin/assignments/program/{first_year}/mentee/",
        "/admin/programs/",
        "/admin/programs/add/",
        "/admin/programs/{first_year}/",
        "/admin/programs/edit/{first_year}/",
        "/admin/organizations/",
        "/admin/organizations/add/",
        "/admin/organizations/{riverside}/",
        "/admin/organizations/edit/{engineering}/",
        "/admin/identifiers/",
        "/admin/identifiers/add/",
        "/admin/identifiers/{grade}/",
        "/admin/identifiers/edit/{grade}/",
    ],
    "super_admin": ["/admin/mentees/", "/admin/mentees/add/", "/admin/organizations/add/"],
    "first_year_sc": ["/admin/", "/admin/mentees/", "/admin/mentees/{first_year_mentee}/"],
    "nobody": ["/admin/login/", "/admin/password_reset/"],
}
#: Rosters that are made of the same views as the mentees'.
ALIKE = {"mentors", "program-managers", "success-coordinators", "organization-accounts"}
#: Addresses that show no page of their own: parts of one, and what is posted to.
PARTS = {"index_results", "unassigned_results", "leads", "people", "unassign", "reopen", "primary"}

#: Wagtail's own, wrong in every site; each with what axe says of it.
WAGTAILS = [
    # landmark-unique: each child of an inline panel is a section, and all have the same name.
    "[data-inline-panel-child]",
    # aria-allowed-role: the number of matches, above a listing that is searched or filtered.
    "h2[role=alert]",
]


@pytest.mark.parametrize("viewer", SCREENS)
def test_screens_are_accessible(staff, page_of, new_page, axe, viewer):
    _fill(staff)
    page = new_page() if viewer == "nobody" else page_of(viewer)
    rows = {name: row.pk for name, row in (*staff.people.items(), *staff.programs.items())}
    rows |= {name: row.pk for name, row in staff.organizations.items()}
    rows["grade"] = staff.identifiers["riverside"].pk
    faults = []

    for address in SCREENS[viewer]:
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light")
        response = page.goto(address.format(**rows))
        assert response.status == 200, address
        page.add_style_tag(content=STILL)
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        found = axe(page, theirs=WAGTAILS) + page.evaluate(OVERFLOW) + page.evaluate(TWICE)
        faults += [f"{address} on a desktop: {fault}" for fault in found]
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        found = axe(page, theirs=WAGTAILS) + page.evaluate(OVERFLOW) + page.evaluate(SMALL)
        faults += [f"{address} on a phone: {fault}" for fault in found]

    assert "\n".join(faults) == ""


def test_no_screen_is_forgotten():
    addresses = {address.split("?")[0] for addresses in SCREENS.values() for address in addresses}
    shown = {resolve(address.format_map(_AnyRow())).view_name for address in addresses}
    ours = {name.split(":")[0] for name in shown if not name.startswith("wagtailadmin")} - ALIKE
    admin = next(resolver for resolver in get_resolver().url_patterns if str(resolver.pattern) == "admin/")

    there = {
        f"{resolver.namespace}:{pattern.name}"
        for resolver in admin.url_patterns
        if getattr(resolver, "namespace", None) in ours
        for pattern in resolver.url_patterns
        if pattern.name not in PARTS
    }

    assert there - shown == set()


def test_long_names_stay_on_the_screen(staff, page_of, axe):
    _lengthen(staff)
    page = page_of("engineering_child")
    mentee, mentor = staff.people["first_year_mentee"], staff.people["first_year_mentor"]
    program, school = staff.programs["first_year"], staff.organizations["engineering"]
    faults = []

    for address in [
        "/admin/",
        "/admin/mentees/",
        f"/admin/mentees/{mentee.pk}/",
        f"/admin/mentors/{mentor.pk}/",
        f"/admin/assignments/person/{mentee.pk}/",
        f"/admin/assignments/program/{program.pk}/mentee/",
        "/admin/programs/",
        f"/admin/programs/{program.pk}/",
        f"/admin/programs/edit/{program.pk}/",
        f"/admin/organizations/{school.pk}/",
    ]:
        page.goto(address)
        page.add_style_tag(content=STILL)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            faults += [f"{address} at {size['width']}: {fault}" for fault in page.evaluate(OVERFLOW)]

    assert "\n".join(faults) == ""


def test_rows_stay_rows_of_a_table_on_a_phone(staff, page_of):
    page = page_of("dana", **PHONE)
    page.goto("/admin/mentees/")
    session = page.context.new_cdp_session(page)

    roles = [node["role"]["value"] for node in session.send("Accessibility.getFullAXTree")["nodes"]]

    rows = page.locator("#listing-results tbody tr").count()
    columns = page.locator("#listing-results thead th").count()
    assert roles.count("row") == rows + 1
    assert roles.count("columnheader") == columns
    assert roles.count("cell") == rows * columns


class _AnyRow(dict):
    def __missing__(self, name):
        return 1


def _fill(staff: World) -> None:
    """Add what a screen shows only sometimes: ended and led assignments, names from right to left, a logged-in person."""
    mentee = staff.people["first_year_mentee"]
    add(staff, "amal", Role.MENTOR, "engineering", first_name="أمل (נעם)", last_name="القحطاني 12")
    assign(staff, "amal", "first_year", "first_year_pm")
    ended = assign(staff, "first_year_mentee", "first_year", "amal")
    Assignment._base_manager.filter(pk=ended.pk).update(ended_at=ended.started_at)
    assign(staff, "first_year_mentee", "first_year", "robin", is_primary=True)
    Person._base_manager.filter(pk=mentee.pk).update(
        first_login_at=mentee.added_at, last_activity_at=mentee.added_at
    )


def _lengthen(staff: World) -> None:
    """Give everything a name as long as its field, of words and of one word."""
    words, word = (
        "Advancement of mentoring in every discipline " * 5,
        "Donaudampfschifffahrtsgesellschaft" * 6,
    )
    Organization._base_manager.filter(pk=staff.organizations["engineering"].pk).update(name=words[:200])
    Program._base_manager.filter(pk=staff.programs["first_year"].pk).update(name=word[:200])
    Program._base_manager.filter(pk=staff.programs["transfer"].pk).update(name=words[:200])
    IdentifierValue._base_manager.filter(name="Freshmark").update(name=word[:100])
    assign(staff, "first_year_mentee", "transfer", "transfer_mentor")
    long_name = {"first_name": word[:100], "last_name": words[:100], "id_number": "I" * 64}
    Person._base_manager.filter(pk=staff.people["first_year_mentee"].pk).update(**long_name)
    long_name = {
        "first_name": words[:100],
        "last_name": word[:100],
        "email": f"{word[:60]}@{word[:60]}.example.org",
    }
    Person._base_manager.filter(pk=staff.people["first_year_mentor"].pk).update(**long_name)


#: What would still be moving when it is measured.
STILL = "* { animation: none !important; transition: none !important }"
#: Whether the page, or anything of ours in it, is wider than the screen.
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth;
    const faults = [];
    if (document.documentElement.scrollWidth > width) faults.push("the page scrolls sideways");
    for (const element of document.querySelectorAll("main *")) {
        if (element.closest(".w-slim-header, .w-sr-only, svg, thead, [hidden]") || !element.checkVisibility()) continue;
        const box = element.getBoundingClientRect();
        if (box.width > 1 && (box.right > width + 1 || box.left < -1)) {
            faults.push("wider than the screen: " + element.outerHTML.slice(0, 160));
        }
    }
    return faults.slice(0, 3);
}"""
#: Ids that stand twice.
TWICE = """() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return ids.filter((id, position) => ids.indexOf(id) !== position).map((id) => "twice: #" + id);
}"""
#: What can be hit, and is smaller than 24 by 24 pixels; links within sentences and Wagtail's own frame may be.
SMALL = """() => {
    const targets = "main :is(a, button, select, summary, input:not([type=hidden]))";
    const theirs = ".w-slim-header, .pagination, .w-panel__header, .w-field__comment-button, .reset-password";
    return [...document.querySelectorAll(targets)]
        .filter((element) => element.checkVisibility() && !element.closest(theirs + ", p, label"))
        .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 160)])
        .filter(([box]) => box.width > 1 && (Math.round(box.width) < 24 || Math.round(box.height) < 24))
        .map(([box, name]) => `small (${Math.round(box.width)} by ${Math.round(box.height)}): ${name}`)
        .slice(0, 5);
}"""
