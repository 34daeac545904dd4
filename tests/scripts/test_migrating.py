"""What the edition before could not live beside is refused, by rule; what it can is not."""

from collections.abc import Sequence

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from people.indexing import AddIndexGently
from scripts import migrating

INDEX = models.Index(fields=["word"], name="by_word")
ALONE = models.UniqueConstraint(fields=["word"], name="one_word")
MADE = migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True)), ("word", models.TextField())])


def short(**given: object) -> models.CharField:  # type: ignore[type-arg]
    return models.CharField(**{"max_length": 20, **given})  # type: ignore[arg-type]


REFUSED: list[tuple[Operation, str]] = [
    (migrations.RemoveField("Thing", "word"), "in the next"),
    (migrations.DeleteModel("Thing"), "in the next"),
    (migrations.RenameField("Thing", "word", "term"), "in the next"),
    (migrations.RenameModel("Thing", "Item"), "in the next"),
    (migrations.AlterModelTable("Thing", "things"), "in the next"),
    (migrations.AddField("Thing", "size", models.IntegerField(default=3)), "db_default"),
    (migrations.AlterField("Thing", "note", short()), "another column"),
    (migrations.AlterField("Thing", "word", short(max_length=10)), "another column"),
    (migrations.AlterField("Thing", "word", short(unique=True)), "another column"),
    (migrations.AlterField("Thing", "word", models.IntegerField()), "another column"),
    (migrations.AddIndex("Thing", INDEX), "AddIndexGently"),
    (AddIndexGently("Thing", INDEX), "atomic = False"),
    (migrations.AddConstraint("Thing", ALONE), "Mend the rows"),
    (migrations.RunPython(lambda apps, editor: None), "no way back"),
    (migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop), "in batches"),
    (migrations.RunSQL("SELECT 1", "SELECT 1"), "locks"),
]
TAKEN: list[Sequence[Operation]] = [
    [migrations.AddField("Thing", "size", models.IntegerField(null=True))],
    [migrations.AddField("Thing", "size", models.IntegerField(db_default=3))],
    [migrations.AddField("Thing", "others", models.ManyToManyField("self"))],
    [migrations.AlterField("Thing", "word", short(max_length=40, null=True))],
    [migrations.AlterField("Thing", "word", short(choices=[("a", "A")]))],
    [MADE, migrations.AddIndex("Other", INDEX), migrations.AddConstraint("Other", ALONE)],
    [MADE, migrations.RemoveField("Other", "word")],
    [migrations.AlterModelOptions("Thing", {"ordering": ["word"]})],
]


@pytest.mark.parametrize(("operation", "remedy"), REFUSED, ids=lambda told: type(told).__name__)
def test_what_the_edition_before_cannot_live_beside_is_refused_with_its_remedy(
    operation: Operation, remedy: str
) -> None:
    [fault] = find([operation])
    assert remedy in fault


@pytest.mark.parametrize("operations", TAKEN, ids=lambda told: type(told[-1]).__name__)
def test_what_it_can_live_beside_is_taken(operations: Sequence[Operation]) -> None:
    assert find(operations) == []


def test_an_index_is_built_gently_outside_a_transaction() -> None:
    assert find([AddIndexGently("Thing", INDEX)], atomic=False) == []


def test_every_migration_of_ours_keeps_the_rules_and_what_landed_before_them_is_there() -> None:
    loader = MigrationLoader(None)
    assert list(migrating.find_all(loader)) == []
    names = {".".join(key) for key in loader.disk_migrations}
    assert names >= migrating.LANDED


def test_a_migration_may_say_why_it_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = MigrationLoader(None)
    monkeypatch.setattr(migrating, "LANDED", migrating.LANDED - {"learners.0009_shares"})
    told = {name for name, _fault in migrating.find_all(loader)}
    assert told == {"learners.0009_shares"}
    text = migrating._read(loader.disk_migrations["learners", "0009_shares"])
    monkeypatch.setattr(migrating, "_read", lambda migration: f"# Safe: {text}")
    assert list(migrating.find_all(loader)) == []


@pytest.mark.django_db(transaction=True)
def test_an_index_is_there_after_it_was_built_gently_and_gone_after_it_was_taken_back() -> None:
    before, gently = thing(), AddIndexGently("Thing", INDEX)
    after = before.clone()
    gently.state_forwards("things", after)
    model = before.apps.get_model("things", "Thing")
    with connection.schema_editor(atomic=False) as editor:
        editor.create_model(model)
    try:
        for direction, there in ((gently.database_forwards, True), (gently.database_backwards, False)):
            states = (before, after) if there else (after, before)
            with connection.schema_editor(atomic=False) as editor:
                direction("things", editor, *states)
            with connection.cursor() as cursor:
                assert ("by_word" in connection.introspection.get_constraints(cursor, "things_thing")) is there
    finally:
        with connection.schema_editor(atomic=False) as editor:
            editor.delete_model(model)


def thing() -> ProjectState:
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("word", short()), ("note", short(null=True))]
    state.add_model(ModelState("things", "Thing", fields))
    return state


def find(operations: Sequence[Operation], atomic: bool = True) -> list[str]:
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    return list(migrating.find_faults(made("0002_more", "things"), thing()))
