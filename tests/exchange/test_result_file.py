"""The file of refused rows: where it may be written, and who may read it."""

import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROSTER = "Role,First Name,ID,Organization\nTutor,Ana,X1,Nowhere\n"


@pytest.fixture
def roster(tmp_path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER)
    return path


@pytest.mark.parametrize("way", ["itself", "link", "dots"])
def test_result_never_overwrites_the_roster(world, roster, way):
    result = {
        "itself": roster,
        "link": roster.parent / "link.csv",
        "dots": roster.parent / "x" / ".." / roster.name,
    }[way]
    (roster.parent / "x").mkdir()
    if way == "link":
        result.symlink_to(roster)

    with pytest.raises(CommandError, match="can't be written"):
        call_command("import_roster", roster, by="super_admin@example.org", result=result)

    assert roster.read_text() == ROSTER


def test_result_with_a_name_too_long_is_refused_in_a_sentence(world, roster):
    with pytest.raises(CommandError, match="can't be written"):
        call_command(
            "import_roster", roster, by="super_admin@example.org", result=roster.parent / ("x" * 300)
        )


def test_result_is_for_its_owner_alone(world, roster, tmp_path):
    with pytest.raises(CommandError):
        call_command("import_roster", roster, by="super_admin@example.org", result=tmp_path / "refused.csv")

    assert stat.S_IMODE((tmp_path / "refused.csv").stat().st_mode) == 0o600
