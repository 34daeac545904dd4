"""The world of Shelf: the contract of its files, and the same bytes on every machine."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from grading.authors import load_module
from worlds.seeds import Seed

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects/shelf"
STORES = 5

MAKE = f"""
import sys, yaml
from pathlib import Path
from grading.authors import load_module
from worlds.seeds import Seed
domain = yaml.safe_load(Path({str(PROJECT / "domains/grocery.yaml")!r}).read_text())
domain["world"]["entities"]["store"]["rows"] = {STORES}
out = Path(sys.argv[1])
load_module(Path({str(PROJECT / "data.py")!r})).generate(Seed(4, 9), domain, out / "raw", out / "truth")
"""


def make(seed: Seed, out: Path) -> Path:
    domain = yaml.safe_load((PROJECT / "domains/grocery.yaml").read_text())
    domain["world"]["entities"]["store"]["rows"] = STORES
    facts = load_module(PROJECT / "data.py").generate(seed, domain, out / "raw", out / "truth")
    assert facts == {"as_of": "2024-05-12"}
    return out


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(Seed(4, 9), tmp_path_factory.mktemp("world"))


def table(world: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(world / "truth" / f"{name}.parquet")


def meta(world: Path) -> dict:
    return json.loads((world / "truth/meta.json").read_text())


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_two_processes_with_other_hash_seeds_make_the_same_bytes(world: Path, tmp_path: Path) -> None:
    for number in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": number, "PYTHONPATH": str(ROOT), "TZ": f"UTC-{number}"}
        subprocess.run([sys.executable, "-c", MAKE, str(tmp_path / number)], env=environment, cwd=tmp_path, check=True)
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(world)


def test_every_shelf_has_every_day_and_unknown_days_are_open_ones(world: Path) -> None:
    sales = table(world, "sales_daily")
    assert len(sales) == STORES * 15 * 224
    assert not sales.duplicated(["store", "sku", "date"]).any()
    assert sales.loc[sales["sold"].isna(), "was_open"].all()
    assert (sales.loc[~sales["was_open"], "sold"] == 0).all()
    assert not sales.loc[~sales["was_open"], "stockout"].fillna(False).any()


def test_empty_shelves_hide_demand(world: Path) -> None:
    sales = table(world, "sales_daily").dropna()
    short = table(world, "future").query("short")[["store", "sku"]].drop_duplicates()
    often = sales.merge(short, on=["store", "sku"])
    assert often["sold"].sum() < 0.95 * often["mean"].sum()


def test_lines_and_rejects_are_those_in_the_files(world: Path) -> None:
    for path in (world / "raw").glob("tills_*.gz"):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        assert meta(world)["lines"][path.name] == len(lines) - 1
    assert sum(meta(world)["rejects"].values()) == 5


def test_at_least_twenty_kinds_of_defects_are_planted(world: Path) -> None:
    assert table(world, "defects")["kind"].nunique() >= 20


def test_nothing_of_the_fortnight_is_told(world: Path) -> None:
    as_of = meta(world)["as_of"]
    told = json.loads((world / "raw/promotions.json").read_text())["versions"]
    assert max(version["published_on"] for version in told) <= as_of
    seen = json.loads((world / "raw/api/observations.json").read_text())
    assert max(day["date"] for day in seen) == as_of
    assert pd.read_parquet(world / "raw/stock.parquet")["date"].max() == as_of
    assert str(table(world, "future")["date"].min()) > as_of


def test_the_oracle_beats_the_average(world: Path) -> None:
    assert meta(world)["oracle_loss"] < 0.6 * meta(world)["naive_loss"]


def test_a_mechanism_keeps_its_secrets_from_draw_to_draw(world: Path, tmp_path: Path) -> None:
    other = make(Seed(4, 10), tmp_path)
    assert meta(other)["mechanism"] == meta(world)["mechanism"]
    assert digests(other / "raw") != digests(world / "raw")


def test_a_hidden_label_can_be_moved(tmp_path: Path) -> None:
    moved = make(Seed(4, 9), tmp_path)
    before = table(moved, "future")
    rng = np.random.default_rng(1)
    load_module(PROJECT / "data.py").move_hidden_label(moved / "truth", rng)
    after = table(moved, "future")
    assert (before["sold"] != after["sold"]).sum() == 2
    assert before["sold"].sum() == after["sold"].sum()


def test_the_streams_differ_from_their_change_on_and_where_it_says(world: Path) -> None:
    quiet, changes = table(world, "stream_quiet").set_index(["store", "sku", "date"]), meta(world)["changes"]
    day = pd.Series(pd.to_datetime(quiet.index.get_level_values("date")), index=quiet.index)
    week = (day - day.min()).dt.days // 7
    assert len(quiet) == STORES * 15 * 56
    contract = table(world, "stream_contract").set_index(quiet.index.names)
    for name, column in (("boxes", "sold"), ("counts", "stockout")):
        known = quiet[column].notna()
        differs = known & (contract[column] != quiet[column]).fillna(True)
        assert set(week[differs]) == {changes[name]["week"], changes[name]["week"] + 1}
        assert set(quiet.index[differs].get_level_values("store")) == {changes[name]["subject"]}
    gone = ~quiet.index.isin(table(world, "stream_assortment").set_index(quiet.index.names).index)
    assert week[gone].min() == changes["assortment"]["week"]
    category = table(world, "articles").set_index("sku")["category"]
    assert set(category[quiet.index[gone].get_level_values("sku")]) == {changes["assortment"]["subject"]}


def test_a_habit_turns_on_the_shelves_that_it_touches_alone(world: Path) -> None:
    quiet, habit = table(world, "stream_quiet"), table(world, "stream_habit")
    since = pd.Timestamp(quiet["date"].min()) + pd.Timedelta(weeks=meta(world)["changes"]["habit"]["week"])
    before = pd.to_datetime(quiet["date"]) < since
    assert 0 < habit["hit"].mean() < 1
    for same in (before, ~habit["hit"]):
        pd.testing.assert_frame_equal(habit.loc[same, list(quiet)], quiet[same])
    other = np.abs(np.log(habit["mean"] / quiet["mean"])) > 1e-9
    assert not (other & (before | ~habit["hit"])).any()
    assert other.sum() > 30


def test_the_stream_goes_on_where_the_sources_end(world: Path) -> None:
    as_of = meta(world)["as_of"]
    for name, column in (("sales_daily", "date"), ("weather_seen", "date"), ("weather_said", "issued_on")):
        stream = pd.read_parquet(world / f"raw/stream/{name}.parquet")
        assert str(stream[column].min()) > as_of >= str(table(world, name)[column].max())
        assert set(stream) == set(table(world, name)) - {"mean"}
    known = table(world, "promotions")
    assert str(known["published_on"].max()) <= as_of
    assert str(pd.read_parquet(world / "raw/stream/promotions.parquet")["published_on"].min()) > as_of


def test_a_failing_supplier_empties_shelves_and_changes_no_demand(world: Path) -> None:
    shortage = meta(world)["changes"]["shortage"]
    quiet = table(world, "stream_quiet").merge(table(world, "articles")[["sku", "category"]], on="sku")
    quiet = quiet[(quiet["category"] == shortage["subject"]) & quiet["was_open"]].dropna()
    week = (pd.to_datetime(quiet["date"]) - pd.Timestamp(quiet["date"].min())).dt.days // 7
    short = week.between(shortage["week"], shortage["week"] + 2)
    assert quiet.loc[short, "stockout"].mean() > 0.2 + quiet.loc[~short, "stockout"].mean()
    assert 0.7 < quiet.loc[short, "mean"].mean() / quiet.loc[~short, "mean"].mean() < 1.4
