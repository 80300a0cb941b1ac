"""The documentation keeps up with the code, as far as that can be tested."""

import re
from urllib.parse import unquote

import pytest
from django.conf import settings

from mentorpro_plugin.access.guide import MEANINGS
from mentorpro_plugin.access.table import Span
from mentorpro_plugin.conf import DEFAULTS
from mentorpro_site.management.commands.write_permissions_page import PATH, permissions_page

ROOT = settings.BASE_DIR
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SETTINGS = ROOT / "site" / "mentorpro_site" / "settings"
READING = re.compile(r"\benv\.\w+\(\s*\"([A-Z_]+)\"")
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(#[^)\s]*)?\)")


def headings(page):
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_permissions_page_is_the_table():
    assert PATH.read_text(encoding="utf-8") == permissions_page(), (
        "run `python manage.py write_permissions_page`"
    )


def test_permissions_page_explains_every_word():
    assert set(MEANINGS) == set(Span) - {Span.NONE}


def test_settings_page_names_what_the_settings_read_and_nothing_else():
    page = (ROOT / "docs" / "owners" / "settings.md").read_text(encoding="utf-8")
    read = {
        name
        for module in ("base", "dev", "production")
        for name in READING.findall((SETTINGS / f"{module}.py").read_text(encoding="utf-8"))
    }

    assert set(re.findall(r"^\| `([A-Z_]+)` \|", page, flags=re.MULTILINE)) == read | set(DEFAULTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    dead = []
    for address, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / unquote(address)).resolve() if address else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            dead.append(address + anchor)

    assert dead == []


def test_pictures_are_small_and_used():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))

    assert [picture.name for picture in pictures if picture.stat().st_size > 150_000] == []
    assert [picture.name for picture in pictures if f"pictures/{picture.name})" not in text] == []
