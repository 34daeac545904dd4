"""The reference of Late Arrivals, knowing only sources and dictionary, finds everything that was planted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from grading.authors import load_module
from grading.kit import expected_log_loss
from worlds.seeds import Seed

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects/late-arrivals"
LEARNERS_PYTHON = ROOT / ".environments/ml/bin/python"
PYTHON = str(LEARNERS_PYTHON) if LEARNERS_PYTHON.exists() else sys.executable
# No bytecode: a run must leave nothing in the package's folder.
ENVIRONMENT = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
KEYS = {"flights": "flight_id", "weather": "obs_id", "planes": "tailnum", "airports": "faa"}

pytestmark = pytest.mark.slow


def run(module: str, *options: object) -> None:
    command = [PYTHON, "-m", f"pipeline.{module}", *map(str, options)]
    done = subprocess.run(
        command, cwd=PROJECT / "reference", env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def ingest(world: Path) -> None:
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


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("world")
    domain = yaml.safe_load((PROJECT / "domains/newyork.yaml").read_text())
    domain["mess"]["shares"]["routes"] = 0.25
    facts = load_module(PROJECT / "data.py").generate(Seed(3, 8), domain, made / "raw", made / "truth")
    ingest(made)
    run("clean", "--in", made / "ingest", "--out", made / "clean")
    run("feature", "--in", made / "clean", "--out", made / "feature", "--as-of", facts["as_of"])
    run("train", "--in", made / "feature", "--out", made / "model", "--seed", 1)
    run("predict", "--model", made / "model", "--in", made / "feature", "--out", made / "predictions")
    return made


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_every_cell_is_as_in_truth(world: Path, name: str, key: str) -> None:
    found = pd.read_parquet(world / "clean" / f"{name}.parquet").set_index(key).sort_index()
    wanted = pd.read_parquet(world / "truth" / f"{name}.parquet").set_index(key).sort_index()[found.columns]
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, rtol=2e-3, atol=0.01)


def test_the_change_log_names_what_was_planted_and_no_more(world: Path) -> None:
    log = pd.read_parquet(world / "clean/change_log.parquet")
    planted = pd.read_parquet(world / "truth/defects.parquet")
    planted = planted[planted["action"].isin(["repair", "null", "dedupe", "drop"])]
    claimed, true = ({*zip(part["table"], part["record_id"], strict=True)} for part in (log, planted))
    assert claimed == true


def test_it_comes_as_close_to_what_happened_as_the_anchor(world: Path) -> None:
    flights = pd.read_parquet(world / "truth/flights.parquet").set_index("flight_id")
    landed = flights[flights["hidden"] & (flights["late"] >= 0)]
    said = pd.read_parquet(world / "predictions/predictions.parquet").set_index("flight_id")["probability"]
    ours, theirs = (expected_log_loss(landed["late"], p) for p in (landed["anchor_p"], said.reindex(landed.index)))
    naive = json.loads((world / "truth/meta.json").read_text())["naive_rate"]
    assert theirs < expected_log_loss(landed["late"], [naive] * len(landed))
    assert abs(theirs - ours) < 0.005


def monitor(world: Path, stream: str) -> tuple[pd.DataFrame, dict[str, object]]:
    """What the reference rings and decides in one of the four streams."""
    flights = pd.read_parquet(world / f"truth/stream_{stream}.parquet")
    landed = {name: flights[name].mask(flights["hidden"]) for name in ("arr_delay_min", "air_time_min")}
    folder, out = world / "streams" / stream, world / "monitor" / stream
    folder.mkdir(parents=True, exist_ok=True)
    told = flights.assign(**landed).drop(columns=["hidden", "late", "anchor_p", "hit", "refitted_p"], errors="ignore")
    told.to_parquet(folder / "flights.parquet")
    pd.read_parquet(world / "raw/stream/weather.parquet").to_parquet(folder / "weather.parquet")
    given = ("--model", world / "model", "--in", world / "clean")
    as_of = json.loads((world / "truth/meta.json").read_text())["as_of"]
    run("monitor", "--stream", folder, *given, "--as-of", as_of, "--out", out)
    return pd.read_parquet(out / "alarms.parquet"), json.loads((out / "decision.json").read_text())


@pytest.mark.parametrize(
    ("stream", "detector", "retrain"),
    [
        ("quiet", "", False),
        ("seconds", "contract", False),
        ("population", "population", False),
        ("concept", "outcome", True),
    ],
)
def test_what_changes_rings_in_time_and_only_outcomes_call_for_a_new_model(
    world: Path, stream: str, detector: str, retrain: bool
) -> None:
    alarms, decision = monitor(world, stream)
    change = json.loads((world / "truth/meta.json").read_text())["changes"].get(stream, {"week": 99})
    assert set(alarms["detector"]) == ({detector} if detector else set())
    assert decision["retrain"] is retrain
    if detector:
        assert change["week"] <= alarms["week"].min() <= change["week"] + 2


def test_its_own_tests_hold() -> None:
    command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=PROJECT / "reference", env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
