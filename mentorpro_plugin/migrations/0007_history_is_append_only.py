"""The database itself refuses to change or remove history.

PostgreSQL refuses both. SQLite refuses changes only: to empty a database, as tests do after each other, Django deletes
row by row there, where it truncates on PostgreSQL, which no trigger for rows hears of. A dump holds the triggers, and is
restored with the rows before them. Other databases are left to the model.
"""

from django.db import migrations

_TABLE = "mentorpro_plugin_historyentry"

_POSTGRESQL = [
    """
    CREATE FUNCTION mentorpro_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'History is written once: no entry may be changed or removed.'
            USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER mentorpro_history_is_append_only BEFORE UPDATE OR DELETE ON {_TABLE}
    FOR EACH ROW EXECUTE FUNCTION mentorpro_history_is_append_only()
    """,
]
_POSTGRESQL_BACK = [
    f"DROP TRIGGER mentorpro_history_is_append_only ON {_TABLE}",
    "DROP FUNCTION mentorpro_history_is_append_only()",
]
_SQLITE = [
    f"""
    CREATE TRIGGER mentorpro_history_is_append_only BEFORE UPDATE ON {_TABLE}
    BEGIN SELECT RAISE(ABORT, 'History is written once: no entry may be changed.'); END
    """,
]
_SQLITE_BACK = ["DROP TRIGGER IF EXISTS mentorpro_history_is_append_only"]


def _run(schema_editor, statements):
    for statement in statements.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def forwards(apps, schema_editor):
    _run(schema_editor, {"postgresql": _POSTGRESQL, "sqlite": _SQLITE})


def backwards(apps, schema_editor):
    _run(schema_editor, {"postgresql": _POSTGRESQL_BACK, "sqlite": _SQLITE_BACK})


class Migration(migrations.Migration):
    dependencies = [("mentorpro_plugin", "0006_history_report")]

    operations = [migrations.RunPython(forwards, backwards)]
