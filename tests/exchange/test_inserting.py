"""Writing many rows by our own way: the same rows as Django's, or Django's own way where ours wouldn't do.

What becomes of users that lie in two tables, `tests/hostsite` holds.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext, isolate_apps

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exchange.models import RememberedHeading
from mentorpro_plugin.inserting import FEWEST, insert, insert_values, update
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person

from ..factories import OrganizationFactory, user_for

pytestmark = pytest.mark.django_db

MANY = FEWEST + 5
#: What COPY and CSV write otherwise than it is, and what other fields might be mistaken for.
TEXTS = ["", "\\N", "\\", "a\tb", "a\nb\r", "\"quoted\", 'so'", "NULL", "ä😀\u202e", "%s {0}", "\\."]


@pytest.fixture
def organization():
    return OrganizationFactory()


def headings(organization, count=MANY, **fields):
    return [
        RememberedHeading(organization=organization, heading=f"heading{number}", **fields)
        for number in range(count)
    ]


def people(organization):
    """Unsaved people with something unusual each, and saved users."""
    found = []
    for number in range(MANY):
        user = user_for(Role.MENTEE, "")
        user.save()
        person = Person(
            user=user,
            organization=organization,
            role=Role.MENTEE,
            first_name=TEXTS[number % len(TEXTS)] or "Ana",
            about=TEXTS[-number % len(TEXTS)],
            phone=f"+120255501{number:02}",
            last_activity_at=datetime(2026, 1, 1 + number, 12, 30, 1, 234_567, UTC) if number % 3 else None,
        )
        person.complete()
        found.append(person)
    return found


def stored(model):
    """All columns of all rows but the key, as the database has them."""
    columns = ", ".join(
        connection.ops.quote_name(field.column)
        for field in model._meta.concrete_fields
        if not field.primary_key
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} ORDER BY {model._meta.pk.column}")
        return cursor.fetchall()


def test_rows_are_those_that_django_writes(organization):
    rows = people(organization)
    with transaction.atomic():
        Person._base_manager.bulk_create(rows)
        theirs = stored(Person)
        transaction.set_rollback(True)
    for row in rows:
        row.pk = None

    insert(rows)

    assert (len(theirs), stored(Person)) == (MANY, theirs)
    assert [row.pk for row in rows] == list(Person._base_manager.order_by("pk").values_list("pk", flat=True))
    assert not any(row._state.adding for row in rows)


def test_values_are_those_that_django_writes(organization):
    values = {
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "action": HistoryEntry.Action.CHANGED,
        "organization_id": organization.pk,
        "subject_id": list(range(MANY)),
        "changes": [{"name": [text, None]} for text in TEXTS * 3][:MANY],
        "batch": uuid4(),
    }
    with transaction.atomic():
        HistoryEntry._base_manager.bulk_create(
            HistoryEntry(
                **{
                    name: value[number] if isinstance(value, list) else value
                    for name, value in values.items()
                }
            )
            for number in range(MANY)
        )
        theirs = stored(HistoryEntry)
        transaction.set_rollback(True)

    insert_values(HistoryEntry, MANY, **values)

    assert (len(theirs), stored(HistoryEntry)) == (MANY, theirs)


@pytest.mark.parametrize("count", [2, MANY])
def test_updates_are_those_that_django_writes(organization, count):
    rows = people(organization)
    insert(rows)
    fields = ("first_name", "about", "phone", "last_activity_at", "search_text", "status")
    for number, row in enumerate(rows[:count]):
        row.first_name, row.about = row.about or "Ben", row.first_name
        row.phone = f"+120255501{number + 50}"
        row.last_activity_at = None if row.last_activity_at else datetime(2026, 2, 1, tzinfo=UTC)
        row.status = Person.Status.DEACTIVATED
        row.language = "es"
    before = stored(Person)
    with transaction.atomic():
        Person._base_manager.bulk_update(rows[:count], fields)
        theirs = stored(Person)
        transaction.set_rollback(True)

    update(rows[:count], fields)

    assert stored(Person) == theirs != before


def test_keys_are_given_once(organization):
    first, second = headings(organization), headings(OrganizationFactory())
    insert(first)
    last = first[-1].pk
    RememberedHeading._base_manager.all().delete()

    insert(second)
    row = RememberedHeading(organization=organization, heading="one more")
    row.save()

    keys = [row.pk for row in second]
    assert len({*keys, row.pk}) == MANY + 1
    assert last < min(keys) < max(keys) < row.pk


def test_what_the_database_refuses_leaves_nothing(organization):
    rows = headings(organization)
    rows[-1].heading = rows[0].heading

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(rows)

    assert not RememberedHeading._base_manager.exists()


def test_many_rows_are_one_statement_and_few_go_the_usual_way(organization):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        insert(headings(organization, FEWEST - 1))
        insert([])

    assert [query["sql"].split()[0] for query in queries] == ["INSERT"]
    assert RememberedHeading._base_manager.count() == FEWEST - 1


# Models with which our way wouldn't do. In a registry without apps: those of ours would register everything a second time.


def create_table(name, columns):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} ({columns})")


@isolate_apps()
def test_keys_that_nobody_counts_are_djangos(organization):
    class Ticket(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid4)
        name = models.CharField(max_length=20)

        class Meta:
            app_label = "mentorpro_plugin"

    create_table(Ticket._meta.db_table, "id uuid PRIMARY KEY, name varchar(20)")
    rows = [Ticket(name=f"T{number}") for number in range(MANY)]

    insert(rows)
    insert_values(Ticket, MANY, id=[uuid4() for _row in rows], name="U")

    kept = dict(Ticket._base_manager.values_list("pk", "name"))
    assert len(kept) == 2 * MANY
    assert {type(key) for key in kept} == {UUID}
    assert [kept[row.pk] for row in rows] == [row.name for row in rows]


@isolate_apps()
def test_what_the_database_works_out_is_left_to_it():
    class Shout(models.Model):
        id = models.BigAutoField(primary_key=True)
        name = models.CharField(max_length=20)
        volume = models.IntegerField(db_default=11)
        lower = models.GeneratedField(
            expression=Lower("name"), output_field=models.CharField(max_length=20), db_persist=True
        )

        class Meta:
            app_label = "mentorpro_plugin"

    key = (
        "bigserial PRIMARY KEY" if connection.vendor == "postgresql" else "integer PRIMARY KEY AUTOINCREMENT"
    )
    create_table(
        Shout._meta.db_table,
        f"id {key}, name varchar(20), volume integer DEFAULT 11,"
        " lower varchar(20) GENERATED ALWAYS AS (lower(name)) STORED",
    )

    insert([Shout(name=f"T{number}") for number in range(MANY)])

    rows = Shout._base_manager.order_by("pk")
    values = rows.values_list("name", "volume", "lower")
    assert list(values) == [(f"T{number}", 11, f"t{number}") for number in range(MANY)]
    update([Shout(pk=row.pk, name=f"U{row.pk}") for row in rows], ["name"])
    assert list(values.all()) == [(f"U{row.pk}", 11, f"u{row.pk}") for row in rows]


@isolate_apps()
def test_rows_of_two_tables_are_refused_as_by_django():
    class School(Organization):
        organization_ptr = models.OneToOneField(
            Organization, models.CASCADE, parent_link=True, related_name="+"
        )

        class Meta:
            app_label = "mentorpro_plugin"

    with pytest.raises(ValueError, match="multi-table"):
        insert([School(name=f"School {number}") for number in range(MANY)])

    assert not Organization._base_manager.exists()
