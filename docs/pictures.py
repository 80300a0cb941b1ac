"""Takes the pictures of README and docs again: `.venv/bin/python docs/pictures.py`.

Starts the site with demo data in a folder of its own, looks at it with the machine's Chromium, and ends both.
"""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PASSWORD = "mentorpro-demo"  # noqa: S105 - of the demo, which everybody knows
PATIENCE = 300  # seconds until the site answers
MOST_BYTES = 150_000
DESK = {"viewport": {"width": 1280, "height": 840}}
TELEPHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


#: A cohort as somebody might send it, with a number that is none and a mentor whom nobody knows.
COHORT = """\
Role,First name,Last name,Phone,Student ID,Program,Program manager,Mentor
Mentor,Nadia,Haddad,(201) 555-0141,N300,First-Year Engineers,pm@demo.test,
Mentor,Tomás,Ortega,(201) 555-0142,N301,First-Year Engineers,pm@demo.test,
Mentee,Linh,Trần,(201) 555-0143,N302,First-Year Engineers,,N300
Mentee,Omar,Siddiqui,201-555-0144,N303,First-Year Engineers,,N300
Mentee,Grace,Okafor,201 555 0145,N304,First-Year Engineers,,N301
Mentee,Wei,Zhang,(201) 555-01,N305,First-Year Engineers,,N301
Mentee,Ana,Ruiz,+1 201 555 0147,N306,First-Year Engineers,,N399
Mentee,Yael,Cohen,(201) 555-0148,N307,First-Year Engineers,,N301
"""


@dataclass(frozen=True)
class Picture:
    name: str
    #: Of staff: what stands before "@demo.test".
    account: str
    address: str
    #: Options of the browser's context.
    screen: dict
    #: Moves this element to the top of the picture.
    scroll_to: str = ""
    #: Of participants, who log in with a code: the key of a session of theirs.
    session: str = ""
    #: A tab of the preview of the cohort, which is uploaded at `address`.
    preview: str = ""


def main() -> None:
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        sys.exit("There is no Chromium on this machine.")
    with tempfile.TemporaryDirectory(prefix="mentorpro-pictures-") as folder:
        os.environ["DATA_DIR"] = folder
        with site() as address:
            pictures = wanted()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
                for picture in pictures:
                    size = take(browser, address, picture)
                    sys.stdout.write(f"{picture.name}.png  {size:,} bytes\n")
                browser.close()


@contextmanager
def site() -> Iterator[str]:
    """The address of a site with demo data, which ends with the block."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/health/ready", process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)


def wait_for(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urlopen(address, timeout=5).close()  # noqa: S310 - our own
            return
        except (URLError, OSError):
            time.sleep(0.5)
    sys.exit("The site did not start.")


def wanted() -> list[Picture]:
    """The pictures, of the demo's people as they are in the site's database."""
    mentee, program, organization = subjects()
    maya, rosa, goal = circle()
    roster = "/admin/mentees/?ordering=-last_activity_at"
    profile = f"/admin/mentees/{mentee}/"
    assign = f"/admin/assignments/person/{mentee}/?program={program}"
    return [
        Picture("mentees", "pm", roster, DESK),
        Picture("profile", "pm", profile, DESK),
        Picture("assign", "pm", assign, DESK),
        Picture("organization", "parent", f"/admin/organizations/{organization}/", DESK),
        Picture("mentees-phone", "pm", roster, TELEPHONE),
        Picture("profile-phone", "pm", profile, TELEPHONE, scroll_to="#assigned-programs"),
        Picture("import", "pm", "/admin/imports/add/", DESK, preview="Refused"),
        Picture("mentee-home", "", "/mentee/", TELEPHONE, session=maya),
        Picture("conversation", "", f"/mentee/messages/{rosa}/", TELEPHONE, session=maya),
        Picture("goal", "", f"/mentee/goals/{goal}/", TELEPHONE, session=maya),
    ]


def subjects() -> tuple[int, int, int]:
    """Primary keys of a mentee with several mentors, their program, and the parent organization of the demo."""
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "mentorpro_site.settings.dev"
    import django  # noqa: PLC0415 - the settings need DATA_DIR

    django.setup()
    from django.db.models import Count, Q  # noqa: PLC0415

    from mentorpro_plugin.models import Person  # noqa: PLC0415

    people = Person._base_manager
    manager = people.get(email="pm@demo.test")
    is_open = Q(assignments__ended_at=None, assignments__program__in=manager.open_program_ids)
    mentees = people.filter(role="mentee", organization=manager.organization_id, status="enabled")
    mentees = mentees.filter(first_login_at__isnull=False, first_name__regex=r"^[A-Za-z]+$")
    mentee = mentees.annotate(mentors=Count("assignments", filter=is_open)).order_by("-mentors", "pk").first()
    return mentee.pk, min(mentee.open_program_ids & manager.open_program_ids), manager.tree_id


def circle() -> tuple[str, int, int]:
    """A session of the mentee Maya; primary keys of her mentor Rosa, and of a goal that Maya is working on."""
    from django.test import Client  # noqa: PLC0415 - after `django.setup`

    from mentorpro_plugin.demo.circle import MAYA, ROSA  # noqa: PLC0415
    from mentorpro_plugin.models import Consent, Goal, Person  # noqa: PLC0415
    from mentorpro_plugin.portal.terms import current_terms  # noqa: PLC0415

    maya, rosa = (Person._base_manager.get(phone=named.phone.as_e164) for named in (MAYA, ROSA))
    goals = Goal._base_manager.filter(mentee=maya, state=Goal.State.OPEN, steps__isnull=False)
    # Who has agreed isn't asked to.
    Consent(person=maya, version=current_terms().version).save()
    client = Client()
    client.force_login(maya.user)
    return client.cookies["sessionid"].value, rosa.pk, goals.earliest("pk").pk


def log_in(page: Page, address: str, picture: Picture) -> None:
    """Log in as the picture's account: by the session that was made for it, else by e-mail and password."""
    if picture.session:
        page.context.add_cookies([{"name": "sessionid", "value": picture.session, "url": address}])
        return
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(f"{picture.account}@demo.test")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator(".login-form button[type=submit]").click()
    page.wait_for_url("**/admin/")


def upload(page: Page, tab: str) -> None:
    """Upload the cohort, and open a tab of its preview."""
    file = {"name": "autumn cohort.csv", "mimeType": "text/csv", "buffer": COHORT.encode()}
    page.locator("[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_role("navigation", name="Rows").get_by_role("link", name=tab).click()
    page.wait_for_load_state("networkidle")


def take(browser: Browser, address: str, picture: Picture) -> int:
    """Write one picture; return its size in bytes."""
    context = browser.new_context(
        base_url=address, locale="en-US", reduced_motion="reduce", color_scheme="light", **picture.screen
    )
    page = context.new_page()
    log_in(page, address, picture)
    page.goto(picture.address, wait_until="networkidle")
    if picture.preview:
        upload(page, picture.preview)
    if picture.scroll_to:
        page.locator(picture.scroll_to).evaluate("element => element.scrollIntoView()")
        page.wait_for_timeout(300)
    image = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    path = FOLDER / f"{picture.name}.png"
    image.convert("RGB").quantize(colors=128, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{path.name} has {size:,} bytes, which is too much.")
    return size


if __name__ == "__main__":
    main()
