"""The screens of an import: what each shows and does, in every state, and what they say when something is wrong."""

import csv
import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.conversations.models import private_storage
from mentorpro_plugin.exchange import foretelling
from mentorpro_plugin.exchange.limits import MOST_BYTES
from mentorpro_plugin.exchange.models import ImportedPerson, RememberedHeading, RosterImport
from mentorpro_plugin.exchange.reading import read_table
from mentorpro_plugin.exchange.samples import SAMPLES
from mentorpro_plugin.people.lifecycle import deactivate
from mentorpro_plugin.people.models import Person
from tests.lives import upload
from tests.world import add, assign

from .helpers import ROSTERS, mentee
from .steps import confirmed, csv_of, kept, mapped, previewed, stored, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]

State = RosterImport.State

ANA = mentee(**{"E-mail": "ana@example.org"})
CAM = mentee(First_Name="Cam", ID="N3", Phone_Number="12")
#: Somebody who is there already, with another first name.
KNOWN = {"ID": "FIRST_YEAR_MENTEE-ENGINMARK", "First Name": "Renamed"}
SAME = {"ID": "TRANSFER_MENTOR-ENGINMARK", "First Name": "Transfer Mentor"}


def text_of(element) -> str:
    return " ".join(element.get_text(" ").split())


def page(client, name, *args, query="", status=200):
    """A page of the imports, parsed."""
    response = client.get(reverse(f"imports:{name}", args=args) + query)
    assert response.status_code == status, response.get("Location")
    return BeautifulSoup(response.content, "html.parser")


def main(soup) -> str:
    return text_of(soup.find("main"))


def post(client, name, *args, **body):
    return client.post(reverse(f"imports:{name}", args=args), body)


def file_of(*rows, name="roster.csv"):
    return SimpleUploadedFile(name, csv_of(*rows))


@pytest.fixture
def pm(world):
    """A Program Manager of both programs of a school."""
    assign(world, "first_year_pm", "transfer")
    return world.user("first_year_pm")


@pytest.fixture
def client(client_of, pm):
    return client_of("first_year_pm")


# The list


def test_the_list_shows_what_was_uploaded_and_what_came_of_it(pm, client):
    stored(csv_of(ANA, KNOWN, SAME, CAM), by=pm, only_valid=True, name="autumn.csv")

    [row] = page(client, "index").select("#listing-results tbody tr")

    cells = {cell["data-label"]: text_of(cell) for cell in row.select("td")}
    assert cells["File"] == "autumn.csv"
    assert cells["By"] == "First Year Pm Enginmark"
    assert cells["State"] == "done"
    assert cells["Rows"] == "New: 1 Changed: 1 Unchanged: 1 Refused: 1"
    # All are of the own organization.
    assert "Organization" not in cells


def test_the_list_has_the_imports_of_a_program_manager_alone(world, pm, client):
    mine, colleagues = (
        upload(world, "first_year_pm", State.MAPPING),
        upload(world, "transfer_pm", State.MAPPING),
    )

    shown = page(client, "index")

    assert mine.file_name in shown.text
    assert colleagues.file_name not in shown.text


def test_accounts_see_everybodys_imports_into_their_organizations(world, client_of):
    files = [upload(world, who, State.MAPPING).file_name for who in ("first_year_pm", "cohort_pm", "moot_pm")]

    shown = {
        who: [name in page(client_of(who), "index").text for name in files]
        for who in ("riverside_parent", "engineering_child", "super_admin")
    }

    assert shown == {
        "riverside_parent": [True, True, False],
        "engineering_child": [True, False, False],
        "super_admin": [True, True, True],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=autumn", ["Autumn, late.csv"]),
        ("?state=mapping", ["Autumn, late.csv", "spring.csv"]),
        ("?state=done", []),
        ("?since=2026-02-01", ["Autumn, late.csv"]),
        ("?until=2026-01-31", ["spring.csv"]),
        ("?since=9999-12-31", []),
        ("?until=0001-01-01", []),
    ],
)
def test_the_list_is_searched_and_filtered(world, pm, client, query, found):
    for name, month in (("spring.csv", 1), ("Autumn, late.csv", 9)):
        RosterImport._base_manager.filter(pk=upload(world, "first_year_pm", State.MAPPING).pk).update(
            file_name=name, created_at=timezone.make_aware(timezone.datetime(2026, month, 15))
        )

    names = [text_of(cell) for cell in page(client, "index", query=query).select("td.title")]

    assert names == found


def test_an_empty_list_says_what_an_import_is(client):
    shown = main(page(client, "index"))

    assert "Nothing has been imported yet" in shown
    assert "The same file again changes nothing, and an import can be undone." in shown
    assert all(str(sample.label) in shown for sample in SAMPLES.values())


@pytest.mark.parametrize(
    ("who", "is_shown"), [("first_year_pm", True), ("engineering_child", True), ("first_year_sc", False)]
)
def test_rosters_lead_to_an_import(client_of, who, is_shown):
    client = client_of(who)

    links = {
        namespace: BeautifulSoup(client.get(reverse(f"{namespace}:index")).content, "html.parser").select(
            f'main a[href="{reverse("imports:add")}"]'
        )
        for namespace in ("mentors", "mentees", "success-coordinators")
    }

    assert [bool(found) for found in links.values()] == [is_shown, is_shown, False]


def test_an_organizations_page_leads_to_its_imports(world, client_of):
    upload(world, "first_year_pm", State.MAPPING)
    school = world.organizations["engineering"]

    response = client_of("riverside_parent").get(reverse("organizations:profile", args=[school.pk]))

    section = BeautifulSoup(response.content, "html.parser").find(
        attrs={"aria-labelledby": "organization-imports"}
    )
    assert text_of(section) == "Imports Import a roster 1 import"
    assert [link["href"] for link in section.select("a")] == [
        f"/admin/imports/add/?organization={school.pk}",
        f"/admin/imports/?organization={school.pk}",
    ]


# The file


def test_a_file_is_uploaded_and_leads_to_its_columns(pm, client):
    response = post(client, "add", file=file_of(ANA))

    [roster_import] = RosterImport._base_manager.all()
    assert (roster_import.file_name, roster_import.state) == ("roster.csv", State.MAPPING)
    assert roster_import.organization == pm.mentorpro_person.organization
    assert response["Location"] == reverse("imports:progress", args=[roster_import.pk])
    assert client.get(response["Location"])["Location"] == reverse("imports:columns", args=[roster_import.pk])


def test_a_script_is_told_where_to_go(client):
    address = reverse("imports:add")

    response = client.post(address, {"file": file_of(ANA)}, headers={"X-Requested-With": "XMLHttpRequest"})

    [roster_import] = RosterImport._base_manager.all()
    assert response.json() == {"url": reverse("imports:progress", args=[roster_import.pk])}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("", b"", "Choose a file."),
        ("roster.csv", b"", "The file is empty."),
        ("roster.pdf", b"%PDF", "Only CSV, TSV and XLSX files can be read."),
        ("roster", b"ID", "Only CSV, TSV and XLSX files can be read."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(client, name, content, sentence):
    def body():
        return {"file": SimpleUploadedFile(name, content)} if name else {}

    shown = BeautifulSoup(post(client, "add", **body()).content, "html.parser")
    for_script = client.post(reverse("imports:add"), body(), headers={"X-Requested-With": "XMLHttpRequest"})

    field = shown.find("input", type="file")
    assert field["aria-invalid"] == "true"
    assert text_of(shown.find(id=field["aria-describedby"].split()[1])) == sentence
    assert (for_script.status_code, for_script.json()) == (422, {"errors": {"file": [sentence]}})
    assert not RosterImport._base_manager.exists()


def test_a_file_that_is_too_large_is_refused(client):
    # Of zeros, which nobody reads.
    file = SimpleUploadedFile("roster.csv", bytes(MOST_BYTES + 1))

    shown = BeautifulSoup(post(client, "add", file=file).content, "html.parser")

    sentence = f"The file is larger than {MOST_BYTES // 1024**2} MB. Divide it into several files."
    assert sentence in main(shown)
    assert not RosterImport._base_manager.exists()


class Stream:
    """What comes in over the net: zeros, as many as are asked for."""

    def __init__(self):
        self.read_so_far = 0

    def read(self, size):
        self.read_so_far += size
        return bytes(size)

    readline = read


class StoresNothing(FileUploadHandler):
    """Fails where anything is stored of an upload."""

    def new_file(self, *args, **kwargs):
        raise AssertionError("The upload is being stored.")

    receive_data_chunk = file_complete = new_file


def sent(client, length, stream, **headers):
    return client.post(
        reverse("imports:add"),
        b"",
        content_type="multipart/form-data; boundary=x",
        headers=headers,
        CONTENT_LENGTH=str(length),
        **{"wsgi.input": stream},
    )


@pytest.mark.parametrize("for_script", [False, True])
def test_an_upload_that_says_it_is_too_large_is_refused_before_it_is_stored(client, settings, for_script):
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.StoresNothing"]
    stream, length = Stream(), MOST_BYTES + 200_000
    headers = {"X-Requested-With": "XMLHttpRequest"} if for_script else {}

    response = sent(client, length, stream, **headers)

    sentence = f"The file is larger than {MOST_BYTES // 1024**2} MB. Divide it into several files."
    assert response.status_code == 413
    if for_script:
        assert response.json() == {"errors": {"file": [sentence]}}
    else:
        shown = BeautifulSoup(response.content, "html.parser")
        assert text_of(shown.find(id="file-errors")) == sentence
    # All of it came in, and none was kept: or the browser wouldn't show the answer.
    assert stream.read_so_far == length
    assert not RosterImport._base_manager.exists()


def test_nobody_waits_for_the_end_of_an_upload_beyond_all_measure(client):
    stream = Stream()

    response = sent(client, 10**12, stream)

    assert response.status_code == 413
    assert stream.read_so_far == 0


def test_an_upload_needs_the_token_of_its_page(pm):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(pm)
    token = BeautifulSoup(strict.get(reverse("imports:add")).content, "html.parser").find(
        "input", attrs={"name": "csrfmiddlewaretoken"}
    )["value"]

    without = post(strict, "add", file=file_of(ANA))
    within = post(strict, "add", file=file_of(ANA), csrfmiddlewaretoken=token)

    assert (without.status_code, within.status_code) == (403, 302)
    assert RosterImport._base_manager.count() == 1


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("first_year_pm", []),
        ("engineering_child", []),
        (
            "riverside_parent",
            ["", "Enginmark Organization", "Nursmark Organization", "Riverside Organization"],
        ),
    ],
)
def test_organizations_are_offered_where_there_is_a_choice(client_of, who, offered):
    shown = page(client_of(who), "add")

    options = [option.text for option in shown.select("select[name=organization] option") if option["value"]]
    assert options == [name for name in offered if name]


def test_a_super_admin_may_leave_the_organization_open(world, client_of):
    client = client_of("super_admin")

    post(client, "add", file=file_of(ANA))

    assert RosterImport._base_manager.get().organization is None
    assert "Each row names its own" in main(page(client, "add"))


@pytest.mark.parametrize("who", ["first_year_pm", "riverside_parent"])
def test_nothing_is_uploaded_for_an_organization_beyond_reach(world, client_of, who):
    response = post(client_of(who), "add", file=file_of(ANA), organization=world.organizations["law"].pk)

    assert response.status_code == 200
    assert not RosterImport._base_manager.exists()


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("who", ["first_year_pm", "engineering_child", "riverside_parent", "super_admin"])
def test_samples_can_be_read(client_of, pm, who, name, kind):
    response = client_of(who).get(reverse("imports:sample", args=[name, kind]))

    with read_table(io.BytesIO(response.content), name=f"{name}.{kind}") as table:
        assert len(table.rows) > 0
        assert all(len(row.cells) == len(table.headings) for row in table.rows)


def test_the_first_sample_goes_in_as_it_is_and_the_third_changes_it(pm, client):
    samples = {
        name: client.get(reverse("imports:sample", args=[name, "csv"])).content
        for name in ("mentors-and-mentees", "changes")
    }

    first = stored(samples["mentors-and-mentees"], by=pm)
    second = stored(samples["changes"], by=pm)

    assert {key: first.counts[key] for key in ("new", "refused", "openings")} == {
        "new": 5,
        "refused": 0,
        "openings": 5,
    }
    assert {key: second.counts[key] for key in ("changed", "refused", "endings")} == {
        "changed": 2,
        "refused": 0,
        "endings": 2,
    }


# Columns


def selects(soup) -> dict[str, str]:
    """What is chosen, by heading."""
    return {
        text_of(row.select("td")[0]): row.select_one("option[selected]").text
        for row in soup.select(".mentorpro-columns tbody tr")
    }


def test_columns_are_guessed_and_shown_with_samples(pm, client):
    roster_import = uploaded(csv_of(ANA | {"Grade Riverside": "Freshmark", "Shoes": "42"}), by=pm)

    shown = page(client, "columns", roster_import.pk)

    chosen = selects(shown)
    assert chosen["First Name"] == "First Name"
    assert chosen["Phone Number"] == "Phone Number"
    assert chosen["Grade Riverside"] == "Grade Riverside"
    assert chosen["Shoes"] == "Pass over"
    row = next(row for row in shown.select(".mentorpro-columns tbody tr") if "Shoes" in row.text)
    assert "42" in row.text


def test_every_select_has_a_name_of_its_own(pm, client):
    roster_import = uploaded(csv_of(ANA), by=pm)

    shown = page(client, "columns", roster_import.pk)

    labels = {label["for"]: text_of(label) for label in shown.select("label[for]")}
    names = [labels[select["id"]] for select in shown.select(".mentorpro-columns select")]
    assert len(set(names)) == len(names) > 0
    assert "Meaning of “First Name”" in names


def body_of(soup, **changes):
    """What the form of the columns sends as it stands, with `changes`."""
    form = soup.find(attrs={"data-controller": "mentorpro-columns"})
    body = {}
    for select in form.select("select"):
        chosen = select.select_one("option[selected]")
        body[select["name"]] = chosen["value"] if chosen else ""
    return body | changes


def position_of(roster_import, heading) -> str:
    return f"column_{roster_import.glance['headings'].index(heading)}"


def test_columns_lead_to_the_preview(pm, client):
    roster_import = uploaded(csv_of(ANA), by=pm)

    response = post(client, "columns", roster_import.pk, **body_of(page(client, "columns", roster_import.pk)))

    assert response["Location"] == reverse("imports:progress", args=[roster_import.pk])
    assert client.get(response["Location"])["Location"] == reverse("imports:preview", args=[roster_import.pk])


def test_two_columns_of_one_meaning_are_refused_beside_the_second(pm, client):
    roster_import = uploaded(csv_of(ANA), by=pm)
    second = position_of(roster_import, "Last Name")

    shown = BeautifulSoup(
        post(
            client,
            "columns",
            roster_import.pk,
            **body_of(page(client, "columns", roster_import.pk), **{second: "first_name"}),
        ).content,
        "html.parser",
    )

    select = shown.find("select", attrs={"name": second})
    error = shown.find(id=select["aria-describedby"])
    assert select["aria-invalid"] == "true"
    assert text_of(error) == (
        "“First Name” has this meaning already. Choose another one, or pass this column over."
    )
    assert kept(roster_import).state == State.MAPPING


def test_columns_that_tell_nobody_apart_are_refused_at_the_top(pm, client):
    roster_import = uploaded(csv_of(ANA), by=pm)
    changes = {position_of(roster_import, heading): "" for heading in ("ID", "Phone Number")}

    shown = BeautifulSoup(
        post(
            client,
            "columns",
            roster_import.pk,
            **body_of(page(client, "columns", roster_import.pk), **changes),
        ).content,
        "html.parser",
    )

    assert "One of the columns has to be “ID” or “Phone Number”" in text_of(shown.find(role="alert"))


def test_what_holds_for_all_rows_is_said_once(pm, client):
    content = b"Name,Handy,Kennung\r\nAna Ruiz,907 555 0142,N1\r\n"
    roster_import = uploaded(content, by=pm)
    shown = page(client, "columns", roster_import.pk)
    roles = [option.text for option in shown.select("select[name=all_role] option")]

    post(client, "columns", roster_import.pk, **body_of(shown, all_role="Mentee"))

    assert roles == ["Not for all rows", "Mentee", "Mentor"]
    assert kept(roster_import).counts["new"] == 1
    assert kept(roster_import).mapping["constants"] == {"role": "Mentee"}


def test_what_a_column_says_is_not_said_for_all_rows_too(pm, client):
    roster_import = uploaded(csv_of(ANA), by=pm)

    shown = BeautifulSoup(
        post(
            client,
            "columns",
            roster_import.pk,
            **body_of(page(client, "columns", roster_import.pk), all_role="Mentee"),
        ).content,
        "html.parser",
    )

    assert "The column “Role” says this already." in main(shown)
    assert kept(roster_import).state == State.MAPPING


def test_programs_and_managers_beyond_reach_are_not_offered(pm, client):
    roster_import = uploaded(b"ID\r\nN1\r\n", by=pm)
    shown = page(client, "columns", roster_import.pk)

    programs = [option["value"] for option in shown.select("select[name=all_program] option")]
    managers = [option["value"] for option in shown.select("select[name=all_program_manager] option")]

    assert programs == ["", "First Year Enginmark", "Transfer Enginmark"]
    assert managers == ["", "FIRST_YEAR_PM-ENGINMARK", "TRANSFER_PM-ENGINMARK"]


def test_what_was_said_last_time_is_remembered_and_said_so(pm, client):
    content = csv_of(ANA | {"Spitzname": "Annie"})
    first = uploaded(content, by=pm)
    body = body_of(page(client, "columns", first.pk), **{position_of(first, "Spitzname"): "reason"})
    post(client, "columns", first.pk, **body)
    confirmed(kept(first), by=pm)
    second = uploaded(content, by=pm)

    shown = page(client, "columns", second.pk)

    assert RememberedHeading._base_manager.filter(heading="spitzname", meaning="reason").exists()
    assert selects(shown)["Spitzname"] == "Reason"
    remembered = [text_of(row) for row in shown.select("tr") if "Remembered from last time" in row.text]
    assert [row.split()[0] for row in remembered] == ["Spitzname"]


def test_another_sheet_is_read(pm, client):
    content = (ROSTERS / "nursing_by_hand.xlsx").read_bytes()
    roster_import = uploaded(content, by=pm, name="nursing_by_hand.xlsx")
    found = roster_import.glance
    other = next(name for name in found["sheets"] if name != found["sheet"])

    shown = page(client, "columns", roster_import.pk)
    post(client, "columns", roster_import.pk, reread="1", sheet=other, heading_line="1")

    assert [option.text for option in shown.select("select[name=sheet] option")] == found["sheets"]
    after = kept(roster_import)
    assert after.state == State.MAPPING
    # Read, or said why it can't be.
    assert after.glance["sheet"] == other or after.error


def test_another_line_of_the_headings_is_read(pm, client):
    roster_import = uploaded(b"ID,First Name\r\nKennung,Vorname\r\nN1,Ana\r\n", by=pm)

    post(client, "columns", roster_import.pk, reread="1", heading_line="2")

    assert kept(roster_import).glance["headings"] == ["Kennung", "Vorname"]


@pytest.mark.parametrize("line", ["", "0", "-1", "abc", "9" * 30])
def test_a_line_that_there_is_not_is_refused_beside_its_field(pm, client, line):
    roster_import = uploaded(csv_of(ANA), by=pm)

    response = post(client, "columns", roster_import.pk, reread="1", heading_line=line)

    shown = BeautifulSoup(response.content, "html.parser")
    assert shown.select(".mentorpro-sheet .error-message")
    # The other form is as it was.
    assert not shown.select(".mentorpro-columns .error-message")


@pytest.mark.parametrize("value", ["identifier:Nothing", "nonsense", "\x00", "role\n"])
def test_a_meaning_that_is_not_offered_is_refused(pm, client, value):
    roster_import = uploaded(csv_of(ANA), by=pm)
    body = body_of(page(client, "columns", roster_import.pk), column_1=value)

    response = post(client, "columns", roster_import.pk, **body)

    assert response.status_code == 200
    assert kept(roster_import).state == State.MAPPING


# The preview


@pytest.fixture
def four(pm):
    """A preview with one row of each kind."""
    return previewed(csv_of(ANA, KNOWN, SAME, CAM), by=pm)


def test_tabs_have_the_counts_and_the_first_with_rows_is_shown(four, client):
    shown = page(client, "preview", four.pk)

    tabs = shown.select(".mentorpro-import-tabs a")
    assert [text_of(tab) for tab in tabs] == ["New 1", "Changed 1", "Unchanged 1", "Refused 1"]
    assert [tab.get("aria-current") for tab in tabs] == ["page", None, None, None]
    assert "Nothing has been stored yet, and no mail sent." in main(shown)
    assert "1 person gets the welcome by e-mail." in main(shown)
    [row] = shown.select(".mentorpro-rows tbody tr")
    cells = dict(zip(map(text_of, row.select("dt")), map(text_of, row.select("dd")), strict=True))
    assert cells["ID"] == "N1"
    assert cells["E-mail"] == "ana@example.org"
    # Who it is stands beside.
    assert "First Name" not in cells
    assert text_of(row.select("td")[1]) == "Ana Ruiz Mentee"


def test_changed_values_stand_side_by_side(four, client):
    shown = page(client, "preview", four.pk, query="?show=changed")

    [change] = shown.select(".mentorpro-changes li")
    assert [text_of(change.find(name)) for name in ("del", "ins")] == ["First Year Mentee", "Renamed"]


def test_a_person_who_is_there_is_linked_and_labelled(world, pm, client):
    person = world.people["first_year_mentee"]
    deactivate(person, by=world.user("engineering_child"))
    roster_import = previewed(csv_of({"ID": person.id_number}), by=pm)

    shown = page(client, "preview", roster_import.pk)

    link = shown.select_one(".mentorpro-rows__who a")
    assert link["href"] == reverse("mentees:profile", args=[person.pk])
    assert "Deactivated" in text_of(link.parent)


def test_a_reason_stands_beside_its_cell(four, client):
    shown = page(client, "preview", four.pk, query="?show=refused")

    [cell] = shown.select(".mentorpro-cells__refused")
    assert text_of(cell.find("dt")) == "Phone Number"
    assert text_of(cell.select_one("dd bdi")) == "12"
    assert text_of(cell.select_one(".mentorpro-rows__reason")) == "“12” is not a telephone number."


def test_a_cell_that_is_missing_is_refused_as_empty(pm, client):
    roster_import = previewed(csv_of(ANA | {"First Name": ""}), by=pm)

    shown = page(client, "preview", roster_import.pk)

    [cell] = shown.select(".mentorpro-cells__refused")
    assert text_of(cell) == "First Name empty The first name is missing."


def test_what_nobody_reads_as_a_column_is_said_of_the_row(pm, client):
    roster_import = previewed(b"ID,First Name,Phone Number\r\nN1,Ana,9075550142\r\n", by=pm)

    shown = page(client, "preview", roster_import.pk, query="?show=refused")

    [reason] = shown.select(".mentorpro-rows__what > div > .mentorpro-rows__reason")
    assert text_of(reason).startswith("Role: ")


def test_notes_stand_with_their_row_and_with_the_file(pm, client):
    row = ANA | {"Program": "First Year Enginmark", "Shoes": "42"}
    roster_import = previewed(csv_of(row), by=pm)

    shown = page(client, "preview", roster_import.pk)

    assert "so Ana Ruiz stays unassigned" in text_of(shown.select_one(".mentorpro-rows__note"))
    assert "Shoes" not in text_of(shown.select_one(".mentorpro-rows tbody"))


def test_a_file_with_headings_alone_says_so_and_what_to_do(pm, client):
    roster_import = uploaded(csv_of(), by=pm)
    columns = main(page(client, "columns", roster_import.pk))
    mapped(roster_import, by=pm)

    shown = page(client, "preview", roster_import.pk)

    assert "The file has no rows below its headings." in columns
    assert (
        "The file has no rows below its headings. Add a row for each person, and upload it again. If the rows stand on"
        " another sheet, or below another line, say so where the columns are changed."
    ) in main(shown)
    assert "The roster says all of this already." not in main(shown)
    assert not shown.select(f'form[action="{reverse("imports:confirm", args=[roster_import.pk])}"]')


def test_a_file_with_headings_alone_is_not_confirmed(pm, client):
    roster_import = previewed(csv_of(), by=pm)

    response = client.post(reverse("imports:confirm", args=[roster_import.pk]), follow=True)

    assert (
        "The file has no rows below its headings, so there is nothing to store." in response.content.decode()
    )
    assert kept(roster_import).state == State.PREVIEW


def test_a_hundred_rows_are_paged(pm, client):
    rows = [mentee(ID=f"N{number}", Phone_Number=f"907555{number:04}") for number in range(100, 200)]
    roster_import = previewed(csv_of(*rows), by=pm)

    lines = {
        query: [
            text_of(cell)
            for cell in page(client, "preview", roster_import.pk, query=query).select(".mentorpro-rows__line")
        ]
        for query in ("", "?p=2", "?show=new&p=2", "?p=99", "?p=abc", "?show=nothing")
    }

    assert lines[""] == lines["?p=abc"] == lines["?show=nothing"] == [str(line) for line in range(2, 52)]
    assert lines["?p=2"] == lines["?show=new&p=2"] == lines["?p=99"] == [str(line) for line in range(52, 102)]


@pytest.mark.parametrize("count", [1, 50])
def test_a_page_of_the_preview_takes_as_many_queries_as_any(
    pm, client, world, django_assert_max_num_queries, count
):
    for number in range(count):
        add(world, f"known_{number}", "mentee", "engineering")
    rows = [{"ID": f"KNOWN_{number}-ENGINMARK", "First Name": "Other"} for number in range(count)]
    roster_import = previewed(csv_of(*rows), by=pm)
    page(client, "index")

    with django_assert_max_num_queries(14):
        page(client, "preview", roster_import.pk)


def test_what_people_write_runs_nowhere(pm, client):
    row = ANA | {"First Name": "<script>alert(1)</script>", "Last Name": "أمل", "ID": "<b>N1</b>"}
    roster_import = previewed(csv_of(row), by=pm, name="<img src=x>.csv")

    shown = page(client, "preview", roster_import.pk)

    who = shown.select_one(".mentorpro-rows__who bdi")
    assert who.text == "<script>alert(1)</script> أمل"
    assert not shown.select("main script, main img, main b")


def test_a_preview_that_is_gone_says_so(four, client):
    private_storage().delete(four.plan)

    shown = page(client, "preview", four.pk)

    assert "The preview isn't there any more." in main(shown)
    assert not shown.select(f'form[action="{reverse("imports:confirm", args=[four.pk])}"]')


def buttons(soup) -> list[str]:
    return [text_of(button) for button in soup.select(".mentorpro-confirm :is(button, a)")]


def test_valid_rows_alone_are_offered_where_others_are_refused(four, pm, client):
    all_valid = previewed(csv_of(ANA, KNOWN), by=pm)
    none_valid = previewed(csv_of(CAM), by=pm)
    nothing_new = previewed(csv_of(SAME), by=pm)
    leave = ["Change the columns", "Cancel the import"]

    offered = [buttons(page(client, "preview", row.pk)) for row in (all_valid, four, none_valid, nothing_new)]

    assert offered == [
        ["Store 2 rows", *leave],
        ["Store 2 valid rows", "Refused rows as a file", *leave],
        ["Refused rows as a file", *leave],
        ["Finish", *leave],
    ]


def test_a_yes_to_all_stores_nothing_while_a_row_is_refused(four, client):
    post(client, "confirm", four.pk)

    assert kept(four).state == State.PREVIEW
    assert "Some rows are refused." in page(client, "preview", four.pk).text
    assert not Person._base_manager.filter(id_number="N1").exists()


@pytest.mark.parametrize("who", ["riverside_parent", "engineering_child", "super_admin", "transfer_pm"])
def test_nobody_else_says_yes(four, client_of, who):
    response = post(client_of(who), "confirm", four.pk, only_valid="1")

    assert response.status_code in (302, 404)
    assert response.get("Location", "/admin/") == "/admin/"
    assert kept(four).state == State.PREVIEW


# What came of it


def test_the_result_counts_what_the_database_holds(four, client):
    response = post(client, "confirm", four.pk, only_valid="1")

    shown = page(client, "progress", four.pk)
    assert response["Location"] == reverse("imports:progress", args=[four.pk])
    numbers = [int(text_of(number)) for number in shown.select(".mentorpro-counts dd")]
    people = ImportedPerson._base_manager.filter(roster_import=four)
    assert numbers == [people.filter(is_new=True).count(), people.filter(is_new=False).count(), 1, 1]
    assert [text_of(row) for row in shown.select(".mentorpro-panel tbody tr")] == [
        "Ana Ruiz 2 Mentee Enginmark Organization added",
        "Renamed Enginmark 3 Mentee Enginmark Organization changed",
    ]
    ana = Person._base_manager.get(id_number="N1")
    assert shown.select_one(".mentorpro-panel tbody a")["href"] == reverse("mentees:profile", args=[ana.pk])
    assert "1 person was written the welcome." in main(shown)


def test_refused_rows_come_back_as_a_file_and_go_in_once_mended(pm, client):
    roster_import = stored(csv_of(ANA, CAM), by=pm, only_valid=True, name="autumn.csv")

    response = post(client, "refused", roster_import.pk)

    content = b"".join(response.streaming_content)
    assert response["Content-Disposition"] == 'attachment; filename="autumn, refused rows.csv"'
    assert (response["X-Content-Type-Options"], "no-store" in response["Cache-Control"]) == ("nosniff", True)
    [row] = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["Reason"] == "Phone Number: “12” is not a telephone number."
    mended = stored(content.replace(b",12,", b",9075550199,"), by=pm)
    assert (mended.counts["new"], mended.counts["refused"]) == (1, 0)
    downloads = HistoryEntry._base_manager.filter(action=HistoryEntry.Action.DOWNLOADED)
    assert list(downloads.values_list("actor", flat=True)) == [pm.pk]


def test_the_file_comes_back_as_it_was(four, client):
    content = b"".join(post(client, "file", four.pk).streaming_content)

    assert content == csv_of(ANA, KNOWN, SAME, CAM)


@pytest.mark.parametrize("what", ["refused", "file"])
def test_a_file_that_is_gone_is_not_there(four, client, what):
    for name in (four.plan, four.file):
        private_storage().delete(name)

    assert post(client, what, four.pk).status_code == 404


@pytest.mark.parametrize("what", ["confirm", "cancel", "refused", "file"])
def test_a_get_does_nothing(four, client, what):
    assert client.get(reverse(f"imports:{what}", args=[four.pk])).status_code == 405
    assert kept(four).state == State.PREVIEW


def test_others_see_what_came_of_it_and_not_the_file(four, pm, client_of):
    confirmed(four, by=pm, only_valid=True)
    client = client_of("engineering_child")

    shown = page(client, "progress", four.pk)

    assert "The import is done." in main(shown)
    assert "Ana Ruiz" in main(shown)
    assert "Undo" in main(shown)
    assert not shown.select(f'form[action="{reverse("imports:refused", args=[four.pk])}"]')
    assert post(client, "refused", four.pk)["Location"] == "/admin/"
    assert post(client, "file", four.pk)["Location"] == "/admin/"


def test_people_who_were_deleted_since_are_gone_from_the_result(four, pm, client):
    confirmed(four, by=pm, only_valid=True)
    ImportedPerson._base_manager.filter(roster_import=four).delete()

    assert "Nobody was added or changed." in main(page(client, "progress", four.pk))


def test_an_import_is_cancelled(four, client):
    response = post(client, "cancel", four.pk)

    assert kept(four).state == State.CANCELLED
    shown = main(page(client, "progress", four.pk))
    assert response["Location"] == reverse("imports:progress", args=[four.pk])
    assert "The import was cancelled. Nothing was stored." in shown
    assert "Upload a file again" in shown


def test_what_has_ended_is_not_cancelled(four, pm, client):
    confirmed(four, by=pm, only_valid=True)

    post(client, "cancel", four.pk)

    assert "This import has ended already" in page(client, "progress", four.pk).text
    assert kept(four).state == State.DONE


def test_a_file_that_fails_says_why(pm, client):
    roster_import = uploaded(b"\x00" * 100, by=pm, name="broken.xlsx")

    shown = page(client, "progress", roster_import.pk)

    assert kept(roster_import).state == State.FAILED
    assert text_of(shown.find(role="alert")) == kept(roster_import).error != ""
    assert "The import failed. Nothing was stored." in main(shown)


# On the way


@pytest.mark.usefixtures("no_worker")
def test_the_page_works_by_reload_and_asks_again_by_script(pm, client):
    roster_import = uploaded(csv_of(ANA), by=pm)

    shown, state = page(client, "progress", roster_import.pk), page(client, "state", roster_import.pk)

    place = shown.find(attrs={"data-mentorpro-state-url-value": True})
    assert place["data-mentorpro-state-url-value"] == reverse("imports:state", args=[roster_import.pk])
    assert state.find(attrs={"data-mentorpro-open": "yes"})
    assert "The file is being read." in text_of(state)
    assert "Cancel the import" in main(shown)


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize(
    ("done", "seconds", "sentence", "percent"),
    [
        (0, 100, "10,000 rows.", None),
        (20, 1, "20 of 10,000 rows.", 0),
        # So slow that the time which the test itself takes changes nothing.
        (9_000, 500, "9,000 of 10,000 rows, 18 a second. About 60 seconds left.", 90),
        (1_000, 100, "1,000 of 10,000 rows, 10 a second. About 15 minutes left.", 10),
        (9_990, 500, "9,990 of 10,000 rows, 20 a second. A few seconds left.", 99),
        (10_000, 500, "10,000 of 10,000 rows, 20 a second. A few seconds left.", 99),
    ],
)
def test_progress_has_a_rate_and_the_time_left(pm, client, done, seconds, sentence, percent):
    roster_import = uploaded(csv_of(ANA), by=pm)
    RosterImport._base_manager.filter(pk=roster_import.pk).update(
        state=State.PLANNING,
        rows_done=done,
        rows_total=10_000,
        state_since=timezone.now() - timedelta(seconds=seconds),
    )

    state = page(client, "state", roster_import.pk)

    assert text_of(state.select_one(".mentorpro-import-rate")) == sentence
    assert state.find("progress").get("value") == (None if percent is None else str(percent))


@pytest.mark.usefixtures("no_worker")
def test_whoever_waits_in_line_is_told(world, client):
    first, second = (upload(world, "first_year_pm", State.STORING) for _again in range(2))

    assert "The rows are being stored." in text_of(page(client, "state", first.pk))
    assert "It waits in line" in text_of(page(client, "state", second.pk))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("who", ["first_year_pm", "engineering_child", "super_admin"])
def test_every_state_has_a_page(world, client_of, state, who):
    roster_import = upload(world, "first_year_pm", state)

    for name in ("progress", "state"):
        response = client_of(who).get(reverse(f"imports:{name}", args=[roster_import.pk]))
        leads_on = who == "first_year_pm" and name == "progress" and state in RosterImport.WAITING
        assert response.status_code == (302 if leads_on else 200)


# Undoing


def test_the_way_back_is_asked_about_first(four, pm, client):
    confirmed(four, by=pm, only_valid=True)

    shown = main(page(client, "undo", four.pk))

    assert "1 person whom it added is removed." in shown
    assert "1 person gets back what the file changed." in shown
    assert "What stays, and why" not in shown


def test_the_question_of_a_large_import_says_that_more_may_stay(four, pm, client, monkeypatch):
    confirmed(four, by=pm, only_valid=True)
    monkeypatch.setattr(foretelling, "MOST_JUDGED", 1)

    shown = main(page(client, "undo", four.pk))

    assert "At most; there are too many to look at each of them now." in shown
    assert "1 person whom it added is removed." in shown
    assert "1 person gets back what the file changed." in shown


def test_an_undone_import_says_what_stayed(four, pm, client):
    confirmed(four, by=pm, only_valid=True)
    Person._base_manager.filter(id_number="N1").update(first_login_at=timezone.now())

    question = main(page(client, "undo", four.pk))
    response = post(client, "undo", four.pk)

    shown = page(client, "progress", four.pk)
    assert "Has logged in: 1" in question
    assert response["Location"] == reverse("imports:progress", args=[four.pk])
    assert "The import was undone." in main(shown)
    assert [text_of(row) for row in shown.select(".mentorpro-panel tbody tr")] == [
        "Ana Ruiz 2 Mentee Enginmark Organization has logged in"
    ]
    assert Person._base_manager.filter(first_name="Renamed").count() == 0


def test_an_import_is_undone_once(four, pm, client):
    confirmed(four, by=pm, only_valid=True)
    post(client, "undo", four.pk)

    again = post(client, "undo", four.pk)

    assert "Only an import that is done can be undone, and once." in client.get(again["Location"]).text
    assert page(client, "undo", four.pk, status=302)


def test_all_that_came_back_leaves_nothing_to_list(four, pm, client):
    confirmed(four, by=pm, only_valid=True)

    post(client, "undo", four.pk)

    assert "Nothing: all of it was taken back." in main(page(client, "progress", four.pk))


# Who may


SCREENS = ["progress", "state", "columns", "preview", "undo"]
ACTIONS = ["confirm", "cancel", "refused", "file", "undo", "columns"]


@pytest.mark.parametrize("state", [State.MAPPING, State.PREVIEW, State.DONE])
@pytest.mark.parametrize(
    "who", ["transfer_pm", "cohort_pm", "nursing_child", "moot_pm", "hillside_parent", "first_year_sc"]
)
def test_what_is_not_theirs_is_not_there(world, client_of, who, state):
    roster_import = upload(world, "first_year_pm", state)
    client = client_of(who)

    answers = {
        name: client.get(reverse(f"imports:{name}", args=[roster_import.pk])).status_code for name in SCREENS
    }
    posted = {name: post(client, name, roster_import.pk).status_code for name in ACTIONS}

    assert {*answers.values(), *posted.values()} == {404}
    assert kept(roster_import).state == state


def test_a_program_manager_who_was_deactivated_has_no_import_any_more(world, four, client):
    deactivate(world.people["first_year_pm"], by=world.user("engineering_child"))

    assert client.get(reverse("imports:preview", args=[four.pk])).status_code == 302
    assert post(client, "confirm", four.pk, only_valid="1")["Location"].startswith("/accounts/login/")
    assert kept(four).state == State.PREVIEW


def test_mapped_twice_is_planned_once(pm, client):
    roster_import = mapped(uploaded(csv_of(ANA), by=pm), by=pm)
    confirmed(roster_import, by=pm)

    assert page(client, "columns", roster_import.pk, status=302)
    assert post(client, "columns", roster_import.pk).status_code == 302
