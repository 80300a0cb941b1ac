"""Inserting and updating many rows: what `bulk_create` and `bulk_update` do, in a fraction of their time.

Django prepares each value of each row by itself, and compiles them into statements of a few dozen rows. Here values are
prepared column by column; new rows go to PostgreSQL by COPY and to SQLite by one prepared statement. What it saves stands in
docs/decisions/0022-imports-in-bulk.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connections, models, router, transaction
from django.db.models.base import ModelState

#: Fewer rows go the usual way.
FEWEST = 20
#: How fields prepare values that the database takes as they are, and the types of such values.
_PLAIN = {
    field.get_prep_value
    for field in (
        models.CharField,
        models.TextField,
        models.BooleanField,
        models.IntegerField,
        models.ForeignKey,
        models.AutoField,
    )
}
_PLAIN_TYPES = {str, int, bool, type(None)}


def insert(rows: Sequence[models.Model], *, prepared: Mapping[str, list[Any]] | None = None) -> None:
    """Insert `rows`, unsaved and of one model, and give them their primary keys. Sends no signals, as `bulk_create`.

    `prepared` has, by the names of fields, the values of all rows as the database takes them, where those are known.
    Raises what the database does, for all rows together; ValueError, as `bulk_create`, for rows that lie in two tables.
    """
    if not rows:
        return
    model = type(rows[0])
    inserter = _Inserter(model)
    if len(rows) < FEWEST or not inserter.is_able:
        model._base_manager.bulk_create(rows)
        return
    prepared = prepared or {}
    with transaction.atomic(using=inserter.alias):
        keys = inserter.keys(len(rows))
        attribute = model._meta.pk.attname
        for row, key in zip(rows, keys, strict=True):
            setattr(row, attribute, key)
        inserter.write(
            [
                prepared.get(field.name) or inserter.prepared(field, _values(field, rows))
                for field in inserter.fields
            ]
        )
    for row in rows:
        row._state.adding, row._state.db = False, inserter.alias


def insert_values(model: type[models.Model], count: int, **values: Any) -> None:
    """Insert `count` rows. `values` has, by attribute, a list with one value for each row, or the value of all of them.

    Attributes left out get their defaults, once for all rows. For rows that nobody needs as objects.
    """
    inserter = _Inserter(model)
    columns = {name: value if isinstance(value, list) else [value] * count for name, value in values.items()}
    if count < FEWEST or not inserter.is_able:
        names = list(columns)
        rows = (dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))
        model._base_manager.bulk_create([model(**row) for row in rows])
        return
    for field in inserter.fields:
        if field.attname not in columns:
            columns[field.attname] = [field.get_default()] * count
    with transaction.atomic(using=inserter.alias):
        columns[model._meta.pk.attname] = inserter.keys(count)
        inserter.write([inserter.prepared(field, columns[field.attname]) for field in inserter.fields])


def maker(blank: models.Model) -> Callable[[], Any]:
    """Return a function that makes unsaved rows like the unsaved `blank`, in a tenth of the time that their class takes.

    All that its class does for a new row was done for `blank`; values it has must not be such as can be changed in place.
    """
    model = type(blank)
    values = {name: value for name, value in vars(blank).items() if name != "_state"}

    def make() -> models.Model:
        row = model.__new__(model)
        row.__dict__.update(values)
        row._state = ModelState()
        return row

    return make


def update(rows: Iterable[models.Model], names: Iterable[str]) -> None:
    """Save the fields `names` of stored `rows`, all of one model. Sends no signals, as `bulk_update`.

    Raises what the database does, for all rows together.
    """
    rows, names = list(rows), list(names)
    if not rows:
        return
    model = type(rows[0])
    inserter = _Inserter(model)
    if len(rows) < FEWEST or not inserter.is_able:
        model._base_manager.bulk_update(rows, names)
        return
    fields = [model._meta.get_field(name) for name in names]
    columns = [
        inserter.prepared(field, [getattr(row, field.attname) for row in rows])
        for field in (*fields, model._meta.pk)
    ]
    with transaction.atomic(using=inserter.alias):
        inserter.update(fields, columns)


class _Inserter:
    """Writes into the table of a model."""

    def __init__(self, model: type[models.Model]) -> None:
        self.alias = router.db_for_write(model)
        self._connection = connections[self.alias]
        self._model = model
        self._quote = self._connection.ops.quote_name
        self.fields: Sequence[models.Field] = model._meta.concrete_model._meta.local_concrete_fields

    @property
    def is_able(self) -> bool:
        """Whether rows of the model are rows of one table, with keys that can be had beforehand."""
        options = self._model._meta
        is_simple = not options.get_parent_list() and isinstance(options.pk, models.AutoField)
        is_known = not any(field.has_db_default() or field.generated for field in self.fields)
        return is_simple and is_known and self._write_rows is not None

    @property
    def _write_rows(self) -> Callable[[Iterable[Sequence[Any]]], None] | None:
        if self._connection.vendor == "sqlite":
            return self._execute_many
        if self._connection.vendor == "postgresql" and hasattr(self._connection.Database, "Copy"):
            return self._copy
        return None

    def prepared(self, field: models.Field, values: list[Any]) -> list[Any]:
        """Return the values of one column, as the database takes them."""
        if type(field).get_prep_value in _PLAIN and _PLAIN_TYPES.issuperset(map(type, values)):
            return values
        prepare = partial(field.get_db_prep_save, connection=self._connection)
        if type(field) is models.DateTimeField and all(value and value.tzinfo for value in values):
            # All that the field does to moments that have a time zone.
            prepare = self._connection.ops.adapt_datetimefield_value
        # The same value often stands in all rows, such as a moment.
        known: Any = values
        ready: Any = None
        found = []
        for value in values:
            if value is not known:
                known, ready = value, prepare(value)
            found.append(ready)
        return found

    def keys(self, count: int) -> list[int]:
        """Return primary keys that nobody else gets. Within the transaction that uses them."""
        table, column = self._model._meta.db_table, self._model._meta.pk.column
        with self._connection.cursor() as cursor:
            if self._connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                    [self._quote(table), column, count],
                )
                return [key for (key,) in cursor.fetchall()]
            # A write, so that from here on nobody else does, in whatever mode the transaction began.
            cursor.execute("UPDATE sqlite_sequence SET seq = seq WHERE name = %s", [table])
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            (last,) = cursor.fetchone() or (0,)
            return list(range(last + 1, last + count + 1))

    def write(self, columns: list[list[Any]]) -> None:
        """Write rows, given as a list of values for each field."""
        write_rows = self._write_rows
        assert write_rows is not None  # noqa: S101 - `is_able` was asked
        write_rows(zip(*columns, strict=True))

    def update(self, fields: Sequence[models.Field], columns: list[list[Any]]) -> None:
        """Write `fields` of rows, given as a list of values for each field and one of primary keys."""
        values = ", ".join(f"{self._quote(field.column)} = %s" for field in fields)
        table, key = self._quote(self._model._meta.db_table), self._quote(self._model._meta.pk.column)
        with self._connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table} SET {values} WHERE {key} = %s",  # noqa: S608 - quoted names
                zip(*columns, strict=True),
            )

    def _execute_many(self, rows: Iterable[Sequence[Any]]) -> None:
        places = ", ".join(["%s"] * len(self.fields))
        with self._connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self._target} VALUES ({places})", rows)  # noqa: S608 - quoted names

    def _copy(self, rows: Iterable[Sequence[Any]]) -> None:
        with (
            self._connection.cursor() as cursor,
            self._connection.wrap_database_errors,
            cursor.copy(f"COPY {self._target} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    @property
    def _target(self) -> str:
        columns = ", ".join(self._quote(field.column) for field in self.fields)
        return f"{self._quote(self._model._meta.db_table)} ({columns})"


def _values(field: models.Field, rows: Sequence[models.Model]) -> list[Any]:
    """Return the values of one field, as saving the rows would."""
    is_set_while_saving = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    if not is_set_while_saving and type(field).pre_save in _AS_THEY_ARE:
        # Past the descriptors, which would look whether it has to be fetched. New rows have all their values.
        return [row.__dict__[field.attname] for row in rows]
    return [field.pre_save(row, add=True) for row in rows]


_AS_THEY_ARE = {models.Field.pre_save, models.DateField.pre_save, models.DateTimeField.pre_save}
