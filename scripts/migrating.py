"""Refuses migrations that the edition before could not run beside: docs/upgrading.md has the rules.

`python scripts/migrating.py` reads every migration. One that must break a rule says why it may, in a comment of its own
that begins with `# Safe: `.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django
from django.apps import apps
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field, ManyToManyField

from people.indexing import AddIndexGently

ROOT = Path(__file__).resolve().parents[1]
WORD = "# Safe: "
# Landed before there was an installation that could not be stopped. Nothing is ever added here.
LANDED = frozenset(
    {
        "accounts.0002_user_language",
        "accounts.0003_user_zone",
        "cohorts.0002_roles_dates_and_diary",
        "cohorts.0003_places_and_rosters",
        "cohorts.0004_dates_and_feeds",
        "cohorts.0005_cohort_signals",
        "cohorts.0007_comments_and_one_test_learner",
        "curriculum.0002_editions",
        "learners.0002_gates_and_seats",
        "learners.0003_submission_commit",
        "learners.0004_run_superseded_by",
        "learners.0005_events_have_a_kind",
        "learners.0006_trials",
        "learners.0007_run_edition",
        "learners.0009_shares",
        "learners.0013_runs_of_submissions",
        "learners.0015_assessed",
    }
)
LOST = "the edition before still reads and writes it. Stop using it in this edition, and take it away in the next."

Refusing = Callable[[Any, str, ProjectState], str]
RULES: dict[type[Operation], Refusing] = {}


def rule(*kinds: type[Operation]) -> Callable[[Refusing], Refusing]:
    def add(refuse: Refusing) -> Refusing:
        RULES.update(dict.fromkeys(kinds, refuse))
        return refuse

    return add


@rule(operations.RemoveField, operations.DeleteModel, operations.RenameField, operations.RenameModel)
def refuse_loss(operation: Operation, app: str, before: ProjectState) -> str:
    return LOST


@rule(operations.AlterModelTable)
def refuse_another_table(operation: Operation, app: str, before: ProjectState) -> str:
    return LOST


@rule(operations.AddField)
def refuse_what_must_be_said(operation: operations.AddField, app: str, before: ProjectState) -> str:
    field = operation.field
    if isinstance(field, ManyToManyField) or field.null or field.db_default is not NOT_PROVIDED:
        return ""
    return "the edition before writes rows without it, and is refused. Give it db_default, or let it be null."


@rule(operations.AlterField)
def refuse_narrowing(operation: operations.AlterField, app: str, before: ProjectState) -> str:
    old, new = before.models[app, operation.model_name_lower].fields[operation.name], operation.field
    return "" if _is_wider(old, new) else "rows or the edition before may not fit. Add another column and move over."


def _is_wider(old: "Field[Any, Any]", new: "Field[Any, Any]") -> bool:
    """Whether whatever was allowed still is, and the column remains as it is."""
    is_kept = old.get_internal_type() == new.get_internal_type() and old.db_column == new.db_column
    is_longer = new.max_length is None or (old.max_length is not None and new.max_length >= old.max_length)
    return is_kept and is_longer and new.null >= old.null and new.unique <= old.unique


@rule(operations.AddIndex)
def refuse_waiting(operation: operations.AddIndex, app: str, before: ProjectState) -> str:
    return "writers wait until it is built. Use people.indexing.AddIndexGently in a migration with atomic = False."


@rule(operations.AddConstraint, operations.AlterUniqueTogether)
def refuse_new_demands(operation: Operation, app: str, before: ProjectState) -> str:
    return "rows may break it, and the edition before does not know it. Mend the rows first, and say why none comes."


@rule(operations.RunPython)
def refuse_one_way(operation: operations.RunPython, app: str, before: ProjectState) -> str:
    if operation.reverse_code is None:
        return "there is no way back. Give it a reverse, if only RunPython.noop."
    return "it moves rows while people write. Move them in batches, in a command, and say here why this is short."


@rule(operations.RunSQL)
def refuse_sql(operation: operations.RunSQL, app: str, before: ProjectState) -> str:
    return "nobody can read what it locks, on either database."


def find_faults(migration: Migration, before: ProjectState) -> Iterator[str]:
    """What the edition before could not live beside. What is made here is nobody's yet: anything may be done to it."""
    made: set[str] = set()
    state = before.clone()
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        refuse = RULES.get(type(operation))
        is_of_others = getattr(operation, "model_name_lower", "") not in made
        if refuse and is_of_others and (fault := refuse(operation, migration.app_label, state)):
            yield f"{operation.describe()}: {fault}"
        if isinstance(operation, AddIndexGently) and migration.atomic:
            yield f"{operation.describe()}: say atomic = False, for it cannot be built inside a transaction."
        operation.state_forwards(migration.app_label, state)


def find_all(loader: MigrationLoader) -> Iterator[tuple[str, str]]:
    """Each fault of ours with the migration's name; what says why it is safe has none."""
    ours = {found.label for found in apps.get_app_configs() if _is_ours(Path(found.path))}
    for key, migration in sorted(loader.disk_migrations.items()):
        name = ".".join(key)
        if key[0] in ours and name not in LANDED and WORD not in _read(migration):
            state = loader.project_state(key, at_end=False)
            yield from ((name, fault) for fault in find_faults(migration, state))


def _is_ours(folder: Path) -> bool:
    return folder.is_relative_to(ROOT) and not folder.relative_to(ROOT).parts[0].startswith(".")


def _read(migration: Migration) -> str:
    return Path(str(sys.modules[type(migration).__module__].__file__)).read_text()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    faults = list(find_all(MigrationLoader(None)))
    for name, fault in faults:
        print(f"{name}: {fault}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
