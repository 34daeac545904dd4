"""The reference of Chargeback Watch, knowing only sources and dictionary, finds everything that was planted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from grading.authors import load_module
from worlds.oracle import skill
from worlds.seeds import Seed

# Each runs whole milestones, on worlds of its own.
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects/chargeback-watch"
LEARNERS_PYTHON = ROOT / ".environments/ml/bin/python"
PYTHON = str(LEARNERS_PYTHON) if LEARNERS_PYTHON.exists() else sys.executable
DOMAINS = ("payments", "marketplace", "travel")
# No bytecode: a run must leave nothing in the package's folder.
ENVIRONMENT = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
WRITTEN_BY_CLEAN = ("repair", "null", "dedupe", "drop")


def run(module: str, *options: object) -> None:
    command = [PYTHON, "-m", f"pipeline.{module}", *map(str, options)]
    done = subprocess.run(
        command, cwd=PROJECT / "reference", env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def make(seed: Seed, out: Path, customers: int, business: str) -> Path:
    domain = yaml.safe_load((PROJECT / f"domains/{business}.yaml").read_text())
    domain["world"]["entities"]["customer"]["rows"] = customers
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


def model(world: Path) -> None:
    as_of = json.loads((world / "truth/meta.json").read_text())["snapshot"]
    run("feature", "--in", world / "clean", "--out", world / "feature", "--as-of", as_of)
    run("train", "--in", world / "feature", "--out", world / "model", "--seed", 1)
    run("predict", "--model", world / "model", "--in", world / "feature", "--out", world / "predictions")


@pytest.fixture(scope="module", params=DOMAINS)
def world(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    made = make(Seed(3, 8), tmp_path_factory.mktemp("world"), customers=300, business=request.param)
    clean(made)
    model(made)
    return made


def wrong_cells(world: Path) -> dict[str, int]:
    """Cells of the cleaned tables that are not as they are in truth."""
    wrong = {}
    for name, key in (("transactions", "txn_id"), ("merchants", "merchant_id"), ("customers", "customer_id")):
        truth = pd.read_parquet(world / f"truth/{name}.parquet").set_index(key).sort_index()
        found = pd.read_parquet(world / f"clean/{name}.parquet").set_index(key).sort_index()
        assert found.index.tolist() == truth.index.tolist()
        wrong |= {f"{name}.{column}": _different(truth[column], found[column]) for column in found.columns}
    return {cell: count for cell, count in wrong.items() if count}


def _different(truth: pd.Series, found: pd.Series) -> int:
    if truth.dtype == "float64":
        return int((~np.isclose(truth, found, rtol=1e-4, equal_nan=True)).sum())
    return int(((truth != found) & ~(truth.isna() & found.isna())).sum())


def assert_repaired(world: Path) -> None:
    assert wrong_cells(world) == {}
    truth = pd.read_parquet(world / "truth/defects.parquet")
    planted = truth[truth["action"].isin(WRITTEN_BY_CLEAN)]
    written = pd.read_parquet(world / "clean/change_log.parquet")
    assert set(zip(written["table"], written["record_id"], strict=True)) == set(
        zip(planted["table"], planted["record_id"], strict=True)
    )


def reached(world: Path) -> float:
    sales = pd.read_parquet(world / "truth/transactions.parquet").set_index("txn_id")
    hidden = sales[sales["hidden"]]
    said = pd.read_parquet(world / "predictions/predictions.parquet").set_index("txn_id")["probability"]
    naive = json.loads((world / "truth/meta.json").read_text())["naive_rate"]
    p, oracle = hidden["p_true"].to_numpy(), hidden["oracle_p"].to_numpy()
    return skill(p, said.loc[hidden.index].to_numpy(), naive, oracle)


def test_every_planted_defect_is_repaired_and_written_down(world: Path) -> None:
    assert_repaired(world)


def test_every_line_is_accounted_for(world: Path) -> None:
    truth = json.loads((world / "truth/meta.json").read_text())
    manifest = json.loads((world / "ingest/manifest.json").read_text())
    assert {file["name"]: file["lines"] for file in manifest["files"]} == truth["lines"]
    assert {file["name"]: file["rejected"] for file in manifest["files"]} == truth["rejects"]
    assert manifest["disputes"] == len(pd.read_parquet(world / "truth/disputes.parquet"))


def test_labels_are_the_disputes_that_were_not_withdrawn(world: Path) -> None:
    disputes = pd.read_parquet(world / "truth/disputes.parquet")
    labels = pd.read_parquet(world / "clean/labels.parquet")
    assert sorted(labels["txn_id"]) == sorted(disputes.loc[disputes["status"] != "withdrawn", "txn_id"])


def test_training_twice_gives_the_same_bytes(world: Path) -> None:
    run("train", "--in", world / "feature", "--out", world / "again", "--seed", 1)
    assert (world / "again/model.json").read_bytes() == (world / "model/model.json").read_bytes()


@pytest.mark.parametrize("tree", ["reference", "starter"])
def test_its_own_tests_hold(tree: str) -> None:
    command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=PROJECT / tree, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def grown(tmp_path: Path) -> Callable[[int], Path]:
    return lambda number: make(Seed(100 + number, 200 + number), tmp_path, 1500, DOMAINS[number % len(DOMAINS)])


@pytest.mark.parametrize("number", range(12))
def test_full_worlds_are_repaired_and_the_model_is_good(grown: Callable[[int], Path], number: int) -> None:
    world = grown(number)
    clean(world)
    assert_repaired(world)
    model(world)
    assert reached(world) > 0.8
