"""The reference of Pump Room, knowing only sources and dictionary, brings every reading and stop to its place."""

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

# Each runs whole milestones, on worlds of its own.
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects/pump-room"
LEARNERS_PYTHON = ROOT / ".environments/ml/bin/python"
PYTHON = str(LEARNERS_PYTHON) if LEARNERS_PYTHON.exists() else sys.executable
ENVIRONMENT = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
CHANNELS = ["vib", "temp_c", "pressure_bar", "load"]


def run(*command: object, tree: str = "reference") -> None:
    done = subprocess.run(
        [PYTHON, "-m", *map(str, command)],
        cwd=PROJECT / tree,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pumps")
    domain = yaml.safe_load((PROJECT / "domains/water.yaml").read_text())
    load_module(PROJECT / "data.py").generate(Seed(5, 9), domain, made / "raw", made / "truth")
    serving = [sys.executable, "-m", "worlds.api", "--folder", str(made / "raw/api"), "--port", "0"]
    api = subprocess.Popen(serving, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert api.stdout is not None
        address = "http://127.0.0.1:" + api.stdout.readline().split()[-1].strip("()")
        run("pipeline.ingest", "--raw", made / "raw", "--api", address, "--out", made / "ingest")
    finally:
        api.kill()
        api.wait()
    run("pipeline.clean", "--in", made / "ingest", "--out", made / "clean")
    return made


def test_every_reading_is_at_its_pump_and_hour_and_in_its_unit(world: Path) -> None:
    truth, found = (pd.read_parquet(world / part / "readings.parquet") for part in ("truth", "clean"))
    both = truth.merge(found, on=["pump_id", "ts"], how="outer", suffixes=("", "_found"), indicator=True)
    assert (both["_merge"] == "both").all()
    for name in CHANNELS:
        assert np.isclose(both[name], both[f"{name}_found"], atol=0.01, equal_nan=True).all()


def test_every_stop_is_found_to_the_minute(world: Path) -> None:
    truth, found = (pd.read_parquet(world / part / "stops.parquet") for part in ("truth", "clean"))
    assert len(truth.merge(found, on=["pump_id", "started_at", "ended_at", "kind"])) == len(truth) == len(found)


@pytest.fixture(scope="module")
def served(world: Path) -> Path:
    """The folder of the model that goes live."""
    run("pipeline.feature", "--in", world / "clean", "--out", world / "feature", "--as-of", "2024-05-06T00:00:00Z")
    run("pipeline.train", "--in", world / "feature", "--out", world / "model", "--seed", 7)
    return world / "model"


def test_it_rings_once_wear_looks_different_and_keeps_what_is_true(world: Path, served: Path) -> None:
    change = json.loads((world / "truth/meta.json").read_text())["changes"]["cause"]["week"]
    places = ("--stream", world / "raw/stream", "--model", served, "--in", world / "clean")
    run("pipeline.monitor", *places, "--as-of", "2024-05-06T00:00:00Z", "--out", world / "monitor")
    decision = json.loads((world / "monitor/decision.json").read_text())
    assert decision["retrain"]
    assert change <= decision["week"] <= change + 5
    run("pipeline.predict", "--model", world / "monitor", "--in", world / "monitor", "--out", world / "again")
    was, new = (
        pd.read_parquet(world / name).set_index("row_id")["probability"]
        for name in ("monitor/served.parquet", "again/predictions.parquet")
    )
    rows = pd.read_parquet(world / "truth/stream_rows.parquet").set_index("row_id").reindex(was.index).dropna()
    make = pd.read_parquet(world / "truth/pumps.parquet").set_index("pump_id")["make"]
    hit = rows["pump_id"].map(make) == make[rows.loc[rows["hit"].astype(bool), "pump_id"].iloc[0]]
    assert (was[rows.index] == new[rows.index])[~hit].all()
    assert not np.allclose(was[rows.index][hit], new[rows.index][hit])


@pytest.mark.parametrize("tree", ["reference", "starter"])
def test_its_own_tests_hold(tree: str) -> None:
    run("pytest", "-q", "-p", "no:cacheprovider", tree=tree)
