"""What becomes of a mutant: killed wherever its place is used, equivalent only where nothing that is said differs."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curriculum.lint import lint
from curriculum.package import load
from grading.bench import Bench, draw_of, set_up
from grading.facilities import Facilities
from grading.mutants import EQUIVALENT, Mutation, plan_mutants, say_the_same, try_mutant
from grading.sandboxes.choose import choose
from grading.skeleton import begin_project
from grading.store import Store
from grading.trees import gather_trees

ROOT = Path(__file__).resolve().parents[2]


def parquet(**columns: list[object]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def plain(value: object) -> bytes:
    return json.dumps(value).encode()


def test_no_mutant_is_made_of_a_line_that_is_free(tmp_path: Path) -> None:
    folder, store = begin_project("night-shift", tmp_path), Store(tmp_path / "store")

    def list_lines() -> set[str]:
        package = load(folder)
        planned = plan_mutants(package, gather_trees(package, store), store, 1000)
        texts = {m.path: (folder / "reference" / m.path).read_text().splitlines() for m in planned}
        return {texts[m.path][int(m.name.rpartition("-")[2]) - 1].strip() for m in planned if m.kind == "clean"}

    line = next(line for line in sorted(list_lines()) if "[" in line)
    free = [{"file": "pipeline/clean.py", "line": line, "why": "Anybody may."}]
    (folder / "freedoms.yaml").write_text(json.dumps(free))
    assert not [fault for fault in lint(load(folder)) if fault.code == "P016"]
    assert line not in list_lines()
    assert list_lines()


SALES = parquet(id=["a", "b"], paid=[1.5, None])


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("t.parquet", SALES, parquet(id=["b", "a"], paid=[None, 1.5])),
        ("t.parquet", SALES, parquet(paid=[1.5 + 1e-13, None], id=["a", "b"])),
        ("r.json", plain({"files": [{"name": "a"}, {"name": "b"}]}), plain({"files": [{"name": "b"}, {"name": "a"}]})),
        ("m.json", plain({"weights": [0.1, 0.3]}), plain({"weights": [0.1, 0.30000000000000004]})),
        ("r.jsonl", b'{"line": 1}\n{"line": 2}\n', b'{"line": 2}\n{"line": 1}\n'),
        ("m.bin", b"same", b"same"),
    ],
)
def test_order_and_the_tenth_digit_say_nothing(name: str, one: bytes, other: bytes) -> None:
    assert say_the_same(name, one, other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("t.parquet", SALES, parquet(id=["a", "b"], paid=[1.5, 0.0])),
        ("t.parquet", SALES, parquet(id=["a", "b"], paid=[1.500001, None])),
        ("t.parquet", SALES, parquet(id=["a", "b", "b"], paid=[1.5, None, None])),
        ("t.parquet", SALES, parquet(id=["a", "b"], paid=[1.5, None], more=[0, 0])),
        ("t.parquet", SALES, b"id,paid"),
        ("m.json", plain({"weights": [0.1, 0.3]}), plain({"weights": [0.3, 0.1]})),
        ("r.json", plain({"rows": [{"id": 1}]}), plain({"rows": [{"id": 1}, {"id": 1}]})),
        ("r.jsonl", b'{"line": 1}\n', b'{"line": 1, "why": ""}\n'),
        ("m.bin", b"one", b"other"),
    ],
)
def test_everything_else_says_something(name: str, one: bytes, other: bytes) -> None:
    assert not say_the_same(name, one, other)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    package = load(begin_project("night-shift", tmp_path))
    facilities = Facilities(Store(tmp_path / "store"), choose(), ROOT / ".environments")
    return set_up(package, package.milestones[0], draw_of(package, 1), facilities)


def mutate(bench: Bench, path: str, before: str, after: str) -> Mutation:
    store, tree = bench.judging.facilities.store, bench.judging.tree
    files = {entry.path: store.read(tree, entry.path) for entry in store.entries(tree)}
    wrong = files[path].decode().replace(before, after)
    assert wrong != files[path].decode()
    return Mutation("one", "ingest", path, store.put_files({**files, path: wrong.encode()}), "")


@pytest.mark.slow
def test_a_mutant_is_tried_as_far_as_its_place_is_used(bench: Bench) -> None:
    ten_times = mutate(bench, "pipeline/clean.py", "* 100 + ", "* 1000 + ")
    assert try_mutant(ten_times, bench).fate == "killed at clean"
    backwards = mutate(bench, "pipeline/ingest.py", '"rows": rows,', '"rows": rows[::-1],')
    assert try_mutant(backwards, bench).fate == EQUIVALENT
