"""Files to begin with have to be rosters."""

import io

import pytest
from django.utils.translation import override

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.exchange.headings import Column
from mentorpro_plugin.exchange.mapping import guess
from mentorpro_plugin.exchange.reading import read_table
from mentorpro_plugin.exchange.samples import KINDS, SAMPLES, place_of, sample_file

from .helpers import email_of, import_

pytestmark = pytest.mark.django_db


def sample(world, by: str, name: str, kind: str) -> bytes:
    user = world.user(by)
    with scope_of(reach_of(user)):
        return sample_file(name, kind, user=user)


@pytest.mark.parametrize("name", list(SAMPLES))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_heading_of_a_sample_is_known(world, name, kind, language):
    with override(language):
        content = sample(world, "riverside_parent", name, kind)
        with read_table(io.BytesIO(content), name=f"sample.{kind}") as read:
            mapping = guess(read.headings, identifiers=["Grade Riverside"])

    assert read.glance.heading_line == 1
    assert "" not in mapping.meanings


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_of_everything_is_imported_as_it_is(world, tmp_path, kind):
    by = world.user("riverside_parent")
    with scope_of(reach_of(by)):
        place = place_of(by)
    file = tmp_path / f"sample.{kind}"
    file.write_bytes(sample(world, "riverside_parent", "everything", kind))

    first, second = (import_(file, email_of(world, "riverside_parent")) for _again in range(2))

    assert first.complained == []
    assert (first.counts, second.counts) == ((6, 0, 0, 0), (0, 0, 6, 0))
    led = Assignment._base_manager.filter(person__id_number="S-205")
    assert set(led.values_list("program__name", "lead__id_number", "is_primary")) == {
        (place.program, "S-203", False),
        (place.program, "S-204", True),
        (place.others[0], "S-203", True),
    }


def test_the_sample_of_everything_has_every_column_and_role(world):
    content = sample(world, "riverside_parent", "everything", "csv")

    with read_table(io.BytesIO(content), name="sample.csv") as read:
        columns = dict(zip(read.headings, zip(*(row.cells for row in read.rows), strict=True), strict=True))

    assert set(guess(read.headings).meanings) - {""} == set(Column.values) - {"full_name", "reason"}
    assert set(columns["Role"]) == {"Program Manager", "Success Coordinator", "Mentor", "Mentee"}
    assert (columns["Mentor"][4], columns["Primary Mentor"][4]) == ("S-203; S-204 | S-203", "S-204 | S-203")
