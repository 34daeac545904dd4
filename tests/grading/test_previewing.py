"""What can be seen of folders: every form that sources and artefacts come in, and files that mean harm, in the jail."""

import gzip
import json
import pickle
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from grading.facilities import Facilities
from grading.pipeline import Job
from grading.previewing import find_made, find_preview, preview_folder, preview_work
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.world import Draw

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
DRAW = Draw(mechanism=1, draw=100, domain="plain")


@pytest.fixture(scope="module")
def facilities(tmp_path_factory: pytest.TempPathFactory) -> Facilities:
    return Facilities(Store(tmp_path_factory.mktemp("store")), choose(), ROOT / ".environments")


def look(facilities: Facilities, folder: str) -> dict[str, Mapping[str, Any]]:
    preview_folder(folder, facilities)
    seen = find_preview(folder, facilities.store)
    assert seen is not None
    return {file["name"]: file for file in seen}


def columns_of(table: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    return [(column["name"], column["type"], column["empty"]) for column in table["columns"]]


def test_tables_are_told_by_columns_types_gaps_and_first_rows(facilities: Facilities, tmp_path: Path) -> None:
    folder = tmp_path / "produced"
    (folder / "api").mkdir(parents=True)
    (folder / "a.csv").write_bytes("name;n;share\nBlåbær;1;0.5\n;2;\nz;x;1\n".encode("cp1252"))
    lines = '{"id": 1, "at": "noon"}\nbroken {\n{"id": 2.5, "more": [1]}\n'
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pd.DataFrame({"x": [1.5, None], "s": ["<b>", "\x1b[31mred"]}).to_parquet(folder / "c.parquet")
    with sqlite3.connect(folder / "d.db") as database:
        database.execute('CREATE TABLE "odd ""name" (a INTEGER, b TEXT)')
        database.executemany('INSERT INTO "odd ""name" VALUES (?, ?)', [(number, None) for number in range(9)])
    (folder / "api" / "e.json").write_text(json.dumps({"unit": "C", "rows": [{"t": True}]}))
    (folder / "f.json").write_text('{"a": {"b": 1}}')
    (folder / "g.md").write_text("".join(f"  line {number}\n" for number in range(40)))
    seen = look(facilities, facilities.store.put(folder))

    assert columns_of(seen["a.csv"]["tables"][0]) == [("name", "text", 1), ("n", "text", 0), ("share", "number", 1)]
    assert seen["a.csv"]["tables"][0]["first"][0] == ["Blåbær", "1", "0.5"]
    assert seen["a.csv"]["what"] == "CSV, parted by ;"
    table = seen["b.jsonl.gz"]["tables"][0]
    assert (table["rows"], table["unreadable"]) == (2, 1)
    assert columns_of(table) == [("id", "number", 0), ("at", "text", 1), ("more", "list", 1)]
    assert columns_of(seen["c.parquet"]["tables"][0]) == [("x", "double", 1), ("s", "large_string", 0)]
    assert seen["c.parquet"]["tables"][0]["first"] == [["1.5", "<b>"], ["", "�[31mred"]]
    assert seen["d.db"]["tables"][0]["name"] == 'odd "name'
    assert (seen["d.db"]["tables"][0]["rows"], len(seen["d.db"]["tables"][0]["first"])) == (9, 6)
    assert columns_of(seen["api/e.json"]["tables"][0]) == [("t", "true or false", 0)]
    assert seen["f.json"]["lines"] == ["{", '  "a": {', '    "b": 1', "  }", "}"]
    assert seen["g.md"]["lines"][0] == "  line 0"
    assert (len(seen["g.md"]["lines"]), seen["g.md"]["lines"][-1]) == (13, "…")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit(7)",))


def test_files_that_mean_harm_are_described_and_nothing_more(facilities: Facilities) -> None:
    hostile = {
        "bomb.csv": gzip.compress(b"a\n" + b"1,2\n" * 2**20),
        "deep.json": b"[" * 100_000,
        "empty.parquet": b"",
        "late.parquet": b"PAR1" + b"\xff" * 100 + b"PAR1",
        "model.pkl": pickle.dumps(Trap()),
        "names.jsonl": json.dumps({"\u202egnp.exe" + "x" * 500: "\x07" * 500}).encode(),
        "not.db": b"SQLite format 3\0" + b"\xff" * 4096,
        "wide.csv": b",".join(b"c%d" % number for number in range(5000)) + b"\n",
    }
    seen = look(facilities, facilities.store.put_files(hostile))
    assert seen["bomb.csv"]["tables"][0]["rows"] == 2**20
    assert seen["model.pkl"]["what"] == "a Python pickle"
    for name in ("deep.json", "empty.parquet", "late.parquet", "not.db"):
        assert seen[name]["what"].startswith("not readable as"), seen[name]
    [column] = seen["names.jsonl"]["tables"][0]["columns"]
    assert len(column["name"]) <= 120
    assert "\u202e" not in column["name"]
    assert "\x07" not in str(seen)
    assert (len(seen["wide.csv"]["tables"][0]["columns"]), seen["wide.csv"]["tables"][0]["columns_left_out"]) == (
        40,
        4960,
    )


def test_what_a_tree_makes_of_its_practice_world_is_seen_up_to_where_it_stops(facilities: Facilities) -> None:
    store = facilities.store
    stored, reference = store.put(TINY), TINY / "reference"
    whole = Job(stored, "clean", store.put(reference), DRAW)
    assert find_made(whole, store) is None
    preview_work(whole, facilities)
    made = find_made(whole, store)
    assert made is not None
    assert [(one.kind, one.stopped) for one in made] == [("ingest", ""), ("clean", "")]
    [numbers] = find_preview(made[1].artefact, store) or []
    assert numbers["name"] == "numbers.json"
    files = {path.relative_to(reference).as_posix(): path.read_bytes() for path in reference.rglob("*.py")}
    broken = Job(stored, "clean", store.put_files({**files, "pipeline/ingest.py": b"1 / 0\n"}), DRAW)
    preview_work(broken, facilities)
    [stopped] = find_made(broken, store) or []
    assert (stopped.kind, stopped.artefact) == ("ingest", "")
    assert "ZeroDivisionError" in stopped.stopped
    lent = replace(broken, lent={"ingest": ""})
    preview_work(lent, facilities)
    assert [(one.kind, one.stopped) for one in find_made(lent, store) or []] == [("clean", "")]
