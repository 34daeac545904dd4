"""Builds an index while people go on writing, where the database can."""

from typing import Any

from django.db.migrations.operations import AddIndex


class AddIndexGently(AddIndex):
    """AddIndex that locks nobody out on PostgreSQL; elsewhere as it always is. The migration says `atomic = False`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        # What was broken off half-way is left there under its name, and used by nobody.
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        schema_editor.add_index(model, self.index, concurrently=True)

    def describe(self) -> str:
        return f"Gently: {super().describe()}"
