"""Drops the indexes of foreign keys with which another index begins: they were only written, five for each new person.

Past Django's own operation, which on SQLite would copy each table as a whole, and lose the trigger of the history.
"""

from django.conf import settings
from django.db import migrations, models

_FIELDS = {
    "historyentry": ["actor", "person", "program"],
    "outboxmessage": ["person"],
    "person": ["tree"],
}


def _fields(apps):
    for model_name, names in _FIELDS.items():
        model = apps.get_model("mentorpro_plugin", model_name)
        for name in names:
            yield model, model._meta.get_field(name)


def drop(apps, schema_editor):
    for model, field in _fields(apps):
        for index in schema_editor._constraint_names(
            model, [field.column], index=True, unique=False, type_="idx", exclude=_declared(model)
        ):
            schema_editor.execute(schema_editor._delete_index_sql(model, index))


def _declared(model):
    return {index.name for index in model._meta.indexes}


def restore(apps, schema_editor):
    for model, field in _fields(apps):
        schema_editor.execute(schema_editor._create_index_sql(model, fields=[field]))


def _key(to, **options):
    return models.ForeignKey(db_index=False, null=True, to=to, **options)


def _historic(to, **options):
    return _key(to, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", **options)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("mentorpro_plugin", "0009_imports_and_exports"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, restore)],
            state_operations=[
                migrations.AlterField(
                    "historyentry", "actor", _historic(settings.AUTH_USER_MODEL, verbose_name="by")
                ),
                migrations.AlterField("historyentry", "person", _historic("mentorpro_plugin.person")),
                migrations.AlterField("historyentry", "program", _historic("mentorpro_plugin.program")),
                migrations.AlterField(
                    "outboxmessage",
                    "person",
                    _key(
                        "mentorpro_plugin.person",
                        on_delete=models.CASCADE,
                        related_name="outbox_messages",
                        verbose_name="person",
                    ),
                ),
                migrations.AlterField(
                    "person",
                    "tree",
                    _key(
                        "mentorpro_plugin.organization",
                        editable=False,
                        on_delete=models.PROTECT,
                        related_name="+",
                    ),
                ),
            ],
        ),
    ]
