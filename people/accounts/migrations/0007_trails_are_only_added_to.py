"""The database refuses to rewrite what the trails say: people/guarding.py says how."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from people.guarding import guard, unguard

# Table, what may become null, and whether lines may go with what they are about.
TRAILS = (
    ("accounts_accountline", (), False),
    ("learners_auditline", (), True),
    ("cohorts_cohortline", ("actor_id", "learner_id"), True),
    ("employers_employerline", ("actor_id",), True),
)


def guard_all(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, losable, may_go in TRAILS:
        guard(schema_editor, table, losable, may_go)


def unguard_all(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, _losable, _may_go in TRAILS:
        unguard(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_accountline"),
        ("learners", "0015_assessed"),
        ("cohorts", "0009_archived"),
        ("employers", "0001_initial"),
    ]

    # Safe: it reads which columns there are and makes triggers; no row is moved.
    operations = [migrations.RunPython(guard_all, unguard_all)]
