"""The reference of Shelf, knowing only sources and dictionary, finds everything that was planted."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from grading.authors import load_module
from worlds.demand import expected_deviance
from worlds.seeds import Seed

# Each runs whole milestones, on worlds of its own.
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects/shelf"
LEARNERS_PYTHON = ROOT / ".environments/ml/bin/python"
PYTHON = str(LEARNERS_PYTHON) if LEARNERS_PYTHON.exists() else sys.executable
AS_OF = "2024-05-12"
# No bytecode: a run must leave nothing in the package's folder.
ENVIRONMENT = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
KEYS = {
    "sales_daily": ["store", "sku", "date"],
    "promotions": ["promotion", "version", "store"],
    "weather_said": ["issued_on", "date"],
    "weather_seen": ["date"],
    "events": ["store", "kind", "date"],
    "articles": ["sku"],
    "stores": ["store"],
}


def run(module: str, *options: object) -> None:
    command = [PYTHON, "-m", f"pipeline.{module}", *map(str, options)]
    done = subprocess.run(
        command, cwd=PROJECT / "reference", env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def make(seed: Seed, out: Path, stores: int) -> Path:
    domain = yaml.safe_load((PROJECT / "domains/grocery.yaml").read_text())
    domain["world"]["entities"]["store"]["rows"] = stores
    load_module(PROJECT / "data.py").generate(seed, domain, out / "raw", out / "truth")
    return out


def clean(world: Path) -> None:
    """Ingest from the flaky API, then clean."""
    api = subprocess.Popen(
        [sys.executable, "-m", "worlds.api", "--folder", str(world / "raw/api"), "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert api.stdout is not None
        port = api.stdout.readline().split()[-1].strip("()")
        run("ingest", "--raw", world / "raw", "--api", f"http://127.0.0.1:{port}", "--out", world / "ingest")
    finally:
        api.kill()
        api.wait()
    run("clean", "--in", world / "ingest", "--out", world / "clean")


def forecast(world: Path) -> None:
    run("feature", "--in", world / "clean", "--out", world / "feature", "--as-of", AS_OF)
    run("train", "--in", world / "feature", "--out", world / "model", "--seed", 1)
    run("predict", "--model", world / "model", "--in", world / "feature", "--out", world / "predictions")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make(Seed(3, 8), tmp_path_factory.mktemp("world"), stores=5)
    clean(made)
    forecast(made)
    return made


def watch(world: Path, name: str) -> tuple[pd.DataFrame, dict]:
    """What monitor says of one stream: its alarms and its decision."""
    stream, out = world / f"stream_{name}", world / f"monitor_{name}"
    stream.mkdir()
    for common in ("promotions", "weather_said", "weather_seen"):
        shutil.copy(world / f"truth/stream_{common}.parquet", stream / f"{common}.parquet")
    sales = pd.read_parquet(world / f"truth/stream_{name}.parquet").drop(columns=["mean", "hit"], errors="ignore")
    sales.to_parquet(stream / "sales_daily.parquet", index=False)
    places = {"stream": stream, "model": world / "model", "in": world / "clean", "as-of": AS_OF, "out": out}
    run("monitor", *(word for option, place in places.items() for word in (f"--{option}", place)))
    return pd.read_parquet(out / "alarms.parquet"), json.loads((out / "decision.json").read_text())


def wrong_cells(world: Path) -> dict[str, int]:
    """Cells of the cleaned tables that are not as they are in truth."""
    wrong = {}
    for name, key in KEYS.items():
        truth = pd.read_parquet(world / f"truth/{name}.parquet").set_index(key).sort_index()
        found = pd.read_parquet(world / f"clean/{name}.parquet").set_index(key).sort_index()
        assert found.index.tolist() == truth.index.tolist(), name
        wrong |= {f"{name}.{column}": _different(truth[column], found[column]) for column in found.columns}
    return {cell: count for cell, count in wrong.items() if count}


def _different(truth: pd.Series, found: pd.Series) -> int:
    both = truth.isna() & found.isna()
    if truth.dtype == "float64":
        return int((~np.isclose(truth, found, atol=0.06, rtol=0) & ~both).sum())
    return int(((truth != found).fillna(True) & ~both).sum())


def reached(world: Path) -> float:
    future = pd.read_parquet(world / "truth/future.parquet")
    said = pd.read_parquet(world / "predictions/forecast.parquet").rename(columns={"mean": "said"})
    both = future.merge(said[["store", "sku", "date", "as_of", "said"]], on=["store", "sku", "date"])
    both = both[both["as_of"].astype("str") == AS_OF]
    assert len(both) == len(future)
    oracle = both["oracle"].to_numpy()
    ours, naive = (expected_deviance(oracle, both[name].to_numpy()) for name in ("said", "naive"))
    return 1 - ours / naive


def test_every_planted_defect_is_repaired(world: Path) -> None:
    assert wrong_cells(world) == {}


def test_forecasts_are_in_order_and_good(world: Path) -> None:
    said = pd.read_parquet(world / "predictions/forecast.parquet")
    assert ((said["q10"] <= said["q50"]) & (said["q50"] <= said["q90"]) & (said["mean"] > 0)).all()
    assert reached(world) > 0.6


def test_monitor_rings_for_what_has_changed(world: Path) -> None:
    changes = json.loads((world / "truth/meta.json").read_text())["changes"]
    alarms, decision = watch(world, "quiet")
    assert alarms["week"].nunique() <= 1
    assert decision == {"retrain": False, "week": None, "reason": decision["reason"]}
    alarms, decision = watch(world, "contract")
    rung = alarms[alarms["detector"] == "contract"].groupby("subject")["week"].min().to_dict()
    subjects = {f"sold in {changes['boxes']['subject']}": changes["boxes"]["week"]}
    subjects[f"stockout in {changes['counts']['subject']}"] = changes["counts"]["week"]
    assert rung == subjects
    assert not decision["retrain"]


def test_its_own_tests_hold() -> None:
    command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=PROJECT / "reference", env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("number", range(5))
def test_full_worlds_are_repaired_and_the_model_is_good(tmp_path: Path, number: int) -> None:
    world = make(Seed(100 + number, 200 + number), tmp_path, stores=8)
    clean(world)
    assert wrong_cells(world) == {}
    forecast(world)
    assert reached(world) > 0.7
