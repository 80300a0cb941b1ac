"""Our style sheets, as a browser reads them: it passes over whatever it can't read, without a word."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEETS = sorted(
    path
    for folder in ("mentorpro_plugin", "home", "resources", "site")
    for path in (ROOT / folder).rglob("*.css")
)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_rule_ends_before_the_next_begins(path):
    """An end that got lost takes all the rest of the sheet along."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    open_rules, faults = [], []
    for part in re.finditer(r"([^{};]*)([{};])", text):
        if part[2] == "{":
            if open_rules and not open_rules[-1].startswith("@"):
                faults.append(f"{part[1].strip()} is within {open_rules[-1]}")
            open_rules.append(part[1].strip())
        elif part[2] == "}":
            open_rules.pop()

    assert faults == []
    assert open_rules == []


def test_there_are_style_sheets():
    assert {"admin.css", "portal.css", "conversations.css", "site.css"} <= {path.name for path in SHEETS}
