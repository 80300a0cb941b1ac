"""Every staff screen, wide and narrow, light and dark: axe, overflow, and the size of what a thumb must hit."""

from datetime import timedelta

import pytest
from django.urls import get_resolver, resolve
from django.utils import timezone

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.exports.models import ExportSchedule, RawExport
from mentorpro_plugin.identifiers.models import IdentifierValue
from mentorpro_plugin.models import Deletion
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.programs.models import Program
from tests.conftest import DESKTOP, PHONE
from tests.lives import upload
from tests.world import World, add, assign

#: What each viewer opens. {names} are rows of the world.
SCREENS = {
    "riverside_parent": [
        "/admin/",
        "/admin/mentees/",
        "/admin/mentees/?status=deactivated&q=mentee",
        "/admin/mentees/?q=nobody",
        "/admin/mentees/unassigned/",
        "/admin/mentees/bulk/deactivate/?id={first_year_mentee}&id={engineering_left_mentee}",
        "/admin/mentees/bulk/write/?id={first_year_mentee}",
        "/admin/mentees/add/",
        "/admin/mentees/{first_year_mentee}/",
        "/admin/mentees/edit/{first_year_mentee}/",
        "/admin/mentors/{first_year_mentor}/",
        "/admin/program-managers/{first_year_pm}/",
        "/admin/organization-accounts/",
        "/admin/organization-accounts/add/",
        "/admin/assignments/person/{first_year_mentee}/",
        "/admin/assignments/program/{first_year}/mentee/",
        "/admin/assignments/reassign/{first_year_mentor}/",
        "/admin/programs/",
        "/admin/programs/add/",
        "/admin/programs/{first_year}/",
        "/admin/programs/{first_year}/archive/",
        "/admin/programs/edit/{first_year}/",
        "/admin/organizations/",
        "/admin/organizations/add/",
        "/admin/organizations/{riverside}/",
        "/admin/organizations/{engineering}/archive/",
        "/admin/organizations/edit/{engineering}/",
        "/admin/identifiers/",
        "/admin/identifiers/add/",
        "/admin/identifiers/{grade}/",
        "/admin/identifiers/edit/{grade}/",
        "/admin/goals/",
        "/admin/goals/?q=nothing",
        "/admin/goals/add/",
        "/admin/goals/{resume}/",
        "/admin/goals/edit/{resume}/",
        "/admin/connect/",
        "/admin/deletions/",
        "/admin/deletions/?state=failed",
        "/admin/deletions/person/{first_year_mentee}/",
        "/admin/deletions/person/{first_year_mentor}/",
        "/admin/deletions/{exporting}/",
        "/admin/deletions/{done}/",
        "/admin/deletions/{failed}/",
        "/admin/exports/",
        "/admin/exports/?state=cancelled",
        "/admin/exports/add/",
        "/admin/exports/{raw_export}/",
        "/admin/exports/regular/add/",
        "/admin/exports/regular/{regular_export}/",
        "/admin/permissions/",
        "/admin/imports/",
        "/admin/imports/?state=failed",
        "/admin/imports/add/",
        "/admin/imports/{import_done}/",
        "/admin/imports/{import_done}/undo/",
        "/admin/imports/{import_failed}/",
        "/admin/imports/{import_cancelled}/",
        "/admin/imports/{import_undone}/",
    ],
    "super_admin": [
        "/admin/history/",
        "/admin/history/?kind=people&about=mentee",
        "/admin/history/?kind=goals",
        "/admin/mentees/",
        "/admin/mentees/add/",
        "/admin/organizations/add/",
        "/admin/outbox/",
        "/admin/outbox/?state=failed",
        "/admin/letters/",
        "/admin/letters/welcome_mentor/en/",
    ],
    "first_year_sc": ["/admin/", "/admin/mentees/", "/admin/mentees/{first_year_mentee}/"],
    "first_year_pm": [
        "/admin/imports/{import_mapping}/columns/",
        "/admin/imports/{import_gone}/preview/",
        "/admin/imports/{import_uploaded}/",
        "/admin/imports/{import_storing}/",
        "/admin/connect/",
        "/admin/connect/?q=nobody",
        "/admin/connect/{first_year_mentee}/",
        "/admin/connect/{first_year_mentor}/",
    ],
    "nobody": ["/accounts/login/", "/accounts/password/reset/"],
}
#: Rosters that are made of the same views as the mentees'.
ALIKE = {"mentors", "program-managers", "success-coordinators", "organization-accounts"}
#: Addresses that show no page of their own: parts of one, and what is posted to.
PARTS = {
    "sample",
    "state",
    "confirm",
    "cancel",
    "refused",
    "file",
    "attachment",
    "conversation_news",
    "conversation_read",
    "messages_news",
    "offer",
    "csv",
    "export",
    "index_results",
    "unassigned_results",
    "leads",
    "reassign_part",
    "regular_remove",
    "people",
    "unassign",
    "reopen",
    "restore",
    "primary",
    "send_again",
    "status",
}

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
    rows |= _import(staff)
    rows["resume"] = staff.catalogue["riverside"].pk
    rows |= {row.state: row.pk for row in Deletion._base_manager.all()}
    rows["raw_export"] = RawExport._base_manager.get(state=RawExport.State.WRITING).pk
    rows["regular_export"] = ExportSchedule._base_manager.first().pk
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
    _delete(staff)
    _export(staff)


def _delete(staff: World) -> None:
    """Add a deletion of each kind: under way, done with an export to fetch, and failed."""
    now = timezone.now()
    ended = {"finished_at": now, "organization": staff.organizations["nursing"]}
    fields = {
        Deletion.State.EXPORTING: {"organization": staff.organizations["nursing"]},
        Deletion.State.DONE: {
            **ended,
            "export": "deletions/none.zip",
            "export_expires_at": now + timedelta(days=1),
            "counts": {"messages": 12, "person": 1},
            "deleted": {"messages": 12, "person": 1},
        },
        Deletion.State.FAILED: {**ended, "error": Deletion.Reason.DISK_FULL},
    }
    people = (staff.people[key] for key in ("cohort_mentee", "cohort_sc", "drop_in_mentee"))
    for person, (state, more) in zip(people, fields.items(), strict=True):
        by = staff.people["riverside_parent"].user_id
        Deletion(person_pk=person.pk, role=person.role, requested_by_id=by, state=state, **more).save()


def _export(staff: World) -> None:
    """Add raw data that are being written, and some that couldn't be; and what comes regularly, and what rests."""
    organization, nursing = staff.organizations["riverside"], staff.organizations["nursing"]
    by = staff.user("riverside_parent")
    failed = {"state": RawExport.State.FAILED, "error": RawExport.Reason.DISK_FULL, "due_at": None}
    for row in (
        RawExport(organization=organization, by=by, rows_done=10, rows_total=40),
        RawExport(organization=nursing, **failed),
        ExportSchedule(organization=organization, by=by),
        ExportSchedule(organization=nursing),
    ):
        row.save()


def _import(staff: World) -> dict[str, int]:
    """Keys of imports of the first program's manager in several states, the first of which waits for its columns."""
    states = RosterImport.State
    imports = {state.value: upload(staff, "first_year_pm", state) for state in states}
    imports["gone"] = imports.pop(states.PREVIEW.value)
    for state, roster_import in imports.items():
        roster_import.counts = {"new": 1, "changed": 0, "unchanged": 2, "refused": 1}
        roster_import.error = "Something went wrong." if state == states.FAILED else ""
        roster_import.finished_at = roster_import.created_at
        roster_import.save()
    for state in (states.DONE, states.UNDONE):
        ImportedPerson(
            roster_import=imports[state],
            person=staff.people["first_year_mentee"],
            line=2,
            is_new=False,
            kept="changed" if state == states.UNDONE else "",
        ).save()
    return {f"import_{name}": roster_import.pk for name, roster_import in imports.items()}


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
