"""Several programs in one cell."""

import pytest

from mentorpro_plugin.exchange.several import joined, parts_of


@pytest.mark.parametrize(
    ("parts", "cell"),
    [
        (["Debate"], "Debate"),
        (["Debate", "Evening Circle"], "Debate | Evening Circle"),
        (["A | B", "C"], "A || B | C"),
        (["A|", "|B"], "A|| | ||B"),
        (["S1; S2", "S7"], "S1; S2 | S7"),
        (["", "S7"], "| S7"),
        (["S1", "", ""], "S1 |  |"),
    ],
)
def test_cells_of_several_programs_come_apart_as_they_were_joined(parts, cell):
    assert joined(parts) == cell
    assert parts_of(cell) == parts


def test_one_program_stands_as_it_is_called():
    assert joined(["A | B"]) == "A | B"


def test_nothing_is_written_where_nobody_leads():
    assert joined(["", ""]) == ""


def test_bars_without_spaces_are_understood():
    assert parts_of("Debate|Evening Circle") == ["Debate", "Evening Circle"]
