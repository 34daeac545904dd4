"""A diary's line refers to whom it is about, so that no name stands in it that would outlive its account."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from people.guarding import guard, unguard

TABLE = "employers_employerline"


def guard_whom(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    unguard(schema_editor, TABLE)
    guard(schema_editor, TABLE, ("actor_id", "whom_id"), may_go=True)


def forget_whom(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    unguard(schema_editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("accounts", "0007_trails_are_only_added_to"),
        ("employers", "0003_asked_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="employerline",
            name="whom",
            field=models.ForeignKey(
                help_text="Or to whom.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        # Safe: it makes triggers; no row is moved.
        migrations.RunPython(guard_whom, forget_whom),
    ]
