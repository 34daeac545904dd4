"""Has the database refuse to rewrite a trail's table, whoever asks it: what migrations make of that promise.

Of lines that hang on rows, those rows may go: the lines go with a run or a cohort, and lose the number of an account
that is no more. An altered table of SQLite's may be made anew, without its triggers, and a new column is in no trigger:
whoever alters one guards it again, and a test looks.
"""

from collections.abc import Collection
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guard(editor: BaseDatabaseSchemaEditor, table: str, losable: Collection[str], may_go: bool) -> None:
    """losable: the columns that may become null; may_go: whether lines may go with what they are about."""
    make = {"sqlite": _guard_sqlite, "postgresql": _guard_postgresql}[editor.connection.vendor]
    columns = _columns(editor.connection, table)
    kept = [f"NEW.{one} IS NOT DISTINCT FROM OLD.{one}" for one in columns if one not in losable]
    lost = [f"(NEW.{one} IS NULL OR NEW.{one} IS NOT DISTINCT FROM OLD.{one})" for one in losable]
    # Nothing at all may be set where nothing may be lost, not even to what it was.
    make(editor, table, " AND ".join([*kept, *lost]) if losable else "", may_go)


def unguard(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    for verb in ("update", "delete"):
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


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
