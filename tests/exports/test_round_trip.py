"""What is exported comes back unchanged: whoever exports it, whatever is in it, as CSV and as XLSX."""

import io

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import COORDINATORS, PARTICIPANTS, Role
from mentorpro_plugin.exchange.mapping import guess
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.reading import read_table
from mentorpro_plugin.exchange.rosters import import_roster
from mentorpro_plugin.exports.rosters import RosterExport
from mentorpro_plugin.models import Identifier
from mentorpro_plugin.people.models import codename_of

from .random_rosters import Built, rosters

#: Whom each may import, and so who comes back.
IMPORTED = {
    "super_admin": (*COORDINATORS, *PARTICIPANTS),
    "parent": (*COORDINATORS, *PARTICIPANTS),
    "child": (*COORDINATORS, *PARTICIPANTS),
    "program_manager": PARTICIPANTS,
}


def exported(role: Role, user, file_format: str) -> tuple[bytes, int]:
    """The roster of `role` as `user` gets it, and how many people are in it."""
    model = apps.get_model("mentorpro_plugin", codename_of(role))
    with scope_of(reach_of(user)):
        export = RosterExport(model.objects.visible_to(user), role=role, by=user)
    content = b"".join(export.written(file_format))
    return content, export.count


def came_back(content: bytes, file_format: str, user, *, is_mapped: bool):
    """How many rows an import of `content` would add, change, leave and refuse, and what it complains of."""
    with read_table(io.BytesIO(content), name=f"roster.{file_format}") as table:
        mapping = None
        if is_mapped:
            with scope_of(reach_of(user)):
                names = list(Identifier.objects.values_list("name", flat=True))
            mapping = guess(table.headings, identifiers=names)
        done = import_roster(table, by=user, mapping=mapping, dry_run=True)
    counts = [done.count(kind) for kind in (Kind.NEW, Kind.CHANGED, Kind.UNCHANGED, Kind.REFUSED)]
    return counts, list(done.refusals)


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("by", IMPORTED)
@settings(
    max_examples=5,
    # The same ones each time: whoever changes something else shall not meet them by chance.
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(drawn=rosters())
def test_random_rosters_come_back_unchanged(drawn, by, file_format):
    with transaction.atomic():
        user = Built(drawn).by[by]
        for role in IMPORTED[by]:
            content, number = exported(role, user, file_format)
            for is_mapped in (False, True):
                counts, refusals = (
                    came_back(content, file_format, user, is_mapped=is_mapped)
                    if number
                    else ([0, 0, 0, 0], [])
                )

                assert (refusals, counts) == ([], [0, 0, number, 0]), content
        transaction.set_rollback(True)
