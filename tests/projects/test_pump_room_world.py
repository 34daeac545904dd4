"""One world of Pump Room, small: what is true hangs together, and the sources hold it."""

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
PROJECT = ROOT / "projects/pump-room"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pumps")
    domain = yaml.safe_load((PROJECT / "domains/water.yaml").read_text())
    load_module(PROJECT / "data.py").generate(Seed(3, 8), domain, made / "raw", made / "truth")
    return made


def read(world: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(world / f"truth/{name}.parquet")


def test_every_line_is_counted_and_rejects_are_few(world: Path) -> None:
    meta = json.loads((world / "truth/meta.json").read_text())
    for name, number in meta["lines"].items():
        assert (
            gzip.decompress((world / "raw" / name).read_bytes()).decode().removesuffix("\n").count("\n") == number - 1
        )
    assert sum(meta["rejects"].values()) == 2


def test_no_reading_lies_in_a_stop_and_none_comes_twice(world: Path) -> None:
    readings, stops = read(world, "readings"), read(world, "stops")
    assert not readings.duplicated(["pump_id", "ts"]).any()
    stop = stops.dropna().iloc[5]
    own = readings[readings["pump_id"] == stop["pump_id"]]
    assert not own["ts"].between(stop["started_at"], stop["ended_at"], inclusive="left").any()


def test_probabilities_are_right_on_average_and_the_oracle_lies_between(world: Path) -> None:
    rows = read(world, "rows")
    past = rows[~rows["hidden"]]
    assert abs(past["p_true"].mean() - past["y"].mean()) < 0.04
    meta = json.loads((world / "truth/meta.json").read_text())
    assert meta["oracle_loss"] < meta["naive_loss"] - 0.05
    assert np.isfinite(rows[["p_true", "oracle_p"]]).all().all()


def test_a_hidden_label_moves_and_nothing_else(world: Path, tmp_path: Path) -> None:
    before = read(world, "rows")
    (tmp_path / "rows.parquet").write_bytes((world / "truth/rows.parquet").read_bytes())
    load_module(PROJECT / "data.py").move_hidden_label(tmp_path, np.random.default_rng(1))
    after = pd.read_parquet(tmp_path / "rows.parquet")
    assert (after["y"] != before["y"]).sum() == 2
    assert after["y"].sum() == before["y"].sum()
    assert after.drop(columns="y").equals(before.drop(columns="y"))


# --- the weeks in service ---------------------------------------------------------------------------------------------


def first_difference(one: pd.DataFrame, other: pd.DataFrame) -> pd.Timestamp:
    """The first hour of which two streams' readings say something else."""
    both = one.merge(other, on=["pump_id", "ts"], how="outer", suffixes=("", "_other"), indicator=True)
    channels = ("vib", "temp_c", "pressure_bar", "load")
    same = [np.isclose(both[name], both[f"{name}_other"], rtol=0, atol=0, equal_nan=True) for name in channels]
    first: pd.Timestamp = both.ts[(both["_merge"] != "both") | ~np.all(same, axis=0)].min()
    return first


def test_each_stream_is_the_quiet_one_until_its_week(world: Path) -> None:
    changes = json.loads((world / "truth/meta.json").read_text())["changes"]
    quiet = read(world, "stream_quiet_readings")
    start = quiet["ts"].min()
    streams = {name: read(world, f"stream_{name}_readings") for name in ("unit", "population")}
    streams["cause"] = pd.read_parquet(world / "raw/stream/readings.parquet")
    for name, stream in streams.items():
        since = start + pd.Timedelta(weeks=changes[name]["week"])
        assert since <= first_difference(quiet, stream) < since + pd.Timedelta(days=2), name


def test_a_third_of_the_pumps_is_replaced_and_stands_for_ever(world: Path) -> None:
    readings, stops = read(world, "stream_population_readings"), read(world, "stream_population_stops")
    since = readings["ts"].min() + pd.Timedelta(
        weeks=json.loads((world / "truth/meta.json").read_text())["changes"]["population"]["week"]
    )
    before, after = (set(readings.pump_id[part]) for part in (readings.ts < since, readings.ts >= since))
    assert len(before - after) == len(after - before) == 12
    gone = stops[stops["ended_at"].isna() & stops["pump_id"].isin(before - after)]
    assert set(gone["pump_id"]) == before - after
    assert (gone["started_at"] == since).all()
    pumps = read(world, "stream_population_pumps").set_index("pump_id")
    assert pumps["commissioned"][list(after - before)].min() > pumps["commissioned"][list(before)].max()


def test_one_make_is_hit_and_its_truth_has_not_moved(world: Path) -> None:
    rows, pumps = read(world, "stream_rows"), read(world, "pumps").set_index("pump_id")
    assert pumps["make"][rows["pump_id"][rows["hit"]].unique()].nunique() == 1
    assert abs(rows["p_true"].mean() - rows["y"].mean()) < 0.04
    assert abs(rows["oracle_p"].mean() - rows["p_true"].mean()) < 0.04


def test_nothing_of_the_streams_is_told_before(world: Path) -> None:
    stops = pd.read_parquet(world / "raw/stream/stops.parquet")
    assert stops["started_at"].min() > read(world, "rows")["ts"].max()


MAKE = """
import sys, yaml
from pathlib import Path
from grading.authors import load_module
from worlds.seeds import Seed
project, out = Path(sys.argv[1]), Path(sys.argv[2])
domain = yaml.safe_load((project / "domains/water.yaml").read_text())
load_module(project / "data.py").generate(Seed(3, 8), domain, out / "raw", out / "truth")
"""


@pytest.mark.slow
def test_two_processes_make_equal_bytes(tmp_path: Path) -> None:
    digests = []
    for salt in ("1", "77"):
        out = tmp_path / salt
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": salt}
        subprocess.run([sys.executable, "-c", MAKE, str(PROJECT), str(out)], env=environment, cwd=ROOT, check=True)
        files = sorted(path for path in out.rglob("*") if path.is_file())
        digests.append({str(f.relative_to(out)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files})
    assert digests[0] == digests[1]
