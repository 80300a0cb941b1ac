"""Importing rosters in a browser, from the file to what came of it, and back again."""

import csv
import io
import os
import re
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import expect

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.exchange.models import RosterImport
from mentorpro_plugin.exchange.working import ImportJob
from mentorpro_plugin.models import Organization, Person
from tests.conftest import DESKTOP, PHONE
from tests.exchange.helpers import ROSTERS, import_, load, mentee
from tests.exchange.steps import csv_of
from tests.exchange.test_real_rosters import NOTES, SENTENCES, expectations
from tests.factories import PersonFactory

from .conftest import tab_to
from .test_accessibility import OVERFLOW, SMALL, STILL, TWICE, WAGTAILS

SHOTS = os.environ.get("SHOTS", "")
State = RosterImport.State


@pytest.fixture
def riverside(transactional_db):
    """The organizations, programs and people of the rosters, as whoever runs the site loaded them."""
    top = PersonFactory(role=Role.SUPER_ADMIN, organization=None, email="top@example.org", phone=None)
    assert load(ROSTERS / "before.csv").status == 0
    assert import_(ROSTERS / "autumn_cohort.csv", top.email).counts == (140, 0, 0, 0)


@pytest.fixture
def page_as(riverside, live_server, new_page):
    """Open a page in which the person with that ID is logged in: `page_as("R1001", width=390)`."""

    def page_as(id_number, **options):
        client = Client()
        client.force_login(Person._base_manager.get(id_number=id_number).user)
        cookie = client.cookies["sessionid"]
        page = new_page(**options)
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return page_as


@pytest.fixture
def looked_at(axe):
    """Look at a page as it is, wide and narrow: axe, overflow, sizes; and take a picture where SHOTS says so."""

    def looked_at(page, name):
        page.add_style_tag(content=STILL)
        faults, was = [], page.viewport_size
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            more = TWICE if size is DESKTOP else SMALL
            found = axe(page, theirs=WAGTAILS) + page.evaluate(OVERFLOW) + page.evaluate(more)
            faults += [f"{name} at {size['width']}: {fault}" for fault in found]
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{name}-{size['width']}.png", full_page=True)
        page.set_viewport_size(was)
        assert faults == []

    return looked_at


def upload(page, file, **said):
    """Upload a file, and say what there is to say of all rows."""
    page.goto("/admin/imports/add/")
    page.locator("[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible()
    for column, text in said.items():
        page.get_by_role("combobox", name=column, exact=True).select_option(label=text)
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_text("Nothing has been stored yet")).to_be_visible()
    page.wait_for_load_state()


def show(page, kind):
    """Open a tab of the preview."""
    tab = page.get_by_role("navigation", name="Rows").get_by_role("link", name=re.compile(f"^{kind}"))
    # The first one is the current one already.
    with page.expect_navigation():
        tab.click()
    expect(tab).to_have_attribute("aria-current", "page")


def counts_of(page) -> list[int]:
    """New, changed, unchanged, refused: as the tabs have it."""
    tabs = page.get_by_role("navigation", name="Rows").get_by_role("link")
    return [int(re.sub(r"\D", "", text)) for text in tabs.all_inner_texts()]


def store(page):
    """Say yes, and return the counts of the result."""
    page.locator(".mentorpro-confirm").get_by_role("button").first.click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    page.wait_for_load_state()
    return [int(text) for text in page.locator(".mentorpro-counts dd").all_inner_texts()]


def cancel(page):
    page.get_by_role("button", name="Cancel the import").click()
    expect(page.locator(".mentorpro-import-headline")).to_have_text(
        "The import was cancelled. Nothing was stored."
    )


def reasons_of(page) -> dict[int, list[str]]:
    """What is said beside the cells of the refused rows on the page, with the headings, by line."""
    return {
        int(row.locator(".mentorpro-rows__line").inner_text()): [
            f"{cell.locator('dt').inner_text()}: {cell.locator('.mentorpro-rows__reason').inner_text()}"
            for cell in row.locator(".mentorpro-cells__refused").all()
        ]
        for row in page.locator(".mentorpro-rows tbody tr").all()
    }


def test_every_roster_goes_through_the_screens_of_a_program_manager(page_as, looked_at):
    page = page_as("R1001")
    school = Person._base_manager.get(id_number="R1001").organization
    page.goto("/admin/imports/")
    looked_at(page, "imports-none")

    upload(page, ROSTERS / "autumn_cohort.csv")
    looked_at(page, "cohort")
    # Those of the own program, as they are already; nobody else is within reach.
    assert counts_of(page) == [0, 0, 37, 103]
    expect(page.get_by_text("No row would be stored.")).to_be_visible()
    cancel(page)

    upload(page, ROSTERS / "autumn_cohort_later.csv")
    later = counts_of(page)
    show(page, "Changed")
    looked_at(page, "later-changed")
    assert (later[1] > 0, sum(later)) == (True, 141)
    assert store(page) == later
    looked_at(page, "later-done")

    upload(page, ROSTERS / "every_refusal.csv")
    assert counts_of(page) == [5, 0, 0, 14]
    cancel(page)

    Organization._base_manager.filter(pk=school.pk).update(region="DE")
    upload(page, ROSTERS / "german_excel.csv")
    assert counts_of(page) == [20, 0, 0, 0]
    assert store(page) == [20, 0, 0, 0]
    Organization._base_manager.filter(pk=school.pk).update(region="US")

    upload(page, ROSTERS / "nursing_by_hand.xlsx")
    assert counts_of(page) == [30, 0, 0, 0]
    assert store(page) == [30, 0, 0, 0]

    page.goto("/admin/imports/")
    expect(page.locator("#listing-results tbody tr")).to_have_count(5)
    looked_at(page, "imports")
    assert Person._base_manager.filter(id_number__startswith="DE0", organization=school).count() == 20
    assert Person._base_manager.filter(id_number__startswith="700", organization=school).count() == 30


#: What a Program Manager is told otherwise: nothing of whom and what they don't reach.
BEYOND_REACH = {
    "phone belongs to another ID": r"Phone Number: .*",
    "program belongs to another organization": r"Program: .*",
    "that person is not a mentor": r"Mentor: .*R1140.*",
}


@pytest.mark.parametrize("who", ["R1001", "parent"])
def test_every_refusal_stands_beside_its_cell_and_the_rows_come_back_mended(
    page_as, looked_at, who, tmp_path
):
    if who == "parent":
        university = Organization._base_manager.get(name="Riverside University")
        PersonFactory(role=Role.PARENT, organization=university, phone=None, id_number="parent")
    page = page_as(who)
    upload(page, ROSTERS / "every_refusal.csv")
    show(page, "Refused")
    looked_at(page, f"refused-{who}")

    shown = reasons_of(page)

    sentences = SENTENCES if who == "parent" else SENTENCES | BEYOND_REACH
    assert set(shown) == {line for line, expected in expectations().items() if expected in SENTENCES}
    for line, expected in expectations().items():
        if expected in SENTENCES:
            assert len(shown[line]) == 1
            assert re.fullmatch(sentences[expected], shown[line][0]), (line, shown[line])
    show(page, "New")
    noted = page.locator(".mentorpro-rows__note").all_inner_texts()
    assert [text for text in noted if re.fullmatch(next(iter(NOTES.values())), text)] != []
    assert page.locator(".mentorpro-rows script").count() == 0

    assert store(page) == [5, 0, 0, 14]
    with page.expect_download() as download:
        page.get_by_role("button", name="Refused rows as a file").click()
    download.value.save_as(tmp_path / "refused.csv")
    mended = _mend(tmp_path / "refused.csv")
    upload(page, mended)
    assert counts_of(page) == [14, 0, 0, 0]
    assert store(page) == [14, 0, 0, 0]
    assert Person._base_manager.filter(last_name="Mended").count() == 14


def _mend(path: Path) -> Path:
    """Put right whatever is wrong in the refused rows, and leave the reasons where they are."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        headings, rows = reader.fieldnames, list(reader)
    assert headings[-1] == "Reason"
    assert all(row["Reason"] for row in rows)
    for number, row in enumerate(rows):
        row |= {
            "Role": "Mentee",
            "First Name": "Ana",
            "Last Name": "Mended",
            "Phone Number": f"(907) 555-01{number:02}",
            "ID": f"MENDED-{number}",
            "E-mail": f"mended{number}@example.edu",
            "Organization": "Riverside School of Engineering",
            "Program": "First-Year Engineers",
            "Mentor": "R1007",
            "Grade": "Junior",
        }
    mended = path.with_name("mended.csv")
    with mended.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, headings)
        writer.writeheader()
        writer.writerows(rows)
    return mended


def roster(*rows) -> dict:
    """A file for an upload, of mentees of Dana's school."""
    content = csv_of(*({**mentee(), **row} for row in rows))
    return {"name": "roster.csv", "mimeType": "text/csv", "buffer": content}


def test_a_file_is_dropped(page_of, looked_at):
    page = page_of("dana")
    page.goto("/admin/imports/add/")
    drop = """([zone, names]) => {
        const transfer = new DataTransfer();
        for (const name of names) transfer.items.add(new File(["ID\\nN1\\n"], name));
        for (const type of ["dragover", "drop"]) {
            document.querySelector(zone).dispatchEvent(
                new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }),
            );
        }
    }"""

    page.evaluate(drop, [".mentorpro-drop", ["roster.pdf"]])
    expect(page.get_by_role("alert")).to_have_text("Only CSV, TSV and XLSX files can be read.")
    looked_at(page, "upload-wrong")
    # What isn't dropped there doesn't replace the page.
    page.evaluate(drop, ["body", ["other.csv"]])
    page.evaluate(drop, [".mentorpro-drop", ["roster.csv", "second.csv"]])
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.get_by_role("status").filter(has_text="One file at a time")).to_have_count(1)
    assert page.locator("[type=file]").evaluate("field => [...field.files].map((file) => file.name)") == [
        "roster.csv"
    ]
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible()


def test_the_browser_says_how_much_has_been_uploaded(page_of, looked_at):
    page = page_of("dana")
    page.goto("/admin/imports/add/")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    session.send("Network.emulateNetworkConditions", slow)
    buffer = b"ID,First Name\r\n" + b"".join(b"N%07d,Ana\r\n" % number for number in range(60_000))
    page.locator("[type=file]").set_input_files(
        {"name": "long.csv", "mimeType": "text/csv", "buffer": buffer}
    )

    page.get_by_role("button", name="Upload").click()

    bar = page.get_by_role("progressbar", name="Upload")
    expect(bar).to_be_visible()
    expect(page.get_by_text(re.compile(r"^[1-9]\d? percent uploaded\.$")).first).to_be_attached()
    looked_at(page, "uploading")
    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible(timeout=60_000)


def test_an_upload_without_a_network_can_be_tried_again(page_of):
    page = page_of("dana")
    page.goto("/admin/imports/add/")
    page.locator("[type=file]").set_input_files(roster({}))
    page.context.set_offline(True)

    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("alert")).to_have_text(
        "The file couldn't be sent: there is no connection. Try again."
    )
    page.context.set_offline(False)
    page.faults[:] = [fault for fault in page.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible()


def test_what_a_column_says_is_not_asked_for_all_rows(page_of, looked_at):
    page = page_of("dana")
    page.goto("/admin/imports/add/")
    content = b"Name,Handy,Kennung,Typ\r\nAna Ruiz,907 555 0142,N1,Mentee\r\n"
    page.locator("[type=file]").set_input_files(
        {"name": "kurz.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Upload").click()
    for_all = page.get_by_role("combobox", name="Role", exact=True)
    expect(for_all).to_be_visible()
    looked_at(page, "columns")

    page.get_by_label("Meaning of “Typ”").select_option("role")
    expect(for_all).to_be_hidden()
    page.get_by_label("Meaning of “Handy”").select_option("role")
    page.get_by_role("button", name="Check the rows").click()
    beside = page.locator(".mentorpro-meaning").filter(has=page.get_by_label("Meaning of “Typ”"))
    expect(beside).to_contain_text("“Handy” has this meaning already.")
    # Whoever types or listens is led to it.
    expect(page.get_by_label("Meaning of “Typ”")).to_be_focused()
    looked_at(page, "columns-wrong")


@pytest.fixture
def no_worker(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}


def test_progress_moves_and_ends_at_the_result_by_itself(page_of, looked_at, no_worker):
    page = page_of("dana")
    page.goto("/admin/imports/add/")
    page.locator("[type=file]").set_input_files(
        roster({"ID": "N1"}, {"ID": "N2", "Phone Number": "9075550143"})
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("progressbar", name="The file is being read.")).to_be_visible()
    roster_import = RosterImport._base_manager.get()

    def set_to(**values):
        RosterImport._base_manager.filter(pk=roster_import.pk).update(**values)

    def work():
        ImportJob.work_on(roster_import.pk)

    work()
    page.get_by_role("button", name="Check the rows").click()
    bar = page.get_by_role("progressbar", name="The rows are being checked. Nothing is stored yet.")
    expect(bar).to_be_visible()
    set_to(rows_done=25_000, rows_total=100_000)
    expect(bar).to_have_js_property("value", 25)
    expect(page.get_by_text("25,000 of 100,000 rows")).to_be_visible()
    looked_at(page, "checking")
    work()
    page.get_by_role("button", name="Store 2 rows").click()
    expect(page.get_by_role("progressbar", name="The rows are being stored.")).to_be_visible()
    # Read aloud when something else begins, not with every number.
    set_to(state=State.PLANNING)
    expect(page.get_by_role("status").filter(has_text="The rows are being checked.")).to_have_count(1)
    set_to(state=State.STORING)
    work()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    expect(page.get_by_role("link", name="Ana Ruiz")).to_have_count(2)


def test_an_import_is_undone(page_of, looked_at):
    page = page_of("dana")
    upload(page, roster({"ID": "N1"}, {"ID": "N2", "Phone Number": "9075550143"}))
    store(page)
    Person._base_manager.filter(id_number="N2").update(
        last_name="Changed", first_login_at="2026-11-01T00:00Z"
    )

    page.get_by_role("link", name="Undo").click()
    expect(page.get_by_text("1 person whom it added is removed.")).to_be_visible()
    expect(page.get_by_text("Has logged in: 1")).to_be_visible()
    looked_at(page, "undo")
    page.get_by_role("button", name="Undo the import").click()

    expect(page.get_by_text("The import was undone.")).to_be_visible()
    expect(page.get_by_role("heading", name="What stayed")).to_be_visible()
    expect(page.locator(".mentorpro-panel tbody tr")).to_have_count(1)
    looked_at(page, "undone")
    assert not Person._base_manager.filter(id_number="N1").exists()


def test_the_keyboard_alone_does_it(page_of):
    page = page_of("dana")
    page.goto("/admin/imports/")
    tab_to(page, page.get_by_role("link", name="Import a roster").first)
    page.keyboard.press("Enter")
    # The dialog of the system, which no browser lets a test type into, takes the file from here.
    tab_to(page, page.locator("[type=file]"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(roster({"ID": "N1"}, {"ID": "N2", "Phone Number": "12"}))
    tab_to(page, page.get_by_role("button", name="Upload"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Meaning of “Primary Mentor”"))
    page.keyboard.type("Pass")
    expect(page.get_by_label("Meaning of “Primary Mentor”")).to_have_value("")
    tab_to(page, page.get_by_role("button", name="Check the rows"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Refused 1"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("“12” is not a telephone number.")).to_be_visible()
    # From the tab on, the next stop is among the rows, or on the way back to the yes.
    page.goto(page.url.split("?")[0])
    tab_to(page, page.get_by_role("button", name="Store 1 valid row"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The import is done.")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Undo"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Undo the import"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The import was undone.")).to_be_visible()


def test_a_telephone_does_it_with_names_of_any_length_and_direction(page_of, looked_at):
    page = page_of("dana", **PHONE, has_touch=True, is_mobile=True)
    long_name = "Donaudampfschifffahrtsgesellschaft" * 2
    file = roster(
        {"ID": "N1", "First Name": "أمل (נעם)", "Last Name": "القحطاني 12"},
        {"ID": "N2", "Phone Number": "9075550143", "First Name": long_name, "Last Name": long_name},
        {"ID": "I" * 64, "Phone Number": "9075550144", "First Name": "惠美", "Last Name": "江"},
        {"ID": "FIRST_YEAR_MENTEE-ENGINMARK", "First Name": long_name, "Phone Number": ""},
        {"ID": "N4", "Phone Number": long_name, "First Name": "أمل", "Last Name": long_name},
    )
    page.goto("/admin/mentees/")
    page.get_by_role("link", name="Import", exact=True).tap()
    page.locator("[type=file]").set_input_files({**file, "name": f"{long_name}.csv"})
    looked_at(page, "phone-upload")
    page.get_by_role("button", name="Upload").tap()
    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible()
    looked_at(page, "phone-columns")
    page.get_by_role("button", name="Check the rows").tap()
    expect(page.get_by_text("Nothing has been stored yet")).to_be_visible()
    for tab in ("New", "Changed", "Unchanged", "Refused"):
        show(page, tab)
        looked_at(page, f"phone-{tab.lower()}")
    page.locator(".mentorpro-confirm").get_by_role("button").first.tap()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    looked_at(page, "phone-done")
    page.get_by_role("link", name="Undo").tap()
    expect(page.get_by_role("heading", name="What is taken back")).to_be_visible()
    looked_at(page, "phone-undo")


def test_no_script_is_needed(page_of):
    page = page_of("dana", java_script_enabled=False)

    upload(page, roster({"ID": "N1"}, {"ID": "N2", "Phone Number": "12"}))
    assert counts_of(page) == [1, 0, 0, 1]

    assert store(page) == [1, 0, 0, 1]


def test_a_change_of_the_roster_meanwhile_is_shown_before_anything_is_stored(page_of, looked_at):
    page = page_of("dana")
    upload(page, roster({"ID": "N1"}))
    other = page_of("dana")
    upload(other, roster({"ID": "N1", "First Name": "Other"}))
    store(other)

    page.get_by_role("button", name="Store 1 row").click()

    expect(page.get_by_role("alert").filter(has_text="The roster was changed meanwhile")).to_be_visible()
    expect(page.get_by_text("Nothing has been stored yet")).to_be_visible()
    looked_at(page, "stale")
    assert counts_of(page) == [0, 1, 0, 0]
    assert store(page) == [0, 1, 0, 0]
    assert Person._base_manager.get(id_number="N1").first_name == "Ana"


def test_files_of_ten_thousand_rows_are_paged(page_of):
    page = page_of("dana")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Role", "First Name", "Last Name", "Phone Number", "ID"])
    writer.writerows(
        ["Mentee", "Ana", "Ruiz", f"+1 907 555 {number:04}", f"N{number}"] for number in range(10_000)
    )

    upload(page, {"name": "long.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()})

    assert counts_of(page)[0] + counts_of(page)[3] == 10_000
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".mentorpro-rows__line").first).to_have_text("52")
    page.get_by_role("navigation", name="Pagination").get_by_role("link", name="200").click()
    expect(page.locator(".mentorpro-rows__line").last).to_have_text("10001")
