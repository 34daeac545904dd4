"""The database gives an enrolment another revision in the transaction that changes what its grades hang on.

That is a run that was judged and is no shadow, or a leader's word in force, which comes, changes or goes; whoever writes
it, the edition before as well. The number is drawn, not counted: one that was there before, as of a backup that is
restored, never comes again for something else.

An altered table of SQLite's is made anew, without its triggers: whoever alters one of these calls `watch` again, and a
test looks.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Table, and when a row of it counts.
WATCHED = (
    ("learners_run", "NOT {row}.shadow AND {row}.outcome NOT IN ('', 'superseded', 'dropped')"),
    ("learners_override", "{row}.undone_at IS NULL"),
)
VERBS = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}
MOVE = (
    "UPDATE learners_enrolment SET revision = {number} "
    "WHERE id IN (SELECT enrolment_id FROM learners_submission WHERE id IN ({submissions}))"
)


def watch(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    act = {"sqlite": _act_sqlite, "postgresql": _act_postgresql}[schema_editor.connection.vendor]
    for table, counts in WATCHED:
        for verb, rows in VERBS.items():
            when = " OR ".join(f"({counts.format(row=row)})" for row in rows)
            schema_editor.execute(
                f"CREATE TRIGGER {table}_moves_on_{verb} AFTER {verb} ON {table} FOR EACH ROW WHEN ({when}) "
                + act(schema_editor, verb, rows)
            )


def unwatch(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, _counts in WATCHED:
        for verb in VERBS:
            on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_moves_on_{verb}{on}")


def _act_sqlite(schema_editor: BaseDatabaseSchemaEditor, verb: str, rows: tuple[str, ...]) -> str:
    return f"BEGIN {MOVE.format(number='random()', submissions=_name(rows))}; END"


def _act_postgresql(schema_editor: BaseDatabaseSchemaEditor, verb: str, rows: tuple[str, ...]) -> str:
    move = MOVE.format(number="(random() * 9007199254740991)::bigint", submissions=_name(rows))
    schema_editor.execute(
        f"CREATE OR REPLACE FUNCTION move_revision_on_{verb}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {move}; RETURN NULL; END $$",
        params=None,
    )
    return f"EXECUTE FUNCTION move_revision_on_{verb}()"


def _name(rows: tuple[str, ...]) -> str:
    return ", ".join(f"{row}.submission_id" for row in rows)


class Migration(migrations.Migration):
    dependencies = [
        ("learners", "0018_enrolment_revision"),
    ]

    # Safe: it makes triggers; no row is moved.
    operations = [migrations.RunPython(watch, unwatch)]
