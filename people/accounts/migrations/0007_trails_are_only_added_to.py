"""The database refuses to rewrite what the trails say, whoever asks it.

Of the lines that hang on rows, those rows may go: the lines go with a run or a cohort, and lose the number of an account
that is no more. An altered table of SQLite's is made anew, without its triggers: whoever alters one calls `guard` again,
and a test looks.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Table, what may become null, and whether lines may go with what they are about.
TRAILS = (
    ("accounts_accountline", (), False),
    ("learners_auditline", (), True),
    ("cohorts_cohortline", ("actor_id", "learner_id"), True),
    ("employers_employerline", ("actor_id",), True),
)


def guard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    make = {"sqlite": _guard_sqlite, "postgresql": _guard_postgresql}[schema_editor.connection.vendor]
    for table, losable, may_go in TRAILS:
        columns = _columns(schema_editor.connection, table)
        kept = [f"NEW.{one} IS NOT DISTINCT FROM OLD.{one}" for one in columns if one not in losable]
        lost = [f"(NEW.{one} IS NULL OR NEW.{one} IS NOT DISTINCT FROM OLD.{one})" for one in losable]
        # Nothing at all may be set where nothing may be lost, not even to what it was.
        make(schema_editor, table, " AND ".join([*kept, *lost]) if losable else "", may_go)


def unguard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, _losable, _may_go in TRAILS:
        for verb in ("update", "delete"):
            on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


def _columns(connection: Any, table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def _verbs(allowed: str, may_go: bool) -> list[tuple[str, str]]:
    return [("update", allowed)] if may_go else [("update", allowed), ("delete", "")]


def _guard_sqlite(schema_editor: BaseDatabaseSchemaEditor, table: str, allowed: str, may_go: bool) -> None:
    for verb, but in _verbs(allowed, may_go):
        when = f"WHEN NOT ({but.replace('IS NOT DISTINCT FROM', 'IS')})" if but else ""
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        )


def _guard_postgresql(schema_editor: BaseDatabaseSchemaEditor, table: str, allowed: str, may_go: bool) -> None:
    schema_editor.execute(
        "CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$",
        params=None,
    )
    for verb, but in _verbs(allowed, may_go):
        when = f"WHEN (NOT ({but}))" if but else ""
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH ROW {when} "
            "EXECUTE FUNCTION refuse_to_rewrite()"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_accountline"),
        ("learners", "0015_assessed"),
        ("cohorts", "0009_archived"),
        ("employers", "0001_initial"),
    ]

    # Safe: it reads which columns there are and makes triggers; no row is moved.
    operations = [migrations.RunPython(guard, unguard)]
