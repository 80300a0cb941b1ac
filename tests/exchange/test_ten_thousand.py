"""One bad row among ten thousand: refused by the plan, or by the database while storing; first, in the middle, last."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.models import ImportedPerson, RosterImport
from mentorpro_plugin.exchange.plan import Kind
from mentorpro_plugin.exchange.rosters import store_roster
from mentorpro_plugin.people.models import Person

from ..factories import PersonFactory
from .helpers import changed_tables, checksums
from .steps import confirmed, do, kept, previewed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]

State = RosterImport.State

ROWS = 10_000
PLACES = {"first": 0, "in the middle": ROWS // 2, "last": ROWS - 1}
TAKEN = "This phone number belongs to another person."


def phone(number):
    return f"+1415{2_000_000 + number}"


def content(bad=None):
    """Ten thousand mentees; the one at `bad` has no number that is one."""
    lines = ["Role,First Name,ID,Phone Number,Organization"]
    lines += [
        f"Mentee,Ana,T{number:05},{phone(number) if number != bad else '12'},Enginmark Organization"
        for number in range(ROWS)
    ]
    return "\n".join(lines).encode()


def there():
    """IDs of those of the file who are there."""
    people = Person._base_manager.filter(id_number__startswith="T0").order_by("id_number")
    return list(people.values_list("id_number", flat=True))


def everybody_but(bad):
    return [f"T{number:05}" for number in range(ROWS) if number != bad]


def refused_file(roster_import, by):
    with do(actions.refused_rows, roster_import, by=by) as stream:
        text = stream.read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def check_stored_but(bad, roster_import, by, reason):
    assert (roster_import.state, roster_import.error) == (State.DONE, "")
    assert [roster_import.counts[kind] for kind in Kind] == [ROWS - 1, 0, 0, 1]
    assert there() == everybody_but(bad)
    lines = ImportedPerson._base_manager.filter(roster_import=roster_import).values_list("line", flat=True)
    assert set(lines) == set(range(2, ROWS + 2)) - {bad + 2}
    [row] = refused_file(roster_import, by)
    assert (row["ID"], row["Reason"]) == (f"T{bad:05}", f"Phone Number: {reason}")


@pytest.mark.parametrize("bad", PLACES.values(), ids=PLACES)
def test_row_refused_by_the_plan_keeps_all_or_only_itself_from_being_stored(world, bad):
    by = world.user("engineering_child")
    roster_import = previewed(content(bad), by=by)
    reason = "“12” is not a telephone number."

    with actions.open_plan(roster_import) as plan:
        [row] = plan.rows(Kind.REFUSED)
    assert (row.line, row.refusals) == (bad + 2, [("Phone Number", reason)])
    with pytest.raises(ValidationError):
        confirmed(roster_import, by=by)
    assert (kept(roster_import).state, there()) == (State.PREVIEW, [])

    done = confirmed(roster_import, by=by, only_valid=True)

    check_stored_but(bad, done, by, reason)


def test_row_refused_by_the_database_keeps_all_or_only_itself_from_being_stored(world, import_files):
    by = world.user("engineering_child")
    roster_import = previewed(content(), by=by)
    assert [roster_import.counts[kind] for kind in Kind] == [ROWS, 0, 0, 0]
    plan_of = import_files.parent / roster_import.plan
    kept_plan = plan_of.read_bytes()

    for bad in PLACES.values():
        with transaction.atomic():
            # Past the actions, so that no history tells of it, and the plan isn't made again.
            PersonFactory(phone=phone(bad), organization=world.organizations["law"])
            before = checksums()

            with actions.open_plan(roster_import) as plan:
                stored = store_roster(plan, by=by, organization=roster_import.organization)

            assert (stored.is_stored, changed_tables(before)) == (False, set())
            [row] = stored.refused
            assert (row.line, row.refusals) == (bad + 2, [("Phone Number", TAKEN)])
            assert [stored.counts[kind] for kind in Kind] == [ROWS - 1, 0, 0, 1]

            done = confirmed(kept(roster_import), by=by, only_valid=True)

            check_stored_but(bad, done, by, TAKEN)
            transaction.set_rollback(True)
        # The worker has put another in its place.
        plan_of.write_bytes(kept_plan)
